"""The expressions of one request, read, and checked against the placeholders that came with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.worlds.dynamodb.condition_parser import Condition, read_condition
from tests.worlds.dynamodb.conditions import Values
from tests.worlds.dynamodb.paths import Path
from tests.worlds.dynamodb.update_parser import read_projection, read_update
from tests.worlds.dynamodb.updates import UpdateExpression
from tests.worlds.dynamodb.values import Item, take
from tests.worlds.errors import invalid

_EXPRESSIONS = (
    "ConditionExpression",
    "UpdateExpression",
    "KeyConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
)


@dataclass(frozen=True, slots=True)
class Expressions:
    """What a request asks for in expressions."""

    values: Values
    condition: Condition | None = None
    update: UpdateExpression | None = None
    key_condition: Condition | None = None
    filter: Condition | None = None
    projection: tuple[Path, ...] | None = None

    def allow(self, item: Item | None) -> bool:
        """Whether the condition holds for what is stored."""
        return self.condition is None or self.condition.holds(item or {}, self.values)


def read_expressions(request: Mapping[str, Any]) -> Expressions:
    names = request.get("ExpressionAttributeNames")
    given = request.get("ExpressionAttributeValues")
    if names is None and given is None and not any(which in request for which in _EXPRESSIONS):
        return Expressions({})
    _check_placeholders(request, names, given)
    fixed = tuple(names.items()) if names else ()
    values = {name: take(value) for name, value in given.items()} if given else {}
    update = read_update(request["UpdateExpression"], fixed) if "UpdateExpression" in request else None
    conditions = [_condition(which, request, fixed) for which in _EXPRESSIONS if which not in _NO_CONDITIONS]
    paths, names_used = None, frozenset[str]()
    if "ProjectionExpression" in request:
        paths, names_used = read_projection(request["ProjectionExpression"], fixed)
    parts = [part for part in (update, *conditions) if part]
    for part in parts:
        part.check(values)
    _refuse_unused("Names", names, names_used.union(*(part.names_used for part in parts)))
    _refuse_unused("Values", given, frozenset[str]().union(*(part.values_used for part in parts)))
    condition, key_condition, filter_ = conditions
    return Expressions(values, condition, update, key_condition, filter_, paths)


_NO_CONDITIONS = frozenset({"UpdateExpression", "ProjectionExpression"})


def _condition(which: str, request: Mapping[str, Any], names: tuple[tuple[str, str], ...]) -> Condition | None:
    return read_condition(which, request[which], names) if which in request else None


def _check_placeholders(request: Mapping[str, Any], names: Any, values: Any) -> None:
    for which, given, sign in (("Names", names, "#"), ("Values", values, ":")):
        if given is None:
            continue
        if not any(expression in request for expression in _EXPRESSIONS):
            raise invalid(f"ExpressionAttribute{which} can only be specified when using expressions")
        if not given:
            raise invalid(f"ExpressionAttribute{which} must not be empty")
        wrong = next((key for key in given if not key.startswith(sign) or len(key) == 1), None)
        if wrong is not None:
            raise invalid(f'ExpressionAttribute{which} contains invalid key: Syntax error; key: "{wrong}"')


def _refuse_unused(which: str, given: Mapping[str, Any] | None, used: frozenset[str]) -> None:
    unused = [placeholder for placeholder in given or () if placeholder not in used]
    if unused:
        keys = "{" + ", ".join(unused) + "}"
        raise invalid(f"Value provided in ExpressionAttribute{which} unused in expressions: keys: {keys}")
