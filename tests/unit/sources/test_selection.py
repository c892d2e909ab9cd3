"""What is read record by record is what JMESPath finds in the whole, for every expression that can be taken apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import jmespath
import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from peoplefeed.sources.selection import UNFIT, selection_of
from peoplefeed.sources.streaming import Document

NAMES = st.sampled_from(["a", "b", "rows"])
SCALARS = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", "y", ""])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=25,
)
LEAVES = st.fixed_dictionaries({"a": SCALARS, "b": VALUES})
RECORDS = st.fixed_dictionaries({"a": SCALARS, "b": LEAVES, "rows": st.lists(LEAVES | VALUES, min_size=1, max_size=3)})
LISTS = st.lists(RECORDS | RECORDS | VALUES, min_size=1, max_size=4)
MAPS = st.dictionaries(NAMES, RECORDS | VALUES, min_size=1)

PLACES: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("@", lambda members: members),
    ("rows", lambda members: {"rows": members, "a": 1}),
    ("b.rows", lambda members: {"a": [1], "b": {"rows": members, "a": 2}}),
    ("[1]", lambda members: [{"a": 1}, members]),
    ("[0].rows", lambda members: [{"rows": members}, {"rows": [1]}]),
    ("values(rows)", lambda members: {"rows": members}),
)
CONDITIONS = st.sampled_from(["a", "b", "!b", "a=='x'", "a > `1` && b", "contains(['x', `1`], a)", "rows[0]", "@"])
BELOW = st.one_of(
    st.sampled_from(["[]", "[*]", "[].rows[]", "[*].rows[]", ".*", ".*.rows[]", "[1:]", "[:2]", "[::2]"]),
    st.sampled_from([".a", ".b", ".rows", "[].b", "[*].b.b", "[0]", "[1]", ".{a: a, b: b}", ".[a, b]", ".type(@)"]),
    CONDITIONS.map(lambda condition: f"[?{condition}]"),
)
PIPED = st.sampled_from([" | [].a", " | [?b]", " | @", " | [*].rows[]", " | a", " | [0]", " | [1:]", " || `[]`"])


def is_compiled(expression: str) -> bool:
    try:
        jmespath.compile(expression)
    except JMESPathError:
        return False
    return True


QUESTIONS = st.builds(
    lambda place, members, below, piped: (place[0] + "".join(below) + piped, place[1](members)),
    st.sampled_from(PLACES),
    LISTS | LISTS | MAPS | VALUES,
    st.lists(BELOW, max_size=3),
    st.just("") | PIPED,
).filter(lambda question: is_compiled(question[0]))


def streamed(expression: str, document: Any) -> Any:
    """What is found record by record; where there is no list, what is found in what stands around it."""
    selection = selection_of(expression)
    assert selection is not None
    source = Document(BytesIO(json.dumps(document).encode()), "utf-8", selection)
    found = [one for _, member in source.members() for one in selection.of(member)]
    return found if source.is_there else jmespath.search(expression, source.rest)


@settings(max_examples=500)
@given(QUESTIONS)
@example(("a[].rows[]", {"a": [{"rows": [{"b": 1}, None]}, {"rows": None}, {"rows": 3}, [{"rows": [2]}], None, 7]}))
@example(("rows[][]", {"rows": [[[1], 2, None], None, 3]}))
@example(("rows[*][]", {"rows": [[1, None], None, 3]}))
@example(("rows[].type(@)", {"rows": [None, [None, 1]]}))
@example(("a[].rows[].type(@)", {"a": [{"rows": None}, {"rows": [None]}]}))
@example(("rows[*][].type(@)", {"rows": [None, [None]]}))
@example(("rows[?a] | [1:]", {"rows": [{"a": 1}, {"a": 2}, {"a": 3}]}))
@example(("(rows[?a])[*].b", {"rows": [{"a": 1, "b": 2}, {"a": 0, "b": 3}, {"b": 4}]}))
@example(("a[].rows[-1].b[]", {"a": [{"rows": [{"b": [1]}, {"b": [2, 3]}]}]}))
@example(("rows[0].a[1:]", {"rows": [{"a": [1, 2, 3]}]}))
@example(("rows.*.a[].b", {"rows": {"a": {"a": [{"b": 1}, None]}, "b": None}}))
def test_what_is_read_record_by_record_is_what_is_found_in_the_whole(question: tuple[str, Any]) -> None:
    expression, document = question
    if selection_of(expression) is None:
        event("needs the whole")
        return
    try:
        wanted = jmespath.search(expression, document)
    except UNFIT:
        with pytest.raises(UNFIT):
            streamed(expression, document)
        return
    event("a list with something in it" if wanted and isinstance(wanted, list) else "nothing")
    assert streamed(expression, document) == wanted


@pytest.mark.parametrize(
    "expression",
    [
        "@",
        "rows",
        "data.rows",
        "rows[]",
        "rows[*]",
        "rows[?active]",
        "a.b[?x=='y'].employee",
        "a.b[?x=='y' && contains(z, 'w')].{id: key, name: names[0].text}",
        "data[].employees[]",
        "companies[*].units[].teams[].members[]",
        "data[?type=='employee'].attributes",
        "edges[].node",
        "data.employees.edges[*].node | [?isActive]",
        "employees.*",
        "values(employees)",
        "departments.*.employees[]",
        "[1]",
        "[0].employees[?active]",
        "values[1:].{id: [0], first: [1]}",
        "rows || `[]`",
        '"odata.value"[?"is-active"]',
    ],
)
def test_what_operators_write_is_read_record_by_record(expression: str) -> None:
    assert selection_of(expression) is not None


@pytest.mark.parametrize(
    "expression",
    [
        "sort_by(rows, &id)",
        "rows[*] | [0]",
        "rows[-10:]",
        "rows[::-1]",
        "max_by(rows, &id)",
        "rows || items",
        "[a, b][]",
    ],
)
def test_what_needs_more_than_one_record_at_a_time_is_not_taken_apart(expression: str) -> None:
    assert selection_of(expression) is None


def test_a_list_inside_of_one_large_member_is_read_record_by_record_too() -> None:
    """One company with everybody in it: memory must not hold the company."""
    selection = selection_of("companies[].employees[]")
    assert selection is not None
    document = {"companies": [{"name": "Harbour", "employees": [{"id": number} for number in range(3)]}]}
    source = Document(BytesIO(json.dumps(document).encode()), "utf-8", selection)
    assert [member for _, member in source.members()] == [{"id": 0}, {"id": 1}, {"id": 2}]


def test_what_stands_around_the_records_is_kept_and_their_place_is_empty() -> None:
    document = [{"total": 2}, {"rows": [1, 2], "next": None}]
    selection = selection_of("[1].rows[?@]")
    assert selection is not None
    source = Document(BytesIO(json.dumps(document).encode()), "utf-8", selection)
    assert [member for _, member in source.members()] == [1, 2]
    assert source.rest == [{"total": 2}, {"rows": [], "next": None}]
