"""Turns: how a platform's rate limit is kept across all workers.

Time on the platform is reserved in the tenant's item, a slice at a time, so that any number of processes together
send no more requests than it allows. Each request takes its turn when it is about to be sent: how long the platform
will think about the one before it, nobody knows, and two that were late would come at once. Whoever has begun waits as
long as it takes, so that hardly anybody stops half way. Who finds the next seconds taken is given an appointment, one
after the other: the platform is never idle while somebody waits, and no worker waits with them.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from peoplefeed.learning_platform.trouble import HoldUp, Unavailable
from peoplefeed.storage.platforms import reserve

if TYPE_CHECKING:
    from peoplefeed.deployment import Deployment

_SECOND = 1_000_000
_SLICE = _SECOND // 20  # so much is reserved at once, and by so much a turn may be late: what is late comes in a burst
_PATIENCE, _RESERVE = 20.0, 12.0  # seconds: the longest wait for a turn, and what must be left for the requests
_FAR = 960 * _SECOND  # an appointment ends by then: three turns for each of whom a sweep sends, who are newcomers


class NotYet(Unavailable):
    """It must wait for others of ours: all turns, or its place, are taken. That is no trouble of the platform's."""


@dataclass(slots=True)
class Pace:
    """The turns of this process. `every` is how many microseconds lie between two requests, 0 without a limit."""

    deployment: Deployment = field(repr=False)
    tenant: str
    every: int = 0
    _turns: deque[int] = field(default_factory=deque, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def take(self, now: datetime, deadline: float, patience: float) -> int | None:
        """Return the time of the next turn, in microseconds since 1970, None where there is no limit.

        Raises:
            NotYet: it would come later than in `patience` seconds, or too late for a worker that ends at `deadline`,
                on the monotonic clock.
        """
        present, every = _microseconds(now), self.every  # which others may change meanwhile
        if not every:
            return None
        with self._lock:
            while self._turns and self._turns[0] < present - _SLICE:
                self._turns.popleft()
            if not self._turns:
                self._reserve(every, present, min(patience, deadline - time.monotonic() - _RESERVE))
            return self._turns.popleft()

    def appointment(self, number: int, now: datetime) -> int | None:
        """Return in how many seconds there should be so many turns for whoever asks, None if that is too far away."""
        present = _microseconds(now)
        span = present + int(_PATIENCE * _SECOND), present + _FAR
        begin = reserve(self.deployment, self.tenant, "appointments_until", number * self.every, span)
        return None if begin is None else (begin - present) // _SECOND

    def _reserve(self, every: int, present: int, patience: float) -> None:
        turns = max(1, _SLICE // every)
        span = present, present + max(0, int(patience * _SECOND)) + turns * every
        begin = reserve(self.deployment, self.tenant, "turns_until", turns * every, span)
        if begin is None:
            raise NotYet(HoldUp.RATE_LIMIT, "its requests of the next seconds are all spoken for", _PATIENCE)
        self._turns.extend(begin + turn * every for turn in range(turns))


@dataclass(slots=True)
class Turns:
    """The turns of one person, who begins only if there seems to be time for all requests that are `expected`."""

    pace: Pace
    clock: Callable[[], datetime]
    deadline: float
    expected: int = 1
    _has_begun: bool = field(default=False, init=False)

    def wait(self) -> None:
        """Wait for the next turn.

        Raises:
            NotYet: it would come too late.
        """
        patience = math.inf if self._has_begun else _PATIENCE / self.expected
        turn = self.pace.take(self.clock(), self.deadline, patience)
        self._has_begun = True
        if turn is not None and (pause := turn - _microseconds(self.clock())) > 0:
            time.sleep(pause / _SECOND)


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * _SECOND)
