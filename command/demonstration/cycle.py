"""One poll of the HR system, from the message that asks for it to the last person on the learning platform."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

from command.api import Item
from command.connection import Connection
from command.demonstration.figures import Figures, figures
from command.documents import is_over
from command.errors import CommandError
from command.local.stack import Stack
from peoplefeed.dynamo import keys
from peoplefeed.model import Purpose, RunState

PATIENCE = 120.0

_PAUSE = 0.5  # what asks too often slows down what it waits for
_QUEUED = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")

type Say = Callable[[str], None]


def poll(connection: Connection, stack: Stack, source: str, say: Say) -> Figures:
    """Ask for a poll, wait until its feed is applied and everybody delivered, and return the figures."""
    before = _last_run(connection)
    message = json.dumps({"tenant": connection.tenant, "source": source})
    connection.place.client("sqs").send_message(QueueUrl=stack.queues["poll"], MessageBody=message)
    run = _finished(connection, source, before, say)
    _delivered(connection, stack, say)
    return figures(run, list(connection.api.every("log", run=run["number"])))


def come_to_rest(connection: Connection) -> list[Item]:
    """Wait until no feed waits, and return the runs that followed from others (4.7)."""
    for _ in _tries(f"Feeds still wait after {PATIENCE:.0f} s."):
        if not connection.api.get("/health")["line"]["waiting"]:
            break
    return [run for run in connection.api.every("runs", all="true") if run["purpose"] == Purpose.RETRY]


def _last_run(connection: Connection) -> int:
    return next((int(run["number"]) for run in connection.api.every("runs", all="true", limit=1)), 0)


def _finished(connection: Connection, source: str, before: int, say: Say) -> Item:
    run: Item | None = None
    for _ in _tries(f"The HR system's feed was not applied within {PATIENCE:.0f} s."):
        run = _new_run(connection, source, before)
        say(f"run {run['number']} is {run['state']}" if run else "the HR system is being asked for its people")
        if run and is_over(run):
            break
    if run is None or run["state"] != RunState.FINISHED:
        raise CommandError(f"The HR system's feed was not applied: {run}")
    return run


def _new_run(connection: Connection, source: str, before: int) -> Item | None:
    recent = connection.api.every("runs", all="true", limit=5)
    return next((run for run in recent if run["number"] > before and run["source"] == source), None)


def _delivered(connection: Connection, stack: Stack, say: Say) -> None:
    """Wait until nobody is on the way. The queue is cheap to ask; the outbox, which knows for certain, is not."""
    for _ in _tries(f"Not everybody reached the learning platform within {PATIENCE:.0f} s."):
        waiting = _queued(connection, stack) or _in_outbox(connection)
        if not waiting:
            return
        say(f"{waiting} people are on their way to the learning platform")


def _queued(connection: Connection, stack: Stack) -> int:
    asked = {"QueueUrl": stack.queues["delivery"], "AttributeNames": list(_QUEUED)}
    attributes = connection.place.client("sqs").get_queue_attributes(**asked)["Attributes"]
    return sum(int(attributes[name]) for name in _QUEUED)


def _in_outbox(connection: Connection) -> int:
    pages = connection.place.client("dynamodb").get_paginator("scan")
    outbox = {"TableName": connection.place.directory_table, "IndexName": keys.OUTBOX_INDEX}
    return sum(int(page["Count"]) for page in pages.paginate(**outbox, Select="COUNT"))


def _tries(complaint: str) -> Iterator[None]:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        yield
        time.sleep(_PAUSE)
    raise CommandError(complaint)
