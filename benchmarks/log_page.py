"""What a page of 50 log entries costs among a million, against the same page among a thousand (budget: 1.2 times).

Usage: `uv run python -m benchmarks.log_page [ENTRIES]`; a million take 6 GB and some minutes to write. One in a hundred
is wrong and has a problem. Requests are counted, CPU is measured with the tables in memory, a round of each by turns;
exit code 1 if there are more requests, or if the smallest ratio exceeds the budget.
"""

import io
import sys
import time
from contextlib import redirect_stdout
from dataclasses import dataclass
from itertools import batched
from statistics import median

from peoplefeed import telemetry
from peoplefeed.codes import Code, finding
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
    """Of one page: requests and seconds of CPU."""

    requests: int
    cpu: float


def world_of(entries: int) -> World:
    """Return a company whose second run has so many entries: a thousand of a feed, the others written after it."""
    world = World()
    world.put_feed("acme", "Name\nChef\n", kind="job-titles")
    header = "External Identifier,First Name,Last Name,Email,Job Title\n"
    titles = ("Chef" if number % 100 else "Chief" for number in range(FEW))
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
    if number % 100:
        return Entry(number + 1, Outcome.CREATED, who, name, version=1)
    found = finding(Code.JOB_TITLE_NOT_FOUND, field="job_title", value="Chief", external_id=who)
    return Entry(number + 1, Outcome.PARKED, who, name, found, problem=f"{who}-unknown")


def cost_of(world: World, wanted: LogFilter) -> Cost:
    """Read the first page, and again."""
    metering = world.dynamodb.metering
    metering.reset()
    began = time.process_time()
    for _ in range(PAGES_A_ROUND):
        shown = log_page(world.deployment, "acme", wanted, 50, None).entries
    took = time.process_time() - began
    if not shown:
        raise SystemExit(f"there is nothing on the page: {wanted}")
    return Cost(metering.calls.total() // PAGES_A_ROUND, took / PAGES_A_ROUND)


def main() -> int:
    """Measure and print."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    telemetry.logger.setLevel("CRITICAL")
    few, many = world_of(FEW), world_of(entries)
    missed = False
    for name, wanted in PAGES.items():
        rounds = [(cost_of(few, wanted), cost_of(many, wanted)) for _ in range(ROUNDS)]
        ratios = [much.cpu / little.cpu for little, much in rounds]
        before, after = rounds[0][0].requests, rounds[0][1].requests
        missed |= min(ratios) > BUDGET or after > before
        print(f"{name:16} {before:3} requests, {after:3}   CPU x {median(ratios):.2f} (min {min(ratios):.2f})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
