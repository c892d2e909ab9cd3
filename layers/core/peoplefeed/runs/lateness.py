"""3.10: a late feed of changes says nothing new of those who stand in a full feed that came after it."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from peoplefeed.deployment import Deployment
from peoplefeed.model import Feed, FeedMode, Position, Purpose
from peoplefeed.runs.comparison import settled_in
from peoplefeed.storage.full_feeds import FullFeed, all_full_feeds


class Lateness:
    """How late a feed is: held against its source's last applied full feed, what is released against every source's."""

    def __init__(self, deployment: Deployment, feed: Feed, last: FullFeed | None) -> None:
        """Take a feed, and the last full feed of its source."""
        self._deployment, self._feed, self._last = deployment, feed, last
        self._settled: list[tuple[str, set[str]]] | None = None

    def seen_later(self, external_ids: AbstractSet[str]) -> dict[str, Position]:
        """Return where those stand whom a later full feed had, changed or not."""
        if self._settled is None:
            self._settled = [(full.age, settled_in(self._deployment, full)) for full in sorted(self._later(), key=_age)]
        seen: dict[str, Position] = {}
        for age, settled in self._settled:
            seen |= dict.fromkeys(settled & external_ids, f"{age}#")
        return seen

    def _later(self) -> Iterator[FullFeed]:
        """Yield the full feeds that may have said something newer."""
        feed, known = self._feed, [self._last] if self._last else []
        if feed.purpose is Purpose.RELEASE:
            known = all_full_feeds(self._deployment, feed.tenant, feed.kind)
        elif feed.purpose is Purpose.RETRY or feed.mode is FeedMode.FULL:
            known = []
        yield from (full for full in known if feed.age < full.age)


def _age(full: FullFeed) -> str:
    return full.age
