"""The memory fake answers as DynamoDB does: transactions that cannot be done, and those done twice."""

from __future__ import annotations

from uuid import uuid4

from tests.integration.semantics import (
    CANCELLED,
    INVALID,
    MALFORMED,
    PRESENT,
    TRUE,
    Case,
    N,
    S,
    answer_of,
    check,
    delete,
    everywhere,
    on_all,
    place,
    put,
    update,
)
from tests.worlds.databases import Database

LENIENT = {"moto": "moto accepts what DynamoDB refuses"}
# AWS's reference of TransactWriteItems lists these among the cancellation reasons, as the fake has them.
AS_EXCEPTION = {name: f"{name} says ValidationException" for name in ("moto", "dynamodb-local")}


CANNOT_BE = [
    Case("an item twice", lambda here: [check(here, **TRUE), delete(here)], INVALID),
    Case("101 writes", lambda here: [put(here, str(number)) for number in range(101)], INVALID),
    Case("no writes", lambda _: [], MALFORMED),
    Case("a write that is two", lambda here: [put(here, "1") | delete(here)], INVALID),
    Case("a check of nothing", lambda here: [check(here)], MALFORMED),
    Case("a grammatical error", lambda here: [put(here, "1"), update(here, "SET a =")], INVALID),
    Case(
        "a value that is not used",
        lambda here: [put(here, "1"), update(here, "REMOVE a", {":v": N(1)})],
        INVALID,
        LENIENT,
    ),
    Case(
        "a value that is not there",
        lambda here: [put(here, "1"), update(here, "SET a = :v")],
        INVALID,
        {"moto": "moto cancels with TypeError"},
    ),
    Case("an empty index key", lambda here: [put(here, "1", attributes={"line_pk": S("")})], INVALID),
    Case("an item too large", lambda here: [put(here, "1", attributes={"a": S("x" * 409_600)})], INVALID),
    Case(
        "more than four megabytes",
        lambda here: [put(here, str(number), attributes={"a": S("x" * 400_000)}) for number in range(11)],
        INVALID,
        LENIENT,
    ),
    Case(
        "another table",
        lambda _: [{"Delete": {"TableName": "nosuch", "Key": {"pk": S("p"), "sk": S("s")}}}],
        "ResourceNotFoundException",
        {"moto": "moto cancels"},
    ),
    # What only shows when the item is there.
    Case(
        "a wrong type", lambda here: [put(here, "1"), update(here, "ADD s :v", {":v": N(1)})], CANCELLED, AS_EXCEPTION
    ),
    Case("a missing attribute", lambda here: [put(here, "1"), update(here, "SET a = gone")], CANCELLED, AS_EXCEPTION),
    Case(
        "a missing path",
        lambda here: [put(here, "1"), update(here, "SET gone.a = :v", {":v": N(1)})],
        CANCELLED,
        AS_EXCEPTION,
    ),
    Case(
        "a result too large",
        lambda here: [update(here, "SET a = :v", {":v": S("x" * 409_590)})],
        CANCELLED,
        {"moto": AS_EXCEPTION["moto"]},
    ),
    Case(
        "a number as an index key",
        lambda here: [put(here, "1"), update(here, "SET line_pk = :v", {":v": N(1)})],
        CANCELLED,
        {"moto": AS_EXCEPTION["moto"]},
    ),
]


@everywhere(CANNOT_BE)
def test_a_transaction_that_cannot_be_done_does_nothing(database: Database, case: Case) -> None:
    here = place(database)
    stored = here.put(n=N(5), s=S("text"))

    answer = answer_of(lambda: here.client.transact_write_items(TransactItems=case.ask(here)))

    assert here.query()["Items"] == [stored]
    assert answer == case.answer


NO_TOKENS = {"moto": "moto knows no ClientRequestToken"}


@everywhere([Case("as on AWS", None, N(6), NO_TOKENS)])
def test_a_transaction_that_was_done_is_not_done_again_with_its_token(database: Database, case: Case) -> None:
    here, token = place(database), uuid4().hex
    here.put(n=N(5))

    for _ in range(2):
        here.client.transact_write_items(
            TransactItems=[update(here, "ADD n :one", {":one": N(1)})], ClientRequestToken=token
        )

    assert here.get() == here.key() | {"n": case.answer}


@everywhere([Case("as on AWS", None, "IdempotentParameterMismatchException", NO_TOKENS)])
def test_a_token_belongs_to_one_transaction(database: Database, case: Case) -> None:
    here, token = place(database), uuid4().hex
    here.client.transact_write_items(TransactItems=[put(here, "1")], ClientRequestToken=token)

    answer = answer_of(
        lambda: here.client.transact_write_items(TransactItems=[put(here, "2")], ClientRequestToken=token)
    )

    assert answer == case.answer


@on_all
def test_a_transaction_that_failed_may_be_tried_again_with_its_token(database: Database) -> None:
    here, token = place(database), uuid4().hex
    actions = [put(here, "1"), check(here, **PRESENT)]

    first = answer_of(lambda: here.client.transact_write_items(TransactItems=actions, ClientRequestToken=token))
    here.put()
    here.client.transact_write_items(TransactItems=actions, ClientRequestToken=token)

    assert first == CANCELLED
    assert here.get("1") == here.key("1")
