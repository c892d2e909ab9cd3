"""Storage is tested three times: in memory, on moto, and on DynamoDB Local where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack

import pytest

from tests.worlds import dynamodb_local
from tests.worlds.databases import Database, memory, on_dynamodb_local, on_moto

DATABASES = [
    "memory",
    "moto",
    pytest.param("dynamodb-local", marks=pytest.mark.dynamodb_local),
]


@pytest.fixture(scope="session")
def dynamodb_endpoint() -> Iterator[str]:
    """Where DynamoDB Local listens; it runs once for all tests."""
    reason = dynamodb_local.why_not()
    if reason:
        pytest.skip(reason)
    with dynamodb_local.started() as endpoint:
        yield endpoint


@pytest.fixture(params=DATABASES)
def dynamodb(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A client and both tables, empty, for this test alone."""
    with _opening(request.param, request) as database:
        yield database


@pytest.fixture(scope="module")
def _open_databases() -> Iterator[tuple[dict[str, Database], ExitStack]]:
    with ExitStack() as stack:
        yield {}, stack


@pytest.fixture
def database(request: pytest.FixtureRequest, _open_databases: tuple[dict[str, Database], ExitStack]) -> Database:
    """The same for a whole module, whose tests keep to partitions of their own; `everywhere` says which."""
    opened, stack = _open_databases
    if request.param not in opened:
        opened[request.param] = stack.enter_context(_opening(request.param, request))
    return opened[request.param]


def _opening(kind: str, request: pytest.FixtureRequest) -> AbstractContextManager[Database]:
    match kind:
        case "memory":
            return memory()
        case "moto":
            return on_moto()
        case _:
            return on_dynamodb_local(request.getfixturevalue("dynamodb_endpoint"))
