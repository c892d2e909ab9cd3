"""How long to leave an HR system alone that is in trouble, so that it recovers and nobody else has to wait."""

from datetime import datetime, timedelta

from urllib3 import Retry

from peoplefeed.sources.http import ONE_ATTEMPT, PATIENT

OPENS_AFTER = 3
"""So many polls fail in a row until the circuit opens."""

_MOST = timedelta(hours=1)
_LONGEST_ASKED = timedelta(hours=6)


def is_open(failures: int) -> bool:
    """Whether a source is only looked at to find out whether it is well again."""
    return failures >= OPENS_AFTER


def patience(failures: int) -> Retry:
    """Return how often a poll tries one page."""
    return ONE_ATTEMPT if is_open(failures) else PATIENT


def next_try(now: datetime, interval: timedelta, failures: int, asked_for: float | None) -> datetime:
    """Return when to poll after the last of so many failures; `asked_for` are the seconds of a Retry-After.

    From the third on the pauses double, up to an hour or the source's own interval.
    """
    doublings = min(max(0, failures - OPENS_AFTER + 1), 16)
    pause = min(interval * (1 << doublings), max(_MOST, interval))
    return now + max(pause, min(timedelta(seconds=asked_for or 0), _LONGEST_ASKED))
