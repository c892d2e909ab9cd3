"""The memory fake answers as DynamoDB does: conditions, the same questions asked of all three.

moto's differences are marked: each has its reason, and the test fails when moto mends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.integration.semantics import BASE, FAILED, INVALID, MALFORMED, Case, N, S, answer_of, everywhere, place
from tests.worlds.databases import Database

PYTHON_ERROR = {"moto": "moto compares Python values and raises TypeError or ValueError"}
LENIENT = {"moto": "moto accepts what DynamoDB refuses"}
NO_CHECK = {"moto": "moto does not check operands against operators"}
BAD_SYNTAX = {"moto": "moto raises ValueError where DynamoDB says ValidationException"}


def condition(expression: str, value: Any, answer: Any, differs: Mapping[str, str] | None = None) -> Case:
    return Case(f"{expression} with {next(iter(value.items()))}", (expression, {":v": value}), answer, differs or {})


HOLDS = "holds"

CONDITIONS = [
    # Equality knows types; what is absent is unequal to everything.
    condition("s = :v", S("abc"), HOLDS),
    condition("s <> :v", N(1), HOLDS),
    condition("gone = :v", N(1), FAILED),
    condition("gone <> :v", N(1), HOLDS),
    condition("NOT gone = :v", N(1), HOLDS),
    condition("gone <> gone2 AND n = :v", N(5), HOLDS, {"moto": "to moto two absent attributes are equal"}),
    condition("n = :v", N("5.0"), HOLDS),
    condition("n = :v", N("00005"), HOLDS),
    condition("n = :v", N("+5"), HOLDS),
    condition("n = :v", N("0.5e1"), HOLDS),
    condition("z = :v", {"NULL": True}, HOLDS),
    condition("e = :v", S(""), HOLDS),
    condition("ss = :v", {"SS": ["b", "a"]}, HOLDS),
    condition("l = :v", {"L": [N("1.0"), S("x")]}, HOLDS),
    condition("m = :v", {"M": {"b": {"M": {"c": S("d")}}, "a": N("1.0")}}, HOLDS),
    condition(":v = n", N(5), HOLDS),
    # Order exists within a type; between types nothing is less, and nothing is more.
    condition("n < :v", N(10), HOLDS),
    condition("n < :v", N("5.0"), FAILED),
    condition("n <= :v", N("5.0"), HOLDS),
    condition("s < :v", S("abd"), HOLDS),
    condition("s >= :v", S("abc"), HOLDS),
    condition("gone < :v", N(1), FAILED),
    condition("NOT gone < :v", N(1), HOLDS),
    condition("s < :v", N(1), FAILED, PYTHON_ERROR),
    condition("s > :v", N(1), FAILED, PYTHON_ERROR),
    condition("n < :v", S("z"), FAILED, PYTHON_ERROR),
    condition("s < n OR n = :v", N(5), HOLDS, PYTHON_ERROR),
    condition("n < :v", {"BOOL": False}, INVALID, NO_CHECK),
    condition("ss < :v", {"SS": ["a"]}, INVALID, NO_CHECK),
    condition("l < :v", {"L": []}, INVALID, PYTHON_ERROR),
    # BETWEEN and IN.
    condition("n BETWEEN :v AND :v", N(5), HOLDS),
    condition("gone BETWEEN :v AND :v", N(5), FAILED),
    condition("n IN (:v)", N(5), HOLDS),
    condition("n IN (:v, s)", N(6), FAILED),
    condition("n IN (:v)", S("5"), FAILED),
    condition("n in (:v)", N(5), HOLDS),
    condition("NOT gone IN (:v)", S("x"), HOLDS),
    # Functions.
    condition("attribute_exists(m.b.c) AND attribute_not_exists(m.x) AND m.a = :v", N(1), HOLDS),
    condition("attribute_not_exists(l[9].x) AND n = :v", N(5), HOLDS),
    condition("attribute_type(s, :v)", S("S"), HOLDS),
    condition("attribute_type(gone, :v)", S("S"), FAILED),
    condition("attribute_type(s, :v)", S("X"), INVALID, NO_CHECK),
    condition("attribute_type(s, :v)", N(1), INVALID, NO_CHECK),
    condition("begins_with(s, :v)", S("ab"), HOLDS),
    condition("begins_with(n, :v)", S("5"), FAILED),
    condition("begins_with(s, :v)", N(1), INVALID, NO_CHECK),
    condition("begins_with(gone, :v)", S("x"), FAILED),
    condition("contains(s, :v)", S("b"), HOLDS),
    condition("contains(ss, :v)", S("b"), HOLDS),
    condition("contains(l, :v)", N("1.0"), HOLDS),
    condition("contains(n, :v)", N(5), FAILED),
    condition("contains(s, :v)", N(5), FAILED),
    condition("contains(gone, :v)", S("x"), FAILED),
    condition("contains(m, :v)", S("a"), FAILED),
    condition("size(s) = :v", N(3), HOLDS),
    condition("size(l) = :v", N(2), HOLDS),
    condition("size(ss) > :v", N(1), HOLDS),
    condition("size(m) = :v", N(2), HOLDS),
    condition("size(e) = :v", N(0), HOLDS),
    condition("size(gone) <> :v", N(2), HOLDS, PYTHON_ERROR),
    condition("size(n) > :v", N(1), FAILED, PYTHON_ERROR),
    condition("size(s) > :v", S("0"), FAILED, PYTHON_ERROR),
    condition("size(:v) = n", N(5), INVALID, PYTHON_ERROR),
    # Words and parentheses.
    condition("n = :v OR n = :v AND s = :v", N(5), HOLDS),
    condition("n = :v and not s = :v", N(5), HOLDS),
    condition("NOT NOT n = :v", N(5), HOLDS, BAD_SYNTAX),
    condition("NOT (n = :v)", N(5), FAILED),
    condition("(n = :v) AND ((s = :v) OR (n = :v))", N(5), HOLDS),
    condition("n = :v AND (b = :v OR (n = :v))", N(5), HOLDS),
    condition("((n = :v))", N(5), INVALID),
    condition("NOT ((n = :v))", N(5), INVALID),
    condition("n = :v AND ((b = :v OR n = :v))", N(5), INVALID),
    condition("l [0] = :v", N(1), HOLDS, BAD_SYNTAX),
    condition("m . a = :v", N(1), HOLDS, BAD_SYNTAX),
    condition("l[0] = :v", N(1), HOLDS),
    condition("l[0][0] = :v", N(1), FAILED),
    condition("s.x = :v", N(1), FAILED),
    condition("N = :v", N(5), FAILED),
    # What is refused whatever is stored.
    condition("name = :v", N(5), INVALID),
    condition("m.status = :v", N(5), INVALID),
    condition("n = n AND n = :v", N(5), INVALID, LENIENT),
    condition("contains(s, s) OR n = :v", N(5), INVALID, LENIENT),
    condition("attribute_exists(:v)", N(5), INVALID, BAD_SYNTAX),
    condition("attribute_exists(n) = :v", N(5), INVALID, BAD_SYNTAX),
    condition("n == :v", N(5), INVALID, BAD_SYNTAX),
    condition("n = :v AND", N(5), INVALID, BAD_SYNTAX),
    condition("n = :v)", N(5), INVALID, BAD_SYNTAX),
    condition("foo(n, :v)", N(5), INVALID, BAD_SYNTAX),
    condition("ATTRIBUTE_EXISTS(n) AND n = :v", N(5), INVALID, BAD_SYNTAX),
    condition("n-x = :v", N(5), INVALID, LENIENT),
    condition("1n = :v", N(5), INVALID, LENIENT),
    condition("_x = :v", N(5), INVALID, LENIENT),
    condition("#x = :v", N(5), INVALID, {"moto": "moto raises KeyError"}),
    condition("n = :w", N(5), INVALID, {"moto": "moto raises KeyError"}),
    condition("attribute_exists(n)", N(5), INVALID, {"moto": "moto lets a put have unused values"}),
    condition("n = :v" + " " * 4091, N(5), INVALID, LENIENT),
    condition(" OR ".join(["n = :v"] * 151), N(5), INVALID, LENIENT),
    condition(" OR ".join(["n = :v"] * 150), N(5), HOLDS),
    # Values that no attribute can have.
    condition("n = :v", N("abc"), INVALID, LENIENT),
    condition("n = :v", N("1" * 39), INVALID, LENIENT),
    condition("n = :v", N("1e126"), INVALID, LENIENT),
    condition("n = :v", {"SS": []}, INVALID, LENIENT),
    condition("n = :v", {"SS": ["a", "a"]}, INVALID, LENIENT),
    condition("n = :v", {"X": "a"}, MALFORMED),
]


@everywhere(CONDITIONS)
def test_a_condition_holds_where_dynamodb_says_so(database: Database, case: Case) -> None:
    here, (expression, values) = place(database), case.ask
    item = here.put(**BASE)

    def ask() -> str:
        database.client.put_item(
            TableName=here.table, Item=item, ConditionExpression=expression, ExpressionAttributeValues=values
        )
        return HOLDS

    assert answer_of(ask) == case.answer
