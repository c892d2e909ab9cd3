"""Times as the items hold them: UTC, ISO 8601, milliseconds, `Z`; they compare as strings."""

import re
from datetime import UTC, datetime

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def stamp(moment: datetime) -> str:
    """Return a moment as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(text: str) -> int:
    """Return the epoch seconds of a stamped moment."""
    return int(datetime.fromisoformat(text).timestamp())


def is_stamp(text: str) -> bool:
    """Whether a text is what `stamp` writes."""
    return bool(_STAMP.fullmatch(text))
