"""Reading: single items, many items, whole partitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import batched
from typing import TYPE_CHECKING, Any, cast

from peoplefeed.dynamo.keys import Key
from peoplefeed.dynamo.marshal import Value, from_item, key_item, to_value
from peoplefeed.dynamo.retries import pauses
from peoplefeed.dynamo.writes import names_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BATCH = 100
_MORE_EXPRESSIONS = ("FilterExpression", "ProjectionExpression")


def get(dynamodb: DynamoDBClient, table: str, key: Key) -> dict[str, Any] | None:
    """Return one item as it is now, None where there is none."""
    found = dynamodb.get_item(TableName=table, Key=key_item(key), ConsistentRead=True).get("Item")
    return from_item(found) if found else None


def get_many(dynamodb: DynamoDBClient, table: str, keys: Iterable[Key]) -> Iterator[dict[str, Any]]:
    """Yield the items that exist among `keys`, in no order, each as it is now; 100 a request."""
    for some in batched(dict.fromkeys(keys), _BATCH, strict=False):
        request: Any = {table: {"Keys": [key_item(key) for key in some], "ConsistentRead": True}}
        for _ in pauses():
            answer = dynamodb.batch_get_item(RequestItems=request)
            yield from map(from_item, answer["Responses"].get(table, ()))
            request = answer.get("UnprocessedKeys")
            if not request:
                break


def query(
    dynamodb: DynamoDBClient,
    table: str,
    condition: str,
    values: Mapping[str, Value],
    **options: object,
) -> Iterator[dict[str, Any]]:
    """Yield the items of one partition that meet a key condition, page after page.

    `condition` uses `#name` and `:value`; `options` are Query's own (IndexName, ScanIndexForward, Limit …).
    """
    names, used = names_in(" ".join([condition, *(str(options.get(more, "")) for more in _MORE_EXPRESSIONS)]))
    request: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {f":{name}": to_value(values[name]) for name in used},
        **options,
    }
    while True:
        answer = dynamodb.query(**cast("Any", request))
        yield from map(from_item, answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
