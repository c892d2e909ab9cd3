"""What there is (section 0): a tenant with all that is kept of it, a feed, and what is told of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

type Person = dict[str, Any]
"""The fields of 2.1, and `active`, `source` (the owner, 3.13), `profile`, `position`, `*_wanted` (4.3, 4.4)."""

type Cells = Mapping[str, str]
"""A row as received: field to text, for the columns that the feed has (2.3). A broken one is a `line` (2.5)."""

type Position = tuple[str, int, int]
"""Age, run number, row (3.10)."""

FIELDS = (
    "external_id",
    "first_name",
    "last_name",
    "email",
    "job_title",
    "department",
    "business_unit_id",
    "status",
    "start_date",
    "profile",
)
OUTCOMES = (
    "created",
    "updated",
    "unchanged",
    "deactivated",
    "reactivated",
    "overwritten",
    "rejected",
    "parked",
    "held",
    "superseded",
)
NOBODY = frozenset({"upload", "api"})
"""The sources that own nobody (3.13)."""
KINDS = ("job-titles", "departments", "business-units")


@dataclass(frozen=True)
class Manifest:
    """What a source says about its feeds: `leavers` is keep or deactivate (1.5), `blanks` clear or keep (2.3)."""

    leavers: str = "keep"
    blanks: str = "clear"


@dataclass(frozen=True)
class Feed:
    """One delivery (1.1-1.4).

    `at` is when it is processed, `last_day` 24 hours before (6.1). `off` are the safeguards that do not look at it (a
    release, 6.3); `purpose` is delivery, release, retry, discard, letting-go or erasure, the last two `of` somebody.
    `by_administrator` says who uploaded it (5.2), `held_in` in which run the rows of a release came.
    """

    number: int
    source: str = "upload"
    kind: str = "employees"
    mode: str = "changes"
    age: str = ""
    at: str = ""
    last_day: str = ""
    columns: tuple[str, ...] = FIELDS
    rows: tuple[Cells, ...] = ()
    purpose: str = "delivery"
    off: frozenset[str] = frozenset()
    by_administrator: bool = False
    simulate: bool = False
    of: str = ""
    held_in: int = 0
    manifest: Manifest = Manifest()


@dataclass(frozen=True)
class Finding:
    """A code of section 10 about a row: the field and the value found there."""

    code: str
    field: str | None = None
    value: str | None = None


@dataclass
class Row:
    """A row on its way through the rules. `outcome` is None until one of them has settled it.

    `age` and `source` are the feed's, but for a retried row those that it had first (3.10). `wish` holds the fields
    that it asks to change; `before` and `after` are the person, None where there is none. A leaver (1.5) goes the same
    way without standing in the file: `is_leaver`. `fills_in` marks the retry of a missing reference (4.3), `first`
    is where a retried row stood when it came, `by_administrator` who sent that (5.2).
    """

    place: int
    cells: Cells
    age: str
    source: str
    external_id: str | None = None
    findings: list[Finding] = field(default_factory=list)
    outcome: str | None = None
    wish: dict[str, Any] = field(default_factory=dict)
    before: Person | None = None
    after: Person | None = None
    is_leaver: bool = False
    is_retried: bool = False
    fills_in: bool = False
    blanks: str = "clear"
    presence_is_active: bool = False
    first: Position | None = None
    by_administrator: bool = False

    def settle(self, outcome: str, code: str | None = None, field: str | None = None, value: str | None = None) -> None:
        """Say what became of the row, and why."""
        self.outcome = outcome
        if code is not None:
            self.findings.append(Finding(code, field, value))


@dataclass
class Parked:
    """A row that is tried again (4.7): as it was received, where it stood first, and what it waits for."""

    cells: Cells
    source: str
    first: Position
    waits_for: tuple[str, str]
    blanks: str
    presence_is_active: bool
    by_administrator: bool


@dataclass
class Hold:
    """What a safeguard stopped (6.3): the runs whose content a release delivers again."""

    since: str
    version: int
    runs: list[int]


@dataclass
class FullFeed:
    """The last applied full feed of a source and kind: its position, rows, columns, and whose row was good.

    `earlier` is how old those are that had whom it lacks, as far as they count because something was held (3.10).
    """

    age: str
    number: int
    rows: int
    columns: tuple[str, ...]
    good: set[str]
    earlier: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """What the tenant can set (3.3, 3.12, section 6). `floor` and `share` are the max(10, 10 %) of each safeguard."""

    identity: str = "apply"
    shared: frozenset[str] = frozenset()
    leavers: tuple[int, float] = (10, 0.10)
    rejected: tuple[int, float] = (10, 0.05)
    cleared: tuple[int, float] = (10, 0.10)
    identities: tuple[int, float] = (10, 0.10)
    rows_kept: float = 0.70
    blanks: str = "clear"


@dataclass
class Told:
    """What is told of a run: its state, its code if it was not applied, its counts, and each row."""

    state: str = "finished"
    code: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    leavers: list[Row] = field(default_factory=list)
    renamed: set[str] = field(default_factory=set)
    """Who has another job title or department because it is called so now (4.6)."""
    codes: list[str] = field(default_factory=list)
    """What is said about the feed beside its rows: that its absent leavers are held."""
    freed: frozenset[tuple[str, str]] = frozenset()
    """What others may have waited for (4.7). Whoever does when it is the retry's turn is tried again."""
    given_up: set[tuple[str, str]] = field(default_factory=set)
    """The addresses that who began to wait for another one would give up: two may swap (3.5)."""
    retry: frozenset[str] = frozenset()
    """The external IDs that wait for that now: there is a retry if there are any."""


type Subject = str | tuple[str, ...]
"""Whom a problem is about: an external ID, or where there is none the cells of the row."""

type Problem = tuple[Subject, str, str | None, str | None]
"""Subject, code, field, value found (7.4)."""


@dataclass
class Open:
    """A problem that lasts: how often it came, which source sent the row that had it last, and where that stands."""

    occurrences: int
    source: str
    position: Position


@dataclass
class Tenant:
    """One customer, and all that is kept of it."""

    people: dict[str, Person] = field(default_factory=dict)
    references: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    problems: dict[Problem, Open] = field(default_factory=dict)
    parked: dict[str, Parked] = field(default_factory=dict)
    holds: dict[tuple[str, str], Hold] = field(default_factory=dict)
    full_feeds: dict[tuple[str, str], FullFeed] = field(default_factory=dict)
    settings: Settings = Settings()
    feeds: dict[int, Feed] = field(default_factory=dict)
    deactivations: list[tuple[str, str, str]] = field(default_factory=list)
    """When, by which source, who (6.1)."""
    applied_sources: set[str] = field(default_factory=set)
    """Sources of which a feed of employees was applied (section 6: the first one is exempt)."""
    erased: set[str] = field(default_factory=set)
    """Of whom nothing may be known (1.11)."""
    last_holder: dict[str, str] = field(default_factory=dict)
    """Who held an address when they were deactivated (3.7)."""
    states: dict[int, str] = field(default_factory=dict)
    """The states of the runs (1.10)."""

    def active(self) -> dict[str, Person]:
        """Return the active employees."""
        return {who: person for who, person in self.people.items() if person["active"]}

    def holder(self, key: str) -> str | None:
        """Return the active employee who has an address (3.4)."""
        return next((who for who, person in self.active().items() if address_key(person["email"]) == key), None)


def address_key(address: str | None) -> str | None:
    """Return what two spellings of one address have in common (2.4). Generated addresses are ASCII."""
    return address.strip().lower() if address else None
