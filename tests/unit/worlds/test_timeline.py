"""The clock that moves when everybody sleeps."""

from __future__ import annotations

import time
from functools import partial

import pytest

from tests.worlds.timeline import Pool, Timeline


def test_who_sleeps_lets_the_others_go_on_in_the_order_of_their_waking() -> None:
    timeline, seen = Timeline(), list[tuple[str, float]]()

    def work(name: str, seconds: float) -> None:
        for _ in range(2):
            timeline.sleep(seconds)
            seen.append((name, timeline.passed))

    for name, seconds in (("slow", 3.0), ("quick", 2.0)):
        timeline.start(partial(work, name, seconds))
    timeline.run()
    assert seen == [("quick", 2.0), ("slow", 3.0), ("quick", 4.0), ("slow", 6.0)]


def test_what_is_done_together_takes_as_long_as_the_longest() -> None:
    timeline, found = Timeline(), list[float]()

    def nap(seconds: float) -> float:
        time.sleep(seconds)
        return seconds

    def work() -> None:
        with Pool(timeline)(3) as pool:
            found.extend(pool.map(nap, (2.0, 5.0, 1.0)))
        found.append(time.monotonic())

    timeline.start(work)
    with timeline.instead_of_time():
        timeline.run()
    assert found == [2.0, 5.0, 1.0, 5.0]


def test_an_exception_that_nobody_catches_ends_it() -> None:
    timeline = Timeline()
    timeline.start(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        timeline.run()
