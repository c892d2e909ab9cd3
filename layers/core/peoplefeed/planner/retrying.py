"""When what failed by a fault of ours is tried again (9.2)."""

from datetime import datetime, timedelta

from peoplefeed.times import stamp

_HOURS = (1, 6, 24)


def next_try(at: str, tried: int) -> str | None:
    """Return when a row is tried again that failed at `at` after `tried` earlier tries; None when it was enough."""
    if tried >= len(_HOURS):
        return None
    return stamp(datetime.fromisoformat(at) + timedelta(hours=_HOURS[tried]))


def next_retry(at: str, tried: int) -> str:
    """Return when a retry is made again that was given up as a whole. It never was enough: nobody else asks for it."""
    hours = _HOURS[min(tried, len(_HOURS) - 1)]
    return stamp(datetime.fromisoformat(at) + timedelta(hours=hours))


def what_follows(retry_at: str | None) -> str:
    """Return what to tell of a row that failed: when it is tried again (7.2), or that nobody will."""
    if retry_at is None:
        return "it was tried often enough: send it again when that is mended"
    at = f"{datetime.fromisoformat(retry_at):%Y-%m-%d %H:%M}"
    return f"nothing needs to be done, it is kept and tried again at {at} UTC"
