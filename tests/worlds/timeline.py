"""Many who work at once on a clock that moves: time passes when all of them sleep, and takes none.

    timeline = Timeline()
    timeline.start(work)
    with timeline.instead_of_time():
        timeline.run()

Whoever works is a greenlet. It goes on until it sleeps; then whoever wakes up next does. So hours of several workers
take minutes, and the same work always takes the same course.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from threading import get_ident
from typing import Self
from unittest.mock import patch

from greenlet import getcurrent, greenlet

from tests.worlds.clock import START

_really_sleep = time.sleep


@dataclass(slots=True)
class Timeline:
    """Call it for the time. `passed` is how many seconds have passed."""

    start_of_all: datetime = START
    passed: float = 0.0
    _asleep: list[tuple[float, int, greenlet]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _hub: greenlet = field(default_factory=getcurrent)
    _thread: int = field(default_factory=get_ident)

    def __call__(self) -> datetime:
        return self.start_of_all + timedelta(seconds=self.passed)

    def start(self, work: Callable[[], object]) -> None:
        """Have something done as well, from now on."""
        self._wake_up(greenlet(work, self._hub), 0)

    def sleep(self, seconds: float) -> None:
        """Let the others go on; of other threads, which serve them, let real time pass."""
        if get_ident() != self._thread:
            return _really_sleep(seconds)
        self._wake_up(getcurrent(), max(0.0, seconds))
        self._hub.switch()
        return None

    def together[T](self, works: Iterable[Callable[[], T]]) -> list[T]:
        """Have several things done at once, and return what each came to."""
        me, results, left = getcurrent(), dict[int, T](), list(works)

        def do(number: int, work: Callable[[], T]) -> None:
            results[number] = work()
            if len(results) == len(left):
                self._wake_up(me, 0)

        for number, work in enumerate(left):
            self.start(lambda number=number, work=work: do(number, work))  # type: ignore[misc]
        if left:
            self._hub.switch()
        return [results[number] for number in range(len(left))]

    def run(self) -> None:
        """Go on until nobody has anything to do any more. An exception that nobody catches ends it."""
        while self._asleep:
            moment, _, sleeper = heappop(self._asleep)
            self.passed = max(self.passed, moment)
            sleeper.switch()

    @contextmanager
    def instead_of_time(self) -> Iterator[None]:
        """Let this be the time of the whole process."""
        with patch("time.sleep", self.sleep), patch("time.monotonic", lambda: self.passed):
            yield

    def _wake_up(self, sleeper: greenlet, seconds: float) -> None:
        heappush(self._asleep, (self.passed + seconds, next(self._numbers), sleeper))


@dataclass(frozen=True, slots=True)
class Pool:
    """A `ThreadPoolExecutor` whose threads are greenlets, as many as there is work."""

    timeline: Timeline

    def __call__(self, _workers: int) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nobody is left: `map` waits for everyone."""

    def map[T, R](self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        return self.timeline.together([lambda item=item: work(item) for item in items])  # type: ignore[misc]
