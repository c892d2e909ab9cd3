"""Reading rows (section 2) and settling which of them count (3.2)."""

from __future__ import annotations

import re
from datetime import datetime

from tests.model.state import Cells, Feed, Finding, Row, Tenant, address_key

LONGEST = {
    "external_id": 128,
    "first_name": 100,
    "last_name": 100,
    "job_title": 200,
    "department": 200,
    "business_unit_id": 200,
}
_REQUIRED = ("first_name", "last_name", "job_title")
_OPTIONAL = ("email", "department", "business_unit_id", "start_date")
_TRIMMED = frozenset({"external_id", "first_name", "last_name", "email", "business_unit_id", "status", "start_date"})
_ADDRESS = re.compile(r"[A-Za-z0-9.]{1,64}@[A-Za-z0-9]+(\.[A-Za-z0-9]+)+")


def rows_of(tenant: Tenant, feed: Feed) -> list[Row]:
    """Return the rows of a feed, none of them settled; the first one is row 1 (0). 6.6: uploads are as settings say."""
    return [
        Row(
            place,
            cells,
            feed.age,
            feed.source,
            blanks=tenant.settings.blanks if feed.source == "upload" else feed.manifest.blanks,
            presence_is_active=feed.mode == "full" and feed.manifest.leavers == "deactivate",
        )
        for place, cells in enumerate(feed.rows, start=1)
    ]


def read(tenant: Tenant, row: Row) -> None:
    """2.1-2.6: say what a row wishes; reject it if it is invalid, with all that is wrong with it."""
    if "line" in row.cells:
        row.settle("rejected", "LINE_BROKEN", value=row.cells["line"])  # 2.5
        return
    row.external_id = _text(row.cells, "external_id") or None
    faults = list(_faults(row.cells))
    row.wish = {} if row.external_id is None else _wish(tenant, row, {fault.field for fault in faults})
    row.findings += faults
    deactivates = row.wish.get("active") is False
    if faults and not deactivates:
        row.outcome, row.findings = "rejected", faults  # 2.5
    if row.external_id is not None and len(row.external_id) > LONGEST["external_id"]:
        row.outcome, row.external_id, row.findings = "rejected", None, faults  # not readable: 2.6 does not save it


def _faults(cells: Cells) -> list[Finding]:
    """2.1: return what is wrong with the cells, in the order of the columns."""
    faults = [Finding("EXTERNAL_ID_MISSING", "external_id")] if not _text(cells, "external_id") else []
    blank = [field for field in _REQUIRED if field in cells and not _text(cells, field)]
    faults += [Finding("REQUIRED_FIELD_MISSING", field) for field in blank]
    for field, limit in LONGEST.items():
        if len(_text(cells, field)) > limit:
            faults.append(Finding("VALUE_TOO_LONG", field, _text(cells, field)))
    if _text(cells, "email") and not _ADDRESS.fullmatch(_text(cells, "email")):
        faults.append(Finding("EMAIL_INVALID", "email", _text(cells, "email")))
    if _text(cells, "status") not in {"", "Active", "Inactive"}:
        faults.append(Finding("STATUS_INVALID", "status", _text(cells, "status")))
    if _text(cells, "start_date") and _date(_text(cells, "start_date")) is None:
        faults.append(Finding("DATE_INVALID", "start_date", _text(cells, "start_date")))
    return faults


def _wish(tenant: Tenant, row: Row, faulty: set[str | None]) -> dict[str, str | bool | None]:
    """2.3: a missing column leaves the field as it is, a blank cell clears an optional one unless blanks are kept."""
    cells, wish = row.cells, {}
    for field in (*_REQUIRED, *_OPTIONAL):
        if field in cells and field not in faulty:
            text: str | None = _text(cells, field)
            if field == "email" and address_key(text) in tenant.settings.shared:
                row.findings.append(Finding("EMAIL_SHARED", "email", text))
                text = None  # 3.12: it counts as blank
            if text or (field in _OPTIONAL and row.blanks == "clear"):
                wish[field] = (_date(text) if field == "start_date" else text) if text else None
    status = _text(cells, "status")
    return wish | ({"active": status == "Active"} if status in {"Active", "Inactive"} else {})


def _text(cells: Cells, field: str) -> str:
    """2.1: names of job titles and departments are as given (4.1), all else is trimmed; of spaces alone is blank."""
    text = cells.get(field, "")
    return text.strip() if field in _TRIMMED or not text.strip() else text


def _date(text: str) -> str | None:
    """2.1: dates are DD/MM/YYYY, never guessed."""
    try:
        return datetime.strptime(text, "%d/%m/%Y").date().isoformat()  # noqa: DTZ007 -- a day has no zone
    except ValueError:
        return None


def settle_duplicates(rows: list[Row]) -> None:
    """3.2: of several valid rows with one external ID the last counts."""
    last = {row.external_id: row for row in rows if row.outcome is None}
    for row in rows:
        if row.outcome is None and last[row.external_id] is not row:
            row.findings.clear()  # what else it says does not count
            row.settle("overwritten", "EXTERNAL_ID_DUPLICATE_IN_RUN", "external_id", row.external_id)
