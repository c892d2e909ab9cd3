"""Giving a delivered feed its number (1.3)."""

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import ClientError

from peoplefeed.codes import Code, feed_error
from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.retries import pauses
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Put, Write, transact, write
from peoplefeed.model import BY_API, OWNING_NOBODY, RECEIVED_KINDS, Feed, FeedError, FeedKind, FeedMode, Purpose
from peoplefeed.runs.queues import wake
from peoplefeed.storage.runs import find_number, new_run
from peoplefeed.storage.tenants import Tenant, find_tenant, new_tenant, take_number
from peoplefeed.times import is_stamp, stamp

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_PLACE_PARTS = 6
_UNFINISHED = (".part", ".tmp", ".filepart", ".partial")
"""How SFTP clients call a file until its last byte is there; then they rename it, which makes another object."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the key of a feed object says. `kind` and `mode` are None where it does not say (KIND_UNKNOWN)."""

    tenant: str
    source: str
    kind: FeedKind | None
    mode: FeedMode | None


class UnknownTenant(Exception):
    """A feed is for nobody."""

    def __init__(self, tenant: str) -> None:
        """Keep the code and sentence of section 10."""
        self.error: FeedError = feed_error(Code.TENANT_UNKNOWN, value=tenant)
        super().__init__(self.error.message)


def place_of(key: str) -> Place:
    """Return what `feeds/<tenant>/<source>/<kind>/<mode>/<name>` says; the tenant comes from here alone."""
    parts = [*key.split("/", _PLACE_PARTS - 1), *[""] * _PLACE_PARTS][:_PLACE_PARTS]
    _, tenant, source, kind, mode, name = parts
    known_kind = FeedKind(kind) if kind in _kinds_of(source) and name else None
    known_mode = FeedMode(mode) if mode in set(FeedMode) and name else None
    return Place(tenant, source, known_kind, known_mode)


def is_on_its_way(key: str) -> bool:
    """Whether a key is that of a folder or of a file that somebody is still dropping, and so of no feed (1.14)."""
    return key.endswith("/") or (place_of(key).source not in OWNING_NOBODY and key.casefold().endswith(_UNFINISHED))


def _kinds_of(source: str) -> Collection[str]:
    """Return the kinds of feeds that a source may send: settings are changed through the API alone."""
    return set(FeedKind) if source == BY_API else RECEIVED_KINDS


def feed_of_object(deployment: Deployment, key: str, version_id: str) -> Feed | None:
    """Return the feed that an object version is, None if the object is gone.

    Its age is what the metadata says (a poll's start) or when it arrived (1.4).
    """
    try:
        found = deployment.s3.head_object(Bucket=deployment.names.feed_bucket, Key=key, VersionId=version_id)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NoSuchVersion"}:
            return None
        raise
    place, metadata, arrived = place_of(key), found.get("Metadata", {}), stamp(found["LastModified"])
    return Feed(
        tenant=place.tenant,
        source=place.source,
        kind=place.kind or FeedKind.EMPLOYEES,
        mode=place.mode or FeedMode.CHANGES,
        key=key,
        version_id=version_id,
        age=_age(metadata.get("age", ""), arrived),
        uploaded_by=metadata.get("uploaded-by"),
        simulate=metadata.get("simulate") == "true",
    )


def _age(said: str, arrived: str) -> str:
    """Nothing is younger than its arrival: an age from the future would outrank all that comes (3.10)."""
    return said if is_stamp(said) and said < arrived else arrived


def register(deployment: Deployment, feed: Feed, now: datetime, also: Sequence[Write] = ()) -> int:
    """Return the feed's number in its tenant's line, the same however often it is delivered.

    `also` is written by the transaction that gives the number.

    Raises:
        UnknownTenant: there is no such tenant, and this deployment does not let them come into being.
        Contention: too many feeds of the tenant came in at once.
        ConditionFailed: a condition of `also` did not hold.
    """
    digest = digest_of(feed)
    for _ in pauses():
        known = find_number(deployment, feed.tenant, digest)
        if known:
            return known
        tenant = find_tenant(deployment, feed.tenant) or _open_tenant(deployment, feed.tenant, now)
        try:
            return _take(deployment, tenant, feed, digest, stamp(now), also)
        except ConditionFailed as failed:
            if any(failure.write in also for failure in failed.failures):
                raise
            continue  # someone else delivered this feed, or another one
    raise AssertionError("pauses() raises when the attempts are used up")


def digest_of(feed: Feed) -> str:
    """Return what a feed is known by, however often it is delivered. A hold may hold it twice (6.3)."""
    held_in = f"/{feed.of}" if feed.purpose is Purpose.RELEASE else ""
    return keys.delivery_digest(f"{feed.key}{feed.errand}{held_in}", feed.version_id)


def register_and_wake(deployment: Deployment, feed: Feed, now: datetime, also: Sequence[Write] = ()) -> int:
    """Register a feed that did not come through the import queue, and have its tenant's line looked at."""
    number = register(deployment, feed, now, also)
    wake(deployment, feed.tenant)
    return number


def _take(deployment: Deployment, tenant: Tenant, feed: Feed, digest: str, now: str, also: Sequence[Write]) -> int:
    absent = Condition("the feed was delivered before", "attribute_not_exists(#pk)")
    delivery = keys.delivery(feed.tenant, digest)
    transact(
        deployment.dynamodb,
        [
            Put(deployment.names.directory_table, delivery, {"number": tenant.next}, absent),
            new_run(deployment, feed, tenant.next, now),
            take_number(deployment, tenant, answers=feed.purpose in {Purpose.RELEASE, Purpose.DISCARD}),
            *also,
        ],
    )
    return tenant.next


def _open_tenant(deployment: Deployment, slug: str, now: datetime) -> Tenant:
    """On a local stack a tenant comes into being with its first feed."""
    if not deployment.names.open_tenants or not _SLUG.fullmatch(slug):
        raise UnknownTenant(slug)
    with suppress(ConditionFailed):  # someone else's first feed came in at the same time
        write(deployment.dynamodb, new_tenant(deployment, slug, stamp(now)))
    return find_tenant(deployment, slug) or Tenant(slug)
