"""Tenants and their lines of feeds (1.3, 1.8)."""

from dataclasses import dataclass

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get, query
from peoplefeed.dynamo.writes import Condition, Put, Update, assignments

THE_LINE = "LINE"
_OTHERS_CAME_IN = "another feed came in meanwhile"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant's line: the next feed's number, those of the last that is over and that answers a hold, and the epoch.

    The epoch is raised by hand when the table was restored, so that no fingerprint is trusted any more.
    """

    slug: str
    next: int = 1
    applied: int = 0
    epoch: int = 0
    answering: int = 0

    @property
    def waits(self) -> bool:
        """Whether a feed is not over yet."""
        return self.applied + 1 < self.next


def find_tenant(deployment: Deployment, slug: str) -> Tenant | None:
    """Return the tenant as it is now, None if there is none."""
    item = get(deployment.dynamodb, deployment.names.directory_table, keys.tenant(slug))
    return Tenant(slug, item["next"], item["applied"], item["epoch"], item.get("answering", 0)) if item else None


def new_tenant(deployment: Deployment, slug: str, created_at: str) -> Put:
    """Return the write that brings a tenant into being."""
    values: dict[str, Value] = {"next": 1, "applied": 0, "epoch": 0, "created_at": created_at}
    absent = Condition("the tenant exists", "attribute_not_exists(#pk)")
    return Put(deployment.names.directory_table, keys.tenant(slug), values, absent)


def take_number(deployment: Deployment, tenant: Tenant, *, answers: bool) -> Update:
    """Return the write that gives the next number away and shows the sweep that the tenant waits."""
    values: dict[str, Value] = {"next": tenant.next + 1, "line_pk": THE_LINE, "line_sk": tenant.slug}
    values |= {"answering": tenant.next} if answers else {}
    unchanged = Condition(_OTHERS_CAME_IN, "#next = :seen", {"seen": tenant.next})
    table = deployment.names.directory_table
    return Update(table, keys.tenant(tenant.slug), assignments(values), values, unchanged)


def pass_number(deployment: Deployment, tenant: Tenant, number: int) -> Update:
    """Return the write that moves the line past a run; it leaves the sweep's sight if it was the last."""
    last = number + 1 == tenant.next
    values: dict[str, Value] = {"applied": number} | ({"line_pk": None, "line_sk": None} if last else {})
    in_order = Condition(
        _OTHERS_CAME_IN, "#applied = :before AND #next = :seen", {"before": number - 1, "seen": tenant.next}
    )
    table = deployment.names.directory_table
    return Update(table, keys.tenant(tenant.slug), assignments(values), values, in_order)


def waiting_tenants(deployment: Deployment) -> list[str]:
    """Return the tenants that have a feed which is not over, by an index that may lag a little."""
    items = query(
        deployment.dynamodb,
        deployment.names.directory_table,
        "#line_pk = :line",
        {"line": THE_LINE},
        IndexName=keys.LINE_INDEX,
    )
    return [item["line_sk"] for item in items]
