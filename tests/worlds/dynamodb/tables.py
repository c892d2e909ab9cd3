"""A table in memory: its items, its indexes, and what a write costs in each."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from copy import copy
from typing import Any

from tests.worlds.dynamodb.metering import Metering, units
from tests.worlds.dynamodb.values import Item, item_size, kind_of, text_size
from tests.worlds.errors import invalid

type Key = tuple[str, str]
type Entry = tuple[str, Key]

MAX_ITEM = 400 * 1024
_LONGEST_HASH, _LONGEST_RANGE = 2048, 1024


class View:
    """Items in the order of two of their attributes: a table's own, or an index's. Items without both are absent."""

    def __init__(self, definition: Mapping[str, Any], own: frozenset[str] = frozenset()) -> None:
        keys = {part["KeyType"]: part["AttributeName"] for part in definition["KeySchema"]}
        self.name: str | None = definition.get("IndexName")
        self.hash, self.range = keys["HASH"], keys["RANGE"]
        self.keys = frozenset(keys.values()) | own
        projection = definition.get("Projection", {"ProjectionType": "ALL"})
        self.projected: frozenset[str] | None = None
        if projection["ProjectionType"] != "ALL":
            self.projected = self.keys | frozenset(projection.get("NonKeyAttributes", ()))
        self.items: dict[Key, Item] = {}
        self.partitions: dict[str, list[Entry]] = {}

    def fork(self) -> View:
        """Return a view that begins with the same items, which nobody changes."""
        twin = copy(self)
        twin.items = dict(self.items)
        twin.partitions = {name: list(entries) for name, entries in self.partitions.items()}
        return twin

    def shown(self, item: Item) -> Item:
        if self.projected is None:
            return item
        return {name: value for name, value in item.items() if name in self.projected}

    def place(self, item: Item | None) -> tuple[str, str] | None:
        """Return partition and sort key of an item, None where it has none here."""
        if item is None or self.hash not in item or self.range not in item:
            return None
        return item[self.hash]["S"], item[self.range]["S"]

    def replace(self, key: Key, item: Item | None) -> None:
        before, after = self.place(self.items.get(key)), self.place(item)
        if before != after:
            self._move(key, before, after)
        if item is not None and after:
            self.items[key] = item
        else:
            self.items.pop(key, None)

    def _move(self, key: Key, before: tuple[str, str] | None, after: tuple[str, str] | None) -> None:
        if before:
            entries = self.partitions[before[0]]
            del entries[bisect_left(entries, (before[1], key))]
        if after:
            insort(self.partitions.setdefault(after[0], []), (after[1], key))

    def costs(self, old: Item | None, new: Item | None) -> list[tuple[str, int]]:
        """Return the write units of an index for a change: removing costs, adding costs, moving costs both."""
        before, after = self.place(old), self.place(new)
        if before is None and after is None:
            return []
        shown = [self.shown(item) if item else {} for item in (old, new)]
        if before == after:
            return [] if before is None or shown[0] == shown[1] else [(before[0], units(max(map(item_size, shown))))]
        places = zip((before, after), shown, strict=True)
        return [(place[0], units(item_size(item))) for place, item in places if place]


class MemoryTable:
    """One table. While it `lags`, indexes and a replica for weak reads only follow on `settle`."""

    def __init__(self, definition: Mapping[str, Any], metering: Metering, *, lags: bool = False) -> None:
        self.name: str = definition["TableName"]
        self.primary = View(definition)
        indexes = [View(index, self.primary.keys) for index in definition.get("GlobalSecondaryIndexes", ())]
        self.indexes: dict[str, View] = {str(index.name): index for index in indexes}
        self.expiry: str | None = None
        self._sizes: dict[Key, int] = {}
        self._metering = metering
        self.replica = View(definition) if lags else self.primary
        self._late: list[tuple[Key, Item | None]] = []

    def fork(self, metering: Metering) -> MemoryTable:
        """Return a table that begins with the same items."""
        twin = copy(self)
        twin.primary = self.primary.fork()
        twin.replica = twin.primary if self.replica is self.primary else self.replica.fork()
        twin.indexes = {name: index.fork() for name, index in self.indexes.items()}
        twin._sizes, twin._late, twin._metering = dict(self._sizes), list(self._late), metering
        return twin

    def find(self, key: Item) -> Key:
        """Return the key that a caller named, if it fits the table's."""
        if key.keys() != self.primary.keys:
            raise invalid("The provided key element does not match the schema")
        return self.key_of(key)

    def key_of(self, item: Item) -> Key:
        for name, longest in ((self.primary.hash, _LONGEST_HASH), (self.primary.range, _LONGEST_RANGE)):
            if name not in item:
                raise invalid(f"One or more parameter values were invalid: Missing the key {name} in the item")
            self._check_key(item, name, longest)
        return item[self.primary.hash]["S"], item[self.primary.range]["S"]

    def _check_key(self, item: Item, name: str, longest: int) -> None:
        kind = kind_of(item[name])
        if kind != "S":
            raise invalid(
                f"One or more parameter values were invalid: Type mismatch for key {name} expected: S actual: {kind}"
            )
        if not item[name]["S"]:
            raise invalid(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
                f"empty string value. Key: {name}"
            )
        if text_size(item[name]["S"]) > longest:
            raise invalid(
                f"One or more parameter values were invalid: Size of {name} has exceeded the maximum size limit of "
                f"{longest} bytes"
            )

    def check_index_keys(self, item: Item) -> None:
        """Refuse what an index could not hold: its keys are text, not empty, not too long."""
        for index in self.indexes.values():
            for name, longest in ((index.hash, _LONGEST_HASH), (index.range, _LONGEST_RANGE)):
                if name not in item or name in self.primary.keys:
                    continue
                kind = kind_of(item[name])
                if kind != "S":
                    raise invalid(
                        "One or more parameter values were invalid: Type mismatch for Index Key "
                        f"{name} Expected: S Actual: {kind} IndexName: {index.name}"
                    )
                if not item[name]["S"]:
                    raise invalid(
                        "One or more parameter values are not valid. A value specified for a secondary index key is "
                        "not supported. The AttributeValue for a key attribute cannot contain an empty string value. "
                        f"IndexName: {index.name}, IndexKey: {name}"
                    )
                if text_size(item[name]["S"]) > longest:
                    raise invalid(
                        "One or more parameter values were invalid: Size of hashkey or rangekey has exceeded the "
                        f"maximum size limit for index {index.name}"
                    )

    def charge(self, key: Key, size: int = 0, *, factor: int = 1) -> None:
        """Count the write units at the table, doubled in a transaction. A failed condition costs them too."""
        if self._metering.weighs:
            largest = max(size, self._sizes.get(key, 0))
            self._metering.charge(self.name, None, key[0], factor * units(largest))

    def store(self, key: Key, item: Item | None, *, factor: int = 1) -> None:
        """Write an item, or remove it, and count what that costs."""
        if self._metering.weighs:
            self._weigh(key, item, factor)
        self.primary.replace(key, item)
        if self.replica is self.primary:
            self._follow(key, item)
        else:
            self._late.append((key, item))

    def _weigh(self, key: Key, item: Item | None, factor: int) -> None:
        size = item_size(item) if item else 0
        self.charge(key, size, factor=factor)
        self._sizes[key] = size
        for index in self.indexes.values():
            for partition, amount in index.costs(self.primary.items.get(key), item):
                self._metering.charge(self.name, index.name, partition, amount)

    def _follow(self, key: Key, item: Item | None) -> None:
        for index in self.indexes.values():
            index.replace(key, item)

    def settle(self, steps: int | None = None) -> None:
        """Let indexes and weak reads catch up with so many of the oldest writes, or with all."""
        done = self._late[:steps]
        for key, item in done:
            self.replica.replace(key, item)
            self._follow(key, item)
        del self._late[: len(done)]

    def expire(self, now: float) -> int:
        """Remove what has outlived its time to live, as DynamoDB does some time later; return how many."""
        attribute = self.expiry
        old = [
            key
            for key, item in self.primary.items.items()
            if attribute in item and float(item[attribute].get("N", "inf")) < now
        ]
        for key in old:
            self.store(key, None)
        return len(old)
