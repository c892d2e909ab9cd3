"""Reading the directory as people look at it: by name, page by page, or one person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.pages import Listing, Place, in_all_shards, merged_page
from peoplefeed.dynamo.reads import get, query
from peoplefeed.model import Employee

_FIELDS = tuple(field.name for field in fields(Employee) if field.name not in {"external_id", "products"})


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """How far the learning platform is behind: `due` is when a change that it lacks is sent (8.4).

    `account` is the person's id there, `attempts` how often the waiting change was sent in vain.
    """

    pending: bool
    due: str | None
    attempts: int
    delivered_version: int | None
    delivered_at: str | None
    account: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """An employee with how often they changed, and their delivery."""

    employee: Employee
    version: int
    delivery: DeliveryState


def people_page(
    deployment: Deployment, tenant: str, limit: int, after: Place | None = None
) -> tuple[list[Employee], Place | None]:
    """Return the next employees of a tenant by last name and first name, and where to go on."""
    listing = Listing(
        table=deployment.names.directory_table,
        partitions=in_all_shards(keys.people_pk(tenant, "")),
        index=keys.PEOPLE_INDEX,
        pk="name_pk",
        sk="name_sk",
    )
    items, place = merged_page(deployment.dynamodb, listing, limit, after)
    return [_employee(item) for item in items], place


def people_with(deployment: Deployment, tenant: str, field: str, values: set[str]) -> Iterator[str]:
    """Yield the external IDs of people one of whose fields has one of the values, by an index that may lag a little."""
    table, index = deployment.names.directory_table, keys.PEOPLE_INDEX
    for pk in in_all_shards(keys.people_pk(tenant, "")):
        for item in query(deployment.dynamodb, table, "#name_pk = :pk", {"pk": pk}, IndexName=index):
            if item.get(field) in values:
                yield item["external_id"]


def find_person(deployment: Deployment, tenant: str, external_id: str) -> Person | None:
    """Return an employee as they are now. A placeholder (9.2), or someone who was erased, stands for nobody."""
    item = get(deployment.dynamodb, deployment.names.directory_table, keys.employee(tenant, external_id))
    if item is None or "active" not in item or "erased" in item:
        return None
    return Person(_employee(item), item.get("version", 0), _delivery(item))


def _employee(item: Mapping[str, Any]) -> Employee:
    values = {name: item[name] for name in _FIELDS if name in item}
    return Employee(item["pk"].split("#U#", 1)[1], products=tuple(item.get("products", ())), **values)


def _delivery(item: Mapping[str, Any]) -> DeliveryState:
    return DeliveryState(
        pending="outbox_pk" in item,
        due=item.get("due"),
        attempts=item.get("attempts", 0),
        delivered_version=item.get("delivered_version"),
        delivered_at=item.get("delivered_at"),
        account=item.get("account"),
    )
