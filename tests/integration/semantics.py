"""What the conformance suite asks, and of whom: cases, answers, and the table of one test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from tests.worlds.databases import Database

BACKENDS = ("memory", "moto", "dynamodb-local")

INVALID = "ValidationException"
MALFORMED = "ParamValidationError"
FAILED = "ConditionalCheckFailedException"
CANCELLED = "TransactionCanceledException"


def S(text: str) -> dict[str, Any]:  # noqa: N802 - as DynamoDB calls it
    return {"S": text}


def N(number: float | str) -> dict[str, Any]:  # noqa: N802 - the same
    return {"N": str(number)}


# Conditions on an item whose n is 5.
FALSE = {"ConditionExpression": "n = :no", "ExpressionAttributeValues": {":no": N(99)}}
TRUE = {"ConditionExpression": "n = :yes", "ExpressionAttributeValues": {":yes": N(5)}}
ABSENT = {"ConditionExpression": "attribute_not_exists(pk)"}
PRESENT = {"ConditionExpression": "attribute_exists(pk)"}
FAILED_REASON = "ConditionalCheckFailed"
SHOWN = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}

BASE: dict[str, Any] = {
    "s": S("abc"),
    "n": N(5),
    "b": {"BOOL": True},
    "z": {"NULL": True},
    "e": S(""),
    "l": {"L": [N(1), S("x")]},
    "m": {"M": {"a": N(1), "b": {"M": {"c": S("d")}}}},
    "ss": {"SS": ["a", "b"]},
}


@dataclass(frozen=True)
class Place:
    """A partition of its own in the directory table, for one test."""

    client: Any
    table: str
    pk: str = field(default_factory=lambda: f"T#{uuid4().hex}")

    def key(self, sk: str = "U") -> dict[str, Any]:
        return {"pk": S(self.pk), "sk": S(sk)}

    def put(self, sk: str = "U", **attributes: Any) -> dict[str, Any]:
        """Store an item; return it."""
        item = self.key(sk) | attributes
        self.client.put_item(TableName=self.table, Item=item)
        return item

    def get(self, sk: str = "U") -> dict[str, Any] | None:
        found = self.client.get_item(TableName=self.table, Key=self.key(sk), ConsistentRead=True)
        item: dict[str, Any] | None = found.get("Item")
        return item

    def update(self, expression: str, values: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        request = {"TableName": self.table, "Key": self.key(), "UpdateExpression": expression, **more}
        if values:
            request["ExpressionAttributeValues"] = dict(values)
        answer: dict[str, Any] = self.client.update_item(**request)
        return answer

    def query(self, condition: str = "pk = :pk", values: Mapping[str, Any] | None = None, **more: Any) -> Any:
        given = {":pk": S(self.pk), **(values or {})}
        request = {"TableName": self.table, "KeyConditionExpression": condition, "ExpressionAttributeValues": given}
        return self.client.query(**request, **more)


def place(database: Database) -> Place:
    return Place(database.client, database.directory)


def answer_of(ask: Callable[[], Any]) -> Any:
    """Return what a call returns, or the code it was refused with."""
    try:
        return ask()
    except ClientError as error:
        return error.response["Error"]["Code"]
    except ParamValidationError:
        return MALFORMED


@dataclass(frozen=True)
class Case:
    """One question and its answer. `differs` names who answers otherwise, and why that is no matter here."""

    name: str
    ask: Any
    answer: Any
    differs: Mapping[str, str] = field(default_factory=dict)


def everywhere(cases: Iterable[Case]) -> pytest.MarkDecorator:
    """Ask every case of all three, one after the other; whoever is known to differ must still differ."""
    asked = list(cases)
    parameters = [
        pytest.param(backend, case, marks=_marks(backend, case), id=f"{backend}-{case.name}")
        for backend in BACKENDS
        for case in asked
    ]
    return pytest.mark.parametrize(("database", "case"), parameters, indirect=["database"])


on_all = pytest.mark.parametrize(
    "database", ["memory", "moto", pytest.param("dynamodb-local", marks=pytest.mark.dynamodb_local)], indirect=True
)


def _marks(backend: str, case: Case) -> list[pytest.MarkDecorator]:
    marks = [pytest.mark.dynamodb_local] if backend == "dynamodb-local" else []
    if backend in case.differs:
        marks.append(pytest.mark.xfail(strict=True, reason=case.differs[backend]))
    return marks


def put(here: Place, sk: str, **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": here.table, "Item": here.key(sk) | more.pop("attributes", {}), **more}}


def check(here: Place, **more: Any) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": here.table, "Key": here.key(), **more}}


def update(here: Place, expression: str, values: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    request = {"TableName": here.table, "Key": here.key(), "UpdateExpression": expression, **more}
    if values:
        request["ExpressionAttributeValues"] = {**more.get("ExpressionAttributeValues", {}), **values}
    return {"Update": request}


def delete(here: Place, sk: str = "U", **more: Any) -> dict[str, Any]:
    return {"Delete": {"TableName": here.table, "Key": here.key(sk), **more}}


def reasons(refused: ClientError) -> list[str]:
    found: Any = refused.response
    return [reason["Code"] for reason in found["CancellationReasons"]]
