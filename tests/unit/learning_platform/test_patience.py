from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from peoplefeed.learning_platform import patience

NOW = datetime(2026, 11, 22, 13, 20, 39, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 1.5 ", 1.5),
        ("Sun, 22 Nov 2026 13:21:39 GMT", 60.0),
        ("Sun, 22 Nov 2026 13:21:39", 60.0),
        ("Sun, 22 Nov 2026 13:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_comes_in_two_forms_and_in_nonsense(header: str | None, seconds: float | None) -> None:
    assert patience.retry_after(header, NOW) == seconds


@pytest.mark.parametrize(("attempts", "longest"), [(1, 30), (2, 60), (4, 240), (6, 600), (1000, 600)])
def test_8_3_pauses_after_outages_double_up_to_ten_minutes_and_spread(attempts: int, longest: int) -> None:
    pauses = [(patience.after_outage(NOW, attempts, None) - NOW).total_seconds() for _ in range(200)]
    assert longest / 2 <= min(pauses) < max(pauses) <= longest


def test_the_platform_is_never_asked_sooner_than_it_wants() -> None:
    assert patience.after_outage(NOW, 1, 3600) >= NOW + timedelta(hours=1)


def test_a_platform_that_wants_years_is_asked_again_today() -> None:
    assert patience.after_outage(NOW, 1, 1e9) <= NOW + timedelta(hours=6, seconds=1)


@pytest.mark.parametrize(("attempts", "hours"), [(1, 1), (2, 2), (5, 16), (6, 24), (1000, 24)])
def test_refusals_wait_from_an_hour_to_a_day(attempts: int, hours: int) -> None:
    assert patience.after_refusal(NOW, attempts) == NOW + timedelta(hours=hours)
