"""What is said of feeds and rows that cannot be read.

UnreadableFeed      the whole feed fails (1.7)
Finding             one row is rejected (2.5): a value, not an exception
"""

from collections.abc import Sequence

from peoplefeed.codes import Code, feed_error, finding
from peoplefeed.model import FeedError, Finding
from peoplefeed.readers import limits

_SHOWN_CHARACTERS = 40
_SHOWN_NAMES = 20


class UnreadableFeed(Exception):
    """A feed that fails as a whole before anything is written (1.7)."""

    def __init__(self, error: FeedError) -> None:
        """Take the code of section 10 and its sentence."""
        super().__init__(error.message)
        self.error = error


def refused(code: Code, **facts: object) -> UnreadableFeed:
    """Return the exception that says why a feed is not read."""
    return UnreadableFeed(feed_error(code, **facts))


def unreadable(reason: str) -> UnreadableFeed:
    """Return the exception for a feed that is not what a feed should be."""
    return refused(Code.FEED_UNREADABLE, reason=reason)


def broken(row: int, raw: bytes, reason: str) -> Finding:
    """Return what is said of a line that cannot be read (2.5)."""
    return finding(Code.LINE_BROKEN, row=row, value=excerpt(raw), reason=reason)


def too_long() -> str:
    """Return why a line past the limit of 6.5 is not read."""
    return f"it is longer than {limits.MAX_LINE // limits.KIB} KiB."


def excerpt(raw: bytes | str) -> str:
    """Return how a line begins, without anything that a screen could not show."""
    text = raw if isinstance(raw, str) else raw[: 4 * _SHOWN_CHARACTERS].decode("utf-8", "replace")
    shown = "".join(character if character.isprintable() else " " for character in text[: _SHOWN_CHARACTERS + 1])
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence can hold them, however many there are."""
    shown = [excerpt(name.strip()) or "(no name)" for name in names[:_SHOWN_NAMES]]
    more = len(names) - len(shown)
    return (", ".join(shown) or "no names") + (f" and {more} more" if more else "")
