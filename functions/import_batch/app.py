"""Uploads, polls and wake-ups: give the feed its number, and plan the one whose turn it is."""

import json
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from peoplefeed import retries, telemetry
from peoplefeed.deployment import here, ready
from peoplefeed.runs.messages import handle_import

ready("dynamodb", "s3", "sqs")
_processor = BatchProcessor(event_type=EventType.SQS)


def _take(record: SQSRecord) -> None:
    with retries.sooner(here(), here().names.import_queue_url, record):
        handle_import(here(), json.loads(record.body), datetime.now(UTC), record.message_id)


@telemetry.logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> object:
    """Take S3's notifications and wake-ups from the import queue."""
    return process_partial_response(event, _take, _processor, context)
