"""What someone should mend, however often it shows up (7.4)."""

from __future__ import annotations

from tests.model.state import NOBODY, Feed, Finding, Open, Person, Problem, Row, Subject, Tenant

APPLIED = frozenset({"created", "updated", "unchanged", "deactivated", "reactivated"})
EVENTS = frozenset(
    {
        "EXTERNAL_ID_IDENTITY_CHANGED",
        "EXTERNAL_ID_NEAR_DUPLICATE",
        "PROFILE_EXCEEDS_GRANT",
        "PROFILE_NOT_FOUND",
        "UPLOAD_OVER_SOURCE",
        "EMAIL_REUSED",
        "EMAIL_SHARED",
        "NAME_CHANGED",
        "STALE_ROW",
    }
)
"""What is told once and leaves nothing to mend."""
WAITING = frozenset({"JOB_TITLE_NOT_FOUND", "EMAIL_IN_USE", "EMAIL_RING_TOO_LONG", "INTERNAL_ERROR"})
HELD = frozenset({"LEAVERS_HELD", "IDENTITY_HELD"})
_WANTED = {
    "DEPARTMENT_NOT_FOUND": "department_wanted",
    "BUSINESS_UNIT_NOT_FOUND": "business_unit_wanted",
    "BUSINESS_UNIT_WRONG_ID_KIND": "business_unit_wanted",
}
_OF_ITS_SOURCE = "OWNED_BY_OTHER_SOURCE"


def subject_of(row: Row) -> Subject:
    """Return whom a row is about; without an ID, what it says. What a source says of profiles is not read (5.2)."""
    read = {name: text for name, text in row.cells.items() if text and (name != "profile" or row.source in NOBODY)}
    return row.external_id or tuple(sorted(f"{name}={text}" for name, text in read.items()))


def note(tenant: Tenant, rows: list[Row]) -> None:
    """Open and count up the problems of a run's rows, each once a run; resolve those whose cause is gone."""
    before, after = dict(tenant.problems), dict(tenant.problems)
    for row in rows:
        if row.outcome not in {"overwritten", "superseded"}:
            _forget_what_is_gone(tenant, after, row)
    for row in rows:
        for finding in row.findings:
            if finding.code not in EVENTS:
                problem = _problem(row, finding)
                seen = before[problem].occurrences if problem in before else 0
                after[problem] = Open(seen + 1, row.source)
    tenant.problems = after


def _problem(row: Row, finding: Finding) -> Problem:
    return subject_of(row), finding.code, finding.field, finding.value


def _forget_what_is_gone(tenant: Tenant, problems: dict[Problem, Open], row: Row) -> None:
    subject = subject_of(row)
    person = tenant.people.get(str(row.external_id))
    for problem in [problem for problem in problems if problem[0] == subject]:
        if _is_gone(problem, problems[problem], row, person):
            del problems[problem]


def _is_gone(problem: Problem, was: Open, row: Row, person: Person | None) -> bool:
    """Whether the cause of a problem is gone, now that a row about the same person came.

    A reference is missed as long as somebody wants it (4.3). A parked row waits until it is replaced, which a
    rejected one does not do (4.7). That a source has no say about someone (3.13) is for its own rows to tell.
    """
    _, code, _, value = problem
    if code in _WANTED:
        return person is None or person[_WANTED[code]] != value
    if row.fills_in:
        return False  # it says nothing but what was missing
    if code == _OF_ITS_SOURCE:
        return row.source == was.source
    if code in WAITING | HELD:
        return row.outcome != "rejected" or row.is_retried
    return True


def forget_held(tenant: Tenant, source: str, safeguard: str) -> None:
    """6.3: what was held and is discarded is no problem any more."""
    code = {"leavers": "LEAVERS_HELD", "identity": "IDENTITY_HELD"}.get(safeguard)
    for problem in [one for one, was in tenant.problems.items() if one[1] == code and was.source == source]:
        del tenant.problems[problem]


def resolve_rows_that_are_gone(tenant: Tenant, feed: Feed, rows: list[Row]) -> None:
    """1.5: what was wrong with a row without an ID is mended when a full feed of its source has it no more."""
    there = {subject_of(row) for row in rows}
    for problem, was in list(tenant.problems.items()):
        if not isinstance(problem[0], str) and was.source == feed.source and problem[0] not in there:
            del tenant.problems[problem]


def resolve_of(tenant: Tenant, who: set[str]) -> None:
    """1.5: resolve what was wrong with the rows about some people; what a person misses is still missing."""
    for problem in [problem for problem in tenant.problems if problem[0] in who and problem[1] not in _WANTED]:
        del tenant.problems[problem]
