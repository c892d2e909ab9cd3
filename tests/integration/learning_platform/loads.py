"""A platform with a rate limit, a backlog, workers and sweeps for hours, on a clock that moves.

What runs is what runs in the functions: `send_changes`, `sweep_outbox`, messages of the queue, `deliver_batch`, and
requests over HTTP. Tables and queue are in memory, each worker has a deployment of its own, and each request takes a
while to arrive, one longer than the other, so that they overtake each other.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import batched, pairwise
from random import Random
from typing import Any
from unittest.mock import patch

from peoplefeed.deployment import Deployment, Names
from peoplefeed.dynamo import keys
from peoplefeed.learning_platform import batch
from peoplefeed.learning_platform.batch import QueueRecord, deliver_batch
from peoplefeed.learning_platform.connection import Answer, Connection
from peoplefeed.learning_platform.errand import Errand
from peoplefeed.learning_platform.outbox import sweep_outbox
from peoplefeed.learning_platform.trouble import HoldUp, Unavailable
from peoplefeed.learning_platform.verdicts import Waits
from peoplefeed.runs.apply import _DELIVERY_GRACE
from peoplefeed.storage.outbox import send_changes
from peoplefeed.storage.plans import CHUNK_GROUPS
from peoplefeed.times import stamp
from tests.integration.learning_platform.conftest import TENANT, Scene
from tests.integration.learning_platform.odd_platform import OddPlatform, running_odd_platform
from tests.worlds.memory_dynamodb import MemoryDynamoDB
from tests.worlds.memory_sqs import MemorySQS
from tests.worlds.queues import Queue
from tests.worlds.tables import create_tables
from tests.worlds.timeline import Pool, Timeline

NAMES = Names(directory_table="directory", feed_log_table="feed-log", delivery_queue_url="delivery.fifo")
SWEEP = 300.0
# As template.yaml has them: workers, messages a batch, seconds of a function less those that it needs to tidy up.
WORKERS, _BATCH, _SECONDS, _VISIBILITY = 5, 10, 45.0, 360
_CHUNK_SECONDS, _IDLE = 0.5, 2.0
_TRAVEL = 0.005, 0.06


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of a load.

    `fullest`: requests in the second that had most. `ahead`: how many messages there were, at most, beyond what the
    platform had had the time for by then. `apart`: seconds between two messages for one person, at least.
    """

    people: int
    accounts: int
    requests: int
    seconds: float
    fullest: int
    too_many: int
    messages: int
    ahead: int
    most_for_one: int
    apart: float | None
    waiting: int


@dataclass(slots=True)
class Load:
    """A tenant, its platform, and a clock. `slow`: seconds that an answer takes; `moments`: when it was asked."""

    odd: OddPlatform
    per_second: int
    slow: float = 0.0
    timeline: Timeline = field(default_factory=Timeline)
    people: int = 0
    moments: list[float] = field(default_factory=list)
    too_many: int = 0
    delivered_at: float = 0.0
    sqs: MemorySQS = field(init=False)
    dynamodb: MemoryDynamoDB = field(init=False)
    scene: Scene = field(init=False)
    _random: Random = field(default_factory=lambda: Random(7))  # noqa: S311 - how long requests take

    def __post_init__(self) -> None:
        self.sqs, self.dynamodb = MemorySQS(self.timeline), MemoryDynamoDB(self.timeline)
        self.sqs.add(Queue(NAMES.delivery_queue_url, fifo=True, visibility=_VISIBILITY))
        create_tables(self.dynamodb, NAMES.directory_table, NAMES.feed_log_table)
        self.scene = Scene(self.worker(), self.timeline())
        self.scene.platform(url=self.odd.url, requests_per_minute=60 * self.per_second)
        self.odd.per_second, self.odd.page = self.per_second, 200

    def worker(self) -> Deployment:
        """Return the deployment as a process sees it that has no memory yet."""
        clients: dict[str, Any] = {"dynamodb": self.dynamodb, "sqs": self.sqs}
        return Deployment(NAMES, clients.__getitem__)

    def fill(self, people: int) -> None:
        """Have so many newcomers in the outbox who are due, as a platform that was away for long leaves them."""
        self.people += people
        for number in range(people):
            self._has(number, stamp(self.timeline() - timedelta(milliseconds=people - number)))

    def apply(self, people: int) -> None:
        """Have a first load's chunks applied one after the other, and each ask for its deliveries."""
        self.people += people
        deployment = self.worker()
        for chunk in batched(range(people), CHUNK_GROUPS, strict=False):
            for number in chunk:
                self._has(number, stamp(self.timeline() + _DELIVERY_GRACE))
            send_changes(deployment, TENANT, [(f"E{number}", 1) for number in chunk], self.timeline())
            self.timeline.sleep(_CHUNK_SECONDS)

    def _has(self, number: int, due: str) -> None:
        self.scene.now = self.timeline()
        self.scene.has(f"E{number}", email=f"e{number}@x.org", first_name="Ana", last_name="Sol", due=due)

    def sweep(self, *, until: float) -> None:
        """Sweep every five minutes, as the schedule does."""
        while self.timeline.passed < until and not self.is_over:
            sweep_outbox(self.worker(), self.timeline())
            self.timeline.sleep(SWEEP)

    def go_down(self, *, at: float, seconds: float) -> None:
        """Have the platform be down for a while."""
        self.timeline.sleep(at)
        self.odd.is_down = True
        self.timeline.sleep(seconds)
        self.odd.is_down = False

    def work(self, *, until: float) -> None:
        """Deliver what the queue has, batch by batch, in one process."""
        deployment = self.worker()
        while self.timeline.passed < until and not self.is_over:
            records = self._received()
            if records:
                self._deliver(deployment, records)
            else:
                self.timeline.sleep(_IDLE)

    def _received(self) -> list[dict[str, Any]]:
        answer = self.sqs.receive_message(QueueUrl=NAMES.delivery_queue_url, MaxNumberOfMessages=_BATCH)
        return list(answer.get("Messages", ()))

    def _deliver(self, deployment: Deployment, messages: list[dict[str, Any]]) -> None:
        errand = Errand(deployment, self.timeline, self.timeline.passed + _SECONDS, self.timeline.passed)
        verdicts = deliver_batch(errand, [_record(message) for message in messages])
        for message in messages:
            verdict = verdicts[message["MessageId"]]
            if isinstance(verdict, Exception):
                raise verdict
            if not isinstance(verdict, Waits):
                self.sqs.delete_message(QueueUrl=NAMES.delivery_queue_url, ReceiptHandle=message["ReceiptHandle"])
        self.delivered_at = self.timeline.passed

    @property
    def waiting(self) -> int:
        """How many are in the outbox."""
        return len(self.dynamodb.tables[NAMES.directory_table].indexes[keys.OUTBOX_INDEX].items)

    @property
    def is_over(self) -> bool:
        """Whether everybody was delivered, and no message is left."""
        return bool(self.people) and not self.waiting and not self.sqs.queues[NAMES.delivery_queue_url].messages

    def ask(self, ask: Callable[..., Answer]) -> Callable[..., Answer]:
        """Return a connection's `ask` that takes its time, and notes when the platform was asked what."""

        def asked(*given: Any, **named: Any) -> Answer:
            self.timeline.sleep(self._random.uniform(*_TRAVEL))
            self.moments.append(self.timeline.passed)
            try:
                return ask(*given, **named)
            except Unavailable as trouble:
                self.too_many += trouble.hold_up is HoldUp.RATE_LIMIT
                raise
            finally:
                self.timeline.sleep(self.slow)

        return asked

    def run(self, *works: Callable[[], object]) -> Figures:
        """Have all of it done at once, to its end."""
        for work in works:
            self.timeline.start(work)
        self.timeline.run()
        return self.figures

    @property
    def sent(self) -> list[tuple[float, str]]:
        """When a message was sent for whom."""
        found = []
        for _, message in self.sqs.sent:
            if external_id := json.loads(message.body).get("external_id"):
                found.append(((message.sent - self.timeline.start_of_all).total_seconds(), external_id))
        return found

    @property
    def figures(self) -> Figures:
        sent = self.sent
        return Figures(
            people=self.people,
            accounts=len(self.odd.accounts),
            requests=len(self.odd.asked),
            seconds=self.delivered_at,
            fullest=_fullest(sorted(self.moments)),
            too_many=self.too_many,
            messages=len(sent),
            ahead=max((number - int(at * self.per_second) for number, (at, _) in enumerate(sent, 1)), default=0),
            most_for_one=max(Counter(external_id for _, external_id in sent).values(), default=0),
            apart=_apart(sent),
            waiting=self.waiting,
        )


def _record(message: dict[str, Any]) -> QueueRecord:
    attributes = message["Attributes"]
    received = int(attributes["ApproximateReceiveCount"])
    group, receipt = attributes["MessageGroupId"], message["ReceiptHandle"]
    return QueueRecord(message["MessageId"], group, message["Body"], received, receipt)


def _fullest(moments: list[float]) -> int:
    """Return how many requests the second had that had most, wherever it begins."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def _apart(sent: list[tuple[float, str]]) -> float | None:
    of_one: dict[str, list[float]] = {}
    for moment, external_id in sent:
        of_one.setdefault(external_id, []).append(moment)
    gaps = (later - earlier for moments in of_one.values() for earlier, later in pairwise(moments))
    return min(gaps, default=None)


@contextmanager
def a_load(per_second: int, slow: float = 0) -> Iterator[Load]:
    """Run the odd platform, and let all time be the load's."""
    with ExitStack() as stack:
        odd = stack.enter_context(running_odd_platform())
        load = Load(odd, per_second, slow)
        stack.enter_context(patch.object(Connection, "ask", load.ask(Connection.ask)))
        stack.enter_context(patch.object(batch, "ThreadPoolExecutor", Pool(load.timeline)))
        stack.enter_context(load.timeline.instead_of_time())
        yield load
