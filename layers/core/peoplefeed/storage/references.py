"""Job titles, departments and business units, as items."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import query
from peoplefeed.dynamo.writes import Condition, Put, Update, assignments
from peoplefeed.model import FeedKind, Position, Reference, ReferenceChange

_PREFIXES = {FeedKind.JOB_TITLES: "JOB#", FeedKind.DEPARTMENTS: "DEP#", FeedKind.BUSINESS_UNITS: "UNIT#"}
REFERENCE_KINDS = tuple(_PREFIXES)


def all_references(
    deployment: Deployment, tenant: str, kinds: Iterable[FeedKind] = REFERENCE_KINDS
) -> Iterator[Reference]:
    """Yield a tenant's reference data of some kinds, by key."""
    for kind in kinds:
        for item in query(
            deployment.dynamodb,
            deployment.names.directory_table,
            "#pk = :pk AND begins_with(#sk, :prefix)",
            {"pk": keys.tenant_pk(tenant), "prefix": _PREFIXES[kind]},
            ConsistentRead=True,
        ):
            if is_there(item):
                yield reference_from(kind, item)


def is_there(item: Mapping[str, Any]) -> bool:
    """Whether an item is a reference: what was deleted or given up leaves its position only (4.6, 9.2)."""
    return "name" in item


def reference_from(kind: FeedKind, item: Mapping[str, Any]) -> Reference:
    """Return the reference that an item holds."""
    return Reference(kind, item["sk"].removeprefix(_PREFIXES[kind]), item["name"], tuple(item.get("aliases", ())))


def write_of(deployment: Deployment, tenant: str, change: ReferenceChange) -> Put:
    """Return the write that creates, renames or deletes a reference, unless something newer is stored.

    What is deleted leaves its position: a worker that was stopped for days must not bring it back (9.1).
    """
    reference = change.after
    values: dict[str, Value] = {"position": change.position}
    if not change.deletes:
        values |= {"name": reference.name, "aliases": list(reference.aliases) or None}
    return Put(deployment.names.directory_table, _key(tenant, reference), values, not_newer(change.position))


def refusal_of(deployment: Deployment, tenant: str, change: ReferenceChange) -> Update:
    """Return the write that gives a change up for good: nobody can make it any more (9.2)."""
    values: dict[str, Value] = {"position": change.position, "refused": change.position}
    key = _key(tenant, change.after)
    return Update(deployment.names.directory_table, key, assignments(values), values, not_newer(change.position))


def not_newer(mine: Position) -> Condition:
    """Return the condition that nothing newer is stored."""
    expression = "attribute_not_exists(#position) OR #position < :mine"
    return Condition("the directory has this or something later", expression, {"mine": mine})


def _key(tenant: str, reference: Reference) -> keys.Key:
    return keys.tenant_pk(tenant), _PREFIXES[reference.kind] + reference.key
