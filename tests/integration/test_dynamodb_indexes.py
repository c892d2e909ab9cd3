"""The memory fake answers as DynamoDB does: sparse indexes, reads and batches, the same asked of all three."""

from __future__ import annotations

from typing import Any

from tests.integration.semantics import INVALID, MALFORMED, Case, N, Place, S, answer_of, everywhere, on_all, place
from tests.worlds.databases import Database

LENIENT = {"moto": "moto accepts what DynamoDB refuses"}
NO_TABLE = "ResourceNotFoundException"


def by_name(here: Place, **more: Any) -> Any:
    request = {"IndexName": "people-by-name", "KeyConditionExpression": "name_pk = :n"}
    values = {":n": S(f"N{here.pk}"), **more.pop("values", {})}
    return here.client.query(TableName=here.table, **request, ExpressionAttributeValues=values, **more)


def person(here: Place, sk: str, name: str, **more: Any) -> dict[str, Any]:
    return here.put(sk, name_pk=S(f"N{here.pk}"), name_sk=S(name), **more)


def names(answer: Any) -> list[str]:
    return [item["name_sk"]["S"] for item in answer["Items"]]


@on_all
def test_an_index_lists_what_has_both_its_keys_and_shows_what_it_projects(database: Database) -> None:
    here = place(database)
    whole = person(here, "whole", "smith", email=S("a@b.c"), version=N(1), position=S("1"))
    here.put("half", name_pk=S(f"N{here.pk}"), email=S("a@b.c"))

    found = by_name(here)["Items"]

    assert found == [{name: value for name, value in whole.items() if name != "position"}]


@on_all
def test_an_index_follows_every_kind_of_write(database: Database) -> None:
    here = place(database)
    person(here, "U", "smith")
    here.update("SET name_sk = :n", {":n": S("jones")})
    renamed = names(by_name(here))
    here.update("REMOVE name_sk")
    removed = names(by_name(here))
    here.update("SET name_sk = :n", {":n": S("brown")})
    here.client.delete_item(TableName=here.table, Key=here.key())

    assert (renamed, removed, names(by_name(here))) == (["jones"], [], [])


@on_all
def test_pages_of_an_index_go_on_behind_keys_of_index_and_table(database: Database) -> None:
    here = place(database)
    for sk in "edcba":
        person(here, sk, f"name {sk}")

    first = by_name(here, Limit=2)
    second = by_name(here, Limit=4, ExclusiveStartKey=first["LastEvaluatedKey"])

    assert first["LastEvaluatedKey"] == here.key("b") | {"name_pk": S(f"N{here.pk}"), "name_sk": S("name b")}
    assert names(first) + names(second) == [f"name {sk}" for sk in "abcde"]
    assert "LastEvaluatedKey" not in second


@on_all
def test_pages_of_an_index_lose_nobody_among_namesakes(database: Database) -> None:
    here = place(database)
    for sk in "edcba":
        person(here, sk, "smith")
    found: list[str] = []
    more: dict[str, Any] = {"Limit": 2}

    while True:
        page = by_name(here, **more)
        found += [item["sk"]["S"] for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        more["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    assert sorted(found) == list("abcde")


@everywhere(
    [
        Case("read consistently", {"ConsistentRead": True}, INVALID),
        Case("asked for all attributes", {"Select": "ALL_ATTRIBUTES"}, INVALID),
        Case("asked for what it lacks", {"ProjectionExpression": "ever_active"}, INVALID, LENIENT),
        Case("filtered by what it lacks", {"FilterExpression": "attribute_exists(ever_active)"}, INVALID, LENIENT),
        Case("filtered by its key", {"FilterExpression": "name_sk > :n"}, INVALID, LENIENT),
        Case("filtered by the table's key", {"FilterExpression": "sk <> :n"}, ["smith"]),
        Case(
            "started without the table's key",
            {"ExclusiveStartKey": {"name_pk": S("x"), "name_sk": S("y")}},
            INVALID,
            LENIENT,
        ),
    ]
)
def test_what_an_index_cannot_do_is_refused(database: Database, case: Case) -> None:
    here = place(database)
    person(here, "U", "smith")

    assert answer_of(lambda: names(by_name(here, **case.ask))) == case.answer


@everywhere(
    [
        Case("without a sort key", {"pk": S("p")}, INVALID),
        Case("with a number as a key", {"pk": S("p"), "sk": N(1)}, INVALID),
        Case("with an empty key", {"pk": S("p"), "sk": S("")}, INVALID),
        Case("with a long partition key", {"pk": S("x" * 2049), "sk": S("s")}, INVALID),
        Case("with a long sort key", {"pk": S("p"), "sk": S("é" * 513)}, INVALID),
        Case("with an empty index key", {"pk": S("p"), "sk": S("s"), "line_pk": S("")}, INVALID),
        Case("with a number as an index key", {"pk": S("p"), "sk": S("s"), "line_pk": N(1)}, INVALID, LENIENT),
        Case("with no index key", {"pk": S("p"), "sk": S("s"), "line_pk": {"NULL": True}}, INVALID),
        Case("with a long index key", {"pk": S("p"), "sk": S("s"), "line_sk": S("x" * 1025)}, INVALID),
        Case("too large", {"pk": S("p"), "sk": S("s"), "a": S("x" * 409_594)}, INVALID),
    ]
)
def test_an_item_that_cannot_be_is_refused(database: Database, case: Case) -> None:
    client: Any = database.client

    assert answer_of(lambda: client.put_item(TableName=database.directory, Item=case.ask)) == case.answer


@everywhere(
    [
        Case("one that is not there", ("get_item", {"sk": S("nope")}), None),
        Case("with too much in its key", ("get_item", {"sk": S("U"), "x": S("x")}), INVALID),
        Case("without a sort key", ("get_item", {}), INVALID),
        Case("with an empty key", ("get_item", {"sk": S("")}), INVALID),
        Case("deleting one that is not there", ("delete_item", {"sk": S("nope")}), None),
        Case("updating without a sort key", ("update_item", {}), INVALID),
    ]
)
def test_a_key_must_be_the_tables_key(database: Database, case: Case) -> None:
    here, (operation, key) = place(database), case.ask

    def ask() -> Any:
        return getattr(here.client, operation)(TableName=here.table, Key={"pk": S(here.pk), **key}).get("Item")

    assert answer_of(ask) == case.answer


@everywhere(
    [
        Case("names and paths", "pk, m.b, l[1], gone", {"m": {"M": {"b": N(2)}}, "l": {"L": [S("y")]}}),
        Case(
            "elements in their order",
            "pk, l[1], l[0]",
            {"l": {"L": [S("x"), S("y")]}},
            {"moto": "moto shows one element of a list"},
        ),
        Case("nothing that is there", "pk, gone.a", {}),
        Case("overlapping paths", "m, m.a", INVALID, LENIENT),
        Case("reserved words", "name", INVALID),
        Case("no words", "", INVALID),
    ]
)
def test_a_projection_shows_what_is_at_its_paths(database: Database, case: Case) -> None:
    here = place(database)
    here.put(m={"M": {"a": N(1), "b": N(2)}}, l={"L": [S("x"), S("y")]})

    def ask() -> Any:
        found = here.client.get_item(TableName=here.table, Key=here.key(), ProjectionExpression=case.ask)["Item"]
        return {name: value for name, value in found.items() if name != "pk"}

    assert answer_of(ask) == case.answer


def keys(here: Place, count: int) -> dict[str, Any]:
    return {here.table: {"Keys": [here.key(f"{number:03d}") for number in range(count)], "ConsistentRead": True}}


def puts(here: Place, count: int) -> dict[str, Any]:
    return {here.table: [{"PutRequest": {"Item": here.key(f"{number:03d}")}} for number in range(count)]}


@on_all
def test_batches_write_and_read_what_they_are_given(database: Database) -> None:
    here = place(database)

    written = here.client.batch_write_item(RequestItems=puts(here, 25))
    delete = {"DeleteRequest": {"Key": here.key("000")}}
    here.client.batch_write_item(RequestItems={here.table: [delete]})
    read = here.client.batch_get_item(RequestItems=keys(here, 100))

    assert (written["UnprocessedItems"], read["UnprocessedKeys"]) == ({}, {})
    assert sorted(item["sk"]["S"] for item in read["Responses"][here.table]) == [f"{n:03d}" for n in range(1, 25)]


def asked(operation: str, here: Place, count: int) -> dict[str, Any]:
    return puts(here, count) if operation == "batch_write_item" else keys(here, count)


def with_repeats(operation: str, here: Place) -> dict[str, Any]:
    """A batch that names one item twice."""
    request = asked(operation, here, 1)
    parts = request[here.table] if operation == "batch_write_item" else request[here.table]["Keys"]
    parts.append(parts[0])
    return request


BATCHES = [
    Case("26 writes", ("batch_write_item", lambda here: puts(here, 26)), INVALID, LENIENT),
    Case("no writes", ("batch_write_item", lambda here: puts(here, 0)), MALFORMED),
    Case(
        "an item written twice",
        ("batch_write_item", lambda here: with_repeats("batch_write_item", here)),
        INVALID,
    ),
    Case("a write to no table", ("batch_write_item", lambda here: {"nosuch": puts(here, 1)[here.table]}), NO_TABLE),
    Case("101 reads", ("batch_get_item", lambda here: keys(here, 101)), INVALID),
    Case("no reads", ("batch_get_item", lambda here: keys(here, 0)), MALFORMED),
    Case("an item read twice", ("batch_get_item", lambda here: with_repeats("batch_get_item", here)), INVALID),
    Case("a read of no table", ("batch_get_item", lambda here: {"nosuch": keys(here, 1)[here.table]}), NO_TABLE),
]


@everywhere(BATCHES)
def test_a_batch_is_small_and_names_each_item_once(database: Database, case: Case) -> None:
    here, (operation, make) = place(database), case.ask

    assert answer_of(lambda: getattr(here.client, operation)(RequestItems=make(here))) == case.answer


@everywhere([Case("no key", {}, [], {"moto": "moto writes the others"})])
def test_a_batch_with_one_bad_write_writes_nothing(database: Database, case: Case) -> None:
    here = place(database)
    requests = [*puts(here, 2)[here.table], {"PutRequest": {"Item": {"pk": S(here.pk), **case.ask}}}]

    answer = answer_of(lambda: here.client.batch_write_item(RequestItems={here.table: requests}))

    assert (answer, here.query()["Items"]) == (INVALID, case.answer)
