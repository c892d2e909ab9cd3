"""What the feed log will say about one subject, and what stays open about it (7.1, 7.4)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from peoplefeed.codes import TABLE, Code, Effect
from peoplefeed.model import Entry, Finding, Outcome, Pending, Severity

_WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one row: the stuff of its entries. `kept` are the cells of a row that is parked."""

    row: int
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    name: str | None = None
    changes: Mapping[str, tuple[str | bool | None, str | bool | None]] = field(default_factory=dict)
    version: int | None = None
    kept: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The entries about one subject, what is open about it afterwards (None: as before), and what is not any more."""

    entries: tuple[Entry, ...]
    pending: Pending | None = None
    resolved: tuple[str, ...] = ()


def row_subject(cells: Mapping[str, str]) -> str:
    """Return what stands for a row without an external ID."""
    text = "\x1f".join(f"{name}\x1e{value}" for name, value in sorted(cells.items()))
    return f"#row:{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"


def problem_id(subject: str, found: Finding) -> str | None:
    """Return the id of the problem that a finding belongs to: one per subject, code and value found."""
    if not TABLE[Code(found.code)].lasting:
        return None
    cause = hashlib.blake2b(f"{found.field}\x1f{found.value}".encode(), digest_size=6).hexdigest()
    return f"{subject}#{found.code}#{cause}"


def write_page(
    subject: str, external_id: str | None, lines: Sequence[Line], before: Pending | None, parking: Pending
) -> Page:
    """Return the log of all rows of a feed that speak of one subject.

    `parking` is how a parked row would be kept: subject, age, source and since when.
    """
    was_open = before.problems if before else ()
    entries = [entry for line in lines for entry in _entries(subject, external_id, line, was_open)]
    raised = tuple(dict.fromkeys(entry.problem for entry in entries if entry.problem))
    kept = _still_open(lines, was_open)
    open_now = tuple(dict.fromkeys((*kept, *raised)))
    pending = _pending(before, open_now, _parked_cells(lines), parking, lines)
    return Page(tuple(entries), pending, tuple(problem for problem in was_open if problem not in open_now))


def _entries(subject: str, external_id: str | None, line: Line, was_open: Sequence[str]) -> list[Entry]:
    ordered: list[Finding | None] = [*sorted(line.findings, key=lambda found: _WORST_FIRST.index(found.severity))]
    if not ordered and line.outcome is Outcome.UNCHANGED:
        return []
    if line.version is not None and (not ordered or _is_open(subject, ordered[0], was_open)):
        ordered.insert(0, None)  # 7.1: what changed is said, even if all there is to complain of was said before
    return [_entry(subject, external_id, line, index, found, was_open) for index, found in enumerate(ordered or [None])]


def _entry(
    subject: str, external_id: str | None, line: Line, index: int, found: Finding | None, was_open: Sequence[str]
) -> Entry:
    return Entry(
        row=line.row,
        outcome=line.outcome,
        external_id=external_id,
        name=line.name,
        finding=found,
        changes=line.changes if index == 0 else {},
        index=index,
        problem=problem_id(subject, found) if found else None,
        repeats=_is_open(subject, found, was_open),
        version=line.version,
    )


def _is_open(subject: str, found: Finding | None, was_open: Sequence[str]) -> bool:
    return bool(was_open) and found is not None and problem_id(subject, found) in was_open


def _still_open(lines: Sequence[Line], was_open: Sequence[str]) -> list[str]:
    """Return the old problems that these rows do not settle.

    A row that was applied settles all. A refused row replaces what earlier refusals said; what is missing from
    an employee as applied is still missing, and what is parked stays parked behind a row that is invalid.
    """
    outcomes = {line.outcome for line in lines}
    if outcomes <= {Outcome.SUPERSEDED}:
        return list(was_open)
    if outcomes - {Outcome.REJECTED, Outcome.PARKED, Outcome.OVERWRITTEN, Outcome.SUPERSEDED}:
        return []
    stays = {Effect.APPLIED} if Outcome.PARKED in outcomes else {Effect.APPLIED, Outcome.PARKED}
    return [problem for problem in was_open if TABLE[Code(problem.rsplit("#", 2)[1])].effect in stays]


def _parked_cells(lines: Sequence[Line]) -> Mapping[str, str] | None:
    return next((line.kept for line in lines if line.outcome is Outcome.PARKED), None)


def _pending(
    before: Pending | None,
    problems: tuple[str, ...],
    parked: Mapping[str, str] | None,
    parking: Pending,
    lines: Sequence[Line],
) -> Pending | None:
    """Return what is open afterwards, None if that is what was open before."""
    refused_only = {line.outcome for line in lines} <= {Outcome.REJECTED, Outcome.SUPERSEDED}
    if before and parked is None and refused_only:  # 2.5: an invalid row leaves a parked one where it is
        after = Pending(before.subject, problems, before.row, before.age, before.source, before.since)
    elif parked is not None:
        since = before.since if before and before.row is not None else parking.since
        after = Pending(parking.subject, problems, parked, parking.age, parking.source, since)
    else:
        after = Pending(parking.subject, problems, source=parking.source)
    if before and (before.problems, before.row) == (after.problems, after.row):
        return None
    return None if before is None and not problems else after
