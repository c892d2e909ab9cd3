"""Writes that say what their failed condition means, alone and in transactions.

    Exception
    ├── ConditionFailed   one or more conditions did not hold; what is stored came back with the failure
    └── Contention        others kept writing the same items, or the table throttled: try again later

A condition is an expression in which `#name` stands for the attribute `name`; the names are declared from it.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from peoplefeed import telemetry
from peoplefeed.dynamo.keys import Key
from peoplefeed.dynamo.marshal import Item, Value, from_item, key_item, to_item, to_value

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTEMPTS = 8
_BACK_OFF_SECONDS = 0.05
_THROTTLING = frozenset(
    {
        "ThrottlingError",
        "ThrottlingException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
    }
)
_PASSING = _THROTTLING | {
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
    "InternalServerError",
}
_CONDITION_FAILED = frozenset({"ConditionalCheckFailed", "ConditionalCheckFailedException"})


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold for a write. `meaning` says in English what it means when it does not."""

    meaning: str
    expression: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole item."""

    table: str
    key: Key
    attributes: Mapping[str, Value]
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Change some attributes of an item. `expression` uses `#name` and `:value` placeholders."""

    table: str
    key: Key
    expression: str
    values: Mapping[str, Value]
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove an item."""

    table: str
    key: Key
    condition: Condition | None = None


type Write = Put | Update | Delete


@dataclass(frozen=True, slots=True)
class Failure:
    """A write whose condition did not hold, and the item that stood in its way (None: there is none)."""

    write: Write
    meaning: str
    stored: dict[str, Any] | None


class ConditionFailed(Exception):
    """Nothing was written, because at least one condition did not hold."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        """Keep every failure; the message lists their meanings."""
        super().__init__("; ".join(failure.meaning for failure in failures))
        self.failures = tuple(failures)


class Contention(Exception):
    """Others kept writing the same items, or the table throttled, for all attempts."""


def assignments(values: Mapping[str, Value]) -> str:
    """Return the update expression that sets `values` and removes those which are None."""
    return _assignments(tuple((name, value is None) for name, value in values.items()))


@lru_cache(maxsize=1024)
def _assignments(names: tuple[tuple[str, bool], ...]) -> str:
    to_set = ", ".join(f"#{name} = :{name}" for name, absent in names if not absent)
    to_remove = ", ".join(f"#{name}" for name, absent in names if absent)
    return " ".join(part for part in (to_set and f"SET {to_set}", to_remove and f"REMOVE {to_remove}") if part)


def write(dynamodb: DynamoDBClient, single: Write) -> None:
    """Do one write.

    Raises:
        ConditionFailed: its condition did not hold.
        Contention: throttled for all attempts.
    """
    call = {Put: dynamodb.put_item, Update: dynamodb.update_item, Delete: dynamodb.delete_item}[type(single)]
    request = _request(single)
    for attempt in range(_ATTEMPTS):
        try:
            cast("Any", call)(**request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _CONDITION_FAILED and single.condition:
                stored = cast("Any", error.response).get("Item")
                raise ConditionFailed([_failure(single, stored)]) from error
            _wait_or_raise(error, {code}, attempt)
        else:
            return
    raise Contention(single.key)


def transact(dynamodb: DynamoDBClient, writes: Sequence[Write]) -> None:
    """Do all writes at once or none.

    Raises:
        ConditionFailed: at least one condition did not hold; nothing is written.
        Contention: conflicts or throttling for all attempts. The SDK does not retry cancelled transactions.
    """
    request = [{type(single).__name__: _request(single)} for single in writes]
    for attempt in range(_ATTEMPTS):
        try:
            dynamodb.transact_write_items(TransactItems=cast("Any", request))
        except ClientError as error:
            reasons = cast("Any", error.response).get("CancellationReasons") or []
            failures = [
                _failure(single, reason.get("Item"))
                for single, reason in zip(writes, reasons, strict=False)
                if reason.get("Code") in _CONDITION_FAILED
            ]
            if failures:
                raise ConditionFailed(failures) from error
            codes = {reason.get("Code") for reason in reasons} - {"None", None}
            _wait_or_raise(error, codes or {error.response["Error"]["Code"]}, attempt)
        else:
            return
    raise Contention([single.key for single in writes])


def _wait_or_raise(error: ClientError, codes: set[str], attempt: int) -> None:
    if not codes <= _PASSING:
        raise error
    if codes & _THROTTLING:
        telemetry.count("Throttled", 1)
    time.sleep(_BACK_OFF_SECONDS * 2**attempt * random.random())  # noqa: S311 - jitter, not a secret


def _failure(single: Write, stored: Mapping[str, Any] | None) -> Failure:
    meaning = single.condition.meaning if single.condition else "no condition"
    return Failure(single, meaning, from_item(stored) if stored else None)


def _request(single: Write) -> dict[str, Any]:
    request: dict[str, Any] = {"TableName": single.table}
    expressions: list[str] = []
    values: dict[str, Value] = {}
    match single:
        case Put():
            request["Item"] = key_item(single.key) | to_item(single.attributes)
        case Update():
            request |= {"Key": key_item(single.key), "UpdateExpression": single.expression}
            expressions.append(single.expression)
            values |= single.values
        case Delete():
            request["Key"] = key_item(single.key)
    if single.condition:
        request["ConditionExpression"] = single.condition.expression
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        expressions.append(single.condition.expression)
        values |= single.condition.values
    if expressions:
        request |= _placeholders(" ".join(expressions), values)
    return request


def _placeholders(expression: str, values: Mapping[str, Value]) -> dict[str, Any]:
    names, used = names_in(expression)
    marshalled: Item = {f":{name}": to_value(values[name]) for name in used}
    placeholders: dict[str, Any] = {}
    if names:
        placeholders["ExpressionAttributeNames"] = names
    if marshalled:
        placeholders["ExpressionAttributeValues"] = marshalled
    return placeholders


@lru_cache(maxsize=1024)
def names_in(expression: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the attribute names and the value placeholders that an expression uses."""
    names = {f"#{name}": name for name in re.findall(r"#(\w+)", expression)}
    return names, tuple(dict.fromkeys(re.findall(r":(\w+)", expression)))
