"""3.10: a late feed of changes says nothing new of those who stand in a full feed that came after it."""

from collections.abc import Set as AbstractSet
from functools import cached_property

from peoplefeed.deployment import Deployment
from peoplefeed.model import Feed, FeedMode, Position, Purpose
from peoplefeed.runs.comparison import settled_in
from peoplefeed.storage.full_feeds import FullFeed


class Lateness:
    """How late a feed is. `last` is the source's last applied full feed."""

    def __init__(self, deployment: Deployment, feed: Feed, last: FullFeed | None) -> None:
        """Take a feed."""
        self._deployment, self._last = deployment, last
        of_changes = feed.mode is FeedMode.CHANGES and feed.purpose is not Purpose.RETRY
        self._is_late = of_changes and last is not None and feed.age < last.age

    def seen_later(self, external_ids: AbstractSet[str]) -> dict[str, Position]:
        """Return where those stand whom the full feed had, changed or not."""
        if not self._is_late or self._last is None:
            return {}
        return dict.fromkeys(self._settled & external_ids, f"{self._last.age}#")

    @cached_property
    def _settled(self) -> set[str]:
        return settled_in(self._deployment, self._last) if self._last else set()
