"""Whole listings, read to their ends: for what is counted, not paged through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

from peoplefeed.dynamo.pages import Listing
from peoplefeed.dynamo.reads import query

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type Found = dict[str, Any]

_PARALLEL = 8


def gathered(
    dynamodb: DynamoDBClient, listing: Listing, attributes: Sequence[str], most: int
) -> Iterator[tuple[list[Found], bool]]:
    """Yield what each partition holds, and whether it holds more: about `most` items are read in all.

    Partitions are read at once. Of the items only some `attributes` are fetched.
    """
    share = -(-most // len(listing.partitions))

    def read(pk: str) -> tuple[list[Found], bool]:
        found = list(islice(_partition(dynamodb, listing, pk, attributes), share + 1))
        return found[:share], len(found) > share

    with ThreadPoolExecutor(_PARALLEL) as pool:
        yield from pool.map(read, listing.partitions)


def _partition(dynamodb: DynamoDBClient, listing: Listing, pk: str, attributes: Sequence[str]) -> Iterator[Found]:
    options: dict[str, object] = {"IndexName": listing.index} if listing.index else {"ConsistentRead": True}
    return query(
        dynamodb,
        listing.table,
        f"#{listing.pk} = :pk AND #{listing.sk} BETWEEN :low AND :high",
        {"pk": pk, "low": listing.low, "high": listing.high},
        ProjectionExpression=", ".join(f"#{name}" for name in attributes),
        ScanIndexForward=not listing.newest_first,
        **options,
    )
