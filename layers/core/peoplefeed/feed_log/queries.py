"""Reading the feed log (7.2, 7.3): which stream answers a question, and one page of it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import batched
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.keys import Key
from peoplefeed.dynamo.reads import get_many
from peoplefeed.feed_log.documents import (
    Document,
    entry_document,
    is_problem,
    is_unresolved,
    problem_document,
    repeat_document,
)
from peoplefeed.feed_log.streams import ForeignMark, Found, Log, Mark, Repeat
from peoplefeed.model import Outcome, Run, Severity
from peoplefeed.storage.runs import find_run

__all__ = ["ForeignMark", "LogFilter", "LogPage", "UnknownRun", "is_known_to_log", "log_page", "run_entries"]

_MOST_COST = 5000
_MOST_BYTES = 2_500_000
_AT_ONCE = 100
_LISTED = frozenset({Severity.WARNING, Severity.ERROR})

type _ByKey = Mapping[Key, Mapping[str, Any]]


class UnknownRun(Exception):
    """The tenant has no run of this number."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which entries to show: those for which everything that is given holds. `day` is a date in UTC."""

    run: int | None = None
    outcome: Outcome | None = None
    severity: Severity | None = None
    external_id: str | None = None
    unresolved: bool = False
    day: str | None = None

    def admits(self, document: Document) -> bool:
        """Whether an entry is to be shown."""
        return (
            (self.outcome is None or document["outcome"] == self.outcome)
            and (self.severity is None or document["severity"] == self.severity)
            and (self.external_id is None or document["external_id"] == self.external_id)
            and (self.day is None or document["at"].startswith(self.day))
            and (not self.unresolved or is_unresolved(document))
        )


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some entries, and the mark behind which the next page begins; None on the last page.

    A page may hold fewer entries than there is room for, or none, and not be the last: a filter without an index of
    its own looks at so many entries a page, not at the whole log.
    """

    entries: list[Document]
    mark: Mark | None


def log_page(deployment: Deployment, tenant: str, wanted: LogFilter, limit: int, after: Mark | None) -> LogPage:
    """Return the next entries that a filter admits, newest first.

    Raises:
        UnknownRun: the filter names a run that is not there.
        ForeignMark: `after` was made by a filter of another kind.
    """
    log = Log(deployment, tenant, limit)
    found = _stream(log, wanted, after)
    return _page(_documents(log, found, min(limit + 1, _AT_ONCE)), wanted.admits, limit)


def run_entries(deployment: Deployment, run: Run, limit: int) -> list[Document]:
    """Return the first entries that a run made or counted up."""
    return log_page(deployment, run.feed.tenant, LogFilter(run=run.number), limit, None).entries


def is_known_to_log(deployment: Deployment, tenant: str, external_id: str) -> bool:
    """Whether anything was logged about somebody, even if it was only simulated."""
    return next(Log(deployment, tenant, 1).story(external_id, None, None), None) is not None


def _stream(log: Log, wanted: LogFilter, after: Mark | None) -> Iterator[Found]:
    """Return the stream that has all that is wanted and the least beside it."""
    if wanted.run is not None:
        run = find_run(log.deployment, log.tenant, wanted.run)
        if run is None:
            raise UnknownRun(wanted.run)
        if _is_listed_by_severity(run, wanted):
            return log.of_run(run, after, severity=wanted.severity)
        return log.of_run(run, after, outcome=wanted.outcome, external_id=wanted.external_id)
    if wanted.external_id is not None:
        return _not_only_simulated(log.story(wanted.external_id, wanted.day, after))
    if wanted.unresolved:
        return log.unresolved(wanted.day, after)
    if wanted.severity in _LISTED:
        return log.of_severity(wanted.severity, wanted.day, after)
    return log.of_all_runs(wanted.outcome, wanted.day, after)


def _is_listed_by_severity(run: Run, wanted: LogFilter) -> bool:
    """Whether what is wanted of a run is found by its severity: what is planned yet, and not simulated (1.9)."""
    is_narrower = wanted.outcome is not None or wanted.external_id is not None
    return wanted.severity in _LISTED and not is_narrower and bool(run.planned_at) and not run.feed.simulate


def _not_only_simulated(found: Iterable[Found]) -> Iterator[Found]:
    """1.9: what would have happened is told where somebody asks for that run."""
    for mark, item, cost in found:
        simulated = isinstance(item, Mapping) and item.get("simulated")
        yield Found(mark, None if simulated else item, cost)


type _Seen = tuple[Mark, Document | None, int]


def _page(seen: Iterable[_Seen], admits: Callable[[Document], bool], limit: int) -> LogPage:
    """Return the first admitted documents, as long as they are affordable to find and to send."""
    shown: list[tuple[Mark, Document]] = []
    spent = size = 0
    for mark, document, cost in seen:
        spent += cost
        if document is not None and admits(document):
            size += len(json.dumps(document))
            if shown and (len(shown) == limit or size > _MOST_BYTES):
                return LogPage([document for _, document in shown], shown[-1][0])
            shown.append((mark, document))
        if spent >= _MOST_COST + limit:
            return LogPage([document for _, document in shown], mark)
    return LogPage([document for _, document in shown], None)


def _documents(log: Log, found: Iterable[Found], at_once: int) -> Iterator[_Seen]:
    """Yield what a stream found as readers see it; the missing halves are looked up many at a time."""
    for some in batched(found, at_once, strict=False):
        others = _others(log, some)
        for mark, item, cost in some:
            yield mark, _document(log, item, others) if item is not None else None, cost


def _others(log: Log, some: Iterable[Found]) -> _ByKey:
    """Return the problems that entries belong to, and the entries that problems began with."""
    wanted = {key for found in some if found.item is not None for key in [_other_key(log, found.item)] if key}
    items = get_many(log.deployment.dynamodb, log.deployment.names.feed_log_table, wanted)
    return {(item["pk"], item["sk"]): item for item in items}


def _other_key(log: Log, item: Mapping[str, Any] | Repeat) -> Key | None:
    if isinstance(item, Repeat):
        return keys.problem(log.tenant, item.values["problem"])
    if not is_problem(item):
        return keys.problem(log.tenant, item["problem"]) if "problem" in item else None
    if "outcome" not in item:
        return None  # it is about no row: a source that cannot be reached, say
    shard = keys.shard(item.get("external_id") or str(item["row"]))
    sort_key = f"{item['outcome']}#{item['row']:08d}#{item.get('index', 0):02d}"
    return keys.entries_pk(log.tenant, item["run"], shard), sort_key


def _document(log: Log, item: Mapping[str, Any] | Repeat, others: _ByKey) -> Document:
    key = _other_key(log, item)
    other = others.get(key) if key else None
    if isinstance(item, Repeat):
        return repeat_document(item.values, other, item.run, item.registered_at)
    if not is_problem(item):
        return entry_document(item, other)
    began_here = other is not None and other.get("problem") == item["sk"]
    return entry_document(other, item) if other and began_here else problem_document(item)
