"""The nodes that a condition is made of. `holds` asks one of an item; values come with the request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.worlds.dynamodb.paths import Path, look_up
from tests.worlds.dynamodb.values import Item, Value, kind_of, less

type Values = Mapping[str, Value]

ORDERED = frozenset({"S", "N", "B"})
SIZED = frozenset({"S", "B", "SS", "NS", "BS", "L", "M"})


@dataclass(frozen=True, slots=True)
class AtPath:
    """What the item has at a path, None where it has nothing."""

    path: Path

    def read(self, item: Item, _values: Values) -> Value | None:
        return look_up(item, self.path)


@dataclass(frozen=True, slots=True)
class Given:
    """A value that the request brought along."""

    placeholder: str

    def read(self, _item: Item, values: Values) -> Value | None:
        return values[self.placeholder]


@dataclass(frozen=True, slots=True)
class SizeOf:
    """The size of what has one."""

    operand: AtPath | Given

    def read(self, item: Item, values: Values) -> Value | None:
        value = self.operand.read(item, values)
        return {"N": str(len(value[kind_of(value)]))} if value and kind_of(value) in SIZED else None


type Operand = AtPath | Given | SizeOf


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands and one of = <> < <= > >=."""

    sign: str
    left: Operand
    right: Operand

    def holds(self, item: Item, values: Values) -> bool:
        left, right = self.left.read(item, values), self.right.read(item, values)
        if self.sign == "<>":
            return left is None or right is None or left != right
        return left is not None and right is not None and _compare(self.sign, left, right)


def _compare(sign: str, left: Value, right: Value) -> bool:
    match sign:
        case "=":
            return left == right
        case "<":
            return less(left, right)
        case ">":
            return less(right, left)
        case "<=":
            return less(left, right) or (left == right and kind_of(left) in ORDERED)
        case _:
            return less(right, left) or (left == right and kind_of(left) in ORDERED)


@dataclass(frozen=True, slots=True)
class Between:
    """Whether something lies between two bounds, inclusive."""

    operand: Operand
    low: Operand
    high: Operand

    def holds(self, item: Item, values: Values) -> bool:
        value, low, high = (one.read(item, values) for one in (self.operand, self.low, self.high))
        return bool(value and low and high and _compare(">=", value, low) and _compare("<=", value, high))


@dataclass(frozen=True, slots=True)
class OneOf:
    """Whether something equals one of several."""

    operand: Operand
    options: tuple[Operand, ...]

    def holds(self, item: Item, values: Values) -> bool:
        value = self.operand.read(item, values)
        return value is not None and any(option.read(item, values) == value for option in self.options)


@dataclass(frozen=True, slots=True)
class Call:
    """A function that is a condition."""

    function: str
    operands: tuple[Operand, ...]

    def holds(self, item: Item, values: Values) -> bool:
        value = self.operands[0].read(item, values)
        if self.function == "attribute_not_exists":
            return value is None
        if value is None or self.function == "attribute_exists":
            return value is not None
        other = self.operands[1].read(item, values)
        return other is not None and _FUNCTION_TESTS[self.function](value, other)


def _begins_with(value: Value, prefix: Value) -> bool:
    kind = kind_of(value)
    return kind in {"S", "B"} and kind in prefix and bool(value[kind].startswith(prefix[kind]))


def _contains(value: Value, part: Value) -> bool:
    kind, part_kind = kind_of(value), kind_of(part)
    if kind in {"S", "B"}:
        return part_kind == kind and part[kind] in value[kind]
    if kind == "L":
        return part in value["L"]
    return kind == f"{part_kind}S" and part[part_kind] in value[kind]


_FUNCTION_TESTS = {
    "attribute_type": lambda value, kind: kind_of(value) == kind["S"],
    "begins_with": _begins_with,
    "contains": _contains,
}


@dataclass(frozen=True, slots=True)
class Both:
    """AND."""

    left: Node
    right: Node

    def holds(self, item: Item, values: Values) -> bool:
        return self.left.holds(item, values) and self.right.holds(item, values)


@dataclass(frozen=True, slots=True)
class Either:
    """OR."""

    left: Node
    right: Node

    def holds(self, item: Item, values: Values) -> bool:
        return self.left.holds(item, values) or self.right.holds(item, values)


@dataclass(frozen=True, slots=True)
class Not:
    """NOT."""

    inner: Node

    def holds(self, item: Item, values: Values) -> bool:
        return not self.inner.holds(item, values)


type Node = Comparison | Between | OneOf | Call | Both | Either | Not
