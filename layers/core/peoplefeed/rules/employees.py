"""What a valid row makes of an employee."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, cast

from peoplefeed.codes import Code, finding
from peoplefeed.model import Employee, FeedKind, Finding, Severity
from peoplefeed.rules.references import (
    References,
    missing_business_unit,
    missing_department,
    missing_job_title,
)
from peoplefeed.rules.rows import Candidate

_HIDDEN = frozenset({"external_id", "products", "source", "department_wanted", "business_unit_wanted"})
_SHOWN = tuple(field.name for field in fields(Employee) if field.name not in _HIDDEN)

type Shown = str | bool | None

_NOTHING: Mapping[str, tuple[Shown, Shown]] = {}
"""One for all newcomers of a feed."""


@dataclass(frozen=True, slots=True)
class NextState:
    """The employee that a row asks for, and the warnings that come with it."""

    employee: Employee
    warnings: tuple[Finding, ...] = ()


def next_state(
    candidate: Candidate, before: Employee | None, owner: str | None, references: References
) -> NextState | Finding:
    """Return the employee that a row asks for, or why the row must be parked (4.2).

    `owner` will own whom the row creates or reactivates (3.13); None where the source owns nobody.
    """
    base = _as_named_now(before, references) if before else Employee(candidate.external_id, source=owner)
    active = base.active if candidate.active is None else candidate.active  # 2.7
    returns = before is not None and active and not before.active
    base = _with_what_is_there(base, references) if returns else base
    given = {name: value for name, value in candidate.given.items() if name != "profile"}  # 5.2
    warnings = list(candidate.findings)
    title = given.get("job_title", base.job_title if returns else None)
    if title and title not in references.job_titles:
        renamed = references.renamed(FeedKind.JOB_TITLES, title, "job_title")
        if renamed:
            given["job_title"] = renamed[0]
            warnings.append(renamed[1])
        elif candidate.active is not False:
            return missing_job_title(candidate.external_id, title, references)
        else:
            warnings.append(_left_alone(missing_job_title(candidate.external_id, title, references)))  # 2.6
            del given["job_title"]
    for sought in _sought(base, references):
        _resolve(given, sought, references, warnings)
    after = replace(base, active=active, source=owner if returns else base.source, **cast("Any", given))
    return NextState(after, tuple(warnings))


def _as_named_now(person: Employee, references: References) -> Employee:
    """4.6: say what somebody has by its new name, if their change had to be given up when it was renamed (9.2)."""
    if not references.aliases:
        return person
    title = references.aliases.get((FeedKind.JOB_TITLES, person.job_title or ""))
    department = references.aliases.get((FeedKind.DEPARTMENTS, person.department or ""))
    if title is None and department is None:
        return person
    return replace(person, job_title=title or person.job_title, department=department or person.department)


def _with_what_is_there(person: Employee, references: References) -> Employee:
    """4.6: what somebody left with may be deleted meanwhile; who comes back wants it, and is without it (4.3, 4.4)."""
    gone: dict[str, str | None] = {}
    if person.department and person.department not in references.departments:
        gone |= {"department": None, "department_wanted": person.department_wanted or person.department}
    if person.business_unit_id and person.business_unit_id not in references.business_units:
        unit = person.business_unit_wanted or person.business_unit_id
        gone |= {"business_unit_id": None, "business_unit_wanted": unit}
    return replace(person, **cast("Any", gone)) if gone else person


@dataclass(frozen=True, slots=True)
class _Sought:
    """A reference that need not be there for a row to be applied (4.3, 4.4)."""

    field: str
    kind: FeedKind
    known: Container[str]
    missing: Callable[[str], Finding]
    wanted: str | None


def _sought(base: Employee, references: References) -> tuple[_Sought, _Sought]:
    def missing_unit(feed_id: str) -> Finding:
        return missing_business_unit(feed_id, references)

    def missing_name(name: str) -> Finding:
        return missing_department(name, references)

    departments, units = FeedKind.DEPARTMENTS, FeedKind.BUSINESS_UNITS
    return (
        _Sought("department", departments, references.departments, missing_name, base.department_wanted),
        _Sought("business_unit_id", units, references.business_units, missing_unit, base.business_unit_wanted),
    )


_WANTED = {"department": "department_wanted", "business_unit_id": "business_unit_wanted"}


def _resolve(given: dict[str, str | None], sought: _Sought, references: References, warnings: list[Finding]) -> None:
    """4.3, 4.4: an unknown reference leaves its field as it was, and is wanted until it appears.

    A row that does not speak of the field lets what is wanted be looked for again.
    """
    name = sought.field
    if name not in given and sought.wanted is None:
        return
    value = given.setdefault(name, sought.wanted)
    given[_WANTED[name]] = None
    if value is None or value in sought.known:
        return
    if renamed := references.renamed(sought.kind, value, name):
        given[name] = renamed[0]
        warnings.append(renamed[1])
        return
    warnings.append(sought.missing(value))
    given[_WANTED[name]] = given.pop(name)


def without_shared_address(candidate: Candidate, shared: Container[str]) -> Candidate:
    """3.12: an address that a tenant lists as shared counts as blank, and so it is kept where blanks are (2.3)."""
    if candidate.email_key is None or candidate.email_key not in shared:
        return candidate
    said = finding(Code.EMAIL_SHARED, field="email", value=candidate.given.get("email"), row=candidate.row)
    given = {name: value for name, value in candidate.given.items() if name != "email"}
    given |= {} if candidate.keeps_blanks else {"email": None}
    return replace(candidate, given=given, email_key=None, findings=(*candidate.findings, said))


def _left_alone(missing: Finding) -> Finding:
    message = (
        f"Job Title with name {missing.value} does not exist. The employee is deactivated all the same; "
        "Job Title stays as it was."
    )
    return replace(missing, severity=Severity.WARNING, message=message)


def changed_fields(before: Employee | None, after: Employee) -> Mapping[str, tuple[Shown, Shown]]:
    """Return field → (old, new) of what changed; nothing for someone new, whose every field is new."""
    if before is None:
        return _NOTHING
    return {name: (old, new) for name in _SHOWN if (old := getattr(before, name)) != (new := getattr(after, name))}


def identity_findings(row: int, before: Employee | None, after: Employee, *, new_address: bool) -> tuple[Finding, ...]:
    """3.3: say when a row makes someone look like another person, or like someone who married."""
    if before is None or not new_address or before.last_name in {None, after.last_name}:
        return ()
    code = Code.NAME_CHANGED
    if before.first_name not in {None, after.first_name}:
        code = Code.EXTERNAL_ID_IDENTITY_CHANGED
    return (
        finding(
            code, field="external_id", value=after.name, before=before.name, external_id=after.external_id, row=row
        ),
    )
