"""Brings employees to the learning platform, one message for each change of one."""

import time
from collections import Counter
from datetime import UTC, datetime
from traceback import format_tb
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from peoplefeed.deployment import here, ready
from peoplefeed.learning_platform.batch import QueueRecord, Verdicts, deliver_batch
from peoplefeed.learning_platform.errand import Errand
from peoplefeed.learning_platform.verdicts import Delivered, NotWanted, Postponed, Waits

_SECONDS_TO_TIDY_UP = 15

ready("dynamodb")
logger = Logger()
metrics = Metrics()


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Deliver a batch; what failed by a fault of ours, or waits for its turn, comes again, and its group after it."""
    verdicts = deliver_batch(_errand(context), [_record(record) for record in event["Records"]])
    _tell_operators(verdicts)

    def verdict_of(record: SQSRecord) -> None:
        verdict = verdicts[record.message_id]
        if isinstance(verdict, Exception):
            raise verdict
        if isinstance(verdict, Waits):
            raise _NotDone

    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    processor.raise_on_entire_batch_failure = False
    return process_partial_response(event, verdict_of, processor, context)


class _NotDone(Exception):
    """The message is to come back."""


def _errand(context: LambdaContext) -> Errand:
    seconds = context.get_remaining_time_in_millis() / 1000 - _SECONDS_TO_TIDY_UP
    return Errand(here(), lambda: datetime.now(UTC), time.monotonic() + seconds)


def _record(record: dict[str, Any]) -> QueueRecord:
    found = record["attributes"]
    received = int(found.get("ApproximateReceiveCount", 1))
    return QueueRecord(record["messageId"], found["MessageGroupId"], record["body"], received, record["receiptHandle"])


def _tell_operators(verdicts: Verdicts) -> None:
    """Count without naming anyone: what customers must know is in the feed log (7.5)."""
    counts = Counter(type(verdict).__name__ for verdict in verdicts.values())
    metrics.add_metric("Delivered", MetricUnit.Count, counts[Delivered.__name__])
    metrics.add_metric("Postponed", MetricUnit.Count, counts[Postponed.__name__])
    metrics.add_metric("NotWanted", MetricUnit.Count, counts[NotWanted.__name__])
    for verdict in verdicts.values():
        match verdict:
            case Delivered(lag) if lag:
                name = "ExcusedLagSeconds" if lag.excused else "LagSeconds"
                metrics.add_metric(name, MetricUnit.Seconds, lag.seconds)
            case Postponed(hold_up) if hold_up.is_ours:
                metrics.add_metric("PlatformMisconfigured", MetricUnit.Count, 1)
        if isinstance(verdict, Exception):
            where = format_tb(verdict.__traceback__)[-3:]  # without its message, which can quote a person's data
            logger.error("a delivery failed", error_type=type(verdict).__name__, where=where)
    reasons = Counter(verdict.reason for verdict in verdicts.values() if isinstance(verdict, Postponed))
    if reasons:
        logger.warning("the learning platform keeps people waiting", reasons=dict(reasons))
