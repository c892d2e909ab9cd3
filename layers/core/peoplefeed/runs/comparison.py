"""Which fingerprints of the last full feed can still be trusted."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from botocore.exceptions import ClientError

from peoplefeed.deployment import Deployment
from peoplefeed.model import FeedMode, Run
from peoplefeed.runs.fingerprints import Comparison, last_seen, read_records
from peoplefeed.storage.full_feeds import FullFeed
from peoplefeed.storage.plans import find_head, read_list
from peoplefeed.storage.runs import chunk_marks
from peoplefeed.times import stamp

# Past these, comparing with the directory itself is cheaper, or due (design: once a day, reconciliation).
_MOST_RUNS_BETWEEN = 1000
_RECONCILE_EVERY = timedelta(days=1)


def comparison_for(
    deployment: Deployment, run: Run, last: FullFeed | None, now: datetime, *, leavers: str = "keep"
) -> Comparison:
    """Return what a run's rows can be compared with: nothing unless both are full feeds.

    `leavers` is what the source says of whom it lacks (1.5): where it said something else before, the absent of
    earlier feeds are not remembered.
    """
    if run.feed.mode is not FeedMode.FULL or not is_comparable(last, run.number, now):
        return Comparison()
    if last and last.leavers != leavers:
        return Comparison()
    content = _content(deployment, last)
    if not content:
        return Comparison()
    tenant, since = run.feed.tenant, last.run if last else 0
    touched = touched_since(deployment, tenant, since, run.number, run.feed.source) | _given_up(
        deployment, tenant, since
    )
    return Comparison(content, touched)


def is_comparable(last: FullFeed | None, number: int, now: datetime) -> bool:
    """Whether the last full feed left fingerprints that are recent enough."""
    if last is None or not last.fingerprints or last.compared_at is None:
        return False
    return number - last.run <= _MOST_RUNS_BETWEEN and last.compared_at > stamp(now - _RECONCILE_EVERY)


def touched_since(deployment: Deployment, tenant: str, since: int, until: int, source: str | None = None) -> set[str]:
    """Return whom the runs in between changed or parked, and with whom they had problems of a source."""
    touched: set[str] = set()
    for number in range(since + 1, until):
        head = find_head(deployment, tenant, number)
        lists = [head.touched, head.complained if head.source == source else None] if head else []
        for key in filter(None, lists):
            touched.update(read_list(deployment, key))
    return touched


def _given_up(deployment: Deployment, tenant: str, number: int) -> set[str]:
    """Return whom the last full feed itself had to give up."""
    return {external_id for mark in chunk_marks(deployment, tenant, number) for external_id in mark.get("refused", ())}


def last_seen_in(deployment: Deployment, full: FullFeed) -> Iterator[tuple[str, str]]:
    """Yield whose row was applied, also as unchanged, and how old the feed was: what is older is stale (3.10).

    That feed is the full feed itself or, of whom it lacks, one before it that counts because something was held.
    """
    for digest, external_id in read_records(_content(deployment, full)):
        if age := last_seen(digest, full.age):
            yield external_id, age


def seen_earlier(
    deployment: Deployment, last: FullFeed | None, comparison: Comparison, fresh: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return what is to be remembered of whom earlier full feeds had and this one has not, while something is held."""
    content = comparison.content or _content(deployment, last)
    return comparison.seen_earlier(content, last.age, fresh) if last else {}


def _content(deployment: Deployment, full: FullFeed | None) -> bytes:
    """Return the fingerprints that a full feed left; none where they are past their retention."""
    if full is None or full.fingerprints is None:
        return b""
    try:
        return deployment.s3.get_object(Bucket=deployment.names.feed_bucket, Key=full.fingerprints)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
            return b""
        raise
