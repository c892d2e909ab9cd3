"""What is remembered of the last applied full feed of each source (1.4, 1.5)."""

from dataclasses import dataclass

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get
from peoplefeed.dynamo.writes import Put
from peoplefeed.model import Feed


@dataclass(frozen=True, slots=True)
class FullFeed:
    """The last full feed of a source and kind: its age, its run, its fingerprints (an object's key).

    `compared_at` is when rows of the source were last compared with the directory itself, one by one.
    """

    age: str
    run: int
    fingerprints: str | None = None
    compared_at: str | None = None


def find_last_full_feed(deployment: Deployment, feed: Feed) -> FullFeed | None:
    """Return the last applied full feed of a feed's source and kind."""
    key = keys.last_full_feed(feed.tenant, feed.source, feed.kind.value)
    item = get(deployment.dynamodb, deployment.names.directory_table, key)
    if item is None:
        return None
    return FullFeed(item["age"], item["run"], item.get("fingerprints"), item.get("compared_at"))


def remember(deployment: Deployment, feed: Feed, full: FullFeed) -> Put:
    """Return the write that remembers a full feed; it belongs in the transaction that finishes its run."""
    values: dict[str, Value] = {
        "age": full.age,
        "run": full.run,
        "fingerprints": full.fingerprints,
        "compared_at": full.compared_at,
    }
    key = keys.last_full_feed(feed.tenant, feed.source, feed.kind.value)
    return Put(deployment.names.directory_table, key, values)
