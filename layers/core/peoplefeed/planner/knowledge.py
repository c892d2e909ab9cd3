"""What the planner must know of the directory to judge a feed, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from peoplefeed.model import Counts, Group, Pending, Position, Record, position_of
from peoplefeed.rules.references import References


@dataclass(frozen=True, slots=True)
class Occasion:
    """Which run judges. `owner` will own whom it creates: the source, or None for uploads (3.13)."""

    number: int
    age: str
    source: str
    owner: str | None

    def position(self, row: int) -> Position:
        """Where a row of this run stands in the tenant's history."""
        return position_of(self.age, self.number, row)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The directory of one moment, as far as a feed concerns it.

    `records` are by external ID: everyone in the feed and everyone who has an address that the feed wants.
    `holders` maps address keys to the active employee who has them, `former` to the last deactivated one (3.7).
    `damaged` are external IDs whose items cannot be read (9.2).
    """

    records: Mapping[str, Record] = field(default_factory=dict)
    holders: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, str] = field(default_factory=dict)
    pending: Mapping[str, Pending] = field(default_factory=dict)
    references: References = field(default_factory=References)
    damaged: frozenset[str] = frozenset()


@dataclass(slots=True)
class Decision:
    """What a run will do. `groups` are in an order in which they may be applied.

    `counts` are of the rows that were judged. `codes` maps a code to how often it was found, and where first (20
    rows). `touched` are the external IDs that change or are parked; `settled` those whose row need not be looked
    at again as long as it stays the same.
    """

    groups: list[Group] = field(default_factory=list)
    counts: Counts = field(default_factory=dict)
    codes: dict[str, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    touched: list[str] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)

    @property
    def is_news(self) -> bool:
        """Whether anything changes, or anything is said that was not said before."""
        return any(
            group.changes or group.references or group.resolved or any(not entry.repeats for entry in group.entries)
            for group in self.groups
        )
