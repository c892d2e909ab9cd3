"""A worker in a process of its own: a real database, and queues and a bucket at the other end of a pipe."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from unittest.mock import patch

from peoplefeed import retries
from peoplefeed.deployment import Deployment, Names
from peoplefeed.storage import plans
from tests.campaign.quiet import NEVER, giving_up_at, quietly
from tests.campaign.wire import Remote, ask
from tests.worlds import dynamodb_local, handlers
from tests.worlds.records import record_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where workers work. `behind` is by how much the world's clock is behind this machine's."""

    endpoint: str
    names: Names
    behind: timedelta
    chunk_groups: int

    def now(self) -> datetime:
        return datetime.now().astimezone() - self.behind


def work(place: Place, pipe: Connection) -> None:
    """Take messages and work them off, until killed."""
    retries._FIRST_SECONDS = 0
    client = dynamodb_local.client(place.endpoint)
    services = {
        "dynamodb": client,
        "sqs": Remote("sqs", pipe),
        "s3": Remote("s3", pipe),
        "events": Remote("events", pipe),
    }
    deployment = Deployment(place.names, services.__getitem__)
    do = {"import": handlers.import_batch, "upsert": handlers.upsert_record}
    with quietly(), giving_up_at(NEVER), patch.object(plans, "CHUNK_GROUPS", place.chunk_groups):
        while True:
            for queue, handler in do.items():
                _work_off(deployment, queue, partial(handler, deployment, clock=place.now), pipe)


def _work_off(deployment: Deployment, queue: str, handle: Callable[..., None], pipe: Connection) -> None:
    answer = ask(pipe, "sqs", "receive_message", {"QueueUrl": queue})
    if "Messages" not in answer:
        time.sleep(0.005)
        return
    for message in answer["Messages"]:
        with suppress(Exception):  # as Lambda does: the message comes back
            handle(record=record_of(queue, message))
            deployment.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
