"""The memory fake answers as DynamoDB does: queries, reads and batches, the same asked of all three."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.integration.semantics import INVALID, MALFORMED, Case, N, Place, S, answer_of, everywhere, on_all, place
from tests.worlds.databases import Database

SORT_KEYS = ["a", "b", "ba", "c", "é", "😀", "ﾃ", "Z", "a0", "a#1"]
IN_ORDER = ["Z", "a", "a#1", "a0", "b", "ba", "c", "é", "ﾃ", "😀"]
LENIENT = {"moto": "moto accepts what DynamoDB refuses"}


def filled(database: Database) -> Place:
    here = place(database)
    requests = [
        {"PutRequest": {"Item": here.key(sk) | {"n": N(len(sk)), "line_pk": S(f"G{here.pk}"), "line_sk": S(f"h{sk}")}}}
        for sk in SORT_KEYS
    ]
    here.client.batch_write_item(RequestItems={here.table: requests})
    return here


def asking(condition: str, values: Mapping[str, Any], answer: Any, differs: Mapping[str, str] | None = None) -> Case:
    return Case(f"{condition} with {list(values.values())}", (condition, values), answer, differs or {})


RANGES = [
    asking("pk = :pk", {}, IN_ORDER),
    asking(":pk = pk", {}, IN_ORDER, {"moto": "moto wants the name first"}),
    asking("pk = :pk AND sk = :s", {":s": S("a")}, ["a"]),
    asking("pk = :pk AND begins_with(sk, :s)", {":s": S("a")}, ["a", "a#1", "a0"]),
    asking("begins_with(sk, :s) AND pk = :pk", {":s": S("a")}, ["a", "a#1", "a0"]),
    asking("(pk = :pk) AND (begins_with(sk, :s))", {":s": S("b")}, ["b", "ba"]),
    asking("pk = :pk AND begins_with(sk, :s)", {":s": S("zz")}, []),
    asking("pk = :pk AND sk BETWEEN :a AND :b", {":a": S("a0"), ":b": S("c")}, ["a0", "b", "ba", "c"]),
    asking("pk = :pk AND sk < :s", {":s": S("b")}, ["Z", "a", "a#1", "a0"]),
    asking("pk = :pk AND sk <= :s", {":s": S("b")}, ["Z", "a", "a#1", "a0", "b"]),
    asking("pk = :pk AND sk > :s", {":s": S("c")}, ["é", "ﾃ", "😀"]),
    asking("pk = :pk AND sk >= :s", {":s": S("c")}, ["c", "é", "ﾃ", "😀"]),
    asking("pk = :pk AND sk <> :s", {":s": S("b")}, INVALID, {"moto": "moto raises AssertionError"}),
    asking("pk = :pk AND n = :s", {":s": S("b")}, INVALID),
    asking("pk = :pk AND sk > :s AND sk < :z", {":s": S("a"), ":z": S("z")}, INVALID, LENIENT),
    asking("pk = :pk AND contains(sk, :s)", {":s": S("b")}, INVALID),
    asking("pk > :pk", {}, INVALID),
    asking("sk = :pk", {}, INVALID),
    asking("pk = :pk AND sk = :s", {":s": N(1)}, INVALID, LENIENT),
    asking("pk = :pk AND begins_with(sk, :s)", {":s": S("")}, INVALID),
    asking("pk = :pk AND sk BETWEEN :a AND :b", {":a": S("c"), ":b": S("a")}, INVALID, LENIENT),
    asking("pk = :pk", {":unused": S("a")}, INVALID, LENIENT),
]


@everywhere(RANGES)
def test_a_query_finds_a_range_in_the_order_of_utf8(database: Database, case: Case) -> None:
    here, (condition, values) = filled(database), case.ask

    assert answer_of(lambda: sort_keys(here.query(condition, values))) == case.answer


def sort_keys(answer: Any) -> list[str]:
    return [item["sk"]["S"] for item in answer["Items"]]


@on_all
@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("limit", [1, 3, 10, 11])
def test_pages_show_everything_once_and_in_order(database: Database, limit: int, forward: bool) -> None:  # noqa: FBT001
    here = filled(database)
    found: list[str] = []
    more: dict[str, Any] = {"ScanIndexForward": forward, "Limit": limit}

    while True:
        page = here.query(**more)
        found += sort_keys(page)
        if "LastEvaluatedKey" not in page:
            break
        more["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    assert found == (IN_ORDER if forward else IN_ORDER[::-1])


@everywhere(
    [
        Case("a limit that is just reached", 10, "LastEvaluatedKey", {"moto": "moto knows that nothing comes after"}),
        Case("a limit that is not reached", 11, None),
    ]
)
def test_a_page_that_reaches_its_limit_may_not_be_the_last(database: Database, case: Case) -> None:
    here = filled(database)

    assert next((name for name in here.query(Limit=case.ask) if name == "LastEvaluatedKey"), None) == case.answer


@on_all
def test_a_page_may_start_behind_an_item_that_is_gone(database: Database) -> None:
    here = filled(database)

    page = here.query(ExclusiveStartKey=here.key("aXX"), Limit=2)

    assert sort_keys(page) == ["b", "ba"]


@everywhere(
    [
        Case("of another partition", {"pk": S("other"), "sk": S("a")}, INVALID, LENIENT),
        Case("without a sort key", {"pk": S("other")}, INVALID, LENIENT),
    ]
)
def test_a_start_key_that_does_not_fit_is_refused(database: Database, case: Case) -> None:
    here = filled(database)

    assert answer_of(lambda: here.query(ExclusiveStartKey=case.ask)) == case.answer


@everywhere(
    [Case("four items of 300 kB", None, (["0", "1", "2", "3"], ["4"]), {"moto": "moto stops before a megabyte"})]
)
def test_a_page_ends_after_a_megabyte(database: Database, case: Case) -> None:
    here = place(database)
    for number in range(5):
        here.put(str(number), a=S("x" * 300_000))

    first = here.query(ProjectionExpression="sk")
    second = here.query(ProjectionExpression="sk", ExclusiveStartKey=first["LastEvaluatedKey"])

    assert (sort_keys(first), sort_keys(second)) == case.answer
    assert "LastEvaluatedKey" not in second


@on_all
def test_a_filter_comes_after_the_limit(database: Database) -> None:
    here = filled(database)

    page = here.query(values={":n": N(1)}, FilterExpression="n > :n", Limit=4)

    assert (page["Count"], page["ScannedCount"], sort_keys(page)) == (2, 4, ["a#1", "a0"])
    assert page["LastEvaluatedKey"] == here.key("a0")


@everywhere(
    [
        Case("counting", {"Select": "COUNT"}, (10, 10, False)),
        Case("counting what passes a filter", {"Select": "COUNT", "FilterExpression": "n = :pk"}, (0, 10, False)),
        Case("both", {"Select": "COUNT", "ProjectionExpression": "sk"}, INVALID),
        Case("a filter on the key", {"FilterExpression": "sk > :pk"}, INVALID, LENIENT),
        Case("a limit of nothing", {"Limit": 0}, MALFORMED),
        Case("an index that is not there", {"IndexName": "nosuch"}, INVALID, {"moto": "moto says it is not found"}),
    ]
)
def test_a_query_can_count(database: Database, case: Case) -> None:
    here = filled(database)

    def ask() -> Any:
        answer = here.query(**case.ask)
        return answer["Count"], answer["ScannedCount"], "Items" in answer

    assert answer_of(ask) == case.answer
