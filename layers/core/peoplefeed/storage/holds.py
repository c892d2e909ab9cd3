"""Holds as items: one for each source and safeguard (6.3)."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import query
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Put, Update, assignments, write
from peoplefeed.model import Hold, Notice, Safeguard

IT_CHANGED = "the hold was refreshed, released or discarded meanwhile"


def find_holds(deployment: Deployment, tenant: str, source: str | None = None) -> list[Hold]:
    """Return the holds of a tenant, or of one source, by source and safeguard."""
    pk, prefix = keys.hold(tenant, source or "", "")
    items = query(
        deployment.dynamodb,
        deployment.names.directory_table,
        "#pk = :pk AND begins_with(#sk, :prefix)",
        {"pk": pk, "prefix": prefix.rstrip("#") if source is None else prefix},
        ConsistentRead=True,
    )
    return [_hold_from(item) for item in items if "id" in item]


def find_hold(deployment: Deployment, tenant: str, hold_id: str) -> Hold | None:
    """Return a hold by its id."""
    source = hold_id.rsplit(".", 2)[0]  # which may have dots itself
    return next((hold for hold in find_holds(deployment, tenant, source) if hold.id == hold_id), None)


def _hold_from(item: Mapping[str, Any]) -> Hold:
    notice = Notice(
        Safeguard(item["safeguard"]), item["code"], item["message"], item.get("would", {}), tuple(item["examples"])
    )
    return Hold(item["id"], item["source"], item["since"], item["version"], tuple(item["runs"]), notice)


def put_hold(deployment: Deployment, tenant: str, hold: Hold) -> Put:
    """Return the write that begins a hold, or takes it to its next version."""
    notice = hold.notice
    values: dict[str, Value] = {
        "id": hold.id,
        "source": hold.source,
        "safeguard": notice.safeguard.value,
        "since": hold.since,
        "version": hold.version,
        "runs": list(hold.runs),
        "code": notice.code,
        "message": notice.message,
        "would": dict(notice.would),
        "examples": list(notice.examples),
    }
    if hold.version == 1:
        expected = Condition(IT_CHANGED, "attribute_not_exists(#id)")
    else:
        expected = Condition(IT_CHANGED, "#version = :seen", {"seen": hold.version - 1})
    return Put(
        deployment.names.directory_table, keys.hold(tenant, hold.source, notice.safeguard.value), values, expected
    )


def forget_examples(deployment: Deployment, tenant: str, external_id: str) -> None:
    """Take somebody out of the examples of all that is held (1.11). What it gives as its reason names nobody."""
    for hold in find_holds(deployment, tenant):
        left = hold.notice.without(external_id)
        if left == hold.notice:
            continue
        key = keys.hold(tenant, hold.source, hold.safeguard.value)
        values: dict[str, Value] = {"examples": list(left.examples)}
        update = Update(deployment.names.directory_table, key, assignments(values), values, _as_seen(hold))
        with suppress(ConditionFailed):  # it is over, or this worker late: then it is another one by now
            write(deployment.dynamodb, update)


def remove_hold(deployment: Deployment, tenant: str, hold: Hold) -> Put:
    """Return the write that ends a hold as it was seen: nobody but whoever applies changes may delete items."""
    key = keys.hold(tenant, hold.source, hold.safeguard.value)
    return Put(deployment.names.directory_table, key, {"is_over": True}, _as_seen(hold))


def _as_seen(hold: Hold) -> Condition:
    return Condition(IT_CHANGED, "#version = :seen AND #id = :id", {"seen": hold.version, "id": hold.id})
