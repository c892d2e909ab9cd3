"""The memory fake answers as DynamoDB does: updates, the same questions asked of all three.

moto's differences are marked: each has its reason, and the test fails when moto mends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.integration.semantics import BASE, INVALID, Case, N, S, answer_of, everywhere, on_all, place
from tests.worlds.databases import Database

LENIENT = {"moto": "moto accepts what DynamoDB refuses"}
FEWER_FORMS = {"moto": "moto's grammar of updates knows fewer forms"}
LISTS = {"moto": "moto applies actions one by one, so that places in lists shift"}
SCALARS = {"moto": "moto ignores a path that goes through a scalar"}


def update(expression: str, value: Any, changed: Any, differs: Mapping[str, str] | None = None) -> Case:
    """What an update makes of BASE: the attributes that it changes, None for those that it removes."""
    values = {":v": value} if value else None
    shown = next(iter(value.items())) if value else ""
    return Case(f"{expression} with {str(shown)[:60]}", (expression, values), changed, differs or {})


ONE = N(1)
ONES = {"L": [ONE]}
UPDATES = [
    update("SET a = :v", ONE, {"a": ONE}),
    update("set n = n + :v, a = :v", ONE, {"n": N(6), "a": ONE}),
    update("SET n = :v - n", ONE, {"n": N(-4)}),
    update("SET n = n - :v", N("0.5"), {"n": N("4.5")}),
    update("SET n = if_not_exists(gone, :v) + :v", ONE, {"n": N(2)}),
    update("SET n = if_not_exists(n, :v) + :v", ONE, {"n": N(6)}),
    update("SET a = (n + :v)", ONE, {"a": N(6)}, FEWER_FORMS),
    update("SET n = n + :v + :v", ONE, INVALID, LENIENT),
    update("SET n = gone + :v", ONE, INVALID),
    update("SET n = s + :v", ONE, INVALID),
    update("SET n = n + :v", S("x"), INVALID),
    update("SET n = n + :v", N("9e125"), INVALID, LENIENT),
    update("SET a = gone", None, INVALID),
    update("SET a = m.b.c", None, {"a": S("d")}),
    update("SET n = s, s = n", None, {"n": S("abc"), "s": N(5)}),
    update("SET a = if_not_exists(gone, m)", None, {"a": BASE["m"]}),
    update("SET a = if_not_exists(n, gone)", None, INVALID, LENIENT),
    update("SET a = if_not_exists(:v, :v)", ONE, INVALID),
    # Lists.
    update("SET l = list_append(l, :v)", ONES, {"l": {"L": [ONE, S("x"), ONE]}}),
    update("SET l = list_append(:v, l)", ONES, {"l": {"L": [ONE, ONE, S("x")]}}),
    update("SET q = list_append(if_not_exists(q, :v), :v)", ONES, {"q": {"L": [ONE, ONE]}}),
    update("SET l = list_append(s, :v)", ONES, INVALID),
    update("SET l = list_append(l, :v)", ONE, INVALID),
    update("SET l = list_append(gone, :v)", ONES, INVALID),
    update("SET l[0] = :v", S("y"), {"l": {"L": [S("y"), S("x")]}}),
    update("SET l[9] = :v, l[5] = l[0]", S("y"), {"l": {"L": [ONE, S("x"), ONE, S("y")]}}, LISTS),
    update("SET l[0].x = :v", ONE, INVALID, SCALARS),
    update("SET gone[0] = :v", ONE, INVALID),
    update("REMOVE l[0]", None, {"l": {"L": [S("x")]}}),
    update("REMOVE l[0], l[1]", None, {"l": {"L": []}}),
    update("REMOVE l[9]", None, {}),
    update("REMOVE l[0] SET l[1] = :v", S("y"), {"l": {"L": [S("y")]}}, LISTS),
    # Maps.
    update("SET m.x = :v", ONE, {"m": {"M": {**BASE["m"]["M"], "x": ONE}}}),
    update("SET m.b.c = :v", ONE, {"m": {"M": {"a": ONE, "b": {"M": {"c": ONE}}}}}),
    update("SET m.q.z = :v", ONE, INVALID),
    update("SET gone.x = :v", ONE, INVALID),
    update("SET s.x = :v", ONE, INVALID, SCALARS),
    update("SET m[0] = :v", ONE, INVALID),
    update("REMOVE m.b.c, m.gone", None, {"m": {"M": {"a": ONE, "b": {"M": {}}}}}),
    update("REMOVE gone.x", None, INVALID),
    update("REMOVE m.q.z", None, INVALID),
    # ADD and DELETE.
    update("ADD n :v", N("-0.5"), {"n": N("4.5")}),
    update("ADD gone :v", ONE, {"gone": ONE}),
    update("ADD m.q :v", ONE, {"m": {"M": {**BASE["m"]["M"], "q": ONE}}}),
    update("ADD ss :v", {"SS": ["c", "a"]}, {"ss": {"SS": ["a", "b", "c"]}}),
    update("ADD gone :v", {"SS": ["a"]}, {"gone": {"SS": ["a"]}}),
    update("ADD s :v", ONE, INVALID),
    update("ADD ss :v", ONE, INVALID),
    update("ADD ss :v", {"NS": ["1"]}, INVALID),
    update("ADD n :v", S("x"), INVALID),
    update("ADD n s", None, INVALID),
    update("DELETE ss :v", {"SS": ["a", "z"]}, {"ss": {"SS": ["b"]}}),
    update("DELETE ss :v", {"SS": ["a", "b"]}, {"ss": None}),
    update("DELETE gone :v", {"SS": ["a"]}, {}),
    update("DELETE s :v", {"SS": ["a"]}, INVALID),
    update("DELETE ss :v", S("a"), INVALID),
    # Sections, paths and words.
    update("REMOVE n", None, {"n": None}),
    update("REMOVE gone", None, {}),
    update("SET a = :v REMOVE n ADD k :v", ONE, {"a": ONE, "n": None, "k": ONE}),
    update("SET a = :v SET d = :v", ONE, INVALID),
    update("REMOVE n REMOVE s", None, INVALID),
    update("SET n = :v, n = :v", ONE, INVALID),
    update("SET m = :v REMOVE m.a", ONE, INVALID),
    update("SET m.a = :v, m[0] = :v", ONE, INVALID),
    update("SET pk = :v", S("p"), INVALID),
    update("REMOVE sk", None, INVALID),
    update("SET name = :v", ONE, INVALID),
    update("SET a = size(s)", None, INVALID),
    update("SET a = :v,", ONE, INVALID),
    update("SET", None, INVALID),
    update("SET m.#x = :v", ONE, INVALID),
    update("SET a = :w", ONE, INVALID),
    update("REMOVE n", ONE, INVALID),
    # What an index, or an item, cannot hold.
    update("SET name_sk = :v", S(""), INVALID),
    update("SET name_sk = :v", ONE, INVALID),
    update("SET name_sk = :v", {"NULL": True}, INVALID),
    update("SET name_sk = :v", S("é" * 513), INVALID, {"moto": "moto does not limit the keys of indexes"}),
    update("SET name_sk = :v", S("x" * 1024), {"name_sk": S("x" * 1024)}),
    update("SET a = :v", S("x" * 409_600), INVALID),
    update("SET a = :v", S("x" * 409_000), {"a": S("x" * 409_000)}, {"moto": "moto counts 405,000 bytes"}),
    update("SET a = :v", {"SS": []}, INVALID, LENIENT),
    update("SET a = :v", {"B": b""}, {"a": {"B": b""}}),
]


@everywhere(UPDATES)
def test_an_update_makes_of_an_item_what_dynamodb_makes_of_it(database: Database, case: Case) -> None:
    here, (expression, values) = place(database), case.ask
    before = here.put(**BASE)

    def ask() -> dict[str, Any]:
        here.update(expression, values)
        after = here.get() or {}
        return {name: after.get(name) for name in before | after if before.get(name) != after.get(name)}

    assert answer_of(ask) == case.answer
    if isinstance(case.answer, str):
        assert here.get() == before


ABSENT = [
    Case("SET a = :v", {":v": ONE}, {"a": ONE}),
    Case("ADD a :v", {":v": ONE}, {"a": ONE}),
    Case("REMOVE a", None, {}),
    Case("DELETE a :v", {":v": {"SS": ["a"]}}, {}),
    Case("SET a = if_not_exists(a, :v)", {":v": ONE}, {"a": ONE}),
]


@everywhere(ABSENT)
def test_an_update_makes_the_item_where_there_is_none(database: Database, case: Case) -> None:
    here = place(database)

    here.update(case.name, case.ask)

    assert here.get() == here.key() | case.answer


@on_all
@pytest.mark.parametrize(
    ("which", "shown"),
    [
        ("NONE", None),
        ("ALL_OLD", {"a": ONE, "n": N(5)}),
        ("ALL_NEW", {"b": ONE, "n": N(6)}),
        ("UPDATED_OLD", {"a": ONE, "n": N(5)}),
        ("UPDATED_NEW", {"b": ONE, "n": N(6)}),
    ],
)
def test_an_update_shows_the_attributes_that_were_asked_for(
    database: Database, which: str, shown: dict[str, Any] | None
) -> None:
    here = place(database)
    here.put(a=ONE, n=N(5))

    answer = here.update("SET b = :v REMOVE a ADD n :v", {":v": ONE}, ReturnValues=which)

    keys = here.key() if which.startswith("ALL") else {}
    assert answer.get("Attributes") == (None if shown is None else keys | shown)


AS_WRITTEN = {"moto": "moto gives numbers back as they were written"}


@everywhere(
    [
        Case("no zeros around", N("0100.50"), N("100.5"), AS_WRITTEN),
        Case("no exponent", N("1e3"), N("1000"), AS_WRITTEN),
        Case("no negative zero", N("-0"), N("0"), AS_WRITTEN),
        Case("nor in sets", {"NS": ["2.0"]}, {"NS": ["2"]}, AS_WRITTEN),
    ]
)
def test_a_number_comes_back_in_its_shortest_form(database: Database, case: Case) -> None:
    here = place(database)

    here.put(a=case.ask)

    assert here.get() == here.key() | {"a": case.answer}
