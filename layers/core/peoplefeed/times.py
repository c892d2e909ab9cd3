"""Times as the items hold them: UTC, ISO 8601, milliseconds, `Z`; they compare as strings."""

import re
from datetime import UTC, datetime

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def stamp(moment: datetime) -> str:
    """Return a moment as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def arrival(moment: datetime) -> str:
    """Return the age of what an administrator says now (1.4): in whole seconds, like the arrival of a file.

    Else a file that comes within the same second, but later, would be the older of the two.
    """
    return stamp(moment.replace(microsecond=0))


def seconds(text: str) -> int:
    """Return the epoch seconds of a stamped moment."""
    return int(datetime.fromisoformat(text).timestamp())


def is_stamp(text: str) -> bool:
    """Whether a text is what `stamp` writes."""
    return bool(_STAMP.fullmatch(text))
