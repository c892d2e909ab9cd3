"""Turns: how a platform's rate limit is kept across all workers.

Time on the platform is reserved in the tenant's item, a slice at a time, so that any number of processes together
send no more requests than it allows. A person's turns are taken together: nobody stops half way for want of one.
"""

from __future__ import annotations

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
_SLICE = _SECOND // 4
_PATIENCE, _RESERVE = 20.0, 12.0  # seconds: the longest wait for a turn, and what must be left for the requests


class NotYet(Unavailable):
    """It must wait for others of ours: all turns, or its place, are taken. That is no trouble of the platform's."""


@dataclass(slots=True)
class Pace:
    """The turns of this process. `every` is how many microseconds lie between two requests, 0 without a limit."""

    deployment: Deployment = field(repr=False)
    tenant: str
    every: int
    _turns: deque[int] = field(default_factory=deque, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def take(self, number: int, now: datetime, deadline: float) -> deque[int]:
        """Return the times of so many turns, in microseconds since 1970; none where there is no limit.

        Raises:
            NotYet: they would come too late for a worker that ends at `deadline`, on the monotonic clock.
        """
        if not self.every:
            return deque()
        present = _microseconds(now)
        with self._lock:
            while self._turns and self._turns[0] < present - _SECOND:
                self._turns.popleft()  # nobody came for it; used now, it would make a burst
            if len(self._turns) < number:
                self._reserve(number - len(self._turns), present, deadline)
            return deque(self._turns.popleft() for _ in range(number))

    def _reserve(self, number: int, present: int, deadline: float) -> None:
        turns = max(number, _SLICE // self.every)
        left = min(_PATIENCE, deadline - time.monotonic() - _RESERVE)
        span = present, present + max(0, int(left * _SECOND)) + turns * self.every
        begin = reserve(self.deployment, self.tenant, "turns_until", turns * self.every, span)
        if begin is None:
            raise NotYet(HoldUp.RATE_LIMIT, "its requests of the next seconds are all spoken for", _PATIENCE)
        self._turns.extend(begin + turn * self.every for turn in range(turns))


@dataclass(slots=True)
class Turns:
    """The turns of one person: `expected` are taken with the first request, every further one by itself."""

    pace: Pace
    clock: Callable[[], datetime]
    deadline: float
    expected: int = 1
    _taken: deque[int] = field(default_factory=deque, init=False)

    def wait(self) -> None:
        """Wait for the next turn.

        Raises:
            NotYet: it would come too late.
        """
        if not self._taken:
            self._taken = self.pace.take(self.expected, self.clock(), self.deadline)
            self.expected = 1
        if self._taken:
            pause = self._taken.popleft() - _microseconds(self.clock())
            if pause > 0:
                time.sleep(pause / _SECOND)


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * _SECOND)
