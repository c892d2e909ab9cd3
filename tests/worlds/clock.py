"""The one clock of a world. It moves when a test says so, or when something sleeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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

    def sleep(self, seconds: float) -> None:
        """Stand in for `time.sleep`."""
        self._now += timedelta(seconds=max(seconds, 0))

    def until(self, moment: datetime) -> None:
        self._now = max(self._now, moment)
