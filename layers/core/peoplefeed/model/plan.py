"""What a run is going to do, decided once and never again (design: the first plan wins)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from peoplefeed.model.feed import Counts
from peoplefeed.model.holds import Notice
from peoplefeed.model.log import Entry, Pending, Said
from peoplefeed.model.people import Employee, Position, Reference

PLAN_FORMAT = 1

BY_HAND = ""
"""Who says what no row says: an administrator asked for it about one person."""


@dataclass(frozen=True, slots=True)
class Change:
    """One employee's next state, to be written unless the directory has it or something later.

    `claim` and `release` are address keys (2.4). A claim must be free, or in a ring owned by
    `claim_from`. `vacates` marks a release by someone who leaves with it on record: the claim stays as a
    memory of its last holder, owned by nobody (3.7); what is released may be such a memory. `staff` is what the
    change does to the numbers of active employees, by owner (6.1); `tried` how often the same row was given up before
    (9.2), `said_by` the source of the row (`BY_HAND`: there is none). One that `fills_in` says nothing new of the
    person: a row that is parked for them stays so (4.3, 4.6). One that `only_notes` says that they are as they were
    (3.10): no new version, nothing to log or to deliver. One that `erases` leaves nothing of the person but the
    external ID, in the feed log neither (1.11).
    """

    after: Employee
    version: int
    position: Position
    ever_active: bool
    email_key: str | None = None
    claim: str | None = None
    claim_from: str | None = None
    release: str | None = None
    vacates: bool = False
    staff: Mapping[str, int] = field(default_factory=dict)
    tried: int = 0
    said_by: str = "upload"
    fills_in: bool = False
    erases: bool = False
    only_notes: bool = False

    @property
    def touches_addresses(self) -> bool:
        """Whether the change needs a transaction with the claims of addresses."""
        return self.claim is not None or self.release is not None


@dataclass(frozen=True, slots=True)
class ReferenceChange:
    """One job title, department or business unit to be created, renamed, or deleted (4.6)."""

    after: Reference
    position: Position
    deletes: bool = False


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """The settings of a tenant as they are to be, as JSON."""

    after: str
    position: Position


@dataclass(frozen=True, slots=True)
class Group:
    """What must happen at once, and what the feed log says of it.

    `changes` are one transaction (one person, or a ring). `path` numbers the chain of moves that the group
    is part of: it may only be applied after the groups of that path before it. One that is `behind` a path may be so
    after them, too, at once with others. `entries` are written whether or not anything changes; `pending` replaces what
    was open about a subject; `resolved` are problems whose cause is gone, each with who had it. `before` is
    what was open about whoever changes, should the changes have to be given up (9.2).
    """

    id: int
    changes: tuple[Change, ...] = ()
    references: tuple[ReferenceChange, ...] = ()
    settings: SettingsChange | None = None
    entries: tuple[Entry, ...] = ()
    pending: tuple[Pending, ...] = ()
    before: tuple[Pending, ...] = ()
    resolved: Mapping[str, Said] = field(default_factory=dict)
    path: int | None = None
    behind: int | None = None

    @property
    def is_news(self) -> bool:
        """Whether it changes anything, or says anything that was not said before."""
        changes = self.changes or self.references or self.settings or self.resolved
        return bool(changes) or any(not entry.repeats for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A byte range of the plan's body. `after` is the chunk that must be complete before (`Group.path`, `behind`)."""

    offset: int
    length: int
    groups: int
    after: int | None = None


@dataclass(frozen=True, slots=True)
class PlanHead:
    """The one object that makes a plan the plan of its run. `at` is when it was made (ISO 8601, UTC).

    The body is a file of one group per line, named by its digest; `fingerprints` names the file of the
    feed's fingerprints; `touched` lists the external IDs that the run changes, for the next comparison, `complained`
    those whom `source` has problems with, for its own next comparison;
    `is_news` says whether the run changes anything, or says anything that was not said before; `log_shards` has a
    bit for each shard in which it can have entries. `freed` names the file of what others may wait for and have now
    (4.7); `notices` say what is held of it (6.3); `staff` is the change of active employees by owner, `leaving` how
    many of its deactivations count for the next feeds (6.1); `columns` are the fields that the file had columns
    for (6.2); `reconciled` says that all rows were compared with the directory itself, `leavers` what the source says
    of whom its feed lacks (1.5).
    """

    format: int
    at: str
    body: str
    chunks: tuple[Chunk, ...]
    counts: Counts
    received: int
    codes: dict[str, tuple[int, tuple[int, ...]]]
    ignored_columns: tuple[str, ...] = ()
    fingerprints: str | None = None
    touched: str | None = None
    complained: str | None = None
    source: str | None = None
    is_news: bool = True
    log_shards: int | None = None
    freed: str | None = None
    notices: tuple[Notice, ...] = ()
    staff: dict[str, int] = field(default_factory=dict)
    leaving: int = 0
    columns: tuple[str, ...] = ()
    reconciled: bool = False
    leavers: str = "keep"
