"""What expressions demand of the values that come with them, whatever is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.worlds.dynamodb.values import Value, kind_of, less
from tests.worlds.errors import invalid

TYPES = ("N", "BS", "L", "B", "NULL", "M", "S", "SS", "NS", "BOOL")


@dataclass(frozen=True, slots=True)
class Demand:
    """The types that an operator takes of a value that came with the request."""

    placeholder: str
    operator: str
    kinds: frozenset[str]


def check_bounds(which: str, low: Value, high: Value) -> None:
    """Complain about bounds of BETWEEN between which nothing can lie."""
    if kind_of(low) != kind_of(high):
        demand = "same data type for lower and upper bounds"
    elif less(high, low):
        demand = "upper bound to be greater than or equal to lower bound"
    else:
        return
    raise invalid(
        f"Invalid {which}: The BETWEEN operator requires {demand}; lower bound operand: AttributeValue: {_plain(low)}, "
        f"upper bound operand: AttributeValue: {_plain(high)}"
    )


def _plain(value: Value) -> str:
    ((kind, content),) = value.items()
    return f"{{{kind}:{content}}}"


def check_values(which: str, used: frozenset[str], demands: tuple[Demand, ...], values: Mapping[str, Value]) -> None:
    """Complain about values that are missing, or of a type that no item could make right."""
    missing = next((placeholder for placeholder in sorted(used) if placeholder not in values), None)
    if missing:
        raise invalid(
            f"Invalid {which}: An expression attribute value used in expression is not defined; "
            f"attribute value: {missing}"
        )
    for demand in demands:
        value = values[demand.placeholder]
        if kind_of(value) not in demand.kinds:
            raise invalid(
                f"Invalid {which}: Incorrect operand type for operator or function; "
                f"operator or function: {demand.operator}, operand type: {kind_of(value)}"
            )
        if demand.operator == "attribute_type" and value["S"] not in TYPES:
            valid = "{" + ",".join(TYPES) + "}"
            raise invalid(
                f"Invalid {which}: Invalid attribute type name found; type: {value['S']}, valid types: {valid}"
            )
