"""Employees and the claims of their addresses, as items."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, fields
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get_many
from peoplefeed.dynamo.writes import Condition, Delete, Put, Update, Write, assignments
from peoplefeed.model import Change, Employee, Position, Record, run_and_row_of
from peoplefeed.storage.outbox import attributes as outbox_attributes

_FIELDS = tuple(field.name for field in fields(Employee) if field.name not in {"external_id", "products"})

_NAME_IN_KEY = 60

NEWER_IS_STORED = "the directory has this change or a later one"
ADDRESS_IS_TAKEN = "the address belongs to someone whom the plan did not expect"


class DamagedItem(Exception):
    """An employee's item cannot be read. The message is the external ID."""


@dataclass(frozen=True, slots=True)
class People:
    """What was found of some external IDs.

    `damaged` items cannot be read (9.2); `erased` ones must not be filled (1.11), each with the run that erased it.
    `given_up` says of nobody yet where the change stands that would have made them, and was given up (9.2).
    """

    records: dict[str, Record] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    erased: dict[str, int] = field(default_factory=dict)
    given_up: dict[str, Position] = field(default_factory=dict)

    def add(self, others: "People") -> None:
        """Take over what was found of others."""
        self.records.update(others.records)
        self.damaged.update(others.damaged)
        self.erased.update(others.erased)
        self.given_up.update(others.given_up)

    def only(self, some: AbstractSet[str]) -> "People":
        """Return what was found of some of them."""
        records = {who: record for who, record in self.records.items() if who in some}
        erased = {who: number for who, number in self.erased.items() if who in some}
        given_up = {who: position for who, position in self.given_up.items() if who in some}
        return People(records, self.damaged & some, erased, given_up)


@dataclass(frozen=True, slots=True)
class Claims:
    """Who has which address now (`holders`), or had it until they were deactivated (`former`), by address key."""

    holders: dict[str, str] = field(default_factory=dict)
    former: dict[str, str] = field(default_factory=dict)


def record_from(item: Mapping[str, Any]) -> Record | None:
    """Return the employee that an item holds; None for a placeholder, which stands for nobody (9.2).

    Raises:
        DamagedItem: an attribute is missing or of the wrong type.
    """
    if "active" not in item:
        return None
    external_id = item["pk"].split("#U#", 1)[1]
    try:
        values = {name: item[name] for name in _FIELDS if name in item}
        employee = Employee(external_id, products=tuple(item.get("products", ())), **values)
        record = Record(
            employee, item["version"], item["position"], item.get("email_key"), ever_active=item["ever_active"]
        )
    except (KeyError, TypeError) as error:
        raise DamagedItem(external_id) from error
    if not _is_sound(record):
        raise DamagedItem(external_id)
    return record


def _is_sound(record: Record) -> bool:
    """Whether the attributes that decisions rest on have their types."""
    return (
        isinstance(record.version, int)
        and isinstance(record.position, str)
        and isinstance(record.employee.active, bool)
        and isinstance(record.email_key, str | None)
    )


def _number_of(item: Mapping[str, Any]) -> int:
    """Return the run of the last change of an item, 0 where it cannot be read."""
    try:
        return run_and_row_of(item["position"])[0]
    except (KeyError, ValueError, AttributeError):
        return 0


def find_people(deployment: Deployment, tenant: str, external_ids: Iterable[str]) -> People:
    """Return the employees among `external_ids` as they are now."""
    people = People()
    wanted = (keys.employee(tenant, external_id) for external_id in external_ids)
    for item in get_many(deployment.dynamodb, deployment.names.directory_table, wanted):
        external_id = item["pk"].split("#U#", 1)[1]
        if item.get("erased"):
            people.erased[external_id] = _number_of(item)
        try:
            record = record_from(item)
        except DamagedItem as damaged:
            people.damaged.add(str(damaged))
            continue
        if record:
            people.records[external_id] = record
        elif "position" in item:
            people.given_up[external_id] = item["position"]
    return people


def find_claims(deployment: Deployment, tenant: str, email_keys: Iterable[str]) -> Claims:
    """Return who claims the addresses."""
    claims = Claims()
    wanted = (keys.claim(tenant, email_key) for email_key in email_keys)
    for item in get_many(deployment.dynamodb, deployment.names.directory_table, wanted):
        email_key = item["pk"].split("#E#", 1)[1]
        if "owner" in item:
            claims.holders[email_key] = item["owner"]
        elif "last_owner" in item:
            claims.former[email_key] = item["last_owner"]
    return claims


def find_near(deployment: Deployment, tenant: str, external_ids: Iterable[str]) -> dict[str, str]:
    """Return known external IDs that differ from these only in leading zeros (3.14); both consist of digits."""
    digits = {external_id: external_id.lstrip("0") for external_id in external_ids if _is_number(external_id)}
    table = deployment.names.directory_table
    marks = get_many(deployment.dynamodb, table, (keys.without_zeros(tenant, bare) for bare in digits.values()))
    known = {item["pk"].split("#Z#", 1)[1]: item["external_id"] for item in marks}
    near = {
        external_id: known[bare] for external_id, bare in digits.items() if known.get(bare, external_id) != external_id
    }
    bare_ones = {bare for external_id, bare in digits.items() if bare != external_id}
    there = find_people(deployment, tenant, bare_ones).records
    return near | {external_id: bare for external_id, bare in digits.items() if bare != external_id and bare in there}


def zero_marks(deployment: Deployment, tenant: str, external_ids: Iterable[str]) -> Iterator[Put]:
    """Yield the marks by which IDs with leading zeros are found again (3.14). They may be written at any time."""
    numbers = (external_id for external_id in external_ids if external_id.startswith("0") and _is_number(external_id))
    for digits, external_id in {number.lstrip("0"): number for number in numbers}.items():
        yield Put(deployment.names.directory_table, keys.without_zeros(tenant, digits), {"external_id": external_id})


def _is_number(external_id: str) -> bool:
    return external_id.isascii() and external_id.isdigit() and external_id.strip("0") != ""


def _not_newer(mine: Position) -> Condition:
    expression = "attribute_not_exists(#position) OR #position < :mine"
    return Condition(NEWER_IS_STORED, expression, {"mine": mine})


def writes_of(deployment: Deployment, tenant: str, change: Change, due: str | None, log_keys: list[str]) -> list[Write]:
    """Return the writes that make a change: the employee, then the claims that it takes and gives up.

    `due` is when an undelivered change is sent again (8.4), None without a learning platform; `log_keys` are the
    entries that will be told when the learning platform has it (7.2).
    """
    table = deployment.names.directory_table
    if change.only_notes:
        values: dict[str, Value] = {"position": change.position}
        key = keys.employee(tenant, change.after.external_id)
        return [Update(table, key, assignments(values), values, _not_newer(change.position))]
    writes: list[Write] = [_employee_write(deployment, tenant, change, due, log_keys)]
    if change.claim is not None:
        writes.append(_claim_write(table, tenant, change.claim, change))
    if change.release is not None:
        writes.append(_release_write(table, tenant, change.release, change))
    return writes


def _employee_write(
    deployment: Deployment, tenant: str, change: Change, due: str | None, log_keys: list[str]
) -> Update:
    values = _attributes(tenant, change)
    expression = assignments(values)
    if change.ever_active:
        waiting, more = _waiting(tenant, change, due, log_keys)
        expression, values = expression.replace("SET ", f"SET {waiting}, ", 1), values | more
    key = keys.employee(tenant, change.after.external_id)
    return Update(deployment.names.directory_table, key, expression, values, _not_newer(change.position))


def _waiting(tenant: str, change: Change, due: str | None, log_keys: list[str]) -> tuple[str, dict[str, Value]]:
    """Return what puts somebody into the outbox, as a part of an expression, and its values.

    Without a platform only the last change is listed: how many there will be until there is one, nobody knows. That
    there may be others is noted (`unlisted`).
    """
    entries: dict[str, Value] = {"log_keys": log_keys}
    if due is None:
        return "#undelivered = :log_keys, #unlisted = :unlisted", entries | {"unlisted": True}
    appended = "#undelivered = list_append(if_not_exists(#undelivered, :none), :log_keys)"
    outbox = outbox_attributes(tenant, change.after.external_id, due)
    return f"#outbox_pk = :outbox_pk, #due = :due, {appended}", entries | outbox | {"none": []}


def _attributes(tenant: str, change: Change) -> dict[str, Value]:
    values = _of_person(tenant, change)
    return values | {"erased": True, "name_pk": None, "name_sk": None} if change.erases else values


def _of_person(tenant: str, change: Change) -> dict[str, Value]:
    person = change.after
    values: dict[str, Value] = {name: getattr(person, name) for name in _FIELDS}
    return values | {
        "external_id": person.external_id,
        "products": list(person.products),
        "email_key": change.email_key,
        "version": change.version,
        "position": change.position,
        "ever_active": change.ever_active,
        "name_pk": keys.people_pk(tenant, person.external_id),
        "name_sk": _name_sk(person),
    }


def _name_sk(person: Employee) -> str:
    """By last name, first name, external ID; shortened, for a sort key has 1,024 bytes and a letter up to four."""
    names = ((name or "").casefold()[:_NAME_IN_KEY] for name in (person.last_name, person.first_name))
    return "#".join((*names, person.external_id))


def _claim_write(table: str, tenant: str, email_key: str, change: Change) -> Put:
    if change.claim_from is None:
        expected = Condition(ADDRESS_IS_TAKEN, "attribute_not_exists(#owner)")
    else:
        expected = Condition(ADDRESS_IS_TAKEN, "#owner = :expected", {"expected": change.claim_from})
    return Put(table, keys.claim(tenant, email_key), {"owner": change.after.external_id}, expected)


def _release_write(table: str, tenant: str, email_key: str, change: Change) -> Write:
    me, key = {"me": change.after.external_id}, keys.claim(tenant, email_key)
    if change.vacates:  # 3.7: remember who had it last
        owned = Condition(ADDRESS_IS_TAKEN, "#owner = :me", me)
        return Put(table, key, {"last_owner": change.after.external_id}, owned)
    return Delete(table, key, Condition(ADDRESS_IS_TAKEN, "#owner = :me OR #last_owner = :me", me))


def refusal_of(deployment: Deployment, tenant: str, external_id: str, position: Position) -> Update:
    """Return the write that gives a change up for good: nobody can make it any more (9.2).

    It takes the change's place in the person's history without changing them; for someone unknown it
    leaves a placeholder, which stands for nobody.
    """
    values: dict[str, Value] = {"position": position, "refused": position}
    key = keys.employee(tenant, external_id)
    return Update(deployment.names.directory_table, key, assignments(values), values, _not_newer(position))
