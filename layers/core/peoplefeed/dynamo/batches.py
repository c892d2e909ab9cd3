"""Writing many items that need no condition."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import batched
from typing import TYPE_CHECKING, Any

from peoplefeed.dynamo.marshal import key_item, to_item
from peoplefeed.dynamo.retries import pauses
from peoplefeed.dynamo.writes import Put

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BATCH = 25


def put_many(dynamodb: DynamoDBClient, puts: Iterable[Put]) -> None:
    """Write items as they are, 25 a request, in any order, the same however often.

    Raises:
        Contention: DynamoDB left some unprocessed for all attempts.
    """
    for some in batched(puts, _BATCH, strict=False):
        request: Any = {}
        for put in some:
            item = key_item(put.key) | to_item(put.attributes)
            request.setdefault(put.table, []).append({"PutRequest": {"Item": item}})
        for _ in pauses():
            request = dynamodb.batch_write_item(RequestItems=request).get("UnprocessedItems")
            if not request:
                break
