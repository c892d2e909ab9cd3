"""Whether one row is valid (section 2), and what it says about an employee."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from peoplefeed.codes import Code, finding
from peoplefeed.model import Finding, Severity
from peoplefeed.rules.emails import InvalidEmail, email_key
from peoplefeed.rules.fields import COLUMNS, EXACT, LIMITS, REPLACEMENT, REQUIRED, clean, example_date, parse_date

STATUSES = {"active": True, "inactive": False, "": None}
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class RowSettings:
    """How a source writes its rows: the form of its dates, and whether a blank cell keeps a field (2.3)."""

    date_format: str = "DD/MM/YYYY"
    keep_blanks: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A valid row. `given` holds the optional and required fields that it speaks of; None clears (2.3).

    `active` is None where the row does not say (2.7). `cells` are the row as received, kept for parking. `fills_in`
    says that it is no row of anybody's, but what someone has waited for (4.3), `keeps_blanks` what its source means by
    a blank cell (2.3).
    """

    row: int
    external_id: str
    given: Mapping[str, str | None]
    email_key: str | None
    active: bool | None
    cells: Mapping[str, str]
    findings: tuple[Finding, ...] = ()
    fills_in: bool = False
    keeps_blanks: bool = False


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that changes nothing (2.5). `external_id` is None where it has none."""

    row: int
    finding: Finding
    cells: Mapping[str, str] = field(default_factory=dict)
    external_id: str | None = None
    name: str | None = None


def check_row(row: int, cells: Mapping[str, str], settings: RowSettings) -> Candidate | Rejection:
    """Judge a row by itself. `row` is its position; `cells` maps fields (2.1) to text as received."""
    values = {name: clean(text, trim=name not in EXACT) for name, text in cells.items()}
    external_id = values.pop("external_id", "")
    name = " ".join(filter(None, (values.get("first_name"), values.get("last_name")))) or None
    if not external_id:
        return Rejection(row, finding(Code.EXTERNAL_ID_MISSING, field="external_id", row=row), cells, None, name)
    if len(external_id) > LIMITS["external_id"]:
        return Rejection(row, _too_long(row, "external_id", external_id), cells, None, name)
    said = values.pop("status", "")
    status = said.lower()
    leaves = STATUSES.get(status) is False
    key, faults = _faults(row, values, said, settings)
    if faults and not leaves:
        return Rejection(row, faults[0], cells, external_id, name)
    faults = [fault for fault in faults if fault.field == "status" or fault.field in values]  # 2.3: no column, no fault
    for fault in faults:  # 2.6: who is Inactive is deactivated whatever else is wrong with the row
        values.pop(fault.field or "", None)
    warnings = (*(_as_warning(fault) for fault in faults), *_replaced_characters(row, values))
    given, keeps = _given(values, settings), settings.keep_blanks
    return Candidate(row, external_id, given, key, STATUSES[status], cells, warnings, keeps_blanks=keeps)


def _faults(row: int, values: dict[str, str], status: str, settings: RowSettings) -> tuple[str | None, list[Finding]]:
    """Return the key of the row's address and what is wrong with the row, worst first."""
    faults = [
        finding(Code.REQUIRED_FIELD_MISSING, field=name, row=row, column=COLUMNS[name])
        for name in REQUIRED
        if not values.get(name)
    ]
    if status.lower() not in STATUSES:
        faults.append(finding(Code.STATUS_INVALID, field="status", value=status[:_SHOWN], row=row))
    faults.extend(_too_long(row, name, text) for name, text in values.items() if len(text) > LIMITS.get(name, 1024))
    key, problem = _email(row, values.get("email"))
    faults.extend(_date(row, values, settings))
    return key, [*faults, *problem]


def _email(row: int, address: str | None) -> tuple[str | None, list[Finding]]:
    if not address:
        return None, []
    try:
        return email_key(address), []
    except InvalidEmail as error:
        return None, [finding(Code.EMAIL_INVALID, field="email", value=address, row=row, reason=error)]


def _date(row: int, values: dict[str, str], settings: RowSettings) -> Iterator[Finding]:
    """Put the start date in ISO 8601, or say what is wrong with it."""
    text = values.get("start_date")
    if not text:
        return
    parsed = parse_date(text, settings.date_format)
    if parsed:
        values["start_date"] = parsed
        return
    form = settings.date_format
    yield finding(Code.DATE_INVALID, field="start_date", value=text, row=row, format=form, example=example_date(form))


def _too_long(row: int, name: str, text: str) -> Finding:
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    limit = LIMITS.get(name, 1024)
    return finding(
        Code.VALUE_TOO_LONG, field=name, value=shown, row=row, column=COLUMNS[name], length=len(text), limit=limit
    )


def _replaced_characters(row: int, values: Mapping[str, str]) -> Iterator[Finding]:
    for name, text in values.items():
        if REPLACEMENT in text:
            yield finding(Code.CHARACTERS_REPLACED, field=name, value=text, row=row, column=COLUMNS[name])


def _as_warning(fault: Finding) -> Finding:
    column = COLUMNS[fault.field or "external_id"]
    message = f"{fault.message} The employee is deactivated all the same; {column} stays as it was."
    return replace(fault, severity=Severity.WARNING, message=message)


def _given(values: Mapping[str, str], settings: RowSettings) -> dict[str, str | None]:
    if settings.keep_blanks:
        return {name: text for name, text in values.items() if text}
    return {name: text or None for name, text in values.items()}
