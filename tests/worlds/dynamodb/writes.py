"""Single writes and transactions, decided against what is stored and then done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.worlds.dynamodb.paths import projected
from tests.worlds.dynamodb.requests import Expressions, read_expressions
from tests.worlds.dynamodb.tables import MAX_ITEM, Key, MemoryTable
from tests.worlds.dynamodb.values import Item, give_item, item_size, take_row
from tests.worlds.errors import Refused, invalid, malformed

_MOST_ACTIONS = 100
_CONDITION_FAILED = "The conditional request failed"
_ACTIONS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    action: (frozenset(required.split()), frozenset(optional.split()))
    for action, required, optional in (
        ("Put", "TableName Item", "ConditionExpression"),
        ("Update", "TableName Key UpdateExpression", "ConditionExpression"),
        ("Delete", "TableName Key", "ConditionExpression"),
        ("ConditionCheck", "TableName Key ConditionExpression", ""),
    )
}
_OF_EVERY_ACTION = frozenset(
    {"ExpressionAttributeNames", "ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure"}
)


@dataclass(frozen=True, slots=True)
class Write:
    """One write as it was asked for. `item` is what a put brought along."""

    action: str
    table: MemoryTable
    key: Key
    item: Item
    asked: Expressions
    shows_old: bool

    @property
    def stored(self) -> Item | None:
        return self.table.primary.items.get(self.key)

    def outcome(self, old: Item | None) -> Item | None:
        """Return what the write makes of what is stored."""
        match self.action:
            case "Put":
                return self.item
            case "Delete":
                return None
            case "ConditionCheck":
                return old
            case _:
                return self._updated(old)

    def _updated(self, old: Item | None) -> Item:
        before = self.item if old is None else old
        if self.asked.update is None:
            return before
        item = self.asked.update.applied(before, self.asked.values)
        self.table.check_index_keys(item)
        if item_size(item) > MAX_ITEM:
            raise invalid("Item size to update has exceeded the maximum allowed size")
        return item


def read_write(action: str, table: MemoryTable, request: Mapping[str, Any]) -> Write:
    """Read a write, and refuse what is wrong with it whatever is stored."""
    item = take_row(request["Item" if action == "Put" else "Key"])
    if action == "Put":
        key = table.key_of(item)
        table.check_index_keys(item)
        if item_size(item) > MAX_ITEM:
            raise invalid("Item size has exceeded the maximum allowed size")
    else:
        key = table.find(item)
    asked = read_expressions(request)
    changed = {str(path[0]) for path in asked.update.paths} if asked.update else set()
    if changed & table.primary.keys:
        name = min(changed & table.primary.keys)
        raise invalid(
            f"One or more parameter values were invalid: Cannot update attribute {name}. "
            "This attribute is part of the key"
        )
    return Write(action, table, key, item, asked, request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD")


def do(write: Write) -> tuple[Item | None, Item | None]:
    """Do a write of its own; return what was stored before and after."""
    old = write.stored
    if not write.asked.allow(old):
        write.table.charge(write.key)
        shown: dict[str, Any] = {"Item": give_item(old)} if write.shows_old and old else {}
        raise Refused("ConditionalCheckFailedException", _CONDITION_FAILED, **shown)
    new = write.outcome(old)
    write.table.store(write.key, new)
    return old, new


def returned(write: Write, which: str, old: Item | None, new: Item | None) -> Item | None:
    """Return the attributes that ReturnValues asks for, None where there are none to show."""
    paths = write.asked.update.paths if write.asked.update else ()
    match which:
        case "ALL_OLD":
            shown = old
        case "ALL_NEW":
            shown = new
        case "UPDATED_OLD":
            shown = projected(old or {}, paths)
        case "UPDATED_NEW":
            shown = projected(new or {}, paths)
        case _:
            return None
    return give_item(shown) if shown else None


def read_transaction(tables: Mapping[str, MemoryTable], actions: Sequence[Mapping[str, Any]]) -> list[Write]:
    if not actions:
        raise malformed("Invalid length for parameter TransactItems, value: 0, valid min length: 1")
    if len(actions) > _MOST_ACTIONS:
        raise invalid("Member must have length less than or equal to 100")
    writes = [_read_action(tables, single) for single in actions]
    if len({(write.table.name, write.key) for write in writes}) < len(writes):
        raise invalid("Transaction request cannot include multiple operations on one item")
    size = sum(item_size(write.item) + item_size(dict(write.asked.values)) for write in writes)
    if size > 4 * 1024 * 1024:
        raise invalid(f"Transaction payload size cannot exceed 4MB. Payload Size: {size}")
    return writes


def _read_action(tables: Mapping[str, MemoryTable], single: Mapping[str, Any]) -> Write:
    if len(single) != 1:
        raise invalid("TransactItems can only contain one of Check, Put, Update or Delete")
    ((action, request),) = single.items()
    required, optional = _ACTIONS[action]
    if not required <= request.keys() <= required | optional | _OF_EVERY_ACTION:
        raise malformed(f"{action} takes {sorted(required | optional)}, not {sorted(request)}")
    if request["TableName"] not in tables:
        raise no_such_table()
    return read_write(action, tables[request["TableName"]], request)


def no_such_table() -> Refused:
    return Refused("ResourceNotFoundException", "Cannot do operations on a non-existent table")


def transact(writes: Sequence[Write]) -> None:
    """Do all writes or none."""
    before = [write.stored for write in writes]
    reasons: list[dict[str, Any]] = []
    after: list[Item | None] = []
    for write, old in zip(writes, before, strict=True):
        reason, new = _judge(write, old)
        reasons.append(reason)
        after.append(new)
    if any(reason["Code"] != "None" for reason in reasons):
        for write in writes:
            write.table.charge(write.key, factor=2)
        raise cancelled(reasons)
    for write, new in zip(writes, after, strict=True):
        if write.action == "ConditionCheck":
            write.table.charge(write.key, factor=2)
        else:
            write.table.store(write.key, new, factor=2)


def _judge(write: Write, old: Item | None) -> tuple[dict[str, Any], Item | None]:
    if not write.asked.allow(old):
        shown = {"Item": give_item(old)} if write.shows_old and old else {}
        return {"Code": "ConditionalCheckFailed", "Message": _CONDITION_FAILED, **shown}, None
    try:
        return {"Code": "None"}, write.outcome(old)
    except Refused as refused:
        return {"Code": "ValidationError", "Message": refused.message}, None


def cancelled(reasons: list[dict[str, Any]]) -> Refused:
    codes = ", ".join(reason["Code"] for reason in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    return Refused("TransactionCanceledException", message, Message=message, CancellationReasons=reasons)
