"""Feeds and runs: what was delivered, and how far its processing has come."""

from dataclasses import dataclass
from enum import StrEnum

type Counts = dict[str, int]


class FeedKind(StrEnum):
    """What the rows of a feed describe (1.1)."""

    EMPLOYEES = "employees"
    JOB_TITLES = "job-titles"
    DEPARTMENTS = "departments"
    BUSINESS_UNITS = "business-units"


class FeedMode(StrEnum):
    """Whether a feed holds all records of its source or some of them (1.2)."""

    FULL = "full"
    CHANGES = "changes"


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
    milliseconds and a `Z`, so that ages compare as strings.
    """

    tenant: str
    source: str
    kind: FeedKind
    mode: FeedMode
    key: str
    version_id: str
    age: str
    uploaded_by: str | None = None


@dataclass(frozen=True, slots=True)
class FeedError:
    """Why a whole feed was not applied: a code of section 10 and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Run:
    """The processing of one feed. `chunks` and `done` count the parts of its plan."""

    number: int
    feed: Feed
    state: RunState
    counts: Counts
    registered_at: str
    finished_at: str | None = None
    plan_key: str | None = None
    chunks: int = 0
    done: int = 0
    corrected: int = 0
    attempts: int = 0
    changed: bool = False
    ignored_columns: tuple[str, ...] = ()
    error: FeedError | None = None
