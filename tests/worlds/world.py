"""A whole deployment in memory: tables, bucket, queues, bus, and the functions that stand behind the queues.

    world = World()
    world.put_feed("acme", "External Identifier,First Name …")
    world.run_until_quiet()
    world.items(world.names.directory_table)

What an administrator uploads is put under `feeds/`; the bucket tells the import queue, and `step` hands messages to
the functions as Lambda does: a batch of records, deleted if they are done, there again later if they are not. A
worker that is killed leaves its batch in flight, and the next one begins without memory. Nothing really sleeps:
time is the world's clock, which goes on when all that is left is out of sight.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from peoplefeed.deployment import Deployment, Names
from peoplefeed.dynamo.marshal import from_item
from tests.worlds.clock import Clock
from tests.worlds.faults import Faults, Killed
from tests.worlds.memory_dynamodb import MemoryDynamoDB
from tests.worlds.memory_events import MemoryEvents
from tests.worlds.memory_s3 import MemoryS3
from tests.worlds.memory_secrets import MemorySecrets
from tests.worlds.memory_sqs import MemorySQS
from tests.worlds.objects import Version
from tests.worlds.queues import Queue
from tests.worlds.records import Record, notification_of, record_of
from tests.worlds.tables import create_tables

type Handler = Callable[[Deployment, Record, Clock], object]

NAMES = Names(
    directory_table="directory",
    feed_log_table="feed-log",
    feed_bucket="feeds",
    poll_queue_url="poll",
    slow_poll_queue_url="slow-poll",
    import_queue_url="import",
    upsert_queue_url="upsert",
    delivery_queue_url="delivery.fifo",
    open_tenants=True,
)
MOST_RECEIVES = 10
# As template.yaml has them: seconds out of sight, messages a batch.
_VISIBILITY = {"import": 960, "upsert": 360, "delivery.fifo": 360, "poll": 1800, "slow-poll": 1800}
_BATCH = {"delivery.fifo": 10}
_SWEEP_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Failure:
    """A record whose handling raised an exception."""

    queue: str
    record: Record
    error: Exception


class NeverQuiet(AssertionError):
    """Messages kept coming."""


class World:
    """One deployment, its clock, and the faults of its worker.

    `handlers` replace what a queue's function does. Where the world is `tolerant`, exceptions of handlers are kept
    in `failures`, as Lambda would only log them; elsewhere they fail the test. `lags` lets indexes and weak reads
    follow late. `dynamodb` may be any client whose tables are there already.
    """

    def __init__(
        self,
        *,
        names: Names = NAMES,
        handlers: Mapping[str, Handler] | None = None,
        dynamodb: Any = None,
        tolerant: bool = False,
        lags: bool = False,
    ) -> None:
        self.clock, self.faults, self.names, self.tolerant = Clock(), Faults(), names, tolerant
        self.dynamodb: Any = dynamodb or self._tables(lags=lags)
        self.sqs, self.s3 = MemorySQS(self.clock), MemoryS3(self.clock, self._notify)
        self.events, self.secrets = MemoryEvents(), MemorySecrets()
        self.failures: list[Failure] = []
        self.kills = 0
        self._feeds = 0
        self._handlers = {**_core_handlers(), **(handlers or {})}
        self._add_queues()
        self.deployment = self.worker(self.faults)

    def _tables(self, *, lags: bool) -> MemoryDynamoDB:
        dynamodb = MemoryDynamoDB(self.clock, lags=lags)
        create_tables(dynamodb, self.names.directory_table, self.names.feed_log_table)
        return dynamodb

    def _add_queues(self) -> None:
        for name, seconds in _VISIBILITY.items():
            fifo = name.endswith(".fifo")
            dead_letters = self.sqs.add(Queue(f"dead-{name}", fifo=fifo))
            self.sqs.add(Queue(name, fifo, seconds, MOST_RECEIVES, dead_letters))

    def _notify(self, version: Version) -> None:
        if version.key.startswith("feeds/"):
            body = json.dumps(notification_of(version))
            self.sqs.send_message(QueueUrl=self.names.import_queue_url, MessageBody=body)

    def fork(self) -> World:
        """Return a world that begins where this one is, and goes its own way. Its worker's calls count from 1."""
        twin = copy(self)
        twin.clock, twin.faults = Clock(self.clock()), Faults()
        twin.dynamodb = self.dynamodb.fork(twin.clock)
        twin.sqs, twin.s3 = self.sqs.fork(twin.clock), self.s3.fork(twin.clock, twin._notify)
        twin.events, twin.secrets = self.events.fork(), MemorySecrets(**self.secrets.secrets)
        twin.failures, twin.kills = [], 0
        twin.deployment = twin.worker(twin.faults)
        return twin

    # Workers.

    def worker(self, faults: Faults) -> Deployment:
        """Return the deployment as a new worker sees it, who suffers these faults."""
        services = {
            "dynamodb": self.dynamodb,
            "s3": self.s3,
            "sqs": self.sqs,
            "events": self.events,
            "secretsmanager": self.secrets,
        }
        return Deployment(self.names, lambda service: faults.around(service, services[service]))

    def as_worker[T](self, do: Callable[[Deployment], T]) -> T | None:
        """Let the worker do something; None if it is killed over it."""
        try:
            with self.clock.instead_of_sleeping():
                return do(self.deployment)
        except Killed:
            self.kills += 1
            self.faults.revive()
            self.deployment = self.worker(self.faults)
            return None

    # What comes in.

    def put_feed(
        self,
        tenant: str,
        content: str | bytes,
        *,
        source: str = "upload",
        kind: str = "employees",
        mode: str = "changes",
        name: str = "",
        **metadata: str,
    ) -> str:
        """Put a feed object as an administrator or a poll does; return its key. `age` and the like are metadata."""
        self._feeds += 1
        key = f"feeds/{tenant}/{source}/{kind}/{mode}/{name or f'{self._feeds:04d}.csv'}"
        described = {name.replace("_", "-"): value for name, value in metadata.items()}
        self.s3.put_object(Bucket=self.names.feed_bucket, Key=key, Body=content, Metadata=described)
        return key

    # The functions behind the queues.

    def waiting(self) -> list[str]:
        """Return the queues that have something to receive."""
        return [name for name in _VISIBILITY if self.sqs.queues[name].available(self.clock())]

    def receive(self, queue: str) -> list[Record]:
        """Take a batch from a queue, as Lambda does for a function."""
        most = _BATCH.get(queue, 1)
        answer = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=most)
        return [record_of(queue, message) for message in answer.get("Messages", ())]

    def work_off(self, queue: str, records: list[Record], deployment: Deployment) -> None:
        """Hand a batch to a function, and delete what it did. Raises `Killed` if the worker was."""
        done: list[Record] = []
        broken: set[str | None] = set()  # groups of a FIFO queue of which a record failed: the rest must wait
        for record in records:
            group = record["attributes"].get("MessageGroupId")
            if group in broken:
                continue
            try:
                self._handlers[queue](deployment, record, self.clock)
            except Exception as error:
                self.failures.append(Failure(queue, record, error))
                if not self.tolerant:
                    raise
                broken |= {group} if self.sqs.queues[queue].fifo else set()
            else:
                done.append(record)
        for record in done:
            self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=record["receiptHandle"])

    def step(self, queue: str | None = None) -> bool:
        """Let a function work off one batch, of the first queue that has any; False if there is nothing to do."""
        name = queue or next(iter(self.waiting()), None)
        if name is None or name not in self.waiting():
            return False
        records = self.receive(name)
        self.as_worker(lambda deployment: self.work_off(name, records, deployment))
        return True

    def run_until_quiet(self, most: int = 100_000) -> int:
        """Work everything off, also what comes back later; return how many batches that were."""
        for steps in range(most):
            if self.step():
                continue
            comes_back = self.sqs.next_visible()
            if comes_back is None:
                return steps
            self.clock.until(comes_back)
        raise NeverQuiet(f"after {most} batches there are still messages in {self.waiting()}")

    def sweep(self) -> None:
        """Let five minutes pass and the schedule do its work."""
        self.clock.forward(minutes=_SWEEP_MINUTES)
        if isinstance(self.dynamodb, MemoryDynamoDB):
            self.dynamodb.settle()
        self.as_worker(lambda deployment: _schedule(deployment, self.clock))

    def settle(self, most: int = 50) -> None:
        """Work everything off and sweep until a sweep finds nothing that was left behind."""
        for _ in range(most):
            self.run_until_quiet()
            self.sweep()
            if not self.waiting():
                return
        raise NeverQuiet(f"after {most} sweeps there are still messages in {self.waiting()}")

    # What a test looks at.

    def items(self, table: str) -> list[dict[str, Any]]:
        """Return all items of a table in the order of their keys, as Python values."""
        if isinstance(self.dynamodb, MemoryDynamoDB):
            return [from_item(item) for item in self.dynamodb.items(table)]
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        found = [from_item(item) for page in pages for item in page["Items"]]
        return sorted(found, key=lambda item: (item["pk"], item["sk"]))

    def dead_letters(self) -> list[str]:
        """Return what came too often, of all queues."""
        return [body for name in _VISIBILITY for body in self.sqs.bodies(f"dead-{name}")]


def _core_handlers() -> dict[str, Handler]:
    from tests.worlds import handlers

    return {
        "import": handlers.import_batch,
        "upsert": handlers.upsert_record,
        "delivery.fifo": handlers.deliver_employee,
        "poll": handlers.poll,
        "slow-poll": handlers.poll_slowly,
    }


def _schedule(deployment: Deployment, clock: Clock) -> None:
    from tests.worlds.handlers import schedule

    schedule(deployment, clock)
