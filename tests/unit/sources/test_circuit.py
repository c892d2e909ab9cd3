from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from peoplefeed.sources.circuit import is_open, next_try, patience

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("interval", "failures", "asked", "minutes"),
    [
        (5, 1, None, 5),
        (5, 2, None, 5),
        (5, 3, None, 10),
        (5, 4, None, 20),
        (5, 6, None, 60),
        (5, 5000, None, 60),
        (15, 1, None, 15),
        (15, 3, None, 30),
        (60, 3, None, 60),
        (1440, 9, None, 1440),  # never more often than the source's own interval
        (5, 1, 30.0, 5),
        (5, 1, 1800.0, 30),
        (5, 1, 10.0**6, 360),  # nobody makes us wait for more than six hours
    ],
)
def test_who_keeps_failing_is_left_alone_for_longer_and_longer(
    interval: int, failures: int, asked: float | None, minutes: int
) -> None:
    assert next_try(NOW, timedelta(minutes=interval), failures, asked) - NOW == timedelta(minutes=minutes)


def test_an_open_circuit_is_tried_once_and_not_five_times() -> None:
    assert [is_open(failures) for failures in range(5)] == [False, False, False, True, True]
    assert (patience(2).total, patience(3).total) == (4, 0)
