"""What planning a full feed of a million rows takes (budgets: 256 MiB with 0.1 % changed, 1.5 GiB with all new).

`uv run python -m benchmarks.million [ROWS]` plans four feeds, each in a process of its own: all are new; one in a
thousand has another job title; nothing changed, but the day is over on which rows were last compared with the directory
itself; all have another job title. Memory is what the process itself takes, without the files that it maps.
"""

import io
import json
import os
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import IO, Any

from botocore.exceptions import ClientError

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.marshal import to_item
from peoplefeed.dynamo.writes import write
from peoplefeed.model import Feed, FeedKind, FeedMode, Outcome, PlanHead, Run, RunState
from peoplefeed.runs.plan import plan_of
from peoplefeed.storage.full_feeds import FullFeed, remember
from peoplefeed.storage.plans import head_of
from peoplefeed.storage.staff import find_staff
from peoplefeed.storage.staff import write_of as staff_write
from peoplefeed.storage.tenants import Tenant
from peoplefeed.times import stamp
from tests.worlds.world import World

_TENANT = "acme"
_HEADER = "External Identifier,First Name,Last Name,Email,Job Title,Department,Status\n"
_MIB = 1024 * 1024


def _line(number: int, title: str = "Chef") -> str:
    return f"E{number:07d},Ana,Sol,p{number:07d}@hotel.example.com,{title},,Active\n"


class _Files:
    """A bucket whose objects are files, so that none of them is in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, key: str) -> Path:
        return self._folder / key.replace("/", "%")

    def put_object(self, *, Key: str, Body: bytes | IO[bytes], **_: object) -> dict[str, Any]:  # noqa: N803 - botocore's names
        source = io.BytesIO(Body) if isinstance(Body, bytes) else Body
        with self.path(Key).open("wb") as file:
            while block := source.read(_MIB):
                file.write(block)
        return {}

    def get_object(self, *, Key: str, **_: object) -> dict[str, Any]:  # noqa: N803
        try:
            return {"Body": self.path(Key).open("rb")}
        except FileNotFoundError as error:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": Key}}, "GetObject") from error


@dataclass
class _Directory:
    """A table in which, once `full`, everybody is whom the feed names: items are made up when asked for."""

    table: Any
    pattern: dict[str, str]
    full: bool = False
    requests: int = 0

    def __getattr__(self, name: str) -> object:
        self.requests += 1
        return getattr(self.table, name)

    def batch_get_item(self, *, RequestItems: dict[str, Any], **_: object) -> dict[str, Any]:  # noqa: N803
        self.requests += 1
        ((name, asked),) = RequestItems.items()
        items = [self._item(key["pk"]["S"]) for key in asked["Keys"]] if self.full else []
        return {"Responses": {name: [item for item in items if item]}, "UnprocessedKeys": {}}

    def _item(self, pk: str) -> dict[str, Any] | None:
        kind = next((kind for kind in self.pattern if f"#{kind}#" in pk), None)
        if kind is None:
            return None
        number = pk.split(f"#{kind}#")[1][1:8]
        item: dict[str, Any] = json.loads(self.pattern[kind].replace("0000000", number))
        return item


@dataclass
class _Peak:
    """The most memory that this process had while it was watched, in bytes."""

    most: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, self._now())

    def stop(self) -> None:
        self._over.set()

    @staticmethod
    def _now() -> int:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


class _Company:
    """A company of so many people, whose feeds are planned and never applied."""

    def __init__(self, people: int, folder: Path) -> None:
        self.people, self.world = people, World()
        self.world.put_feed(_TENANT, "Name\nChef\nWaiter\n", kind="job-titles")
        self.world.put_feed(_TENANT, _HEADER + _line(0))
        self.world.run_until_quiet()
        self.files = _Files(folder)
        self.directory = _Directory(self.world.dynamodb, self._pattern())
        services = {"s3": self.files, "dynamodb": self.directory}
        self.deployment = Deployment(self.world.names, lambda name: services[name])

    def _pattern(self) -> dict[str, str]:
        table, pattern = self.world.names.directory_table, dict[str, str]()
        for item in self.world.items(table):
            for kind in ("U", "E"):
                if f"#{kind}#" in item["pk"]:
                    pattern[kind] = json.dumps(to_item(item))
        return pattern

    def deliver(self, number: int, *, changed: int = 0) -> Run:
        """Put a full feed down in which the first so many have another job title."""
        now = stamp(self.world.clock())
        key = f"feeds/{_TENANT}/upload/employees/full/{number}.csv"
        lines = (_line(one, "Waiter" if one < changed else "Chef") for one in range(self.people))
        with self.files.path(key).open("w", encoding="utf-8") as file:
            file.write(_HEADER)
            file.writelines(lines)
        feed = Feed(_TENANT, "upload", FeedKind.EMPLOYEES, FeedMode.FULL, key, "1", now)
        return Run(number, feed, RunState.PLANNING, {}, now)

    def plan(self, run: Run) -> tuple[float, int, int]:
        """Plan a run here; return the seconds of CPU, the peak in bytes, and the requests to DynamoDB."""
        peak, began = _Peak(), time.process_time()
        watcher = threading.Thread(target=peak.watch, daemon=True)
        watcher.start()
        before = self.directory.requests
        plan_of(self.deployment, Tenant(_TENANT, run.number + 1, run.number - 1, 0), run, self.world.clock())
        peak.stop()
        watcher.join()
        return time.process_time() - began, peak.most, self.directory.requests - before

    def remember(self, run: Run) -> FullFeed:
        """Let a run's plan be applied: the directory has everybody."""
        head = self.head(run)
        full = FullFeed(run.feed.age, run.number, head.fingerprints, head.at, head.received, head.columns)
        self._put(run, full)
        book = find_staff(self.deployment, _TENANT)
        write(
            self.world.dynamodb,
            staff_write(self.deployment, _TENANT, replace(book, active=dict.fromkeys(book.active, self.people))),
        )
        self.directory.full = True
        return full

    def forget_the_day(self, run: Run, full: FullFeed) -> None:
        """Let the comparison with the directory itself be due."""
        self._put(run, replace(full, compared_at=stamp(self.world.clock() - timedelta(days=2))))

    def _put(self, run: Run, full: FullFeed) -> None:
        write(self.world.dynamodb, remember(self.deployment, run.feed, full))

    def head(self, run: Run) -> PlanHead:
        """Return the plan of a run."""
        return head_of(self.deployment, _TENANT, run.number)


def _measured(company: _Company, run: Run) -> tuple[float, int, int]:
    """Plan a run in a process of its own."""
    context = get_context("fork")
    mine, theirs = context.Pipe()
    process = context.Process(target=lambda: theirs.send(company.plan(run)))
    process.start()
    theirs.close()
    measured: tuple[float, int, int] = mine.recv()
    process.join()
    return measured


def main() -> None:
    """Measure and print."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        company = _Company(people, Path(folder))
        first = company.deliver(3)
        _print(company, "all are new", first, _measured(company, first))
        full = company.remember(first)
        second = company.deliver(4, changed=people // 1000)
        _print(company, "one in a thousand changed", second, _measured(company, second))
        company.forget_the_day(first, full)
        third = company.deliver(5)
        _print(company, "all compared, none changed", third, _measured(company, third))
        fourth = company.deliver(6, changed=people)
        _print(company, "all changed", fourth, _measured(company, fourth))


def _print(company: _Company, title: str, run: Run, measured: tuple[float, int, int]) -> None:
    seconds, peak, requests = measured
    counts = company.head(run).counts
    rows = ", ".join(f"{counts[outcome.value]:,} {outcome.value}" for outcome in Outcome if counts[outcome.value])
    print(f"{title:<28}{seconds:>7.1f} s of CPU{peak / _MIB:>8,.0f} MiB{requests:>8,} requests   {rows}", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "CRITICAL")
    main()
