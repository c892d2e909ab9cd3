"""DynamoDB in memory: the low-level client's calls, as far as the project uses them.

Tables have text keys, both hash and range, and nothing scans them. `tests/integration/test_dynamodb_semantics.py`
holds this fake, moto and AWS's own DynamoDB Local against each other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any

from tests.worlds.dynamodb.metering import Metering
from tests.worlds.dynamodb.paths import projected
from tests.worlds.dynamodb.queries import query
from tests.worlds.dynamodb.requests import read_expressions
from tests.worlds.dynamodb.tables import Key, MemoryTable
from tests.worlds.dynamodb.values import Item, give_item, take_item
from tests.worlds.dynamodb.writes import (
    Write,
    do,
    no_such_table,
    read_transaction,
    read_write,
    returned,
    transact,
)
from tests.worlds.errors import Exceptions, Refused, invalid, malformed
from tests.worlds.operations import Answer, Request, operation

_MOST_READS, _MOST_WRITES = 100, 25
_TOKEN_LIFE = timedelta(minutes=10)
_PLACEHOLDERS = "ExpressionAttributeNames ExpressionAttributeValues"
_CONDITIONAL = f"ConditionExpression ReturnValues ReturnValuesOnConditionCheckFailure {_PLACEHOLDERS}"


class MemoryDynamoDB:
    """A client and its tables.

    `lags` makes indexes and reads that are not consistent follow only on `settle`, as on AWS they may.
    """

    exceptions = Exceptions()

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC), *, lags: bool = False) -> None:
        self.lock = RLock()
        self.metering = Metering()
        self.tables: dict[str, MemoryTable] = {}
        self._now, self._lags = now, lags
        self._tokens: dict[str, tuple[str, datetime]] = {}

    # What a test asks for and no client has.

    def fork(self, now: Callable[[], datetime]) -> MemoryDynamoDB:
        """Return a client of tables that begin with the same items; its metering begins anew."""
        twin = MemoryDynamoDB(now, lags=self._lags)
        twin.metering.weighs = self.metering.weighs
        twin.tables = {name: table.fork(twin.metering) for name, table in self.tables.items()}
        twin._tokens = dict(self._tokens)
        return twin

    def items(self, table: str) -> list[Item]:
        """Return all items of a table in the order of their keys."""
        with self.lock:
            found = sorted(self.tables[table].primary.items.items(), key=lambda pair: pair[0])
            return [give_item(item) for _, item in found]

    def settle(self, steps: int | None = None) -> None:
        """Let indexes and weak reads catch up with so many writes of each table, or with all."""
        with self.lock:
            for table in self.tables.values():
                table.settle(steps)

    def expire(self) -> int:
        """Remove what has outlived its time to live; return how many items."""
        with self.lock:
            return sum(table.expire(self._now().timestamp()) for table in self.tables.values() if table.expiry)

    def _table(self, name: str, operation_name: str) -> MemoryTable:
        if name not in self.tables:
            raise no_such_table()
        self.metering.called(operation_name, (name,))
        return self.tables[name]

    # Tables.

    @operation("TableName KeySchema AttributeDefinitions", "BillingMode GlobalSecondaryIndexes")
    def create_table(self, request: Request) -> Answer:
        if request["TableName"] in self.tables:
            raise Refused("ResourceInUseException", "Cannot create preexisting table")
        self.tables[request["TableName"]] = MemoryTable(request, self.metering, lags=self._lags)
        return {"TableDescription": {"TableName": request["TableName"], "TableStatus": "ACTIVE"}}

    @operation("TableName TimeToLiveSpecification")
    def update_time_to_live(self, request: Request) -> Answer:
        wanted = request["TimeToLiveSpecification"]
        self._table(request["TableName"], "update_time_to_live").expiry = wanted["AttributeName"]
        return {"TimeToLiveSpecification": wanted}

    # Reading.

    @operation("TableName Key", "ConsistentRead ProjectionExpression ExpressionAttributeNames")
    def get_item(self, request: Request) -> Answer:
        table = self._table(request["TableName"], "get_item")
        found = next(_found(table, [request["Key"]], request), None)
        return {} if found is None else {"Item": found}

    @operation("RequestItems")
    def batch_get_item(self, request: Request) -> Answer:
        wanted: dict[str, Any] = request["RequestItems"]
        if sum(len(asked["Keys"]) for asked in wanted.values()) > _MOST_READS:
            raise invalid("Too many items requested for the BatchGetItem call")
        if not all(asked["Keys"] for asked in wanted.values()):
            raise malformed("Invalid length for parameter Keys, value: 0, valid min length: 1")
        responses = {
            name: list(_found(self._table(name, "batch_get_item"), asked["Keys"], asked))
            for name, asked in wanted.items()
        }
        return {"Responses": responses, "UnprocessedKeys": {}}

    @operation(
        "TableName",
        "IndexName KeyConditionExpression FilterExpression ProjectionExpression ScanIndexForward Limit "
        f"ExclusiveStartKey Select ConsistentRead {_PLACEHOLDERS}",
    )
    def query(self, request: Request) -> Answer:
        if request.get("Limit", 1) < 1:
            raise malformed("Invalid value for parameter Limit, valid min value: 1")
        return query(self._table(request["TableName"], "query"), request, read_expressions(request))

    # Writing.

    @operation("TableName Item", _CONDITIONAL)
    def put_item(self, request: Request) -> Answer:
        return self._write("Put", "put_item", request, ("ALL_OLD",))

    @operation("TableName Key", f"UpdateExpression {_CONDITIONAL}")
    def update_item(self, request: Request) -> Answer:
        allowed = ("ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW")
        return self._write("Update", "update_item", request, allowed)

    @operation("TableName Key", _CONDITIONAL)
    def delete_item(self, request: Request) -> Answer:
        return self._write("Delete", "delete_item", request, ("ALL_OLD",))

    def _write(self, action: str, operation_name: str, request: Request, allowed: tuple[str, ...]) -> Answer:
        which = request.get("ReturnValues", "NONE")
        if which not in {"NONE", *allowed}:
            raise invalid("Return values set to invalid value")
        write = read_write(action, self._table(request["TableName"], operation_name), request)
        attributes = returned(write, which, *do(write))
        return {} if attributes is None else {"Attributes": attributes}

    @operation("RequestItems")
    def batch_write_item(self, request: Request) -> Answer:
        wanted: dict[str, list[Any]] = request["RequestItems"]
        if sum(map(len, wanted.values())) > _MOST_WRITES:
            raise invalid("Too many items requested for the BatchWriteItem call")
        if not all(wanted.values()):
            raise malformed("Invalid length for parameter RequestItems, value: 0, valid min length: 1")
        writes = [
            _batched(table, single)
            for table, singles in ((self._table(name, "batch_write_item"), wanted[name]) for name in wanted)
            for single in singles
        ]
        _refuse_duplicates([(write.table.name, write.key) for write in writes])
        for write in writes:
            do(write)
        return {"UnprocessedItems": {}}

    @operation("TransactItems", "ClientRequestToken")
    def transact_write_items(self, request: Request) -> Answer:
        token = request.get("ClientRequestToken")
        if token is not None and self._was_done(token, request["TransactItems"]):
            return {}
        writes = read_transaction(self.tables, request["TransactItems"])
        self.metering.called("transact_write_items", {write.table.name for write in writes})
        transact(writes)
        if token is not None:
            self._tokens[token] = json.dumps(request["TransactItems"], default=repr), self._now()
        return {}

    def _was_done(self, token: str, actions: Any) -> bool:
        """Whether a transaction with this token succeeded within ten minutes; a failed one may be tried again."""
        done, at = self._tokens.get(token, ("", None))
        if at is None or self._now() - at > _TOKEN_LIFE:
            return False
        if done != json.dumps(actions, default=repr):
            raise Refused("IdempotentParameterMismatchException", "The token belongs to another request")
        return True


def _found(table: MemoryTable, keys: list[Item], request: Mapping[str, Any]) -> Iterator[Item]:
    view = table.primary if request.get("ConsistentRead") else table.replica
    asked = read_expressions(request)
    wanted = [table.find(take_item(key)) for key in keys]
    _refuse_duplicates([(table.name, key) for key in wanted])
    for key in wanted:
        item = view.items.get(key)
        if item is not None:
            yield give_item(item if asked.projection is None else projected(item, asked.projection))


def _refuse_duplicates(keys: list[tuple[str, Key]]) -> None:
    if len(set(keys)) < len(keys):
        raise invalid("Provided list of item keys contains duplicates")


def _batched(table: MemoryTable, single: Mapping[str, Any]) -> Write:
    match single:
        case {"PutRequest": {"Item": item}} if len(single) == 1:
            return read_write("Put", table, {"Item": item})
        case {"DeleteRequest": {"Key": key}} if len(single) == 1:
            return read_write("Delete", table, {"Key": key})
        case _:
            raise invalid("Supplied WriteRequest must contain exactly one of PutRequest and DeleteRequest")
