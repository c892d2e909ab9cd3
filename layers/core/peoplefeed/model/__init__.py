"""Frozen values that every other room speaks in. Nothing here knows of AWS, files or the clock."""

from peoplefeed.model.feed import (
    Counts,
    Feed,
    FeedError,
    FeedKind,
    FeedMode,
    Outcome,
    Run,
    RunState,
    Severity,
    empty_counts,
)
from peoplefeed.model.log import Entry, Finding, Pending
from peoplefeed.model.people import (
    Employee,
    Position,
    Record,
    Reference,
    position_of,
    run_and_row_of,
)
from peoplefeed.model.plan import Change, Chunk, Group, PlanHead, ReferenceChange

__all__ = [
    "Change",
    "Chunk",
    "Counts",
    "Employee",
    "Entry",
    "Feed",
    "FeedError",
    "FeedKind",
    "FeedMode",
    "Finding",
    "Group",
    "Outcome",
    "Pending",
    "PlanHead",
    "Position",
    "Record",
    "Reference",
    "ReferenceChange",
    "Run",
    "RunState",
    "Severity",
    "empty_counts",
    "position_of",
    "run_and_row_of",
]
