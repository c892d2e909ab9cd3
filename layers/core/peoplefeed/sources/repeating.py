"""Asking only whether something changed: an HR system that gives its one answer an ETag need not send it again.

What did not change is landed all the same, as a copy of the last feed: a full feed has its say whether or not it is
new, over what was uploaded meanwhile for instance (3.13).
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from peoplefeed.deployment import Deployment
from peoplefeed.sources.checkpoint import Checkpoint
from peoplefeed.sources.inquiry import Inquiry
from peoplefeed.sources.store import Source
from peoplefeed.sources.trouble import incomplete
from peoplefeed.times import stamp

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

_LONGEST = timedelta(days=1)
"""For so long a system is believed that nothing has changed."""

_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404"})


def known_etag(source: Source, inquiry: Inquiry, now: datetime) -> str | None:
    """Return the ETag of what the last feed holds, if that is what would be asked for."""
    if source.etag is None or source.last_feed is None or not inquiry.is_one_answer:
        return None
    return source.etag if (source.seen_at or "") > stamp(now - _LONGEST) else None


def land_again(deployment: Deployment, source: Source, at: Checkpoint) -> str:
    """Land the last feed once more, as old as this poll, and return its version.

    Raises:
        SourceTrouble: it is gone.
    """
    bucket = deployment.names.feed_bucket
    last: CopySourceTypeDef = {"Bucket": bucket, "Key": source.last_feed or ""}
    if source.last_version:
        last["VersionId"] = source.last_version
    try:
        answer = deployment.s3.copy_object(
            Bucket=bucket, Key=at.key, CopySource=last, Metadata={"age": at.age}, MetadataDirective="REPLACE"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            raise incomplete("it says that nothing has changed, but the feed before is gone.") from error
        raise
    return answer.get("VersionId", "")
