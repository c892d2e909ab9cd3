"""What two worlds must have in common in the end: both tables, but for when things happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from peoplefeed.dynamo.marshal import from_value
from peoplefeed.model import Purpose
from peoplefeed.runs.fingerprints import read_records
from tests.worlds.dynamodb.tables import Key
from tests.worlds.dynamodb.values import Item
from tests.worlds.world import World

type State = dict[tuple[str, Key], dict[str, Any]]

MOMENTS = frozenset(
    {
        "at",
        "compared_at",
        "delivered_at",
        "due",
        "expires",
        "finished_at",
        "left_at",
        "planned_at",
        "retry_at",
        "first_seen",
        "last_seen",
        "registered_at",
        "resolved_at",
        "seen_sk",
        "since",
        "story_sk",
    }
)
"""Attributes that say when: that they are there must agree, what they say need not."""

EFFORTS = frozenset({"attempts", "planner", "planning_until"})
"""Attributes that say how often something was tried, and by whom."""

_AGE_OF_NOTHING = frozenset({Purpose.RETRY, Purpose.DISCARD})
"""Feeds whose age nothing is compared with."""

FINGERPRINTS = "fingerprints"
"""The attribute that names a file of records. Their order depends on whether rows were compared or looked up."""

REPORTS = frozenset({"PLATFORM"})
"""Items that say how far things are: of a learning platform only who waited at the last sweep that saw someone wait."""

MARKS = frozenset({"delivered_at"})
"""Attributes of entries that a second worker on the same chunk may take away again, see docs/proof.md."""


def state_of(world: World) -> State:
    """Return all items of both tables, by table and key, and what the bucket holds for the next feeds."""
    tables = world.dynamodb.tables
    directory, log = tables[world.names.directory_table], tables[world.names.feed_log_table]
    return state_in(directory.primary.items.values(), log.primary.items.values(), world.s3.content)


def state_in(directory: Iterable[Item], log: Iterable[Item], content: Callable[[str], bytes]) -> State:
    """Return the same of two tables' items, wherever they are, and of the files that they name."""
    directory = list(directory)
    state = _timeless("directory", directory, EFFORTS) | _timeless("feed log", log, EFFORTS | MARKS)
    return state | dict(_fingerprints(directory, content))


def _fingerprints(
    directory: Iterable[Item], content: Callable[[str], bytes]
) -> Iterator[tuple[tuple[str, Key], dict[str, Any]]]:
    """Yield what the next full feed of each source is compared with, in whatever order it was put down."""
    for item in directory:
        if name := item.get(FINGERPRINTS, {}).get("S"):
            place = item["pk"]["S"], item["sk"]["S"]
            yield ("fingerprints", place), {"records": sorted(read_records(content(name)))}


def _is_moment(name: str, item: Item) -> bool:
    return name in MOMENTS or (name == "age" and item.get("purpose", {}).get("S") in _AGE_OF_NOTHING)


def _as_compared(name: str, value: Any, item: Item) -> Any:
    if name == FINGERPRINTS:
        return "a file"
    return "a moment" if _is_moment(name, item) else value


def _timeless(table: str, items: Iterable[Item], excused: frozenset[str]) -> State:
    return {
        (table, (item["pk"]["S"], item["sk"]["S"])): {
            name: _as_compared(name, value, item) for name, value in item.items() if name not in excused
        }
        for item in items
        if item["sk"]["S"] not in REPORTS
    }


def differences(expected: State, found: State) -> list[str]:
    """Return a line for each item, or attribute of an item, that is not as it should be."""
    lines: list[str] = []
    for place in sorted({*expected, *found}):
        wanted, there = expected.get(place, {}), found.get(place, {})
        if wanted == there:
            continue
        table, (pk, sk) = place
        where = f"{table} {pk} {sk}"
        if not wanted or not there:
            lines.append(
                f"{where}: {'is there and should not be' if there else 'is missing'} {_plain(wanted or there)}"
            )
            continue
        lines.extend(
            f"{where}: {name} is {_shown(there.get(name))}, expected {_shown(wanted.get(name))}"
            for name in sorted({*wanted, *there})
            if wanted.get(name) != there.get(name)
        )
    return lines


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    return {name: _shown(value) for name, value in item.items() if name not in {"pk", "sk"}}


def _shown(value: Any) -> Any:
    return from_value(value) if isinstance(value, dict) else value
