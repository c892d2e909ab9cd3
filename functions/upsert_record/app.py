"""Apply the chunks of plans, record by record."""

import json
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from peoplefeed import retries, telemetry
from peoplefeed.deployment import here, ready
from peoplefeed.runs.apply import handle_chunk

ready("dynamodb", "s3", "sqs")
_processor = BatchProcessor(event_type=EventType.SQS)


def _take(record: SQSRecord) -> None:
    received = int(record.attributes.approximate_receive_count)
    with retries.sooner(here(), here().names.upsert_queue_url, record):
        handle_chunk(here(), json.loads(record.body), datetime.now(UTC), received)


@telemetry.logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> object:
    """Take chunk messages from the upsert queue."""
    return process_partial_response(event, _take, _processor, context)
