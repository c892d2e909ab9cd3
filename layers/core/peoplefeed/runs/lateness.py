"""3.10: a late feed of changes says nothing new of those who stand in a full feed that came after it."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from peoplefeed.deployment import Deployment
from peoplefeed.model import Feed, FeedMode, Position, Purpose
from peoplefeed.runs.comparison import last_seen_in
from peoplefeed.storage.full_feeds import FullFeed, all_full_feeds


class Lateness:
    """How late a feed is: held against its source's last applied full feed, what is released against every source's."""

    def __init__(self, deployment: Deployment, feed: Feed, last: FullFeed | None) -> None:
        """Take a feed, and the last full feed of its source."""
        self._deployment, self._feed, self._last = deployment, feed, last
        self._seen: dict[str, Position] | None = None

    def seen_later(self, external_ids: AbstractSet[str]) -> dict[str, Position]:
        """Return where those stand whom a later full feed had, changed or not."""
        if self._seen is None:
            self._seen = {}
            for full in self._later():
                self._look_into(full, self._seen)
        return {who: self._seen[who] for who in external_ids & self._seen.keys()}

    def _look_into(self, full: FullFeed, seen: dict[str, Position]) -> None:
        """Add whom a full feed had; for what is released also whom those had that came before it, since it is held."""
        places: dict[str, Position] = {}  # a million people stand in one
        for who, age in last_seen_in(self._deployment, full):
            if age == full.age or (self._feed.purpose is Purpose.RELEASE and self._feed.age < age):
                seen[who] = max(seen.get(who, ""), places.setdefault(age, f"{age}#"))

    def _later(self) -> Iterator[FullFeed]:
        """Yield the full feeds that may have said something newer."""
        feed, known = self._feed, [self._last] if self._last else []
        if feed.purpose is Purpose.RELEASE:
            known = all_full_feeds(self._deployment, feed.tenant, feed.kind)
        elif feed.purpose is Purpose.RETRY or feed.mode is FeedMode.FULL:
            known = []
        yield from (full for full in known if feed.age < full.age)
