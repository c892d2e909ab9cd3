"""What one poll asks: for everybody, or for what changed since the last one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from peoplefeed.model import FeedMode
from peoplefeed.sources.incremental import SINCE, Incremental, filled
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.pagination import AnyPaginator, NoPages
from peoplefeed.sources.parts import PLACEHOLDER
from peoplefeed.sources.request import Request
from peoplefeed.sources.trouble import malformed


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A request with everything filled in, and how to read the answers.

    `since` is None where everybody is wanted; `etag` is that of the answer that we have already.
    """

    mode: FeedMode
    request: Request
    paginator: AnyPaginator
    records: str
    keyed_by: str | None
    details: Request | None
    empty: str | None = None
    since: datetime | None = None
    etag: str | None = None

    @property
    def is_one_answer(self) -> bool:
        """Whether all that is wanted comes in one answer, so that its ETag stands for everything."""
        return self.mode is FeedMode.FULL and isinstance(self.paginator, NoPages) and self.details is None


def inquiry_of(manifest: SourceManifest, since: datetime | None) -> Inquiry:
    """Return what to ask a source: for what changed since then, if it can be asked so, else for everybody."""
    changes = manifest.incremental
    if changes is None or since is None:
        mode, paginator = manifest.mode, manifest.paginator
        return Inquiry(
            mode, manifest.request, paginator, manifest.records, manifest.keyed_by, manifest.details, manifest.empty
        )
    return Inquiry(
        mode=FeedMode.CHANGES,
        request=_asking_since(changes, manifest.request, since),
        paginator=changes.paginator or manifest.paginator,
        records=changes.records or manifest.records,
        keyed_by=changes.keyed_by or manifest.keyed_by,
        details=changes.details or manifest.details,
        empty=manifest.empty,
        since=since,
    )


def wants_everybody(manifest: SourceManifest, last_full: datetime | None, now: datetime) -> bool:
    """Whether it is time for a full feed again."""
    changes = manifest.incremental
    return changes is None or last_full is None or now - last_full >= timedelta(hours=changes.full_every_hours)


def _asking_since(changes: Incremental, request: Request, since: datetime) -> Request:
    asked = changes.request or request
    asked = asked.model_copy(update={"query": asked.query | changes.query})
    return filled(asked, lambda text: text.replace(SINCE, changes.since(since)))


def details_of(details: Request, record: Mapping[str, Any]) -> Request:
    """Return the request for the details of a record: `{id}` stands for its `id`.

    Raises:
        SourceTrouble: the record lacks what the request needs.
    """

    def value(found: re.Match[str]) -> str:
        text = record.get(found[1])
        if not isinstance(text, str | int) or isinstance(text, bool) or text == "":
            raise malformed(f"a record has no '{found[1]}' to ask for its details.")
        return str(text)

    in_path = PLACEHOLDER.sub(lambda found: quote(value(found), safe=""), details.path)
    return filled(details, lambda text: PLACEHOLDER.sub(value, text)).model_copy(update={"path": in_path})
