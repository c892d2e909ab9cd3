"""The rows of a retry (4.7, 9.2): what is parked, as it is kept now, and what somebody who is here lacked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from peoplefeed.deployment import Deployment
from peoplefeed.model import OWNING_NOBODY, Pending, Position, Record, Run, age_of
from peoplefeed.planner.causes import fills_in, job_title_of
from peoplefeed.planner.employees import Sheet
from peoplefeed.planner.knowledge import Origin
from peoplefeed.rules.rows import Candidate, Rejection, RowSettings, check_row
from peoplefeed.runs.retry import SOURCE, freed_by
from peoplefeed.storage.employees import find_people
from peoplefeed.storage.pending import all_pending
from peoplefeed.storage.runs import find_run
from peoplefeed.times import stamp


@dataclass(frozen=True, slots=True)
class Again:
    """The rows of a retry, and where each came from."""

    sheet: Sheet
    origins: Mapping[int, Origin] = field(default_factory=dict)


def rows_again(deployment: Deployment, run: Run, now: datetime) -> Again:
    """Return the rows of a retry as they are kept now, the older first: what waited for another run, or is due."""
    tenant = run.feed.tenant
    before = find_run(deployment, tenant, run.feed.of) if run.feed.of else None
    released = freed_by(deployment, before) if before else set()
    waiting = [
        one for one in all_pending(deployment, tenant) if _is_due(one, released, stamp(now), timed=before is None)
    ]
    waiting.sort(key=lambda one: (one.position or "", one.subject))
    shelf = _Shelf(find_people(deployment, tenant, (pending.subject for pending in waiting)).records)
    rows = [row for one in waiting for row in shelf.rows(one, released)]
    candidates = [row for row, _ in rows if isinstance(row, Candidate)]
    rejections = [row for row, _ in rows if isinstance(row, Rejection)]
    return Again(Sheet(candidates, rejections), {row.row: origin for row, origin in rows})


def _is_due(pending: Pending, freed: set[str], now: str, *, timed: bool) -> bool:
    if timed:
        return pending.retry_at is not None and pending.retry_at <= now
    return not freed.isdisjoint(pending.causes)


@dataclass(slots=True)
class _Shelf:
    """Takes what is kept and makes rows of it, each read as it was written when it came (6.6)."""

    people: dict[str, Record]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def rows(self, pending: Pending, freed: set[str]) -> Iterator[tuple[Candidate | Rejection, Origin]]:
        """Yield the row that is parked, or what fills in a field of somebody who is here (4.3)."""
        waited = freed.intersection(pending.causes)
        is_filled_in = all(map(fills_in, waited)) if waited else pending.fills_in
        if pending.row is not None and not is_filled_in:
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


def _written(pending: Pending) -> RowSettings:
    as_usual = RowSettings()
    keeps = as_usual.keep_blanks if pending.keeps_blanks is None else pending.keeps_blanks
    return RowSettings(pending.date_format or as_usual.date_format, keeps)


def _filling_in(row: int, pending: Pending, record: Record) -> Candidate:
    """Return what is said again of somebody: what they lack is known, but for the title that they left with (2.6)."""
    has_left = pending.row is None and not record.employee.active
    titles = [title for title in map(job_title_of, pending.causes) if title] if has_left else []
    given: dict[str, str | None] = {"job_title": titles[0]} if titles else {}
    return Candidate(row, pending.subject, given, None, active=False if given else None, cells={}, fills_in=True)


def _origin(source: str, first: Position) -> Origin:
    owner = None if source in OWNING_NOBODY or source == SOURCE else source
    return Origin(source, owner, age_of(first), first)
