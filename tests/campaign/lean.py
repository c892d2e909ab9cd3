"""The tables in memory without what a campaign can do without: copies, sizes, and complaints about malformed requests.

All of these have tests of their own; here they are half of the time. What is stored, and which conditions hold, stays
as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any
from unittest.mock import patch

from tests.worlds import memory_dynamodb
from tests.worlds.dynamodb import queries, requests, writes
from tests.worlds.dynamodb.condition_parser import Condition, read_condition
from tests.worlds.dynamodb.requests import Expressions
from tests.worlds.dynamodb.tables import Key, MemoryTable
from tests.worlds.dynamodb.update_parser import read_projection, read_update
from tests.worlds.dynamodb.values import Item, Row


@contextmanager
def lean() -> Iterator[None]:
    """Leave out what costs and decides nothing."""
    with ExitStack() as stack:
        for owner, name, instead in (
            (memory_dynamodb, "give_item", _as_it_is),
            (memory_dynamodb, "take_item", _as_it_is),
            (memory_dynamodb, "read_expressions", _expressions),
            (queries, "give_item", _as_it_is),
            (queries, "take_item", _as_it_is),
            (queries, "item_size", _weightless),
            (writes, "give_item", _as_it_is),
            (writes, "take_row", Row),
            (writes, "item_size", _weightless),
            (writes, "read_expressions", _expressions),
            (MemoryTable, "check_index_keys", _unchecked),
            (MemoryTable, "key_of", _key_of),
            (MemoryTable, "find", _key_of),
        ):
            stack.enter_context(patch.object(owner, name, instead))
        yield


def _as_it_is(item: Item) -> Item:
    return item


def _weightless(_item: Item) -> int:
    return 0


def _unchecked(_table: MemoryTable, _item: Item) -> None:
    return None


def _key_of(table: MemoryTable, item: Item) -> Key:
    return item[table.primary.hash]["S"], item[table.primary.range]["S"]


_NOTHING = Expressions({})
_NAMES, _VALUES = "ExpressionAttributeNames", "ExpressionAttributeValues"


def _expressions(request: Mapping[str, Any]) -> Expressions:
    names, values = request.get(_NAMES), request.get(_VALUES)
    if names is None and values is None:
        return _NOTHING
    words = tuple(request.get(which) for which in requests._EXPRESSIONS)
    read = _read(words, tuple(names.items()) if names else ())
    return Expressions(values or {}, read.condition, read.update, read.key_condition, read.filter, read.projection)


@lru_cache(maxsize=4096)
def _read(words: tuple[str | None, ...], names: tuple[tuple[str, str], ...]) -> Expressions:
    """Read expressions once for all requests that use the same words, whatever their values."""
    said = dict(zip(requests._EXPRESSIONS, words, strict=True))

    def condition(which: str) -> Condition | None:
        text = said[which]
        return None if text is None else read_condition(which, text, names)

    update, projection = said["UpdateExpression"], said["ProjectionExpression"]
    return Expressions(
        {},
        condition("ConditionExpression"),
        None if update is None else read_update(update, names),
        condition("KeyConditionExpression"),
        condition("FilterExpression"),
        None if projection is None else read_projection(projection, names)[0],
    )
