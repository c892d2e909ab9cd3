from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws

from peoplefeed.api import (
    edits,
    employees,
    health,
    holds,
    log,
    platform,
    problems,
    references,
    run_rows,
    runs,
    settings,
    sources,
)
from peoplefeed.deployment import here
from tests.integration.api.scene import Scene
from tests.worlds.databases import Database, memory, on_dynamodb_local, on_moto
from tests.worlds.tables import create_tables
from tests.worlds.world import World

_ENVIRONMENT = {
    "DIRECTORY_TABLE": "directory",
    "FEED_LOG_TABLE": "feed-log",
    "FEED_BUCKET": "feeds",
    "OPEN_TENANTS": "true",
    "LEARNING_PLATFORM_URL": "",
}


@pytest.fixture(
    scope="module", params=["memory", "moto", pytest.param("dynamodb-local", marks=pytest.mark.dynamodb_local)]
)
def database_anywhere(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Both tables for a whole module, whose tests keep to tenants of their own."""
    match request.param:
        case "memory":
            opening = memory()
        case "moto":
            opening = on_moto()
        case _:
            opening = on_dynamodb_local(request.getfixturevalue("dynamodb_endpoint"))
    with opening as database:
        yield database


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Everything that the two functions of the API need, in memory, and nothing in it yet."""
    world = World()
    for router in (employees, health, holds, log, platform, problems, references, runs, run_rows, settings, sources):
        monkeypatch.setattr(router, "here", lambda: world.deployment)
    clock = SimpleNamespace(now=lambda _: world.clock(), fromisoformat=datetime.fromisoformat)
    for clocked in (health, edits, employees, holds, platform, sources):
        monkeypatch.setattr(clocked, "datetime", clock)
    return Scene(world)


@pytest.fixture
def on_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same on moto, found by environment variables: the second opinion on what is sent to AWS."""
    with mock_aws():
        for name, value in _ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        _make_resources(monkeypatch)
        here.cache_clear()
        yield
        here.cache_clear()


def _make_resources(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(boto3.client("dynamodb")) as dynamodb:
        create_tables(dynamodb, "directory", "feed-log")
    with closing(boto3.client("s3")) as s3:
        s3.create_bucket(Bucket="feeds", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_bucket_versioning(Bucket="feeds", VersioningConfiguration={"Status": "Enabled"})
    with closing(boto3.client("sqs")) as sqs:
        monkeypatch.setenv("IMPORT_QUEUE_URL", sqs.create_queue(QueueName="import")["QueueUrl"])
