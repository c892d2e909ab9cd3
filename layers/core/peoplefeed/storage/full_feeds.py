"""What is remembered of the last applied full feed of each source (1.4, 1.5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get, query
from peoplefeed.dynamo.writes import Put
from peoplefeed.model import Feed, FeedKind


@dataclass(frozen=True, slots=True)
class FullFeed:
    """The last full feed of a source and kind: its age, its run, its fingerprints (an object's key).

    `compared_at` is when rows of the source were last compared with the directory itself, one by one. `rows` and
    `columns` are what it had (6.2); `leavers` what its source said of those whom it lacks (1.5).
    """

    age: str
    run: int
    fingerprints: str | None = None
    compared_at: str | None = None
    rows: int | None = None
    columns: tuple[str, ...] = ()
    leavers: str = "keep"


def find_last_full_feed(deployment: Deployment, feed: Feed) -> FullFeed | None:
    """Return the last applied full feed of a feed's source and kind."""
    key = keys.last_full_feed(feed.tenant, feed.source, feed.kind.value)
    item = get(deployment.dynamodb, deployment.names.directory_table, key)
    return _full_feed_from(item) if item else None


def all_full_feeds(deployment: Deployment, tenant: str, kind: FeedKind) -> list[FullFeed]:
    """Return the last applied full feed of each source."""
    pk, _ = keys.last_full_feed(tenant, "", kind.value)
    condition, values = "#pk = :pk AND begins_with(#sk, :prefix)", {"pk": pk, "prefix": "FED#"}
    items = query(deployment.dynamodb, deployment.names.directory_table, condition, values, ConsistentRead=True)
    return [_full_feed_from(item) for item in items if item["sk"].endswith(f"#{kind.value}")]


def _full_feed_from(item: Mapping[str, Any]) -> FullFeed:
    return FullFeed(
        age=item["age"],
        run=item["run"],
        fingerprints=item.get("fingerprints"),
        compared_at=item.get("compared_at"),
        rows=item.get("rows"),
        columns=tuple(item.get("columns", ())),
        leavers=item.get("leavers", "keep"),
    )


def remember(deployment: Deployment, feed: Feed, full: FullFeed) -> Put:
    """Return the write that remembers a full feed; it belongs in the transaction that finishes its run."""
    values: dict[str, Value] = {
        "age": full.age,
        "run": full.run,
        "fingerprints": full.fingerprints,
        "compared_at": full.compared_at,
        "rows": full.rows,
        "columns": list(full.columns),
        "leavers": full.leavers,
    }
    key = keys.last_full_feed(feed.tenant, feed.source, feed.kind.value)
    return Put(deployment.names.directory_table, key, values)
