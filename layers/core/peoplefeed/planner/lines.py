"""What became of one row, before it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from peoplefeed.model import Finding, Outcome, Position


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one row: the stuff of its entries.

    `source` is whose row it is, `kept` are the cells of a row that is parked, `is_retried` says that it was parked
    until now, `fills_in` that it is no row: someone has now what they waited for (4.3). `first` is where the row
    stood when it came, if it was parked since.
    """

    row: int
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    name: str | None = None
    changes: Mapping[str, tuple[str | bool | None, str | bool | None]] = field(default_factory=dict)
    version: int | None = None
    kept: Mapping[str, str] | None = None
    source: str = ""
    is_retried: bool = False
    fills_in: bool = False
    first: Position | None = None
