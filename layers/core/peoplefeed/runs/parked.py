"""The rows of a retry (4.7, 9.2): what is parked, as it is kept now, and what somebody who is here lacked."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from peoplefeed.deployment import Deployment
from peoplefeed.model import OWNING_NOBODY, Pending, Position, Record, Run, age_of
from peoplefeed.planner.causes import address, fills_in, is_address, job_title_of
from peoplefeed.planner.employees import Sheet
from peoplefeed.planner.knowledge import Origin
from peoplefeed.rules.rows import Candidate, Rejection, RowSettings, check_row
from peoplefeed.runs.retry import SOURCE, freed_by
from peoplefeed.storage.employees import find_people
from peoplefeed.storage.pending import all_pending
from peoplefeed.storage.runs import find_run


@dataclass(frozen=True, slots=True)
class Again:
    """The rows of a retry, and where each came from."""

    sheet: Sheet
    origins: Mapping[int, Origin] = field(default_factory=dict)


def rows_again(deployment: Deployment, run: Run) -> Again:
    """Return the rows of a retry as they are kept now, the older first: what waited for another run, or is due.

    What was due when the sweep asked for it is due, whatever the planner's clock says.
    """
    tenant = run.feed.tenant
    before = find_run(deployment, tenant, run.feed.of) if run.feed.of else None
    waiting = _Waiting(deployment, tenant, freed_by(deployment, before) if before else set())
    waiting.find(None if before else run.feed.age)
    waiting.join()
    due = sorted(waiting.due.values(), key=lambda one: (one.position or "", one.subject))
    shelf = _Shelf(run.feed.age, waiting.people, waiting.damaged)
    rows = [row for one in due for row in shelf.rows(one, waiting.freed)]
    candidates = [row for row, _ in rows if isinstance(row, Candidate)]
    rejections = [row for row, _ in rows if isinstance(row, Rejection)]
    return Again(Sheet(candidates, rejections), {row.row: origin for row, origin in rows})


@dataclass(slots=True)
class _Waiting:
    """Whoever waits: those who are `due`, and for each address those who wait for it."""

    deployment: Deployment
    tenant: str
    freed: set[str]
    due: dict[str, Pending] = field(default_factory=dict)
    people: dict[str, Record] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    _in_queue: defaultdict[str, list[Pending]] = field(default_factory=lambda: defaultdict(list))

    def find(self, now: str | None) -> None:
        """Sort out who is due: by now, or by what was freed."""
        for one in all_pending(self.deployment, self.tenant):
            if _is_due(one, self.freed, now):
                self.due[one.subject] = one
                continue
            for cause in filter(is_address, one.causes):
                self._in_queue[cause].append(one)
        self._learn(self.due)

    def join(self) -> None:
        """Let those join who wait for an address that somebody who is due would give up: they may swap (3.5)."""
        joining = self.due
        while joining:
            left = {cause for one in joining.values() if (cause := self._given_up(one))}
            self.freed |= left
            waiting = {one.subject: one for cause in left for one in self._in_queue[cause]}
            joining = {who: one for who, one in waiting.items() if who not in self.due}
            self._learn(joining)
            self.due = self.due | joining

    def _learn(self, external_ids: Iterable[str]) -> None:
        found = find_people(self.deployment, self.tenant, external_ids)
        self.people |= found.records
        self.damaged |= found.damaged

    def _given_up(self, pending: Pending) -> str | None:
        record = self.people.get(pending.subject)
        if pending.row is None or _only_fills_in(pending, self.freed) or record is None or record.held_key is None:
            return None
        judged = check_row(0, pending.row, _written(pending))
        moves = isinstance(judged, Candidate) and "email" in judged.given and judged.email_key != record.held_key
        return address(record.held_key) if moves else None


def _is_due(pending: Pending, freed: set[str], now: str | None) -> bool:
    if now:
        return pending.retry_at is not None and pending.retry_at <= now
    return not freed.isdisjoint(pending.causes)


def _only_fills_in(pending: Pending, freed: set[str]) -> bool:
    """Whether a field of somebody who is here is all that is tried again (4.3, 9.2)."""
    waited = freed.intersection(pending.causes)
    return all(map(fills_in, waited)) if waited else pending.fills_in


@dataclass(slots=True)
class _Shelf:
    """Takes what is kept and makes rows of it, each read as it was written when it came (6.6)."""

    age: str
    people: dict[str, Record]
    damaged: set[str]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def rows(self, pending: Pending, freed: set[str]) -> Iterator[tuple[Candidate | Rejection, Origin]]:
        """Yield the row that is parked, or what fills in a field of somebody who is here (4.3)."""
        if pending.row is not None and not _only_fills_in(pending, freed):
            written = _written(pending)
            origin = _origin(pending.source or SOURCE, pending.position or "")
            yield (
                check_row(next(self._numbers), pending.row, written),
                replace(origin, grant=pending.grant, written=written),
            )
        elif pending.subject in self.people:
            record = self.people[pending.subject]
            candidate = _filling_in(next(self._numbers), pending, record)
            yield candidate, _origin(record.employee.source or SOURCE, record.position)
        elif pending.subject in self.damaged:  # 9.2: what they lack is not known, but that it is tried again later
            yield _fill_in(next(self._numbers), pending.subject, {}), Origin(SOURCE, None, self.age)


def _written(pending: Pending) -> RowSettings:
    as_usual = RowSettings()
    keeps = as_usual.keep_blanks if pending.keeps_blanks is None else pending.keeps_blanks
    return RowSettings(pending.date_format or as_usual.date_format, keeps)


def _filling_in(row: int, pending: Pending, record: Record) -> Candidate:
    """Return what is said again of somebody: what they lack is known, but for the title that they left with (2.6)."""
    has_left = pending.row is None and not record.employee.active
    titles = [title for title in map(job_title_of, pending.causes) if title] if has_left else []
    given: dict[str, str | None] = {"job_title": titles[0]} if titles else {}
    return _fill_in(row, pending.subject, given)


def _fill_in(row: int, external_id: str, given: dict[str, str | None]) -> Candidate:
    return Candidate(row, external_id, given, None, active=False if given else None, cells={}, fills_in=True)


def _origin(source: str, first: Position) -> Origin:
    owner = None if source in OWNING_NOBODY or source == SOURCE else source
    return Origin(source, owner, age_of(first), first)
