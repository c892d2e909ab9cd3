"""The one clock of a world. It moves when a test says so, or when something sleeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

START = datetime(2026, 11, 22, 13, 20, 39, 123000, UTC)


class Clock:
    """Call it for the time."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def forward(self, **how: float) -> None:
        """Let time pass: `forward(minutes=5)`."""
        self._now += timedelta(**how)

    def until(self, moment: datetime) -> None:
        self._now = max(self._now, moment)

    @contextmanager
    def instead_of_sleeping(self) -> Iterator[None]:
        """Let `time.sleep` move this clock, and take no time."""
        with patch("time.sleep", lambda seconds: self.forward(seconds=max(seconds, 0))):
            yield
