"""Pages over what is spread across shards: each page costs what it shows (7.3)."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

from peoplefeed.dynamo.marshal import Value, from_item, to_value
from peoplefeed.dynamo.writes import names_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PARALLEL = 8


@dataclass(frozen=True, slots=True)
class Listing:
    """What to page through: the same key range in several partitions of a table or an index.

    `prefix` restricts the sort key; `low` and `high` bound it (inclusive; a page goes on behind its last
    key by moving one of them).
    """

    table: str
    partitions: Sequence[str]
    pk: str = "pk"
    sk: str = "sk"
    index: str | None = None
    low: str = " "
    high: str = "\U0010ffff"
    newest_first: bool = False


def merged_page(
    dynamodb: DynamoDBClient, listing: Listing, limit: int, after: str | None = None
) -> tuple[list[dict[str, Any]], str | None]:
    """Return the next `limit` items over all partitions in the order of their sort keys, and where to go on.

    `after` is the sort key of the last item shown. Each partition is asked for its share of the page, and
    again only if the page uses the share up. The second value is None on the last page.
    """
    shares = _Shares(dynamodb, listing, after, share=max(2, 2 * limit // len(listing.partitions)))
    items: list[dict[str, Any]] = []
    for item in shares.merged():
        if len(items) == limit:
            return items, cast("str", items[-1][listing.sk])
        items.append(item)
    return items, None


class _Shares:
    """The partitions' streams, read a share at a time."""

    def __init__(self, dynamodb: DynamoDBClient, listing: Listing, after: str | None, share: int) -> None:
        self._dynamodb, self._listing, self._share = dynamodb, listing, share
        self._low = listing.low if listing.newest_first or after is None else after + "\x00"
        self._high, self._exclude = listing.high, after if listing.newest_first else None
        if listing.newest_first and after is not None:
            self._high = after

    def merged(self) -> Any:  # noqa: ANN401 - an iterator of items
        with ThreadPoolExecutor(_PARALLEL) as pool:
            first = list(pool.map(lambda pk: self._read(pk, None), self._listing.partitions))
        streams = [self._stream(pk, *page) for pk, page in zip(self._listing.partitions, first, strict=True)]
        order = itemgetter(self._listing.sk)
        return heapq.merge(*streams, key=order, reverse=self._listing.newest_first)

    def _stream(self, pk: str, items: list[dict[str, Any]], start: Mapping[str, Any] | None) -> Any:  # noqa: ANN401
        while True:
            yield from (item for item in items if item[self._listing.sk] != self._exclude)
            if start is None:
                return
            items, start = self._read(pk, start)

    def _read(self, pk: str, start: Mapping[str, Any] | None) -> tuple[list[dict[str, Any]], Any]:
        condition = f"#{self._listing.pk} = :pk AND #{self._listing.sk} BETWEEN :low AND :high"
        values: dict[str, Value] = {"pk": pk, "low": self._low, "high": self._high}
        request: dict[str, Any] = {
            "TableName": self._listing.table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names_in(condition)[0],
            "ExpressionAttributeValues": {f":{name}": to_value(value) for name, value in values.items()},
            "ScanIndexForward": not self._listing.newest_first,
            "Limit": self._share,
        }
        if self._listing.index:
            request["IndexName"] = self._listing.index
        if start:
            request["ExclusiveStartKey"] = start
        answer = self._dynamodb.query(**cast("Any", request))
        return [from_item(item) for item in answer["Items"]], answer.get("LastEvaluatedKey")
