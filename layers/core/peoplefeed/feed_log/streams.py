"""Where entries are found: one stream for each question of 7.3, read no further than somebody looks.

What a stream yields carries a mark: whoever has seen it can go on behind it later.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.pages import FIRST, LAST, Listing, Place, in_all_shards, merged
from peoplefeed.dynamo.reads import query
from peoplefeed.model import Outcome, Run, RunState, Severity
from peoplefeed.storage.runs import find_run
from peoplefeed.storage.tenants import find_tenant

type Mark = tuple[str | int, ...]

_RUNS_AT_ONCE = 50
_CHUNKS_AT_ONCE = 4
_PARTITION_COST = 3
_NO_SUCH_NUMBER = 10**10
_NOT_WRITTEN_YET = frozenset({RunState.WAITING, RunState.PLANNING})
_ONE_ENTRY = frozenset({RunState.FAILED, RunState.HELD, RunState.DISCARDED, RunState.SUPERSEDED})


class ForeignMark(Exception):
    """A mark was made by another question."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row that only counted up a problem (7.4)."""

    values: Mapping[str, Any]
    run: int
    registered_at: str


class Found(NamedTuple):
    """Something on a stream: an entry, a problem, a repeat, or nothing, which may have cost reads too."""

    mark: Mark
    item: Mapping[str, Any] | Repeat | None
    cost: int = 1


@dataclass(frozen=True, slots=True)
class Log:
    """The feed log of one tenant, and how many entries are to be shown."""

    deployment: Deployment
    tenant: str
    expected: int

    def of_run(
        self,
        run: Run,
        after: Mark | None,
        *,
        severity: Severity | None = None,
        outcome: Outcome | None = None,
        external_id: str | None = None,
    ) -> Iterator[Found]:
        """Yield what a run logged, by outcome and row, then the rows that counted up a problem, by chunk.

        What is of one severity is found by it, row by row, in a run that is planned.
        """
        entries_after, repeats_after = _halves(after)
        if repeats_after is None:
            shards = keys.ALL_SHARDS if external_id is None else (keys.shard(external_id),)
            entries = self._entries(run.number, shards, outcome)
            listing = self._entries_by_severity(run, severity) if severity else entries
            for item in merged(self.deployment.dynamodb, listing, self.expected, entries_after):
                yield Found(("entry", *listing.place_of(item)), item)
        yield from self._repeats(run, repeats_after)

    def story(self, external_id: str, day: str | None, after: Mark | None) -> Iterator[Found]:
        """Yield what was logged about one person, newest first, even what was only simulated."""
        pk = keys.story_pk(self.tenant, external_id)
        return self._listed(keys.STORY_INDEX, [pk], "story_pk", "story_sk", day, after)

    def unresolved(self, day: str | None, after: Mark | None) -> Iterator[Found]:
        """Yield the problems that are not resolved, newest first."""
        partitions = in_all_shards(keys.open_pk(self.tenant, ""))
        return self._listed(keys.UNRESOLVED_INDEX, partitions, "open_pk", "seen_sk", day, after)

    def of_severity(self, severity: str, day: str | None, after: Mark | None) -> Iterator[Found]:
        """Yield what is listed by severity, newest first."""
        partitions = in_all_shards(keys.severity_pk(self.tenant, severity, ""))
        return self._listed(keys.PROBLEMS_INDEX, partitions, "severity_pk", "seen_sk", day, after)

    def of_all_runs(self, outcome: Outcome | None, day: str | None, after: Mark | None) -> Iterator[Found]:
        """Yield the entries of all runs but simulated ones, newest run first; runs without entries cost little."""
        number, place = _run_and_place(after)
        for item in self._runs(number, day):
            if day and item.get("finished_at", LAST) < day:
                return
            yield from self._of_one_run(item, outcome, place if item["number"] == number else None)

    def _of_one_run(self, item: Mapping[str, Any], outcome: Outcome | None, after: Place | None) -> Iterator[Found]:
        number, shards = item["number"], () if item.get("simulate") else shards_written(item, outcome)
        if shards:
            listing = self._entries(number, shards, outcome)
            for entry in merged(self.deployment.dynamodb, listing, self.expected, after):
                yield Found((number, *listing.place_of(entry)), entry)
        yield Found((number, LAST, LAST), None, 1 + _PARTITION_COST * len(shards))

    def _entries(self, number: int, shards: Sequence[str], outcome: Outcome | None) -> Listing:
        return Listing(
            table=self.deployment.names.feed_log_table,
            partitions=[keys.entries_pk(self.tenant, number, shard) for shard in shards],
            low=f"{outcome.value}#" if outcome else FIRST,
            high=f"{outcome.value}#{LAST}" if outcome else LAST,
        )

    def _entries_by_severity(self, run: Run, severity: Severity) -> Listing:
        partitions = in_all_shards(keys.severity_pk(self.tenant, severity, ""))
        low = keys.seen_sk(run.planned_at or "", run.number)
        table = self.deployment.names.feed_log_table
        return Listing(table, partitions, "severity_pk", "seen_sk", keys.PROBLEMS_INDEX, low, low + LAST)

    def _repeats(self, run: Run, after: tuple[str, int] | None) -> Iterator[Found]:
        first, seen = after or (FIRST, -1)
        pk, _ = keys.repeats(self.tenant, run.number, 0)
        for chunk in query(
            self.deployment.dynamodb,
            self.deployment.names.feed_log_table,
            "#pk = :pk AND #sk >= :first",
            {"pk": pk, "first": first},
            ConsistentRead=True,
            Limit=_CHUNKS_AT_ONCE,
        ):
            for index, values in enumerate(chunk["repeats"]):
                if chunk["sk"] != first or index > seen:
                    yield Found(("repeat", chunk["sk"], index), Repeat(values, run.number, run.registered_at))

    def _listed(
        self, index: str, partitions: Sequence[str], pk: str, sk: str, day: str | None, after: Mark | None
    ) -> Iterator[Found]:
        table, low, high = self.deployment.names.feed_log_table, *_bounds(day)
        listing = Listing(table, partitions, pk, sk, index, low, high, newest_first=True)
        for item in merged(self.deployment.dynamodb, listing, self.expected, _place(after)):
            yield Found(tuple(listing.place_of(item)), item)

    def _runs(self, number: int | None, day: str | None) -> Iterator[dict[str, Any]]:
        """Yield the runs as items from a number down, or from the last one that a day can have seen."""
        if number is None and day:
            number = self._last_run_before(_next_day(day))
        pk, lowest = keys.run(self.tenant, 0)
        highest = lowest[: lowest.index("#") + 1] + LAST if number is None else keys.run(self.tenant, number)[1]
        return query(
            self.deployment.dynamodb,
            self.deployment.names.directory_table,
            "#pk = :pk AND #sk BETWEEN :lowest AND :highest",
            {"pk": pk, "lowest": lowest, "highest": highest},
            ScanIndexForward=False,
            Limit=_RUNS_AT_ONCE,
        )

    def _last_run_before(self, moment: str) -> int:
        """Return the number of the last run registered before a moment: numbers are given in the order of time."""
        tenant = find_tenant(self.deployment, self.tenant)
        return bisect_left(range(1, tenant.next if tenant else 1), moment, key=self._registered_at)

    def _registered_at(self, number: int) -> str:
        run = find_run(self.deployment, self.tenant, number)
        return run.registered_at if run else FIRST


def shards_written(run: Mapping[str, Any], outcome: Outcome | None) -> Sequence[str]:
    """Return the shards in which a run can have entries (of an outcome), as far as its item tells."""
    state = RunState(run["state"])
    if state in _NOT_WRITTEN_YET:
        return ()
    if state in _ONE_ENTRY:
        return () if outcome else (keys.shard("0"),)
    without = not run.get("changed") or (outcome and not run.get("counts", {}).get(outcome.value))
    if state.is_over and without:
        return ()
    mask = run.get("log_shards")
    if mask is None:
        return keys.ALL_SHARDS
    return [shard for bit, shard in enumerate(keys.ALL_SHARDS) if mask >> bit & 1]


def _bounds(day: str | None) -> tuple[str, str]:
    """Return the first and the last sort key of a day, for keys that begin with a time."""
    return (f"{day}T", f"{day}U") if day else (FIRST, LAST)


def _next_day(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _place(after: Mark | None) -> Place | None:
    match after:
        case None:
            return None
        case (str(sk), str(shard)):
            return Place(sk, shard)
        case _:
            raise ForeignMark(after)


def _halves(after: Mark | None) -> tuple[Place | None, tuple[str, int] | None]:
    """Return where to go on in a run's entries, or else in its repeats."""
    match after:
        case None:
            return None, None
        case ("entry", str(sk), str(shard)):
            return Place(sk, shard), None
        case ("repeat", str(chunk), int(index)):
            return None, (chunk, index)
        case _:
            raise ForeignMark(after)


def _run_and_place(after: Mark | None) -> tuple[int | None, Place | None]:
    match after:
        case None:
            return None, None
        case (int(number), str(sk), str(shard)) if 0 < number < _NO_SUCH_NUMBER:
            return number, Place(sk, shard)
        case _:
            raise ForeignMark(after)
