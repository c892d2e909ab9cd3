"""What each queue's function does with one record: what `functions/*/app.py` do, with a clock and a deployment."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from peoplefeed import retries
from peoplefeed.deployment import Deployment
from peoplefeed.learning_platform.delivery import handle
from peoplefeed.learning_platform.errand import Errand
from peoplefeed.learning_platform.outbox import sweep_outbox
from peoplefeed.runs.apply import handle_chunk
from peoplefeed.runs.messages import handle_import
from peoplefeed.runs.retry import enqueue_retries
from peoplefeed.runs.sweep import sweep_line
from peoplefeed.sources.connection import Safety
from peoplefeed.sources.fetching import Poll
from peoplefeed.sources.lanes import QUICK_SECONDS
from peoplefeed.sources.polling import poll_source
from peoplefeed.sources.schedule import enqueue_due
from peoplefeed.storage.outbox import parse_message
from tests.worlds.records import Record

type Clock = Callable[[], datetime]
type Handler = Callable[[Deployment, Record, Clock], object]

_SECONDS = 50.0


def import_batch(deployment: Deployment, record: Record, clock: Clock) -> None:
    wrapped = SQSRecord(record)
    with retries.sooner(deployment, deployment.names.import_queue_url, wrapped):
        handle_import(deployment, json.loads(wrapped.body), clock(), wrapped.message_id)


def upsert_record(deployment: Deployment, record: Record, clock: Clock) -> None:
    wrapped = SQSRecord(record)
    received = int(wrapped.attributes.approximate_receive_count)
    with retries.sooner(deployment, deployment.names.upsert_queue_url, wrapped):
        handle_chunk(deployment, json.loads(wrapped.body), clock(), received)


def deliver_employee(deployment: Deployment, record: Record, clock: Clock) -> None:
    received = int(SQSRecord(record).attributes.approximate_receive_count)
    handle(Errand(deployment, clock, time.monotonic() + _SECONDS), parse_message(record["body"], received))


def poll(deployment: Deployment, record: Record, clock: Clock) -> None:
    _poll(deployment, record, clock, Safety(local=True, seconds=QUICK_SECONDS), quick=True)


def poll_slowly(deployment: Deployment, record: Record, clock: Clock) -> None:
    _poll(deployment, record, clock, Safety(local=True, seconds=_SECONDS), quick=False)


def _poll(deployment: Deployment, record: Record, clock: Clock, safety: Safety, *, quick: bool) -> None:
    wanted = json.loads(record["body"])
    asked = Poll(clock(), record["messageId"], safety, wanted.get("due"), wanted.get("resume"), quick)
    poll_source(deployment, wanted["tenant"], wanted["source"], asked)


def schedule(deployment: Deployment, clock: Clock) -> None:
    """Do the work of the five-minute schedule."""
    for work in (enqueue_due, enqueue_retries, sweep_line, sweep_outbox):
        work(deployment, clock())
