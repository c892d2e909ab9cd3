"""What the calls cost: how many there were, and the write units that each partition took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

_UNIT = 1024


class Partition(NamedTuple):
    """One partition key of a table, or of one of its indexes."""

    table: str
    index_name: str | None
    key: str


def units(size: int) -> int:
    """Return the write units of an item of so many bytes."""
    return max(1, -(-size // _UNIT))


@dataclass
class Metering:
    """Counts since the last `reset`. `calls` by operation and table, `write_units` by partition.

    Weighing every write takes a third of the fake's time: a campaign that asks for no units turns `weighs` off.
    """

    weighs: bool = True
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    write_units: Counter[Partition] = field(default_factory=Counter)

    def reset(self) -> None:
        self.calls.clear()
        self.write_units.clear()

    def called(self, operation: str, tables: Iterable[str]) -> None:
        for table in tables:
            self.calls[operation, table] += 1

    def calls_of(self, table: str) -> int:
        """Requests that touched a table, of any operation."""
        return sum(count for (_, name), count in self.calls.items() if name == table)

    def charge(self, table: str, index: str | None, key: str, amount: int) -> None:
        self.write_units[Partition(table, index, key)] += amount

    def total(self, table: str | None = None, *, indexes: bool = True) -> int:
        """Write units of a table or of all, with or without what its indexes took."""
        return sum(
            amount
            for partition, amount in self.write_units.items()
            if table in {None, partition.table} and (indexes or partition.index_name is None)
        )

    def busiest(self) -> tuple[Partition, float] | None:
        """Return the partition that took the largest share of all write units, and that share."""
        if not self.write_units:
            return None
        partition, amount = self.write_units.most_common(1)[0]
        return partition, amount / self.total()
