"""Which fingerprints of the last full feed can still be trusted."""

from datetime import datetime, timedelta

from botocore.exceptions import ClientError

from peoplefeed.deployment import Deployment
from peoplefeed.model import FeedMode, Run
from peoplefeed.runs.fingerprints import VOID, Comparison, read_records
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
    tenant, bucket = run.feed.tenant, deployment.names.feed_bucket
    try:
        content = deployment.s3.get_object(Bucket=bucket, Key=(last and last.fingerprints) or "")["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
            return Comparison()  # past its retention
        raise
    since = last.run if last else 0
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


def settled_in(deployment: Deployment, last: FullFeed) -> set[str]:
    """Return whose row in a full feed was applied, also as unchanged: what is older than that feed is stale (3.10)."""
    if last.fingerprints is None:
        return set()
    body = deployment.s3.get_object(Bucket=deployment.names.feed_bucket, Key=last.fingerprints)["Body"]
    return {external_id for digest, external_id in read_records(body.read()) if digest != VOID}
