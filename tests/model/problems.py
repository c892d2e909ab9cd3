"""What someone should mend, however often it shows up (7.4)."""

from __future__ import annotations

from tests.model.people import position_of
from tests.model.state import NOBODY, Feed, Finding, Open, Position, Problem, Row, Subject, Tenant

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
_WANTED = frozenset({"DEPARTMENT_NOT_FOUND", "BUSINESS_UNIT_NOT_FOUND", "BUSINESS_UNIT_WRONG_ID_KIND"})
_HOLDING = {"leavers": ("LEAVERS_HELD", "LEAVERS_UNCERTAIN"), "identity": ("IDENTITY_HELD",)}
_OF_ITS_SOURCE = "OWNED_BY_OTHER_SOURCE"


def subject_of(row: Row) -> Subject:
    """Return whom a row is about; without an ID, what it says. What a source says of profiles is not read (5.2)."""
    read = {name: text for name, text in row.cells.items() if text and (name != "profile" or row.source in NOBODY)}
    return row.external_id or tuple(sorted(f"{name}={text}" for name, text in read.items()))


def note(tenant: Tenant, feed: Feed, rows: list[Row]) -> None:
    """Open and count up the problems of a run's rows, each once a run; resolve those whose cause is gone."""
    before, after = dict(tenant.problems), dict(tenant.problems)
    for row in rows:
        if row.is_retried or row.outcome not in {"overwritten", "superseded"}:
            _forget_what_is_gone(tenant, feed, after, row)
    for row in rows:
        for finding in row.findings:
            if finding.code not in EVENTS:
                problem = _problem(row, finding)
                was = before.get(problem, Open(0, row.source, _stands(feed, row)))
                last = max((was.position, was.source), (_stands(feed, row), row.source))
                after[problem] = Open(was.occurrences + 1, last[1], last[0])
    tenant.problems = after


def _stands(feed: Feed, row: Row) -> Position:
    """3.10: return where a row stands, or stood when it came."""
    return row.first or position_of(feed, row)


def _problem(row: Row, finding: Finding) -> Problem:
    return subject_of(row), finding.code, finding.field, finding.value


def _forget_what_is_gone(tenant: Tenant, feed: Feed, problems: dict[Problem, Open], row: Row) -> None:
    subject = subject_of(row)
    for problem in [problem for problem in problems if problem[0] == subject]:
        if _is_gone(tenant, problem, problems[problem], row, feed):
            del problems[problem]


def _is_gone(tenant: Tenant, problem: Problem, was: Open, row: Row, feed: Feed) -> bool:
    """Whether the cause of a problem is gone, now that a row about the same person came.

    A reference is missed as long as somebody wants it (4.3); so is the job title that someone left with (2.6). A parked
    row waits until it is replaced, which a rejected one does not do (4.7). What was wrong with a row lasts until
    whoever sent it sends a newer one (3.10); for that, administrators are one, and what they say of someone counts for
    all but who may speak of them (3.13).
    """
    subject, code, _, _ = problem
    moment, said = _stands(feed, row)[:2], was.position[:2]
    if code in _WANTED:
        return row.outcome in APPLIED and not row.is_leaver  # what is still missed is found again
    if row.fills_in:
        return code == "JOB_TITLE_NOT_FOUND" and subject not in tenant.parked and "job_title" in row.cells
    if code in HELD:
        return moment >= said and (_is_released(feed, row, code, was) or _takes_its_place(row, code, was))
    if code in WAITING:
        return row.outcome != "rejected" or row.is_retried
    return moment > said and _has_a_say(row, code, was)


def _has_a_say(row: Row, code: str, was: Open) -> bool:
    by_hand = {row.source in NOBODY, was.source in NOBODY}
    if row.source == was.source or by_hand == {True}:
        return True
    return True in by_hand and row.outcome in APPLIED and code != _OF_ITS_SOURCE


def _takes_its_place(row: Row, code: str, was: Open) -> bool:
    """6.3: a row that is held replaces what the same safeguard holds of its source; the others hold theirs on."""
    codes = {finding.code for finding in row.findings}
    is_held_with = row.source == was.source and code in codes
    return row.outcome in APPLIED | {"parked"} or (row.outcome == "held" and is_held_with)


def _is_released(feed: Feed, row: Row, code: str, was: Open) -> bool:
    """6.3: what is released is held no more, whatever becomes of the row."""
    codes = {code for safeguard in feed.off for code in _HOLDING.get(safeguard, ())}
    return feed.purpose == "release" and row.source == was.source and code in codes


def forget_held(tenant: Tenant, source: str, safeguard: str, last: int) -> None:
    """6.3: what was held in runs up to the last that a hold had, and is discarded, is no problem any more."""
    for problem, was in list(tenant.problems.items()):
        if problem[1] in _HOLDING.get(safeguard, ()) and was.source == source and was.position[1] <= last:
            del tenant.problems[problem]


def resolve_rows_that_are_gone(tenant: Tenant, feed: Feed, rows: list[Row]) -> None:
    """1.5: what was wrong with a row is mended when a full feed of its source, no older one, has it no more.

    What a person misses is still missing.
    """
    there = {subject_of(row) for row in rows}
    for problem, was in list(tenant.problems.items()):
        is_older = was.position[:2] <= (feed.age, feed.number)
        is_row = problem[0] != _absent_from(feed.source) and problem[1] not in _WANTED and is_older
        if was.source == feed.source and problem[0] not in there and is_row:
            del tenant.problems[problem]


def note_absent(tenant: Tenant, feed: Feed, codes: list[str]) -> None:
    """1.5, 6.1: that absent ones stay for now is one problem of the source, which its next full feed renews or ends."""
    before = {one: was for one, was in tenant.problems.items() if one[0] == _absent_from(feed.source)}
    for problem in before:
        del tenant.problems[problem]
    for code in codes:
        problem = (_absent_from(feed.source), code, None, None)
        times = before[problem].occurrences if problem in before else 0
        tenant.problems[problem] = Open(times + 1, feed.source, (feed.age, feed.number, 0))


def _absent_from(source: str) -> Subject:
    return "absent from", source
