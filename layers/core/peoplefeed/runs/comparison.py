"""Which fingerprints of the last full feed can still be trusted."""

from datetime import datetime, timedelta

from botocore.exceptions import ClientError

from peoplefeed.deployment import Deployment
from peoplefeed.model import FeedMode, Run
from peoplefeed.runs.fingerprints import Comparison
from peoplefeed.storage.full_feeds import FullFeed
from peoplefeed.storage.plans import find_head
from peoplefeed.storage.runs import chunk_marks
from peoplefeed.times import stamp

# Past these, comparing with the directory itself is cheaper, or due (design: once a day, reconciliation).
_MOST_RUNS_BETWEEN = 1000
_RECONCILE_EVERY = timedelta(days=1)


def comparison_for(deployment: Deployment, run: Run, last: FullFeed | None, now: datetime) -> Comparison:
    """Return what a run's rows can be compared with: nothing unless both are full feeds."""
    if run.feed.mode is not FeedMode.FULL or not is_comparable(last, run.number, now):
        return Comparison()
    tenant, bucket = run.feed.tenant, deployment.names.feed_bucket
    try:
        content = deployment.s3.get_object(Bucket=bucket, Key=(last and last.fingerprints) or "")["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
            return Comparison()  # past its retention
        raise
    return Comparison(content, _touched_since(deployment, tenant, last.run if last else 0, run.number))


def is_comparable(last: FullFeed | None, number: int, now: datetime) -> bool:
    """Whether the last full feed left fingerprints that are recent enough."""
    if last is None or not last.fingerprints or last.compared_at is None:
        return False
    return number - last.run <= _MOST_RUNS_BETWEEN and last.compared_at > stamp(now - _RECONCILE_EVERY)


def _touched_since(deployment: Deployment, tenant: str, since: int, until: int) -> set[str]:
    """Return whom the runs in between changed, and whom the last full feed itself had to give up."""
    touched = _given_up(deployment, tenant, since)
    for number in range(since + 1, until):
        head = find_head(deployment, tenant, number)
        if head and head.touched:
            body = deployment.s3.get_object(Bucket=deployment.names.feed_bucket, Key=head.touched)["Body"]
            touched.update(body.read().decode().split("\0"))
    return touched


def _given_up(deployment: Deployment, tenant: str, number: int) -> set[str]:
    return {external_id for mark in chunk_marks(deployment, tenant, number) for external_id in mark.get("refused", ())}
