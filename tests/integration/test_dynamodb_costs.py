"""What the memory fake says a write costs is what DynamoDB Local says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.integration.semantics import N, Place, S, place
from tests.worlds.databases import Database, memory
from tests.worlds.memory_dynamodb import MemoryDynamoDB

KILOBYTE = "x" * 1024
INDEXED = {"name_pk": S("N"), "name_sk": S("smith"), "outbox_pk": S("O"), "due": S("2026")}

type Step = Callable[[Place], tuple[str, dict[str, Any]]]


def put(**attributes: Any) -> Step:
    return lambda here: ("put_item", {"Item": here.key() | attributes})


def update(expression: str, **values: Any) -> Step:
    given = {"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}} if values else {}
    return lambda here: ("update_item", {"Key": here.key(), "UpdateExpression": expression, **given})


def delete() -> Step:
    return lambda here: ("delete_item", {"Key": here.key()})


WRITES: dict[str, list[Step]] = {
    "a small item": [put(a=N(1))],
    "a large item": [put(a=S(KILOBYTE * 3))],
    "an item that shrinks costs what it had": [put(a=S(KILOBYTE * 3)), put(a=N(1))],
    "into two indexes": [put(**INDEXED, email=S("a@b.c"))],
    "within both indexes": [put(**INDEXED, version=N(1)), update("SET version = :v", v=N(2))],
    "of what one index projects": [put(**INDEXED), update("SET email = :v", v=S("a@b.c"))],
    "of what no index projects": [put(**INDEXED), update("SET ever_active = :v", v=S("x"))],
    "that moves in an index": [put(**INDEXED), update("SET name_sk = :v", v=S("jones"))],
    "that leaves an index": [put(**INDEXED), update("REMOVE outbox_pk, due")],
    "that comes into an index": [put(a=N(1)), update("SET outbox_pk = :v, due = :v", v=S("x"))],
    "of everything": [put(**INDEXED, email=S(KILOBYTE)), delete()],
    "of nothing": [delete()],
}


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("database", ["dynamodb-local"], indirect=True)
@pytest.mark.parametrize("steps", WRITES.values(), ids=WRITES.keys())
def test_the_last_write_costs_the_same(database: Database, steps: list[Step]) -> None:
    with memory() as ours:
        assert cost_in_memory(ours, steps) == cost_on_dynamodb_local(database, steps)


def cost_in_memory(database: Database, steps: list[Step]) -> dict[str | None, float]:
    here, fake = place(database), cast("MemoryDynamoDB", database.client)
    for step in steps:
        fake.metering.reset()
        operation, request = step(here)
        getattr(here.client, operation)(TableName=here.table, **request)
    return {partition.index_name: units for partition, units in fake.metering.write_units.items()}


def cost_on_dynamodb_local(database: Database, steps: list[Step]) -> dict[str | None, float]:
    here = place(database)
    for step in steps:
        operation, request = step(here)
        answer = getattr(here.client, operation)(TableName=here.table, **request, ReturnConsumedCapacity="INDEXES")
    consumed = answer["ConsumedCapacity"]
    indexes = consumed.get("GlobalSecondaryIndexes", {})
    cost: dict[str | None, float] = {name: index["CapacityUnits"] for name, index in indexes.items()}
    # Local leaves the table's share out where nothing was written.
    table = consumed.get("Table", {"CapacityUnits": consumed["CapacityUnits"]})
    return cost | {None: table["CapacityUnits"]}
