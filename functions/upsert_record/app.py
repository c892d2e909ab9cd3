"""Apply the chunks of plans, record by record."""

import json
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from peoplefeed import retries, telemetry
from peoplefeed.deployment import here, ready
from peoplefeed.runs.apply import apply_chunk

ready("dynamodb", "s3", "sqs")
_processor = BatchProcessor(event_type=EventType.SQS)


def _take(record: SQSRecord) -> None:
    chunk, received = json.loads(record.body), int(record.attributes.approximate_receive_count)
    which = chunk["tenant"], chunk["run"], chunk["chunk"]
    with retries.sooner(here(), here().names.upsert_queue_url, record):
        apply_chunk(here(), *which, now=datetime.now(UTC), receive_count=received)


@telemetry.logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> object:
    """Take chunk messages from the upsert queue."""
    return process_partial_response(event, _take, _processor, context)
