"""When what failed by a fault of ours is tried again (9.2)."""

from datetime import datetime, timedelta

from peoplefeed.times import stamp

_HOURS = (1, 6, 24)


def next_try(at: str, tried: int) -> str | None:
    """Return when a row is tried again that failed at `at` after `tried` earlier tries; None when it was enough."""
    if tried >= len(_HOURS):
        return None
    return stamp(datetime.fromisoformat(at) + timedelta(hours=_HOURS[tried]))
