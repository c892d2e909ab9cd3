"""How long to wait before the platform is asked again (8.3). Pure: the clock is an argument."""

import random
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

HOUR = 3600.0

_OUTAGE_FIRST, _OUTAGE_LONGEST = 30.0, 600.0
_REFUSAL_FIRST, _REFUSAL_LONGEST = HOUR, 24 * HOUR
_ASKED_LONGEST = 6 * HOUR
_DOUBLINGS = 16


def retry_after(header: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, in either of its forms (RFC 9110 §10.2.3)."""
    if header is None:
        return None
    if re.fullmatch(r"\s*\d{1,9}(\.\d+)?\s*", header):
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def after_outage(now: datetime, attempts: int, asked: float | None) -> datetime:
    """Return when to try again what failed `attempts` times; never sooner than the platform asked for."""
    seconds = _jittered(min(_OUTAGE_FIRST * 2.0 ** min(attempts - 1, _DOUBLINGS), _OUTAGE_LONGEST))
    if asked is not None:
        seconds = max(seconds, min(asked, _ASKED_LONGEST) + _jittered(1))
    return now + timedelta(seconds=seconds)


def after_refusal(now: datetime, attempts: int) -> datetime:
    """Return when to try again what was refused `attempts` times: someone has to mend something first."""
    return now + timedelta(seconds=min(_REFUSAL_FIRST * 2.0 ** min(attempts - 1, _DOUBLINGS), _REFUSAL_LONGEST))


def _jittered(seconds: float) -> float:
    """Spread what failed together, so that it does not come back together."""
    return seconds * random.uniform(0.5, 1)  # noqa: S311 - jitter, not a secret
