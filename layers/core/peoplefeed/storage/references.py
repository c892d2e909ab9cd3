"""Job titles, departments and business units, as items."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.reads import query
from peoplefeed.dynamo.writes import Condition, Put
from peoplefeed.model import FeedKind, Reference, ReferenceChange

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
            yield reference_from(kind, item)


def reference_from(kind: FeedKind, item: Mapping[str, Any]) -> Reference:
    """Return the reference that an item holds."""
    return Reference(kind, item["sk"].removeprefix(_PREFIXES[kind]), item["name"])


def write_of(deployment: Deployment, tenant: str, change: ReferenceChange) -> Put:
    """Return the write that creates or renames a reference, unless something newer is stored."""
    reference = change.after
    return Put(
        deployment.names.directory_table,
        (keys.tenant_pk(tenant), _PREFIXES[reference.kind] + reference.key),
        {"name": reference.name, "position": change.position},
        Condition(
            "the directory has this reference or a later one",
            "attribute_not_exists(#position) OR #position < :mine",
            {"mine": change.position},
        ),
    )
