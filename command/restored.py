"""What is left to do when the directory was restored to an earlier moment (docs/operating.md).

python -m command.restored STACK TIME     TIME is the moment, like 2026-11-22T09:00:00Z

The bucket remembers more than the table then. Feeds that the table does not know, or had not applied, are sent again
as old as they were, so that rows which are out of date are superseded (3.10). Each tenant's line moves past all
numbers that may have been given since: their plans lie in the bucket, and the first plan of a number counts for ever.
No fingerprint is trusted any more. All of it may be done twice.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from command.connection import Place, find_place
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import from_item
from peoplefeed.times import stamp

_ON_THEIR_WAY = timedelta(hours=1)  # what came so shortly before may not have had its number
_PAST_ALL_NUMBERS = 1_000_000  # a source polled every five minutes gives 10,000 in the 35 days that can be restored


@dataclass(frozen=True, slots=True, order=True)
class Sent:
    """A feed object that is to be sent again. `age` is what it would be if nothing else says so (1.4)."""

    age: str
    key: str
    version: str


def main(arguments: Sequence[str] | None = None) -> None:
    """Do it, and say how much it was."""
    parser = argparse.ArgumentParser(prog="python -m command.restored", description="Finishes a restore.")
    parser.add_argument("stack", metavar="STACK")
    parser.add_argument("moment", metavar="TIME", type=datetime.fromisoformat, help="like 2026-11-22T09:00:00Z")
    given = parser.parse_args(arguments)
    if given.moment.tzinfo is None:
        parser.error("TIME lacks its time zone: put Z behind it for UTC")
    place = find_place(given.stack)
    tenants = list(_tenants(place))
    waiting = {feed for tenant in tenants for feed in _waiting(place, tenant)}
    feeds = sorted(waiting.union(_since(place, given.moment - _ON_THEIR_WAY)))
    for feed in feeds:
        _send_again(place, feed)
    for tenant in tenants:
        _move_on(place, tenant)
    print(f"{len(feeds)} feeds are sent again; the lines of {len(tenants)} tenants begin anew.")


def _tenants(place: Place) -> Iterator[dict[str, Any]]:
    scan = place.client("dynamodb").get_paginator("scan")
    for page in scan.paginate(TableName=place.directory_table, ConsistentRead=True):
        yield from (from_item(item) for item in page["Items"] if item["sk"] == {"S": "META"})


def _waiting(place: Place, tenant: Mapping[str, Any]) -> Iterator[Sent]:
    """Yield the feeds that had a number and were not over."""
    slug, dynamodb = tenant["pk"].removeprefix("T#"), place.client("dynamodb")
    for number in range(tenant["applied"] + 1, tenant["next"]):
        pk, sk = keys.run(slug, number)
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        run = from_item(dynamodb.get_item(TableName=place.directory_table, Key=key, ConsistentRead=True)["Item"])
        found = place.client("s3").head_object(Bucket=place.bucket, Key=run["key"], VersionId=run["version_id"])
        yield Sent(stamp(found["LastModified"]), run["key"], run["version_id"])


def _since(place: Place, moment: datetime) -> Iterator[Sent]:
    """Yield the feeds that came since."""
    versions = place.client("s3").get_paginator("list_object_versions")
    for page in versions.paginate(Bucket=place.bucket, Prefix="feeds/"):
        for found in page.get("Versions", ()):
            if found["LastModified"] >= moment:
                yield Sent(stamp(found["LastModified"]), found["Key"], found["VersionId"])


def _send_again(place: Place, feed: Sent) -> None:
    s3, original = place.client("s3"), {"Bucket": place.bucket, "Key": feed.key, "VersionId": feed.version}
    said = s3.head_object(**original)["Metadata"]
    folder, _, name = feed.key.rpartition("/")
    s3.copy_object(
        Bucket=place.bucket,
        Key=f"{folder}/again-{name}",
        CopySource=original,
        MetadataDirective="REPLACE",
        Metadata={"age": feed.age} | said,
    )


def _move_on(place: Place, tenant: Mapping[str, Any]) -> None:
    values = {
        ":epoch": tenant["epoch"] + 1,
        ":applied": tenant["next"] - 1 + _PAST_ALL_NUMBERS,
        ":next": tenant["next"] + _PAST_ALL_NUMBERS,
    }
    place.client("dynamodb").update_item(
        TableName=place.directory_table,
        Key={"pk": {"S": tenant["pk"]}, "sk": {"S": tenant["sk"]}},
        UpdateExpression="SET #epoch = :epoch, #applied = :applied, #next = :next REMOVE #line_pk, #line_sk",
        ExpressionAttributeNames={f"#{name}": name for name in ("epoch", "applied", "next", "line_pk", "line_sk")},
        ExpressionAttributeValues={name: {"N": str(value)} for name, value in values.items()},
    )


if __name__ == "__main__":
    main()
