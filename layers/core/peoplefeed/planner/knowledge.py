"""What the planner must know of the directory to judge a feed, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from peoplefeed.model import (
    Counts,
    Group,
    Hold,
    Notice,
    Pending,
    Position,
    Record,
    Safeguard,
    position_of,
)
from peoplefeed.rules.references import References
from peoplefeed.rules.rows import RowSettings
from peoplefeed.rules.settings import Settings


@dataclass(frozen=True, slots=True)
class Origin:
    """Who says a row, and when it was true (1.4). `owner` will own whom it creates: the source, or None for uploads.

    `first` is where a row that is tried again stood when it came, `grant` the profile of whoever sent it (5.2),
    `written` how it is written.
    """

    source: str
    owner: str | None
    age: str
    first: Position | None = None
    grant: str | None = None
    written: RowSettings = field(default_factory=RowSettings)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Which run judges, and how. `owner` will own whom it creates: the source, or None for uploads (3.13).

    `at` is when it judges. `is_full` says that the feed holds all of its source, `leaves_absent` that whoever it
    lacks has left (1.5), `released` which safeguards are off, `releases` which of them an administrator let go of
    (6.3), `grant` the profile of whoever sent it (5.2), `written` how its rows are written. One that `simulates`
    changes nothing (1.9).
    The rows of a retry come from several `origins`, by their numbers; those of all other feeds from one.
    """

    number: int
    age: str
    source: str
    owner: str | None
    at: str = ""
    is_full: bool = False
    leaves_absent: bool = False
    released: tuple[Safeguard, ...] = ()
    releases: tuple[Safeguard, ...] = ()
    grant: str | None = None
    settings: Settings = field(default_factory=Settings)
    written: RowSettings = field(default_factory=RowSettings)
    simulates: bool = False
    origins: Mapping[int, Origin] = field(default_factory=dict)
    _own: Origin = field(init=False)

    def __post_init__(self) -> None:
        """Make the origin of all rows that have none of their own once: it is asked for again and again."""
        object.__setattr__(self, "_own", Origin(self.source, self.owner, self.age, None, self.grant, self.written))

    def origin(self, row: int) -> Origin:
        """Return who says a row."""
        return self.origins.get(row) or self._own

    def position(self, row: int) -> Position:
        """Where a row of this run stands in the tenant's history: what is retried keeps its age (3.10)."""
        return position_of(self.origin(row).age, self.number, row)

    def place(self, row: int) -> Position:
        """Where a row stands among changes of reference data and settings: they follow the line, whatever their age."""
        return position_of("", self.number, row)

    def guards(self, safeguard: Safeguard) -> bool:
        """Whether a safeguard is on."""
        return safeguard not in self.released


@dataclass(frozen=True, slots=True)
class Staff:
    """What safeguards measure by: how many are active, and how many left in the last 24 hours (6.1).

    Of a source those that it owns, of an upload all of the tenant's. `rows` and `columns` are those of the last applied
    full feed of the source, `is_first` says that none of its feeds of employees has been applied yet.
    """

    active: int = 0
    left_lately: int = 0
    is_first: bool = True
    rows: int | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The directory of one moment, as far as a feed concerns it.

    `records` are by external ID: everyone in the feed, everyone whom it lacks, and everyone who has an address that
    the feed wants. `holders` maps address keys to the active employee who has them, `former` to the last deactivated
    one (3.7). `damaged` are external IDs whose items cannot be read (9.2), `erased` those of whom nothing may be known.
    `absent` are whom earlier feeds of the source had and this one lacks (1.5). `seen_later` says where those stand of
    whom something newer was said that their record does not show: in a full feed (3.10), or by a row that was given up
    (9.2). `near` maps new IDs to known ones which differ in leading zeros (3.14). `is_anything_held` says that older
    rows may still be released, whatever their source (6.3).
    """

    records: Mapping[str, Record] = field(default_factory=dict)
    holders: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, str] = field(default_factory=dict)
    pending: Mapping[str, Pending] = field(default_factory=dict)
    references: References = field(default_factory=References)
    damaged: frozenset[str] = frozenset()
    erased: frozenset[str] = frozenset()
    absent: tuple[str, ...] = ()
    seen_later: Mapping[str, Position] = field(default_factory=dict)
    near: Mapping[str, str] = field(default_factory=dict)
    staff: Staff = field(default_factory=Staff)
    holds: Mapping[Safeguard, Hold] = field(default_factory=dict)
    is_anything_held: bool = False

    def name_of(self, external_id: str) -> str:
        """Return what somebody is called."""
        record = self.records.get(external_id)
        return (record and record.employee.name) or "someone"


@dataclass(slots=True)
class Decision:
    """What a run will do. `groups` are in an order in which they may be applied; those of a `Judgement` are not kept.

    `counts` are of the rows that were judged. `codes` maps a code to how often it was found, and where first (20
    rows). `touched` are the external IDs that change or are parked, `complained` those whose rows have problems all the
    same, and rows without an external ID; `settled` are those whose row need not be looked at again as long as it stays
    the same, `to_see_again` those whose row was applied and must be looked at all the same.
    `refusal` holds the whole feed back: nothing else of the decision counts then. `freed` is what others may wait for
    and have now (4.7); `outstanding` are absent ones who stay for now (1.5).
    """

    groups: list[Group] = field(default_factory=list)
    counts: Counts = field(default_factory=dict)
    codes: dict[str, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    touched: list[str] = field(default_factory=list)
    complained: list[str] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)
    to_see_again: set[str] = field(default_factory=set)
    refusal: Notice | None = None
    notices: tuple[Notice, ...] = ()
    staff: dict[str, int] = field(default_factory=dict)
    leaving: int = 0
    freed: tuple[str, ...] = ()
    outstanding: frozenset[str] = frozenset()
