"""What the feed log will say about one subject, and what stays open about it (7.1, 7.4)."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from peoplefeed.model import Entry, Finding, Outcome, Pending, Severity
from peoplefeed.planner.causes import causes_of, fills_in
from peoplefeed.planner.lines import Line
from peoplefeed.planner.open_problems import (
    is_parking,
    keeps_parked,
    open_without,
    still_open,
    tells_what_is_missing,
)
from peoplefeed.planner.problem_ids import code_of, problem_id

_NOTHING: Mapping[str, str] = {}
_WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True, slots=True)
class Page:
    """The entries about one subject, what is open about it afterwards (None: as before), and what is not any more."""

    entries: tuple[Entry, ...] = ()
    pending: Pending | None = None
    resolved: Mapping[str, str] = field(default_factory=dict)


def row_subject(cells: Mapping[str, str]) -> str:
    """Return what stands for a row without an external ID: what it says, however many columns it leaves blank."""
    text = "\x1f".join(f"{name}\x1e{value}" for name, value in sorted(cells.items()) if value)
    return f"#row:{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom rows of a run speak of.

    `before` is what is open about them. A parked row would be kept as in `parking`: subject, position, source, since
    when, how often it was tried in vain.
    """

    external_id: str | None
    run: int
    before: Pending | None
    parking: Pending

    @property
    def was_open(self) -> Mapping[str, str]:
        """The problems that are open about them, each with the source that had it."""
        return self.before.problems if self.before else _NOTHING

    def problem_of(self, found: Finding) -> str | None:
        """Return the problem that a finding belongs to."""
        return problem_id(self.parking.subject, found, self.run, self.was_open)

    def is_open(self, found: Finding | None) -> bool:
        """Whether a finding was complained of before."""
        return bool(self.was_open) and found is not None and self.problem_of(found) in self.was_open


def write_page(subject: Subject, lines: Sequence[Line]) -> Page:
    """Return the log of all rows of a feed that speak of one subject."""
    before = subject.before
    told = [(line, _entries(subject, line)) for line in lines]
    raised = {entry.problem: line.source for line, entries in told for entry in entries if entry.problem}
    left = still_open(before, lines)
    open_now = left | raised
    causes = (*_still_awaited(before, left, lines), *causes_of(found for line in lines for found in line.findings))
    after = _pending(subject, lines, open_now, tuple(dict.fromkeys(causes)))
    entries = tuple(entry for _, entries in told for entry in entries)
    is_news = _is_news(before, after, lines)
    return Page(entries, after if is_news else None, _without(subject.was_open, open_now))


def forget(before: Pending, source: str) -> Page:
    """1.5: return the page of someone whom a source's full feed lacks: all that it said of them is over."""
    problems = open_without(before, source)
    kept = before if before.source != source else Pending(before.subject)
    after = replace(kept, problems=problems, causes=tuple(_still_awaited(before, problems)))
    return Page((), after, _without(before.problems, problems))


def close_held(before: Pending, codes: Collection[str], source: str) -> Page:
    """Return the page of someone of whom a source's rows were held, when that is over (6.3)."""
    over = [one for one, said_by in before.problems.items() if said_by == source and code_of(one) in codes]
    problems = _without(before.problems, over)
    return Page((), replace(before, problems=problems), _without(before.problems, problems))


def _without(problems: Mapping[str, str], others: Collection[str]) -> Mapping[str, str]:
    return problems and {problem: source for problem, source in problems.items() if problem not in others}


def _entries(subject: Subject, line: Line) -> list[Entry]:
    ordered: list[Finding | None] = [*sorted(line.findings, key=lambda found: _WORST_FIRST.index(found.severity))]
    if not ordered and line.outcome is Outcome.UNCHANGED:
        return []
    if line.version is not None and (not ordered or subject.is_open(ordered[0])):
        ordered.insert(0, None)  # 7.1: what changed is said, even if all there is to complain of was said before
    return [_entry(subject, line, index, found) for index, found in enumerate(ordered or [None])]


def _entry(subject: Subject, line: Line, index: int, found: Finding | None) -> Entry:
    return Entry(
        row=line.row,
        outcome=line.outcome,
        external_id=subject.external_id,
        name=line.name,
        finding=found,
        changes=line.changes if index == 0 else {},
        index=index,
        problem=subject.problem_of(found) if found else None,
        repeats=subject.is_open(found),
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


def _pending(subject: Subject, lines: Sequence[Line], problems: Mapping[str, str], causes: tuple[str, ...]) -> Pending:
    """Return what is open afterwards, and the row that is kept, if one is."""
    before, parking = subject.before, subject.parking
    if before and keeps_parked(before, lines):
        return replace(before, problems=problems, causes=causes)
    parked = next((line for line in lines if line.outcome is Outcome.PARKED), None)
    if parked is None:
        return Pending(parking.subject, problems, causes=causes)
    since = before.since if before and before.row is not None else parking.since
    return replace(parking, problems=problems, causes=causes, row=parked.kept, since=since)


def _is_news(before: Pending | None, after: Pending, lines: Sequence[Line]) -> bool:
    """Whether what is open is to be written: it is not what it was, or must be known if a change is given up (9.2)."""
    is_changed = any(line.version is not None for line in lines)
    return (before is not None and is_changed) or _essence(before or Pending(after.subject)) != _essence(after)


def _essence(pending: Pending) -> Iterable[object]:
    is_kept = pending.row is not None
    kept = (pending.row, pending.position, pending.source, pending.retry_at, pending.tried) if is_kept else ()
    return (pending.problems, pending.causes, kept) if pending.problems or is_kept else ()
