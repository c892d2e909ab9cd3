"""Attribute values as the low-level client speaks them: checked, in canonical form, measured, ordered.

What is stored is never changed in place: items share values, and whoever asks gets copies.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact, Overflow
from typing import Any

from tests.worlds.errors import invalid, malformed

type Value = dict[str, Any]
type Item = dict[str, Value]


class Row(dict[str, Value]):
    """An item as a table keeps it, which knows its size once it was asked. It is never changed."""

    __slots__ = ("size",)

    size: int


DIGITS = 38
_HIGHEST, _LOWEST = 125, -130
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_EXACT = Context(prec=DIGITS, traps=[Inexact, Overflow])
_SHAPES: dict[str, Any] = {
    "S": str,
    "N": str,
    "B": (bytes, bytearray),
    "BOOL": bool,
    "NULL": bool,
    "L": (list, tuple),
    "M": dict,
    "SS": (list, tuple, set, frozenset),
    "NS": (list, tuple, set, frozenset),
    "BS": (list, tuple, set, frozenset),
}
_CONTAINER, _ELEMENT = 3, 1


def text_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def take(value: Value) -> Value:  # noqa: PLR0911 - one line a type
    """Return a private copy of what a caller sent, in the form that DynamoDB keeps."""
    if type(value) is not dict or len(value) != 1:
        raise invalid("Supplied AttributeValue must contain exactly one of the supported datatypes")
    ((kind, content),) = value.items()
    if not isinstance(content, _SHAPES.get(kind, ())):
        raise malformed(f"{content!r} is no value of type {kind}, valid types: {', '.join(_SHAPES)}")
    match kind:
        case "S" | "BOOL":
            return {kind: content}
        case "N":
            return {"N": number(content)}
        case "NULL":
            if not content:
                raise invalid("One or more parameter values were invalid: Null attribute value types must be true")
            return {"NULL": True}
        case "B":
            return {"B": bytes(content)}
        case "L":
            return {"L": [take(inner) for inner in content]}
        case "M":
            return {"M": take_item(content)}
        case _:
            return {kind: _take_set(kind, content)}


def take_item(item: Item) -> Item:
    if "" in item:
        raise invalid("One or more parameter values were invalid: Empty attribute name")
    return {name: take(value) for name, value in item.items()}


def take_row(item: Item) -> Row:
    return Row(take_item(item))


def _take_set(kind: str, content: Any) -> list[Any]:
    if not content:
        raise invalid("One or more parameter values were invalid: An set may not be empty")
    members = [next(iter(take({kind[0]: member}).values())) for member in content]
    if len(set(members)) < len(members):
        raise invalid(f"One or more parameter values were invalid: Input collection {members} contains duplicates")
    return sorted(members)


def give(value: Value) -> Value:
    """Return a copy that its caller may change."""
    ((kind, content),) = value.items()
    match kind:
        case "L":
            return {"L": [give(inner) for inner in content]}
        case "M":
            return {"M": give_item(content)}
        case "SS" | "NS" | "BS":
            return {kind: list(content)}
        case _:
            return {kind: content}


def give_item(item: Item) -> Item:
    return {name: give(value) for name, value in item.items()}


def number(text: str) -> str:
    """Return a number as DynamoDB shows it: no leading or trailing zeros, no exponent."""
    if text.isascii() and text.isdigit() and len(text) <= DIGITS and (text[0] != "0" or text == "0"):
        return text
    if not _NUMBER.fullmatch(text):
        raise invalid("A value provided cannot be converted into a number")
    return _shown(Decimal(text))


def _shown(value: Decimal) -> str:
    if not value:
        return "0"
    digits = "".join(map(str, value.as_tuple().digits)).strip("0")
    if len(digits) > DIGITS:
        raise invalid("DynamoDB only supports precision up to 38 digits")
    if value.adjusted() > _HIGHEST:
        raise invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
    if value.adjusted() < _LOWEST:
        raise invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
    shown = format(value, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def add(left: str, right: str, sign: int = 1) -> str:
    """Return left + right, or left - right."""
    try:
        total = _EXACT.add(Decimal(left), Decimal(right) if sign > 0 else -Decimal(right))
    except (Inexact, Overflow):
        raise invalid("DynamoDB only supports precision up to 38 digits") from None
    return _shown(total)


def size(value: Value) -> int:  # noqa: PLR0911 - one line a type
    """Return the bytes that a value counts for."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return text_size(content)
        case "N":
            return len(content) // 2 + 2
        case "BOOL" | "NULL":
            return 1
        case "B":
            return len(content)
        case "L":
            return _CONTAINER + sum(size(inner) + _ELEMENT for inner in content)
        case "M":
            return _CONTAINER + item_size(content) + _ELEMENT * len(content)
        case _:
            return sum(size({kind[0]: member}) for member in content)


def item_size(item: Item) -> int:
    if isinstance(item, Row):
        if not hasattr(item, "size"):
            item.size = _members_size(item)
        return item.size
    return _members_size(item)


def _members_size(item: Item) -> int:
    total = 0
    for name, value in item.items():
        text = value.get("S")  # most are text, and this runs for every write
        total += text_size(name) + (size(value) if text is None else text_size(text))
    return total


def less(left: Value, right: Value) -> bool:
    """Whether left < right. Between different types, or types without order, nothing is less."""
    ((kind, content),) = left.items()
    if kind not in right:
        return False
    match kind:
        case "N":
            return Decimal(content) < Decimal(right["N"])
        case "S" | "B":
            return bool(content < right[kind])
        case _:
            return False


def kind_of(value: Value) -> str:
    return next(iter(value))
