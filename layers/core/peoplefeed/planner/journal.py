"""What the feed log will say about one subject, and what stays open about it (7.1, 7.4)."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from peoplefeed.codes import Code
from peoplefeed.model import Entry, Finding, Outcome, Pending, Position, Safeguard, Said, Severity, run_and_row_of
from peoplefeed.planner.causes import causes_of, fills_in
from peoplefeed.planner.lines import Line
from peoplefeed.planner.open_problems import (
    Hearing,
    has_parked,
    is_held_by,
    is_lacked,
    is_parking,
    keeps_parked,
    open_without,
    still_open,
    tells_what_is_missing,
)
from peoplefeed.planner.problem_ids import code_of, problem_id

_NOTHING: Mapping[str, Said] = {}
_WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True, slots=True)
class Page:
    """The entries about one subject, what is open about it afterwards (None: as before), and what is not any more."""

    entries: tuple[Entry, ...] = ()
    pending: Pending | None = None
    resolved: Mapping[str, Said] = field(default_factory=dict)


def row_subject(cells: Mapping[str, str]) -> str:
    """Return what stands for a row without an external ID: what it says, however many columns it leaves blank."""
    text = "\x1f".join(f"{name}\x1e{value}" for name, value in sorted(cells.items()) if value)
    return f"#row:{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of a subject when rows of a run speak of it.

    `external_id` is None for a row without one, `before` what is open, `hearing` how its rows are heard. A parked row
    would be kept as in `parking`: position, source, since when, how often it was tried in vain.
    """

    subject: str
    external_id: str | None
    run: int
    before: Pending | None
    parking: Pending
    hearing: Hearing

    @property
    def was_open(self) -> Mapping[str, Said]:
        """The problems that are open about them, each with who had it last."""
        return self.before.problems if self.before else _NOTHING

    def problem_of(self, found: Finding | None) -> str | None:
        """Return the problem that a finding belongs to."""
        return problem_id(self.subject, found, self.run, self.was_open) if found else None

    def said(self, problem: str, line: Line) -> Said:
        """Return who had a problem last. What somebody lacks needs no newer word: that would cost a write a feed."""
        was, now = self.was_open.get(problem), Said(line.source, self.hearing.position_of(line))
        if was and (was.position > now.position or (was.source == line.source and is_lacked(problem))):
            return was
        return now


def write_page(case: Case, lines: Sequence[Line]) -> Page:
    """Return the log of all rows of a feed that speak of one subject."""
    before = case.before
    told = [(line, _entries(case, line)) for line in lines]
    raised = {one.problem: case.said(one.problem, line) for line, entries in told for one in entries if one.problem}
    left = still_open(before, lines, case.hearing)
    open_now = left | raised
    causes = (*_still_awaited(before, left, lines), *causes_of(found for line in lines for found in line.findings))
    kept = replace(_kept(case, lines), problems=open_now, causes=tuple(dict.fromkeys(causes)))
    after = _to_be_filled_in(case, lines, kept)
    entries = tuple(entry for _, entries in told for entry in entries)
    return Page(entries, None if _is_the_same(before, after) else after, _without(case.was_open, open_now))


def forget(before: Pending, source: str, position: Position) -> Page:
    """1.5: return the page of someone whom a source's full feed lacks: all that it said of them until then is over."""
    problems = open_without(before, source, position)
    kept = _without_row(before) if has_parked(before, source, position) else before
    after = replace(kept, problems=problems, causes=tuple(_still_awaited(before, problems)))
    return Page((), None if after == before else after, _without(before.problems, problems))


def close_held(before: Pending, safeguard: Safeguard, source: str, last: int) -> Page:
    """Return the page of someone of whom rows of a source's runs up to `last` were held, when that is over (6.3)."""
    held = [(one, said) for one, said in before.problems.items() if is_held_by(one, said, safeguard, source)]
    over = [one for one, said in held if run_and_row_of(said.position)[0] <= last]
    problems = _without(before.problems, over)
    return Page((), replace(before, problems=problems), _without(before.problems, problems))


def _without(problems: Mapping[str, Said], others: Collection[str]) -> Mapping[str, Said]:
    return problems and {problem: said for problem, said in problems.items() if problem not in others}


def _entries(case: Case, line: Line) -> list[Entry]:
    ordered: list[Finding | None] = [*sorted(line.findings, key=lambda found: _WORST_FIRST.index(found.severity))]
    if not ordered and line.outcome is Outcome.UNCHANGED:
        return []
    if line.version is not None and (not ordered or case.problem_of(ordered[0]) in case.was_open):
        ordered.insert(0, None)  # 7.1: what changed is said, even if all there is to complain of was said before
    return [_entry(case, line, index, found) for index, found in enumerate(ordered or [None])]


def _entry(case: Case, line: Line, index: int, found: Finding | None) -> Entry:
    problem = case.problem_of(found)
    return Entry(
        row=line.row,
        outcome=line.outcome,
        external_id=case.external_id,
        name=line.name,
        finding=found,
        changes=line.changes if index == 0 else {},
        index=index,
        problem=problem,
        repeats=problem in case.was_open,
        version=line.version,
    )


def _still_awaited(before: Pending | None, left: Collection[str], lines: Sequence[Line] = ()) -> Iterator[str]:
    """Yield what goes on being waited for: by who is here (4.3), by who left (2.6), and by a row that is parked."""
    for cause in before.causes if before else ():
        if fills_in(cause):
            if not any(map(tells_what_is_missing, lines)):
                yield cause
        elif any(map(is_parking, left)):
            yield cause


def _without_row(before: Pending) -> Pending:
    """Return what is left of what is open without the row that is parked: what could not be filled in (4.3)."""
    left = Pending(before.subject)
    return replace(left, retry_at=before.retry_at, tried=before.tried, fills_in=True) if before.fills_in else left


def _kept(case: Case, lines: Sequence[Line]) -> Pending:
    """Return the row that is kept afterwards, if one is."""
    before, parking = case.before, case.parking
    if before and keeps_parked(before, lines):
        return before
    parked = next((line for line in lines if line.outcome is Outcome.PARKED and not line.fills_in), None)
    if parked is None:
        return Pending(case.subject)
    since = before.since if before and before.row is not None else parking.since
    return replace(parking, row=parked.kept, since=since)


def _to_be_filled_in(case: Case, lines: Sequence[Line], after: Pending) -> Pending:
    """Return what is open with when it is tried again what could not be filled in or renamed (4.3, 4.6, 9.2)."""
    if after.retry_at and not after.fills_in:
        return after  # a row that is tried again says all of them as it is by then
    if any(line.fills_in and line.outcome is Outcome.PARKED for line in lines):
        return replace(after, retry_at=case.parking.retry_at, tried=case.parking.tried, fills_in=True)
    before = case.before
    if before and before.fills_in and any(code_of(problem) is Code.INTERNAL_ERROR for problem in after.problems):
        return replace(after, retry_at=before.retry_at, tried=before.tried, fills_in=True)
    is_over = after.retry_at is not None or after.tried or after.fills_in
    return replace(after, retry_at=None, tried=0, fills_in=False) if is_over else after


def _is_the_same(before: Pending | None, after: Pending) -> bool:
    """Whether what is open is what was open before: then nothing is written (7.4)."""
    return _essence(before or Pending(after.subject)) == _essence(after)


def _essence(pending: Pending) -> Iterable[object]:
    is_kept = pending.row is not None
    written = (pending.date_format, pending.keeps_blanks)
    kept = (pending.row, pending.position, pending.source, written) if is_kept else ()
    again = (pending.retry_at, pending.tried, pending.fills_in)
    return (pending.problems, pending.causes, kept, again) if pending.problems or is_kept else ()
