"""Three DynamoDBs behind one face, each with both tables: the memory fake, moto, and DynamoDB Local."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from tests.worlds import dynamodb_local
from tests.worlds.memory_dynamodb import MemoryDynamoDB
from tests.worlds.tables import create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Database:
    """A client and the names of both tables. `kind` is `memory`, `moto` or `dynamodb-local`."""

    kind: str
    client: DynamoDBClient
    directory: str
    feed_log: str


@contextmanager
def memory() -> Iterator[Database]:
    yield _with_tables("memory", cast("DynamoDBClient", MemoryDynamoDB()))


@contextmanager
def on_moto() -> Iterator[Database]:
    import boto3
    from moto import mock_aws

    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        yield _with_tables("moto", client)
        client.close()


@contextmanager
def on_dynamodb_local(endpoint: str) -> Iterator[Database]:
    client = dynamodb_local.client(endpoint)
    database = _with_tables("dynamodb-local", client)
    yield database
    for name in (database.directory, database.feed_log):
        client.delete_table(TableName=name)
    client.close()


def _with_tables(kind: str, client: DynamoDBClient) -> Database:
    names = f"directory-{uuid4().hex}", f"feed-log-{uuid4().hex}"
    create_tables(client, *names)
    return Database(kind, client, *names)
