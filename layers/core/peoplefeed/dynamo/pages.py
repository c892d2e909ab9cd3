"""Pages over what is spread across shards: each page costs what it shows (7.3)."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from math import isqrt
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from peoplefeed.dynamo.keys import ALL_SHARDS
from peoplefeed.dynamo.marshal import Value, from_item, to_value
from peoplefeed.dynamo.writes import names_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type Found = dict[str, Any]

FIRST, LAST = " ", "\U0010ffff"
"""Before and behind every sort key: DynamoDB orders by UTF-8 bytes, which is the order of code points."""

_PARALLEL = 8


class Place(NamedTuple):
    """Where an item stands among those of a listing: by its sort key, then by its partition's shard.

    That is all a reader has to remember to go on behind the item. It names no partition: those are made from the
    listing, so that nobody's cursor leads into another tenant.
    """

    sk: str
    shard: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What to page through: the same range of sort keys in several partitions of a table or an index.

    `low` and `high` bound the sort key, both inclusive. Tables are read as they are now; indexes may lag a little.
    """

    table: str
    partitions: Sequence[str]
    pk: str = "pk"
    sk: str = "sk"
    index: str | None = None
    low: str = FIRST
    high: str = LAST
    newest_first: bool = False

    def place_of(self, item: Mapping[str, Any]) -> Place:
        """Return where an item of the listing stands."""
        return Place(item[self.sk], shard_of(item[self.pk]))


def shard_of(pk: str) -> str:
    """Return the shard that ends a partition key."""
    return pk.rsplit("#", 1)[-1]


def in_all_shards(pk: str) -> list[str]:
    """Return the partition keys of all shards, given that of any one."""
    kind = pk.rsplit("#", 1)[0]
    return [f"{kind}#{shard}" for shard in ALL_SHARDS]


def merged_page(
    dynamodb: DynamoDBClient, listing: Listing, limit: int, after: Place | None = None
) -> tuple[list[Found], Place | None]:
    """Return the next `limit` items over all partitions in the order of their sort keys, and where to go on.

    `after` is the place of the last item shown. The second value is None on the last page.
    """
    items = list(islice(merged(dynamodb, listing, limit, after), limit + 1))
    if len(items) <= limit:
        return items, None
    return items[:limit], listing.place_of(items[limit - 1])


def merged(dynamodb: DynamoDBClient, listing: Listing, expected: int, after: Place | None = None) -> Iterator[Found]:
    """Yield the items over all partitions in the order of their sort keys, beginning behind `after`.

    Each partition is asked for its share of the `expected` items, and again only when its share is used up.
    """
    partitions = sorted(listing.partitions, key=shard_of)
    share = _share(expected + 1, len(partitions))
    ranges = [_Range.behind(listing, pk, after) for pk in partitions]
    firsts = _first_answers(dynamodb, listing, [of for of in ranges if of], share)
    streams = [_stream(dynamodb, listing, of, share, first) for of, first in firsts]
    return heapq.merge(*streams, key=itemgetter(listing.sk), reverse=listing.newest_first)


def _share(expected: int, partitions: int) -> int:
    """Return how much to ask of each partition: its mean and two standard deviations, so that few are asked twice."""
    if partitions <= 1:
        return expected
    mean = -(-expected // partitions)
    return min(expected, mean + 2 * isqrt(mean))


@dataclass(frozen=True, slots=True)
class _Range:
    """What is left of one partition. The item at `seen` has been shown already."""

    pk: str
    low: str
    high: str
    seen: str | None

    @staticmethod
    def behind(listing: Listing, pk: str, after: Place | None) -> _Range | None:
        """Return what is left of a partition behind a place, None if nothing can be.

        Items of equal sort keys are in the order of their shards, so those of the later shards are still to come.
        """
        low, high, seen = listing.low, listing.high, None
        if after is not None:
            low, high = (low, min(high, after.sk)) if listing.newest_first else (max(low, after.sk), high)
            seen = after.sk if shard_of(pk) <= after.shard else None
        if low > high or low == high == seen:
            return None
        return _Range(pk, low, high, seen)


type _Answer = tuple[list[Found], Mapping[str, Any] | None]


def _first_answers(
    dynamodb: DynamoDBClient, listing: Listing, ranges: list[_Range], share: int
) -> list[tuple[_Range, _Answer]]:
    """Ask all partitions at once."""
    if len(ranges) <= 1:
        return [(of, _read(dynamodb, listing, of, share, None)) for of in ranges]
    with ThreadPoolExecutor(_PARALLEL) as pool:
        answers = pool.map(lambda of: _read(dynamodb, listing, of, share, None), ranges)
        return list(zip(ranges, answers, strict=True))


def _stream(dynamodb: DynamoDBClient, listing: Listing, of: _Range, share: int, first: _Answer) -> Iterator[Found]:
    items, start = first
    while True:
        yield from (item for item in items if item[listing.sk] != of.seen)
        if start is None:
            return
        items, start = _read(dynamodb, listing, of, share, start)


def _read(
    dynamodb: DynamoDBClient, listing: Listing, of: _Range, share: int, start: Mapping[str, Any] | None
) -> _Answer:
    condition = f"#{listing.pk} = :pk AND #{listing.sk} BETWEEN :low AND :high"
    values: dict[str, Value] = {"pk": of.pk, "low": of.low, "high": of.high}
    request: dict[str, Any] = {
        "TableName": listing.table,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names_in(condition)[0],
        "ExpressionAttributeValues": {f":{name}": to_value(value) for name, value in values.items()},
        "ScanIndexForward": not listing.newest_first,
        "Limit": share,
        "ConsistentRead": listing.index is None,
    }
    if listing.index:
        request["IndexName"] = listing.index
    if start:
        request["ExclusiveStartKey"] = start
    answer = dynamodb.query(**cast("Any", request))
    return [from_item(item) for item in answer["Items"]], answer.get("LastEvaluatedKey")
