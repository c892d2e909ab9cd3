"""What became of a message of the delivery queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from peoplefeed.learning_platform.lag import Lag
from peoplefeed.learning_platform.trouble import HoldUp

if TYPE_CHECKING:
    from peoplefeed.codes import Code


@dataclass(frozen=True, slots=True)
class Delivered:
    """The platform has it. No lag: nothing but a placeholder of ours was undone."""

    lag: Lag | None


@dataclass(frozen=True, slots=True)
class Postponed:
    """The platform cannot now; the sweep sends it when it is due. `reason` holds no personal data."""

    hold_up: HoldUp
    reason: str


@dataclass(frozen=True, slots=True)
class Waits:
    """Its turn on the platform comes in so many seconds: the message is to come back then."""

    seconds: int


@dataclass(frozen=True, slots=True)
class NotWanted:
    """The platform refused; the feed log says why."""

    code: Code


@dataclass(frozen=True, slots=True)
class Compared:
    """A part, or (`finished`) the last part, of a comparison with the directory was done."""

    finished: bool


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """Delivered before, or nobody to deliver."""


type Verdict = Delivered | Postponed | Waits | NotWanted | NothingToDo | Compared
