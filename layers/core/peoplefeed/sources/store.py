"""A tenant's sources: their manifests, and where polling stands. One item each.

`due_pk` and `due_at` are in the index `due` while the source is polled at all, so that nobody looks at those who
are not due. A claim is a lease: it only saves work, since a feed that is polled twice is applied once (1.3).
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get, query
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Update, assignments, write
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.mistakes import check_tenant, parse_manifest
from peoplefeed.times import stamp

DUE_SHARDS = tuple(f"POLL#{shard:02d}" for shard in range(16))

_EXISTS = Condition("there is no such source", "attribute_exists(#manifest)")
_IS_REMOVED = Condition("it is there, or nobody knows it", "attribute_not_exists(#manifest) AND attribute_exists(#pk)")
_STANDING = (
    *("due_pk", "due_at", "paused", "polling_since", "checkpoint", "since", "last_full"),
    *("last_poll", "last_feed", "last_version", "landed_at", "slow", "etag", "seen_at"),
)
"""What says where polling stands, beside the trouble."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source and where polling it stands. Times are as `stamp` writes them."""

    tenant: str
    manifest: SourceManifest
    paused: bool = False
    due_at: str | None = None
    polling_since: str | None = None
    last_poll: str | None = None
    last_feed: str | None = None
    last_version: str | None = None
    landed_at: str | None = None
    since: str | None = None
    """From when on the next poll asks for changes."""
    last_full: str | None = None
    checkpoint: str | None = None
    slow: bool = False
    """Whether it is polled in the slow lane (9.3)."""
    etag: str | None = None
    """What the system calls the answer that the last feed holds, where one answer holds everything."""
    seen_at: str | None = None
    """When that answer was last sent whole."""
    failures: int = 0
    trouble: str | None = None
    troubled_since: str | None = None


def put_source(deployment: Deployment, tenant: str, manifest: SourceManifest, now: datetime) -> bool:
    """Connect a source, or correct its manifest, and return whether it is new. It is due at once, unless it is paused.

    A poll that has not come to its end begins anew, and the next one asks for everybody.

    Raises:
        ManifestError: its secret belongs to another tenant.
    """
    check_tenant(manifest, tenant)
    source = source_of(deployment, tenant, manifest.name)
    begun_anew: dict[str, Value] = dict.fromkeys(("since", "last_full", "checkpoint", "slow", "etag"))
    values = begun_anew | {"manifest": manifest.model_dump_json()}
    if source is None or not source.paused:
        values |= _due(tenant, manifest.name, stamp(now) if manifest.is_polled else None)
    _update(deployment, tenant, manifest.name, values)
    return source is None


def source_of(deployment: Deployment, tenant: str, name: str) -> Source | None:
    """Return a source as it is now."""
    found = get(deployment.dynamodb, deployment.names.directory_table, keys.source(tenant, name))
    return _read(tenant, found) if found and "manifest" in found else None


def manifest_of(deployment: Deployment, tenant: str, name: str) -> SourceManifest | None:
    """Return a source's manifest, None for uploads, the API and whoever else sends files without one."""
    source = source_of(deployment, tenant, name)
    return source.manifest if source else None


def sources_of(deployment: Deployment, tenant: str) -> list[Source]:
    """Return all sources of a tenant, by name."""
    pk, prefix = keys.source(tenant, "")
    condition = "#pk = :pk AND begins_with(#sk, :prefix)"
    table = deployment.names.directory_table
    items = query(deployment.dynamodb, table, condition, {"pk": pk, "prefix": prefix})
    return [_read(tenant, item) for item in items if "manifest" in item]


def pause_source(deployment: Deployment, tenant: str, name: str) -> None:
    """Poll a source no more, until it is resumed.

    Raises:
        ConditionFailed: there is no such source.
    """
    _update(deployment, tenant, name, {"paused": True, "due_pk": None, "due_at": None}, _EXISTS)


def resume_source(deployment: Deployment, tenant: str, name: str, now: datetime) -> None:
    """Poll a source again, at once.

    Raises:
        ConditionFailed: there is no such source.
    """
    source = source_of(deployment, tenant, name)
    due = stamp(now) if source and source.manifest.is_polled else None
    _update(deployment, tenant, name, {"paused": None} | _due(tenant, name, due), _EXISTS)


def remove_source(deployment: Deployment, tenant: str, name: str, now: datetime) -> None:
    """Forget a source. What it sent stays. If it is in trouble, it is due once more, so that the feed log hears of it.

    Raises:
        ConditionFailed: there is no such source.
    """
    source = source_of(deployment, tenant, name)
    values: dict[str, Value] = {"manifest": None} | dict.fromkeys(_STANDING)
    if source and source.failures:
        values |= _due(tenant, name, stamp(now))
    _update(deployment, tenant, name, values, _EXISTS)


def forget_removed(deployment: Deployment, tenant: str, name: str) -> None:
    """Forget the trouble of a source that was removed."""
    values: dict[str, Value] = dict.fromkeys(("due_pk", "due_at", "failures", "trouble", "troubled_since"))
    with suppress(ConditionFailed):  # it was added again meanwhile
        _update(deployment, tenant, name, values, _IS_REMOVED)


def take_claim(deployment: Deployment, source: Source, now: datetime, lease: timedelta) -> bool:
    """Begin to poll, unless someone else has begun since `source` was read; one that dies is due after `lease`."""
    before = source.polling_since
    same = "attribute_not_exists(#polling_since)" if before is None else "#polling_since = :before"
    free = Condition(
        "it is being polled, or paused or gone",
        f"attribute_exists(#manifest) AND attribute_not_exists(#paused) AND {same}",
        {"before": before},
    )
    values = {"polling_since": stamp(now)} | _due(source.tenant, source.manifest.name, stamp(now + lease))
    return _update_if(deployment, source, values, free)


def end_claim(
    deployment: Deployment, source: Source, claimed: datetime, values: Mapping[str, Value], due_at: str | None
) -> bool:
    """Write how a poll ended and when the next is due; False if someone else polls since the lease ran out."""
    ended: dict[str, Value] = {"polling_since": None} | dict(values)
    due = ended | _due(source.tenant, source.manifest.name, due_at)
    ours = Condition("another poll has begun", "#polling_since = :claimed", {"claimed": stamp(claimed)})
    unpaused = replace(ours, expression=f"{ours.expression} AND attribute_not_exists(#paused)")
    return _update_if(deployment, source, due, unpaused) or _update_if(deployment, source, ended, ours)


def _due(tenant: str, name: str, at: str | None) -> dict[str, Value]:
    digest = hashlib.blake2b(f"{tenant}#{name}".encode(), digest_size=2).digest()
    return {"due_pk": DUE_SHARDS[digest[0] % len(DUE_SHARDS)] if at else None, "due_at": at}


def _update(
    deployment: Deployment, tenant: str, name: str, values: Mapping[str, Value], condition: Condition | None = None
) -> None:
    table, key = deployment.names.directory_table, keys.source(tenant, name)
    write(deployment.dynamodb, Update(table, key, assignments(values), values, condition))


def _update_if(deployment: Deployment, source: Source, values: Mapping[str, Value], condition: Condition) -> bool:
    try:
        _update(deployment, source.tenant, source.manifest.name, values, condition)
    except ConditionFailed:
        return False
    return True


def _read(tenant: str, item: Mapping[str, Any]) -> Source:
    return Source(
        tenant=tenant,
        manifest=parse_manifest(item["manifest"]),
        paused=item.get("paused", False),
        due_at=item.get("due_at"),
        polling_since=item.get("polling_since"),
        last_poll=item.get("last_poll"),
        last_feed=item.get("last_feed"),
        last_version=item.get("last_version"),
        landed_at=item.get("landed_at"),
        since=item.get("since"),
        last_full=item.get("last_full"),
        checkpoint=item.get("checkpoint"),
        slow=item.get("slow", False),
        etag=item.get("etag"),
        seen_at=item.get("seen_at"),
        failures=item.get("failures", 0),
        trouble=item.get("trouble"),
        troubled_since=item.get("troubled_since"),
    )
