"""What the feed log will say about one subject, and what stays open about it (7.1, 7.4)."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from peoplefeed.codes import TABLE, Code, Effect
from peoplefeed.model import Entry, Finding, Outcome, Pending, Severity
from peoplefeed.planner.causes import causes_of, fills_in

_NOT_APPLIED = frozenset({Outcome.REJECTED, Outcome.PARKED, Outcome.OVERWRITTEN, Outcome.SUPERSEDED, Outcome.HELD})
_LEAVES_PARKED = frozenset({Outcome.REJECTED, Outcome.SUPERSEDED, Outcome.OVERWRITTEN})
_ROW = "#row:"
_WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one row: the stuff of its entries.

    `kept` are the cells of a row that is parked, `fills_in` says that it is no row: someone has now what they waited
    for (4.3), and what is parked of them stays parked. `of_owner` says that it is the owner's or an administrator's: it
    leaves open what another source may not say (3.13).
    """

    row: int
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    name: str | None = None
    changes: Mapping[str, tuple[str | bool | None, str | bool | None]] = field(default_factory=dict)
    version: int | None = None
    kept: Mapping[str, str] | None = None
    fills_in: bool = False
    of_owner: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The entries about one subject, what is open about it afterwards (None: as before), and what is not any more."""

    entries: tuple[Entry, ...]
    pending: Pending | None = None
    resolved: tuple[str, ...] = ()


def row_subject(cells: Mapping[str, str]) -> str:
    """Return what stands for a row without an external ID: what it says, however many columns it leaves blank."""
    text = "\x1f".join(f"{name}\x1e{value}" for name, value in sorted(cells.items()) if value)
    return f"{_ROW}{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"


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

    `parking` is how a parked row would be kept: subject, age, source, since when, how often it was tried in vain.
    """
    was_open = before.problems if before else ()
    entries = [entry for line in lines for entry in _entries(subject, external_id, line, was_open)]
    raised = tuple(dict.fromkeys(entry.problem for entry in entries if entry.problem))
    open_now = tuple(dict.fromkeys((*_still_open(lines, was_open), *raised)))
    after = _pending(before, open_now, parking, lines)
    resolved = tuple(problem for problem in was_open if problem not in open_now)
    return Page(tuple(entries), None if _is_the_same(before, after) else after, resolved)


def is_anonymous(subject: str) -> bool:
    """Whether a subject is a row without an external ID."""
    return subject.startswith(_ROW)


def forget(before: Pending) -> Page:
    """1.5: return the page of someone whom a full feed lacks: what its source had parked of them is dropped.

    A row without an external ID that is not there any more was mended, whoever's it was.
    """
    if is_anonymous(before.subject):
        return Page((), Pending(before.subject, source=before.source), before.problems)
    problems = tuple(problem for problem in before.problems if _effect(problem) is Effect.APPLIED)
    causes = tuple(cause for cause in before.causes if fills_in(cause))
    after = Pending(before.subject, problems, source=before.source, causes=causes if problems else ())
    return Page((), after, tuple(problem for problem in before.problems if problem not in problems))


def discard(before: Pending, codes: Collection[str]) -> Page:
    """Return the page of someone of whom something was held that is discarded (6.3)."""
    problems = tuple(problem for problem in before.problems if _code(problem) not in codes)
    after = replace(before, problems=problems)
    return Page((), after, tuple(problem for problem in before.problems if problem not in problems))


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


def _code(problem: str) -> Code:
    """Return the code that a problem's id holds."""
    return Code(problem.rsplit("#", 2)[1])


def _effect(problem: str) -> object:
    return TABLE[_code(problem)].effect


def _still_open(lines: Sequence[Line], was_open: Sequence[str]) -> list[str]:
    """Return the old problems that these rows do not settle.

    A row that was applied settles all. A refused row replaces what earlier refusals said; what is missing from
    an employee as applied is still missing, and what is parked stays parked behind a row that is invalid.
    """
    outcomes = {line.outcome for line in lines}
    if lines and outcomes <= {Outcome.SUPERSEDED, Outcome.OVERWRITTEN}:
        return list(was_open)
    others = [problem for problem in was_open if _code(problem) is Code.OWNED_BY_OTHER_SOURCE]
    if others and lines and all(line.of_owner for line in lines):
        return [problem for problem in was_open if problem in {*others, *_open_behind(lines, was_open)}]
    return _open_behind(lines, was_open)


def _open_behind(lines: Sequence[Line], was_open: Sequence[str]) -> list[str]:
    outcomes = {line.outcome for line in lines}
    if any(line.fills_in for line in lines):
        return [problem for problem in was_open if _effect(problem) is not Effect.APPLIED]
    if outcomes - _NOT_APPLIED:
        return []
    replaced = {Outcome.PARKED, Outcome.HELD} & outcomes
    stays = {Effect.APPLIED} if replaced else {Effect.APPLIED, Outcome.PARKED}
    return [problem for problem in was_open if _effect(problem) in stays]


def _pending(before: Pending | None, problems: tuple[str, ...], parking: Pending, lines: Sequence[Line]) -> Pending:
    """Return what is open afterwards."""
    outcomes = {line.outcome for line in lines}
    parked = next((line for line in lines if line.outcome is Outcome.PARKED), None)
    if before and (outcomes <= _LEAVES_PARKED or any(line.fills_in for line in lines)):
        kept = before.causes if parked is None and outcomes <= _LEAVES_PARKED else _parked_causes(before)
        return replace(before, problems=problems, causes=_merged(kept, lines))
    if parked is None:
        return Pending(parking.subject, problems, source=parking.source, causes=_merged(_lasting(before, lines), lines))
    since = before.since if before and before.row is not None else parking.since
    causes = _merged(_lasting(before, lines), lines)
    return replace(parking, problems=problems, row=parked.kept, since=since, causes=causes)


def _merged(kept: Iterable[str], lines: Sequence[Line]) -> tuple[str, ...]:
    """Return what is waited for: what was and what these rows wait for, once each."""
    found = causes_of(finding for line in lines for finding in line.findings)
    return tuple(dict.fromkeys((*kept, *found)))


def _parked_causes(before: Pending) -> tuple[str, ...]:
    return tuple(cause for cause in before.causes if not fills_in(cause))


def _lasting(before: Pending | None, lines: Sequence[Line]) -> tuple[str, ...]:
    """Return what somebody goes on waiting for although another row of theirs was not applied."""
    if before is None or {line.outcome for line in lines} - _NOT_APPLIED:
        return ()
    return tuple(cause for cause in before.causes if fills_in(cause))


def _is_the_same(before: Pending | None, after: Pending) -> bool:
    """Whether what is open is what was open before: then nothing is written (7.4)."""
    if before is None:
        return not after.problems and after.row is None
    if not before.problems and not after.problems and before.row is None and after.row is None:
        return True
    mine, theirs = (
        (one.problems, one.row, one.row is not None and one.age, one.causes, one.retry_at, one.tried)
        for one in (before, after)
    )
    return mine == theirs
