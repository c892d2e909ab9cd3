"""The memory fake answers as DynamoDB does: failed conditions, transactions and their reasons, two writers.

Conditions, updates, queries and indexes have modules of their own beside this one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.semantics import (
    ABSENT,
    CANCELLED,
    FAILED,
    FAILED_REASON,
    FALSE,
    INVALID,
    PRESENT,
    SHOWN,
    TRUE,
    N,
    Place,
    S,
    answer_of,
    check,
    delete,
    on_all,
    place,
    put,
    reasons,
    update,
)
from tests.worlds.databases import Database


@on_all
@pytest.mark.parametrize("operation", ["put_item", "update_item", "delete_item"])
@pytest.mark.parametrize("shown", [True, False])
def test_a_failed_condition_brings_the_stored_item_along_if_asked_to(
    database: Database,
    operation: str,
    shown: bool,  # noqa: FBT001
) -> None:
    here = place(database)
    stored = here.put(n=N(5))
    request: dict[str, Any] = {"TableName": here.table, **FALSE, **(SHOWN if shown else {})}
    request |= {"Item": here.key()} if operation == "put_item" else {"Key": here.key()}

    with pytest.raises(ClientError) as refused:
        getattr(here.client, operation)(**request)

    answer: Any = refused.value.response
    assert answer["Error"] == {"Code": FAILED, "Message": "The conditional request failed"}
    assert answer.get("Item") == (stored if shown else None)
    assert here.get() == stored


@on_all
def test_a_failed_condition_brings_nothing_where_nothing_is_stored(database: Database) -> None:
    here = place(database)

    with pytest.raises(ClientError) as refused:
        here.update("SET a = :a", {":a": N(1)}, ConditionExpression="attribute_exists(pk)", **SHOWN)

    assert refused.value.response["Error"]["Code"] == FAILED
    assert "Item" not in refused.value.response
    assert here.get() is None


@on_all
def test_a_failed_condition_comes_before_a_type_error(database: Database) -> None:
    here = place(database)
    here.put(s=S("text"))

    add = {"TableName": here.table, "Key": here.key(), "UpdateExpression": "ADD s :one"}
    values = {":one": N(1)}

    assert answer_of(lambda: here.client.update_item(**add, ExpressionAttributeValues=values)) == INVALID
    assert (
        answer_of(
            lambda: here.client.update_item(**add, ConditionExpression="s = :one", ExpressionAttributeValues=values)
        )
        == FAILED
    )


@on_all
def test_a_transaction_does_everything_at_once(database: Database) -> None:
    here = place(database)
    here.put(n=N(5))
    here.put("old")
    other = Place(here.client, database.feed_log, here.pk)

    here.client.transact_write_items(
        TransactItems=[
            put(here, "new"),
            update(here, "ADD n :one", {":one": N(1)}, **TRUE),
            delete(here, "old"),
            put(other, "entry"),
            {"ConditionCheck": {"TableName": here.table, "Key": here.key("gone"), **ABSENT}},
        ]
    )

    assert [item["sk"]["S"] for item in here.query()["Items"]] == ["U", "new"]
    assert here.get() == here.key() | {"n": N(6)}
    assert other.get("entry") == here.key("entry")


@on_all
def test_a_cancelled_transaction_gives_a_reason_for_each_write_and_writes_nothing(database: Database) -> None:
    here = place(database)
    stored = here.put(n=N(5))

    with pytest.raises(ClientError) as refused:
        here.client.transact_write_items(
            TransactItems=[
                put(here, "1"),
                update(here, "SET a = :a", {":a": N(1)}, **FALSE, **SHOWN),
                put(here, "2", **PRESENT, **SHOWN),
                delete(here, "3"),
                delete(here, "4", **PRESENT),
            ]
        )

    found: Any = refused.value.response
    assert found["Error"]["Code"] == CANCELLED
    assert reasons(refused.value) == ["None", FAILED_REASON, FAILED_REASON, "None", FAILED_REASON]
    assert [reason.get("Item") for reason in found["CancellationReasons"]] == [None, stored, None, None, None]
    assert "[None, ConditionalCheckFailed, ConditionalCheckFailed, None, ConditionalC" in found["Error"]["Message"]
    assert here.query()["Items"] == [stored]


@on_all
def test_a_check_without_a_wish_to_see_the_item_does_not_show_it(database: Database) -> None:
    here = place(database)
    here.put(n=N(5))

    with pytest.raises(ClientError) as refused:
        here.client.transact_write_items(TransactItems=[check(here, **FALSE), put(here, "1")])

    found: Any = refused.value.response
    assert reasons(refused.value) == [FAILED_REASON, "None"]
    assert "Item" not in found["CancellationReasons"][0]


# moto is not asked: its transactions copy the table and are not atomic under threads.
ATOMIC = pytest.mark.parametrize(
    "database", ["memory", pytest.param("dynamodb-local", marks=pytest.mark.dynamodb_local)], indirect=True
)


@ATOMIC
def test_two_writers_lose_no_update(database: Database) -> None:
    here = place(database)

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(lambda _: here.update("ADD n :one", {":one": N(1)}), range(40)))

    assert here.get() == here.key() | {"n": N(40)}


@ATOMIC
def test_of_two_writers_of_one_position_one_wins(database: Database) -> None:
    here = place(database)
    here.put(n=N(0))

    def claim(writer: int) -> str:
        """Claim a place and count it, as a chunk that is complete does: its mark if absent, and done + 1."""
        actions = [
            put(here, "mark", attributes={"owner": N(writer)}, **ABSENT),
            update(here, "ADD n :one", {":one": N(1)}),
        ]
        while True:
            try:
                here.client.transact_write_items(TransactItems=actions)
            except ClientError as refused:
                if "TransactionConflict" not in reasons(refused):
                    return reasons(refused)[0]
            else:
                return "won"

    with ThreadPoolExecutor(4) as writers:
        answers = sorted(writers.map(claim, range(8)))

    assert answers == [*[FAILED_REASON] * 7, "won"]
    assert here.get() == here.key() | {"n": N(1)}
