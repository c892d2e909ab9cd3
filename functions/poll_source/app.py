"""Polls HR systems; every five minutes finds those that are due, and sends again what was left behind."""

import os
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from peoplefeed import telemetry
from peoplefeed.deployment import here, ready
from peoplefeed.learning_platform.outbox import sweep_outbox
from peoplefeed.runs.retry import enqueue_retries
from peoplefeed.runs.sweep import sweep_line
from peoplefeed.sources.connection import Safety
from peoplefeed.sources.fetching import Poll, Polled
from peoplefeed.sources.lanes import QUICK_SECONDS, LeftToSlowLane
from peoplefeed.sources.polling import Failed, NotPolled, Outcome, Suspended, poll_source
from peoplefeed.sources.schedule import enqueue_due

_SPARE_SECONDS = 30  # to put down how a poll ended that took all the time there was

ready("dynamodb", "sqs")
logger = Logger()
metrics = Metrics()
processor = BatchProcessor(event_type=EventType.SQS)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:  # noqa: ANN401 - what each trigger expects
    """Poll the sources that the queue names, or do the schedule's work."""
    if "Records" in event:
        return process_partial_response(event=event, record_handler=_poll, processor=processor, context=context)
    return _sweep(datetime.now(UTC))


def _poll(record: SQSRecord, lambda_context: LambdaContext) -> None:
    wanted = record.json_body
    seconds = lambda_context.get_remaining_time_in_millis() / 1000 - _SPARE_SECONDS
    quick = not _is_of(record, here().names.slow_poll_queue_url)
    local, hosts = os.environ.get("LOCAL_SOURCES") == "true", here().names.source_hosts
    safety = Safety(local=local, seconds=min(seconds, QUICK_SECONDS) if quick else seconds, hosts=hosts)
    poll = Poll(datetime.now(UTC), record.message_id, safety, wanted.get("due"), wanted.get("resume"), quick)
    where = {"tenant": wanted["tenant"], "source": wanted["source"], "message_id": record.message_id}
    try:
        outcome = poll_source(here(), wanted["tenant"], wanted["source"], poll)
    except Exception as error:
        metrics.add_metric("PollsBroken", MetricUnit.Count, 1)
        telemetry.fault("poll broken", error, where)
        raise
    _report(outcome, where)


def _is_of(record: SQSRecord, queue_url: str) -> bool:
    """Whether a message came from a queue: its URL and its ARN end with its name."""
    return record.event_source_arn.rpartition(":")[2] == queue_url.rpartition("/")[2]


def _report(outcome: Outcome, where: dict[str, str]) -> None:
    match outcome:
        case Polled(records=records, key=key, unchanged=unchanged):
            metrics.add_metric("SourcesPolled", MetricUnit.Count, 1)
            metrics.add_metric("RecordsFetched", MetricUnit.Count, records)
            logger.info("polled", extra=where | {"records": records, "key": key, "unchanged": unchanged})
        case Suspended(records=records):
            metrics.add_metric("PollsSuspended", MetricUnit.Count, 1)
            logger.info("poll goes on in the next invocation", extra=where | {"records": records})
        case LeftToSlowLane(reason=reason):
            metrics.add_metric("PollsLeftToSlowLane", MetricUnit.Count, 1)
            logger.info("poll goes on in the slow lane", extra=where | {"reason": reason})
        case NotPolled(reason=reason):
            metrics.add_metric("SourcesNotPolled", MetricUnit.Count, 1)
            logger.info("not polled", extra=where | {"reason": reason})
        case Failed(code=code, message=message):
            metrics.add_metric("SourceTroubles", MetricUnit.Count, 1)
            logger.warning("source in trouble", extra=where | {"code": code, "reason": message})


def _sweep(now: datetime) -> dict[str, str]:
    """Do all of the schedule's work, whichever part of it fails."""
    done: dict[str, str] = {}
    errors: list[Exception] = []
    for work in (enqueue_due, enqueue_retries, sweep_line, sweep_outbox):
        try:
            done[work.__name__] = str(work(here(), now))
        except Exception as error:
            logger.exception("a part of the sweep failed", extra={"part": work.__name__})
            errors.append(error)  # raised below, when the other parts are done
    metrics.add_metric("SweepErrors", MetricUnit.Count, len(errors))
    if errors:
        raise ExceptionGroup("the sweep is incomplete", errors)
    metrics.add_metric("SweepCompleted", MetricUnit.Count, 1)
    logger.info("swept", extra=done)
    return done
