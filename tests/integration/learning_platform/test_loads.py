"""8.2, 8.4: first loads and backlogs at a platform's pace, for hours of a clock that moves (`benchmarks`: full sizes).

One request a second: that is 272 people until the next sweep.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import pytest

from peoplefeed.learning_platform import outbox
from tests.integration.learning_platform.loads import Figures, Load, a_load

HOUR, SHARE = 3600.0, 272


@pytest.fixture
def load() -> Iterator[Load]:
    with a_load(per_second=1) as load:
        yield load


@pytest.fixture(autouse=True)
def _busy_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue of a few hundred is a full one."""
    monkeypatch.setattr(outbox, "_QUEUE_IS_BUSY", 100)


def _backlog(load: Load, people: int, *, workers: int, hours: float = 24) -> Figures:
    load.fill(people)
    until = hours * HOUR
    return load.run(*[partial(load.work, until=until)] * workers, partial(load.sweep, until=until))


def test_a_first_load_by_several_workers_takes_the_time_that_the_limit_wants(load: Load) -> None:
    works = [partial(load.work, until=math.inf)] * 3
    figures = load.run(partial(load.apply, 600), *works, partial(load.sweep, until=math.inf))
    assert (figures.accounts, figures.waiting) == (600, 0)
    assert (figures.too_many, figures.fullest) == (0, 1)
    assert 1.1 * 3 * 600 <= figures.seconds <= 1.1 * 3 * 600 + 120
    assert figures.most_for_one <= 2


@pytest.mark.parametrize("slow", [0.3, 2.0])
def test_answers_that_take_their_time_are_no_reason_for_bursts(slow: float) -> None:
    """The second and the third request of a newcomer come when the answer before them does, whenever that is."""
    with a_load(per_second=10, slow=slow) as load:
        figures = _backlog(load, 300, workers=5)
    assert (figures.accounts, figures.too_many) == (300, 0)
    assert figures.seconds <= 1.1 * 3 * 300 / 10 + 20


def test_the_least_that_settings_can_say_is_enough_for_a_newcomer(load: Load) -> None:
    """Six a minute: three turns of eleven seconds are what a delivery has time for, if nobody comes in between."""
    load.odd.per_second = None
    load.scene.platform(url=load.odd.url, requests_per_minute=6)
    figures = _backlog(load, 20, workers=3)
    assert (figures.accounts, figures.waiting) == (20, 0)
    assert figures.requests <= 2 * 3 * 20
    assert figures.seconds <= 2 * 11 * 3 * 20


def test_a_backlog_is_put_into_the_queue_once(load: Load) -> None:
    figures = _backlog(load, 600, workers=3)
    assert (figures.accounts, figures.waiting, figures.too_many) == (600, 0, 0)
    assert figures.messages <= 600 + 30
    assert figures.ahead <= SHARE


def test_nor_is_it_again_and_again_while_nobody_delivers(load: Load) -> None:
    figures = _backlog(load, 600, workers=0)
    assert (figures.messages, figures.most_for_one, figures.waiting) == (SHARE, 1, 600)


def test_nor_while_deliveries_take_longer_than_the_platform_would_allow(load: Load) -> None:
    load.slow = 9
    figures = _backlog(load, 400, workers=1)
    assert (figures.accounts, figures.waiting, figures.too_many) == (400, 0, 0)
    assert (figures.ahead, figures.most_for_one) == (SHARE, 2)
    assert figures.messages <= 1.5 * 400


def test_nor_while_the_platform_is_down(load: Load) -> None:
    load.timeline.start(partial(load.go_down, at=600, seconds=HOUR))
    figures = _backlog(load, 600, workers=3)
    during = [external_id for at, external_id in load.sent if 900 < at <= HOUR + 600]
    assert (figures.accounts, figures.waiting) == (600, 0)
    assert 0 < len(during) <= outbox.PROBES * HOUR / 300
    assert figures.ahead <= SHARE
