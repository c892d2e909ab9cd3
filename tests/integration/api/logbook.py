"""A feed log as runs leave it behind, written by the writers themselves."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from peoplefeed.codes import Code, finding
from peoplefeed.deployment import Deployment, Names
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.writes import Put, write
from peoplefeed.feed_log.entries import Moment, feed_entry, write_entries
from peoplefeed.feed_log.problems import record_problems, resolve_problems
from peoplefeed.feed_log.queries import LogFilter, log_page
from peoplefeed.feed_log.streams import Mark
from peoplefeed.model import Entry, FeedError, Finding, Outcome, RunState, Severity, empty_counts
from peoplefeed.planner.problem_ids import problem_id
from peoplefeed.times import seconds

TENANT = "acme"
CHUNK = 3


def created(row: int, external_id: str, *found: Finding) -> list[Entry]:
    return entries_of(Outcome.CREATED, row, external_id, *found)


def rejected(row: int, external_id: str, value: str = "x") -> list[Entry]:
    fault = finding(Code.EMAIL_INVALID, field="email", value=value, row=row, reason="it has no @.")
    return entries_of(Outcome.REJECTED, row, external_id, fault)


def no_department(name: str) -> Finding:
    return finding(Code.DEPARTMENT_NOT_FOUND, field="department", value=name)


def entries_of(outcome: Outcome, row: int, external_id: str, *found: Finding) -> list[Entry]:
    """The entries of a row. Which problems they have is known where a run is written."""
    entry = Entry(row=row, outcome=outcome, external_id=external_id, name=f"Person {external_id}", version=1)
    return [replace(entry, index=index, finding=each) for index, each in enumerate(found or (None,))]


def again(entries: Iterable[Entry]) -> list[Entry]:
    """The same entries of a row that comes back: they count up."""
    return [replace(entry, repeats=True) for entry in entries]


class Counting:
    """A client that counts the items it reads and the requests it makes."""

    def __init__(self, client: Any) -> None:
        self._client, self._lock = client, threading.Lock()
        self.items = self.requests = 0

    def query(self, **request: Any) -> Any:
        answer = self._client.query(**request)
        return self._counted(answer, answer["ScannedCount"])

    def get_item(self, **request: Any) -> Any:
        return self._counted(self._client.get_item(**request), 1)

    def batch_get_item(self, **request: Any) -> Any:
        answer = self._client.batch_get_item(**request)
        return self._counted(answer, sum(map(len, answer["Responses"].values())))

    def _counted(self, answer: Any, items: int) -> Any:
        with self._lock:
            self.items += items
            self.requests += 1
        return answer


@dataclass(slots=True)
class LogBook:
    """The log of one tenant; runs are numbered as they are written."""

    deployment: Deployment
    tenant: str = TENANT
    number: int = 0
    _open: set[str] = field(default_factory=set)

    @classmethod
    def on(cls, client: Any, directory: str, feed_log: str, tenant: str = TENANT) -> LogBook:
        names = Names(directory_table=directory, feed_log_table=feed_log)
        return cls(Deployment(names, lambda _: client), tenant)

    def run(self, *entries: Sequence[Entry], at: str, resolved: Iterable[Entry] = (), **more: Value) -> int:
        """Write a finished run with its entries, in chunks; `resolved` are entries whose problems are over."""
        self.number += 1
        over = [problem for entry in resolved if (problem := self.problem_of(entry))]
        self._open.difference_update(over)
        together = [self._of_this_run(entry) for some in entries for entry in some]
        moment = Moment(self.tenant, self.number, at, seconds(at))
        for chunk, start in enumerate(range(0, len(together), CHUNK)):
            part = together[start : start + CHUNK]
            write_entries(self.deployment, moment, chunk, part)
            record_problems(self.deployment, moment, part)
        resolve_problems(self.deployment, moment, over)
        counts = empty_counts()
        for entry in together:
            counts[entry.outcome] += entry.index == 0
        chunks = -(-len(together) // CHUNK)
        changed = any(not entry.repeats for entry in together)
        run: dict[str, Value] = {
            "at": at,
            "state": RunState.FINISHED,
            "counts": counts,
            "chunks": chunks,
            "changed": changed,
        }
        self._put_run({**run, **more})
        return self.number

    def _of_this_run(self, entry: Entry) -> Entry:
        """An entry with its problem: that which it counts up, or that which this run begins (7.4)."""
        problem = self.problem_of(entry)
        self._open.update([problem] if problem else [])
        return replace(entry, problem=problem)

    def problem_of(self, entry: Entry) -> str | None:
        """The problem that an entry belongs to, as things stand."""
        subject = entry.external_id or f"#row:{entry.row}"
        return problem_id(subject, entry.finding, self.number, self._open) if entry.finding else None

    def failed_run(self, code: Code, sentence: str, *, at: str) -> int:
        self.number += 1
        moment = Moment(self.tenant, self.number, at, seconds(at))
        write(self.deployment.dynamodb, feed_entry(self.deployment, moment, FeedError(code, sentence), Severity.ERROR))
        error: dict[str, Value] = {"error_code": code.value, "error_message": sentence}
        self._put_run({"at": at, "state": RunState.FAILED, **error})
        return self.number

    def waiting_run(self, *, at: str) -> int:
        self.number += 1
        self._put_run({"at": at, "state": RunState.WAITING})
        return self.number

    def _put_run(self, given: Mapping[str, Value]) -> None:
        at, state = str(given["at"]), RunState(str(given["state"]))
        values: dict[str, Value] = {
            "number": self.number,
            "source": "upload",
            "kind": "employees",
            "mode": "changes",
            "key": f"feeds/{self.tenant}/upload/employees/changes/feed.csv",
            "version_id": "1",
            "age": at,
            "registered_at": at,
            "planned_at": at if state is RunState.FINISHED else None,
            "finished_at": at if state.is_over else None,
            "changed": state is RunState.FAILED,
            **{name: value for name, value in given.items() if name != "at"},
        }
        table = self.deployment.names.directory_table
        write(self.deployment.dynamodb, Put(table, keys.run(self.tenant, self.number), values))
        tenant: dict[str, Value] = {"next": self.number + 1, "applied": self.number, "epoch": 0}
        write(self.deployment.dynamodb, Put(table, keys.tenant(self.tenant), tenant))

    def pages(self, limit: int = 50, **wanted: Any) -> list[list[dict[str, Any]]]:
        pages: list[list[dict[str, Any]]] = []
        after: Mark | None = None
        while not pages or after:
            page = log_page(self.deployment, self.tenant, LogFilter(**wanted), limit, after)
            assert len(page.entries) <= limit
            pages.append(page.entries)
            after = page.mark
        return pages

    def shown(self, limit: int = 50, **wanted: Any) -> list[dict[str, Any]]:
        return [entry for page in self.pages(limit, **wanted) for entry in page]

    def places(self, limit: int = 50, **wanted: Any) -> list[tuple[int, int, str | None]]:
        """Run, row and code of what is shown."""
        return [(entry["run"], entry["row"], entry["code"]) for entry in self.shown(limit, **wanted)]
