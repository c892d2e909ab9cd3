"""Feeds and runs: what was delivered, and how far its processing has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from peoplefeed.model.holds import Safeguard

type Counts = dict[str, int]


BY_API = "api"
"""The source of what administrators send through the API; only there do they rename and delete (4.8)."""

OWNING_NOBODY = frozenset({"upload", BY_API})
"""The sources of what administrators send: it owns nobody and may change anybody (3.13)."""


class FeedKind(StrEnum):
    """What the rows of a feed describe (1.1). Settings change by feeds of their own, which nobody uploads (1.8)."""

    EMPLOYEES = "employees"
    JOB_TITLES = "job-titles"
    DEPARTMENTS = "departments"
    BUSINESS_UNITS = "business-units"
    SETTINGS = "settings"


RECEIVED_KINDS = tuple(kind for kind in FeedKind if kind is not FeedKind.SETTINGS)
"""The kinds that may be uploaded or polled (1.1)."""


class FeedMode(StrEnum):
    """Whether a feed holds all records of its source or some of them (1.2)."""

    FULL = "full"
    CHANGES = "changes"


class Purpose(StrEnum):
    """How a feed came to be: it was delivered, or it follows from what is here already (1.8)."""

    DELIVERY = "delivery"
    RETRY = "retry"
    RELEASE = "release"
    DISCARD = "discard"
    LETTING_GO = "letting-go"
    ERASURE = "erasure"


class Outcome(StrEnum):
    """What became of one row; exactly one per row (1.6)."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DEACTIVATED = "deactivated"
    REACTIVATED = "reactivated"
    OVERWRITTEN = "overwritten"
    REJECTED = "rejected"
    PARKED = "parked"
    HELD = "held"
    SUPERSEDED = "superseded"


class Severity(StrEnum):
    """How much an entry matters to whoever reads the feed log."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class RunState(StrEnum):
    """Where a run stands (1.10)."""

    WAITING = "waiting"
    PLANNING = "planning"
    APPLYING = "applying"
    FINISHED = "finished"
    HELD = "held"
    DISCARDED = "discarded"
    SUPERSEDED = "superseded"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Whether the line has moved past this run."""
        return self not in {RunState.WAITING, RunState.PLANNING, RunState.APPLYING}


def empty_counts() -> Counts:
    """Return the counts of a run that received nothing: `received`, one key per outcome, `leavers` (1.6)."""
    return {"received": 0, **{outcome.value: 0 for outcome in Outcome}, "leavers": 0}


@dataclass(frozen=True, slots=True)
class Feed:
    """One delivery of records for one tenant.

    `age` is when its content was true: a poll's start, an upload's arrival (1.4), as UTC ISO 8601 with
    milliseconds and a `Z`, so that ages compare as strings. `key` and `version_id` name the object with the rows;
    a retry has none, for its rows are kept with what is open. `of` is the run that a retry follows, or whose
    content a release delivers again, with the safeguards `released` off; `rest` are the runs whose content the release
    delivers next, `after` is the run that delivered the content before. `errand` names the hold (and its version)
    that is released or discarded, or the person who is let go of (3.13) or erased. A feed to `simulate` changes nothing
    but the log (1.9). `writing` says how uploads were written when its turn came, as JSON: so it is released (6.6).
    `tried` is how often a retry was given up before (9.2).
    """

    tenant: str
    source: str
    kind: FeedKind
    mode: FeedMode
    key: str
    version_id: str
    age: str
    uploaded_by: str | None = None
    purpose: Purpose = Purpose.DELIVERY
    of: int | None = None
    released: tuple[Safeguard, ...] = ()
    rest: tuple[int, ...] = ()
    after: int | None = None
    errand: str = ""
    simulate: bool = False
    writing: str | None = None
    tried: int = 0


@dataclass(frozen=True, slots=True)
class FeedError:
    """Why a whole feed was not applied: a code of section 10 and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Run:
    """The processing of one feed. `chunks` and `done` count the parts of its plan, `codes` how often each was found.

    Its entries are of the moment when it was planned (7.2).
    """

    number: int
    feed: Feed
    state: RunState
    counts: Counts
    registered_at: str
    planned_at: str | None = None
    finished_at: str | None = None
    plan_key: str | None = None
    chunks: int = 0
    done: int = 0
    corrected: int = 0
    attempts: int = 0
    changed: bool = False
    ignored_columns: tuple[str, ...] = ()
    codes: Mapping[str, int] = field(default_factory=dict)
    error: FeedError | None = None
