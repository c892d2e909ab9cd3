"""What a page of 50 log entries costs among a million, against the same page among a thousand (budget: 1.2 times).

Usage: `uv run python -m benchmarks.log_page [ENTRIES]`; a million take 6 GB and some minutes to write. One in ten
is wrong and has a problem. Counted are requests and the items that come back; CPU is measured without what the tables
in memory take, a round of each by turns. Exit code 1 if more is asked for, or if the smallest ratio exceeds the budget.
"""

import gc
import io
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from itertools import batched
from statistics import median
from typing import Any

from peoplefeed import telemetry
from peoplefeed.codes import Code, finding
from peoplefeed.deployment import Deployment
from peoplefeed.feed_log.entries import Moment, write_entries
from peoplefeed.feed_log.problems import record_problems
from peoplefeed.feed_log.queries import LogFilter, log_page
from peoplefeed.model import Entry, Outcome, Severity
from peoplefeed.storage.runs import find_run
from peoplefeed.times import seconds
from tests.worlds.world import World

ENTRIES = 1_000_000
FEW = 1_000
ROUNDS = 7
PAGES_A_ROUND = 10
BUDGET = 1.2
PAGE = 50
MOST_ITEMS = 4 * PAGE  # each of 32 shards is asked for a few, lest one has them all; their problems come on top
PAGES = {
    "of a run": LogFilter(run=2),
    "of all runs": LogFilter(),
    "errors": LogFilter(severity=Severity.ERROR),
    "errors of a run": LogFilter(severity=Severity.ERROR, run=2),
    "unresolved": LogFilter(unresolved=True),
    "of a person": LogFilter(external_id="E7"),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one page: requests, items and seconds of CPU."""

    requests: int
    items: int
    cpu: float


@dataclass
class Watched:
    """A client that counts what it is asked and what it answers, and how long that takes it."""

    client: Any
    requests: int = 0
    items: int = 0
    cpu: float = 0.0

    def query(self, **request: object) -> Any:  # noqa: ANN401 - the client's own answer
        """Count the items that were found."""
        answer = self._timed(self.client.query, request)
        self.items += len(answer["Items"])
        return answer

    def batch_get_item(self, **request: object) -> Any:  # noqa: ANN401
        """Count the items that were there."""
        answer = self._timed(self.client.batch_get_item, request)
        self.items += sum(map(len, answer["Responses"].values()))
        return answer

    def get_item(self, **request: object) -> Any:  # noqa: ANN401
        """Count as one item."""
        self.items += 1
        return self._timed(self.client.get_item, request)

    def _timed(self, do: Callable[..., Any], request: dict[str, object]) -> Any:  # noqa: ANN401
        began = time.thread_time()
        answer = do(**request)
        self.requests, self.cpu = self.requests + 1, self.cpu + time.thread_time() - began
        return answer


def world_of(entries: int) -> World:
    """Return a company whose second run has so many entries: a thousand of a feed, the others written after it."""
    world = World()
    world.put_feed("acme", "Name\nChef\n", kind="job-titles")
    header = "External Identifier,First Name,Last Name,Email,Job Title\n"
    titles = ("Chef" if number % 10 else "Chief" for number in range(FEW))
    world.put_feed("acme", header + "".join(f"E{number},Ana,Sol,,{title}\n" for number, title in enumerate(titles)))
    with redirect_stdout(io.StringIO()):  # metrics
        world.run_until_quiet()
    run = find_run(world.deployment, "acme", 2)
    if run is None or run.planned_at is None:
        raise SystemExit("the feed was not planned")
    moment = Moment("acme", run.number, run.planned_at, seconds(run.planned_at))
    for some in batched(map(entry_of, range(FEW, entries)), 200, strict=False):
        write_entries(world.deployment, moment, some[0].row // 200, some)
        record_problems(world.deployment, moment, some)
    return world


def entry_of(number: int) -> Entry:
    """Return what became of one row."""
    who, name = f"E{number}", "Ana Sol"
    if number % 10:
        return Entry(number + 1, Outcome.CREATED, who, name, version=1)
    found = finding(Code.JOB_TITLE_NOT_FOUND, field="job_title", value="Chief", external_id=who)
    return Entry(number + 1, Outcome.PARKED, who, name, found, problem=f"{who}-unknown")


def cost_of(world: World, wanted: LogFilter) -> Cost:
    """Read the first page, and again."""
    client = Watched(world.dynamodb)
    deployment = Deployment(world.names, lambda _: client)
    began = time.process_time()
    for _ in range(PAGES_A_ROUND):
        shown = log_page(deployment, "acme", wanted, PAGE, None).entries
    took = time.process_time() - began - client.cpu
    if not shown:
        raise SystemExit(f"there is nothing on the page: {wanted}")
    return Cost(client.requests // PAGES_A_ROUND, client.items // PAGES_A_ROUND, took / PAGES_A_ROUND)


def main() -> int:
    """Measure and print."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    telemetry.logger.setLevel("CRITICAL")
    few, many = world_of(FEW), world_of(entries)
    gc.collect()
    gc.freeze()  # or the collector would walk through a million entries every now and then
    missed = False
    for name, wanted in PAGES.items():
        rounds = [(cost_of(few, wanted), cost_of(many, wanted)) for _ in range(ROUNDS)]
        ratios = [much.cpu / little.cpu for little, much in rounds]
        before, after = rounds[0]
        missed |= min(ratios) > BUDGET or after.requests > before.requests + 1 or after.items > MOST_ITEMS
        counted = f"requests {before.requests:3} {after.requests:3}   items {before.items:4} {after.items:4}"
        print(f"{name:16} {counted}   CPU x {median(ratios):.2f} (min {min(ratios):.2f})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
