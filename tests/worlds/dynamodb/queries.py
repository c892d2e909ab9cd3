"""Query: a range of one partition of a table or an index, page by page."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from tests.worlds.dynamodb.condition_parser import Condition
from tests.worlds.dynamodb.conditions import AtPath, Between, Both, Call, Comparison, Given, Node, Values
from tests.worlds.dynamodb.paths import projected
from tests.worlds.dynamodb.requests import Expressions
from tests.worlds.dynamodb.tables import Entry, MemoryTable, View
from tests.worlds.dynamodb.values import Item, give_item, item_size, kind_of, take_item
from tests.worlds.errors import Refused, invalid

_PAGE_BYTES = 1 << 20
_OTHER_WAY = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}
_sort_key = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Range:
    """The partition of a query, and what it asks of the sort key: an operator and its text operands."""

    partition: str
    operator: str | None = None
    operands: tuple[str, ...] = ()

    def bounds(self, entries: list[Entry]) -> tuple[int, int]:
        """Return where the range begins and ends among a partition's entries."""
        match self.operator:
            case None:
                return 0, len(entries)
            case "begins_with":
                return _prefix_bounds(entries, self.operands[0])
            case "BETWEEN":
                low, high = self.operands
                return bisect_left(entries, low, key=_sort_key), bisect_right(entries, high, key=_sort_key)
            case sign:
                before = bisect_left(entries, self.operands[0], key=_sort_key)
                behind = bisect_right(entries, self.operands[0], key=_sort_key)
                ends = {"=": (before, behind), "<": (0, before), "<=": (0, behind)}
                return ends.get(sign, (behind if sign == ">" else before, len(entries)))

    def admits(self, sort_key: str) -> bool:
        return self.bounds([(sort_key, ("", ""))]) == (0, 1)


def _prefix_bounds(entries: list[Entry], prefix: str) -> tuple[int, int]:
    def beginning(entry: Entry) -> str:
        return entry[0][: len(prefix)]

    return bisect_left(entries, prefix, key=beginning), bisect_right(entries, prefix, key=beginning)


def key_range(condition: Condition, view: View, values: Values) -> Range:
    """Read a key condition: the partition, and at most one condition on the sort key."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for node in _flat(condition.root):
        name, operator, operands = _of_key(node, values)
        if name in found:
            raise invalid("KeyConditionExpressions must only contain one condition per key")
        found[name] = operator, operands
    if view.hash not in found or found.keys() - {view.hash, view.range}:
        raise invalid("Query condition missed key schema element")
    operator, operands = found[view.hash]
    if operator != "=":
        raise invalid("Query key condition not supported")
    return Range(operands[0], *found.get(view.range, (None, ())))


def _flat(node: Node) -> list[Node]:
    return [*_flat(node.left), *_flat(node.right)] if isinstance(node, Both) else [node]


def _of_key(node: Node, values: Values) -> tuple[str, str, tuple[str, ...]]:
    match node:
        case Comparison(sign, AtPath(path), Given(value)) if sign != "<>":
            operands: tuple[str, ...] = (value,)
        case Comparison(sign, Given(value), AtPath(path)) if sign != "<>":
            sign, operands = _OTHER_WAY[sign], (value,)
        case Between(AtPath(path), Given(low), Given(high)):
            sign, operands = "BETWEEN", (low, high)
        case Call("begins_with" as sign, (AtPath(path), Given(value))):
            operands = (value,)
        case _:
            raise invalid(f"Invalid operator used in KeyConditionExpression: {type(node).__name__}")
    return str(path[0]), sign, tuple(_key_text(str(path[0]), values[operand]) for operand in operands)


def _key_text(name: str, value: Mapping[str, Any]) -> str:
    if "S" not in value:
        raise invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
    if not value["S"]:
        raise invalid(
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
            f"empty string value. Key: {name}"
        )
    return str(value["S"])


def query(table: MemoryTable, request: Mapping[str, Any], asked: Expressions) -> dict[str, Any]:
    view = _view(table, request, asked)
    if asked.key_condition is None:
        raise invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    wanted = key_range(asked.key_condition, view, asked.values)
    entries = view.partitions.get(wanted.partition, [])
    low, high = wanted.bounds(entries)
    forward = request.get("ScanIndexForward", True)
    if "ExclusiveStartKey" in request:
        start = _start(table, view, wanted, take_item(request["ExclusiveStartKey"]))
        low, high = (max(low, bisect_right(entries, start)), high) if forward else (low, bisect_left(entries, start))
    chosen = entries[low:high] if forward else entries[low:high][::-1]
    return _page(table, view, chosen, request, asked)


def _view(table: MemoryTable, request: Mapping[str, Any], asked: Expressions) -> View:
    name = request.get("IndexName")
    if name is None:
        view = table.primary if request.get("ConsistentRead") else table.replica
    elif name not in table.indexes:
        raise invalid(f"The table does not have the specified index: {name}")
    elif request.get("ConsistentRead"):
        raise invalid("Consistent reads are not supported on global secondary indexes")
    else:
        view = table.indexes[name]
    _check_attributes(view, request, asked)
    return view


def _check_attributes(view: View, request: Mapping[str, Any], asked: Expressions) -> None:
    filtered = {str(path[0]) for path in asked.filter.paths} if asked.filter else set()
    if filtered & {view.hash, view.range}:
        name = min(filtered & {view.hash, view.range})
        raise invalid(f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {name}")
    if asked.projection and request.get("Select") == "COUNT":
        raise invalid("Cannot specify the ProjectionExpression when choosing to get only the Count")
    if view.projected is None:
        return
    if request.get("Select") == "ALL_ATTRIBUTES":
        raise _not_projected(view, "Select type ALL_ATTRIBUTES is not supported")
    missing = (filtered | {str(path[0]) for path in asked.projection or ()}) - view.projected
    if missing:
        raise _not_projected(view, f"not projected: {sorted(missing)}")


def _not_projected(view: View, what: str) -> Refused:
    return invalid(f"One or more parameter values were invalid: global secondary index {view.name}: {what}")


def _start(table: MemoryTable, view: View, wanted: Range, start: Item) -> Entry:
    if start.keys() != view.keys | table.primary.keys or any(kind_of(value) != "S" for value in start.values()):
        raise invalid("The provided starting key is invalid")
    if start[view.hash]["S"] != wanted.partition or not wanted.admits(start[view.range]["S"]):
        raise invalid("The provided starting key does not match the range key predicate")
    return start[view.range]["S"], table.key_of(start)


def _page(
    table: MemoryTable, view: View, entries: list[Entry], request: Mapping[str, Any], asked: Expressions
) -> dict[str, Any]:
    """Return a page: so many entries, or a megabyte, before the filter."""
    items: list[Item] = []
    limit, scanned, weight = request.get("Limit", len(entries) + 1), 0, 0
    for _, key in entries:
        item = view.shown(view.items[key])
        scanned, weight = scanned + 1, weight + item_size(item)
        if asked.filter is None or asked.filter.holds(item, asked.values):
            items.append(item)
        if scanned == limit or weight > _PAGE_BYTES:
            break
    answer: dict[str, Any] = {"Count": len(items), "ScannedCount": scanned}
    if request.get("Select") != "COUNT":
        shown = items if asked.projection is None else [projected(item, asked.projection) for item in items]
        answer["Items"] = [give_item(item) for item in shown]
    if scanned == limit or weight > _PAGE_BYTES:
        last = view.items[entries[scanned - 1][1]]
        answer["LastEvaluatedKey"] = give_item({name: last[name] for name in view.keys | table.primary.keys})
    return answer
