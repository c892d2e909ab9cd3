"""Times as the items hold them: UTC, ISO 8601, milliseconds, `Z`; they compare as strings."""

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """Return a moment as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(text: str) -> int:
    """Return the epoch seconds of a stamped moment."""
    return int(datetime.fromisoformat(text).timestamp())
