"""Frozen values that every other room speaks in. Nothing here knows of AWS, files or the clock."""

from peoplefeed.model.feed import (
    RECEIVED_KINDS,
    Counts,
    Feed,
    FeedError,
    FeedKind,
    FeedMode,
    Outcome,
    Purpose,
    Run,
    RunState,
    Severity,
    empty_counts,
)
from peoplefeed.model.holds import Hold, Notice, Safeguard
from peoplefeed.model.log import BEYOND_ROWS, Entry, Finding, Pending
from peoplefeed.model.people import (
    Employee,
    Position,
    Record,
    Reference,
    position_of,
    run_and_row_of,
)
from peoplefeed.model.plan import BY_HAND, Change, Chunk, Group, PlanHead, ReferenceChange, SettingsChange

__all__ = [
    "BEYOND_ROWS",
    "BY_HAND",
    "RECEIVED_KINDS",
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
    "Hold",
    "Notice",
    "Outcome",
    "Pending",
    "PlanHead",
    "Position",
    "Purpose",
    "Record",
    "Reference",
    "ReferenceChange",
    "Run",
    "RunState",
    "Safeguard",
    "SettingsChange",
    "Severity",
    "empty_counts",
    "position_of",
    "run_and_row_of",
]
