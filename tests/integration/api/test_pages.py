"""Pages over shards, on every DynamoDB: complete, in order, each item once, and no dearer than what they show."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest

from peoplefeed.dynamo.batches import put_many
from peoplefeed.dynamo.keys import ALL_SHARDS, shard
from peoplefeed.dynamo.pages import LAST, Listing, Place, in_all_shards, merged_page, shard_of
from peoplefeed.dynamo.writes import Put
from tests.worlds.databases import Database, memory

PREFIX = "T#acme#L#0000000001"


class Reads:
    """A client that counts what it reads."""

    def __init__(self, client: Any) -> None:
        self._client, self._lock = client, threading.Lock()
        self.items = self.requests = 0

    def query(self, **request: Any) -> Any:
        answer = self._client.query(**request)
        with self._lock:
            self.items += answer["ScannedCount"]
            self.requests += 1
        return answer


def fill(database: Database, items: Sequence[tuple[str, str]]) -> None:
    put_many(database.client, [Put(database.feed_log, key, {"open_pk": key[0], "seen_sk": key[1]}) for key in items])


def spread(number: int) -> list[tuple[str, str]]:
    return [(f"{PREFIX}#{shard(str(index))}", f"created#{index:08d}#00") for index in range(number)]


def listing(database: Database, **more: Any) -> Listing:
    return Listing(database.feed_log, in_all_shards(f"{PREFIX}#00"), **more)


def pages(client: Any, of: Listing, limit: int) -> list[list[tuple[str, str]]]:
    shown: list[list[tuple[str, str]]] = []
    after: Place | None = None
    while not shown or after:
        items, after = merged_page(client, of, limit, after)
        shown.append([(item["pk"], item["sk"]) for item in items])
    return shown


@pytest.mark.parametrize(("limit", "number"), [(1, 6), (7, 60), (50, 120), (60, 60), (1000, 60)])
@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_show_every_item_once_and_in_order(
    dynamodb: Database,
    limit: int,
    number: int,
    newest_first: bool,  # noqa: FBT001 - a case of the table
) -> None:
    fill(dynamodb, spread(number))
    shown = pages(dynamodb.client, listing(dynamodb, newest_first=newest_first), limit)
    together = [item for page in shown for item in page]
    assert together == sorted(spread(number), key=lambda key: key[1], reverse=newest_first)
    assert [len(page) for page in shown[:-1]] == [limit] * (len(shown) - 1)
    assert len(shown[-1]) > 0, "the last page is told from the others without an empty one behind it"


@pytest.mark.parametrize("newest_first", [False, True])
def test_items_with_the_same_sort_key_are_shown_once_each(dynamodb: Database, newest_first: bool) -> None:  # noqa: FBT001 - a case of the table
    keys = [(f"{PREFIX}#{name}", f"deactivated#{row:08d}#00") for name in ALL_SHARDS[:6] for row in (0, 1)]
    fill(dynamodb, keys)
    shown = pages(dynamodb.client, listing(dynamodb, newest_first=newest_first), 5)
    assert sorted(item for page in shown for item in page) == sorted(keys)


def test_an_index_is_paged_like_a_table(dynamodb: Database) -> None:
    fill(dynamodb, spread(100))
    by_time = listing(dynamodb, index="unresolved", pk="open_pk", sk="seen_sk", newest_first=True)
    shown = pages(dynamodb.client, by_time, 30)
    assert [item for page in shown for item in page] == sorted(spread(100), key=lambda key: key[1], reverse=True)


@pytest.mark.parametrize("newest_first", [False, True])
def test_bounds_are_inclusive_and_a_page_can_end_on_them(dynamodb: Database, newest_first: bool) -> None:  # noqa: FBT001 - a case of the table
    fill(dynamodb, spread(20))
    first, last = "created#00000004#00", "created#00000009#00"
    shown = pages(dynamodb.client, listing(dynamodb, low=first, high=last, newest_first=newest_first), 3)
    rows = [sk for page in shown for _, sk in page]
    assert sorted(rows) == [f"created#{row:08d}#00" for row in range(4, 10)]
    assert [len(page) for page in shown] == [3, 3]


@pytest.mark.parametrize("sk", ["a", "zzz", LAST, "created#00000012#00", "x" * 1024])
@pytest.mark.parametrize("newest_first", [False, True])
def test_a_forged_place_shows_nothing_outside_the_bounds(dynamodb: Database, sk: str, newest_first: bool) -> None:  # noqa: FBT001 - a case of the table
    fill(dynamodb, spread(20))
    of = listing(dynamodb, low="created#00000004", high="created#00000009#00", newest_first=newest_first)
    items, _ = merged_page(dynamodb.client, of, 50, Place(sk, "T#rival#00"))
    assert {item["sk"] for item in items} <= {f"created#{row:08d}#00" for row in range(4, 10)}


def test_names_beyond_ascii_are_in_one_order_here_and_there(dynamodb: Database) -> None:
    names = ["zoe", "Ähre".casefold(), "😀", "éa", "é", "\uffee", "ana", "李"]
    fill(dynamodb, [(f"{PREFIX}#{shard(name)}", f"{name}#x") for name in names])
    shown = pages(dynamodb.client, listing(dynamodb), 3)
    assert [sk.removesuffix("#x") for page in shown for _, sk in page] == sorted(names)


@pytest.fixture(scope="module")
def logs() -> Iterator[dict[int, Database]]:
    """Two logs, one ten times as long as the other."""
    with memory() as short, memory() as long:
        fill(short, spread(1_000))
        fill(long, spread(10_000))
        yield {1_000: short, 10_000: long}


@pytest.mark.parametrize("limit", [10, 50, 200])
def test_7_3_a_page_reads_as_much_at_10000_entries_as_at_1000(logs: dict[int, Database], limit: int) -> None:
    reads = {}
    for number, database in logs.items():
        client = Reads(database.client)
        first, after = merged_page(cast("Any", client), listing(database), limit)
        second, _ = merged_page(cast("Any", client), listing(database), limit, after)
        assert len(first) == len(second) == limit
        reads[number] = client.items
    assert reads[10_000] <= 1.2 * reads[1_000]
    assert reads[10_000] <= 2 * (3 * limit + 3 * len(ALL_SHARDS)), "two pages: what they show, and what lies next to it"


def test_one_partition_is_read_with_one_request() -> None:
    with memory() as database:
        fill(database, spread(1_000))
        client = Reads(database.client)
        items, _ = merged_page(cast("Any", client), Listing(database.feed_log, [f"{PREFIX}#07"]), 10)
        assert (len(items), client.items, client.requests) == (10, 11, 1)


def test_the_shard_ends_a_partition_key_whatever_stands_before() -> None:
    assert shard_of("T#acme#S#a#b") == "b"
    assert in_all_shards("T#acme#Q#07")[:2] == ["T#acme#Q#00", "T#acme#Q#01"]
