"""What applying a record costs beside what the SDK takes for the same requests (budget: half), and in write units.

Usage: `uv run python -m benchmarks.applying [PEOPLE]`. Everybody joins, then everybody gets another job title, then as
many as may (6.4) another address. The client is boto3's own, down to the connection: there the tables in memory answer,
whose time counts for nobody. CPU time, the median of the rounds; exit code 1 if the smallest ratio exceeds the budget.
"""

import io
import json
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError

from peoplefeed import telemetry
from tests.worlds.clock import Clock
from tests.worlds.dynamodb.metering import Metering
from tests.worlds.memory_dynamodb import MemoryDynamoDB
from tests.worlds.tables import create_tables
from tests.worlds.world import NAMES, World

PEOPLE = 2_000
MOVERS = 12  # one in so many
ROUNDS = 7
BUDGET = 0.5
_HEADERS = HTTPHeaders.from_dict({"Content-Type": "application/x-amz-json-1.0"})
HEADER = "External Identifier,First Name,Last Name,Email,Job Title,Department\n"
FEEDS = {"new": ("Chef", "a", 1), "another title": ("Waiter", "a", 1), "another address": ("Waiter", "b", MOVERS)}


@dataclass
class Stopwatch:
    """Seconds of CPU within the SDK's calls, and of these behind the connection."""

    calls: float = 0.0
    behind: float = 0.0

    @property
    def sdk(self) -> float:
        """Seconds of the SDK's own."""
        return self.calls - self.behind


@dataclass
class Body:
    """What a connection answers, as urllib3 has it."""

    content: bytes

    def stream(self) -> Iterator[bytes]:
        """Yield all of it."""
        yield self.content


def client_of(tables: MemoryDynamoDB, watch: Stopwatch) -> Any:  # noqa: ANN401 - whatever boto3 makes
    """Return boto3's client over tables in memory."""
    client: Any = boto3.client(
        "dynamodb",
        "eu-west-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",  # noqa: S106 - nobody checks it
        config=Config(retries={"max_attempts": 0}),
    )

    def answer(request: Any, **_: object) -> AWSResponse:  # noqa: ANN401 - its type does not know bytes
        began = time.thread_time()
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation)[1:]
        try:
            status, document = 200, getattr(tables, name)(**json.loads(request.body))
        except ClientError as error:
            told = error.response
            status = 400
            document = {"__type": told["Error"]["Code"], "message": told["Error"]["Message"], **told}
        content = json.dumps({key: one for key, one in document.items() if key != "ResponseMetadata"}).encode()
        watch.behind += time.thread_time() - began
        return AWSResponse(request.url, status, _HEADERS, Body(content))

    client.meta.events.register("before-send.dynamodb", answer)
    call = client._make_api_call  # noqa: SLF001 - all that the SDK does for a request happens in it

    def watched(*arguments: object) -> object:
        began = time.thread_time()
        try:
            return call(*arguments)
        finally:
            watch.calls += time.thread_time() - began

    client._make_api_call = watched  # noqa: SLF001
    return client


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one record: microseconds of the SDK and of ours, write units at the tables and with their indexes."""

    sdk: float
    ours: float
    units: float
    all_units: float


def round_of(people: int) -> dict[str, Cost]:
    """Apply the feeds; return what a record of each costs."""
    watch, tables = Stopwatch(), MemoryDynamoDB(Clock())
    create_tables(tables, NAMES.directory_table, NAMES.feed_log_table)
    world = World(dynamodb=client_of(tables, watch))
    world.put_feed("acme", "Name\nChef\nWaiter\n", kind="job-titles")
    world.put_feed("acme", "Name\nBar\n", kind="departments")
    world.run_until_quiet()
    measured = {}
    for name, (title, letter, every) in FEEDS.items():
        whom = range(0, people, every)
        lines = (f"E{one},Ana,Sol,{letter}{one}@hotel.example.com,{title},Bar\n" for one in whom)
        world.put_feed("acme", HEADER + "".join(lines))
        work_off(world, "import")
        tables.metering.reset()
        measured[name] = applied(world, watch, tables.metering, len(whom))
        world.run_until_quiet()
    return measured


def work_off(world: World, queue: str) -> None:
    """Let a function work its queue off."""
    while world.step(queue):
        pass


def applied(world: World, watch: Stopwatch, metering: Metering, records: int) -> Cost:
    """Let a plan be applied; return what one of its records cost."""
    before, began = replace(watch), time.process_time()
    work_off(world, "upsert")
    took, sdk = time.process_time() - began, watch.sdk - before.sdk
    ours = took - sdk - (watch.behind - before.behind)
    units, all_units = metering.total(indexes=False), metering.total()
    return Cost(sdk / records * 1e6, ours / records * 1e6, units / records, all_units / records)


def main() -> int:
    """Measure and print."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    telemetry.logger.setLevel("CRITICAL")
    with redirect_stdout(io.StringIO()):  # metrics
        rounds = [round_of(people) for _ in range(ROUNDS)]
    missed = False
    for name in FEEDS:
        costs = [one[name] for one in rounds]
        ratios = [cost.ours / cost.sdk for cost in costs]
        missed |= min(ratios) > BUDGET
        sdk, ours = median(cost.sdk for cost in costs), median(cost.ours for cost in costs)
        spread = f"x {median(ratios):.2f} (min {min(ratios):.2f})"
        units = f"write units {costs[0].units:.2f}, with indexes {costs[0].all_units:.2f}"
        print(f"{name:16} SDK {sdk:4.0f} µs a record   ours {ours:3.0f} µs   {spread}   {units}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
