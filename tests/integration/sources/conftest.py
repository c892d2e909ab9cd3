from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from time import monotonic
from typing import Any

import boto3
import pytest
from moto import mock_aws

from peoplefeed.deployment import Deployment, Names
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.reads import get, query
from peoplefeed.sources.connection import Safety, World
from peoplefeed.sources.fetching import Poll
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.polling import Outcome, poll_source
from peoplefeed.sources.store import put_source
from tests.integration.sources.hr import HrSystem, running
from tests.unit.sources.examples import manifest
from tests.worlds.tables import create_tables

NOW = datetime(2026, 11, 22, 13, 20, 39, 123000, UTC)
BUCKET = "feeds-of-test"


@pytest.fixture
def hr() -> Iterator[HrSystem]:
    with running() as system:
        yield system


@pytest.fixture(scope="session")
def client() -> Callable[[str], Any]:
    """Clients, made once: that takes longer than most tests."""
    return cache(boto3.client)


@pytest.fixture
def deployment(client: Callable[[str], Any]) -> Iterator[Deployment]:
    with mock_aws():
        create_tables(client("dynamodb"), "directory", "feed-log")
        client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        queue = client("sqs").create_queue(QueueName="polls")["QueueUrl"]
        slow_queue = client("sqs").create_queue(QueueName="slow-polls")["QueueUrl"]
        names = Names(
            directory_table="directory",
            feed_log_table="feed-log",
            feed_bucket=BUCKET,
            poll_queue_url=queue,
            slow_poll_queue_url=slow_queue,
        )
        yield Deployment(names, client)


@dataclass(slots=True)
class Line:
    """A tenant with one source, and what a test wants to know of it."""

    deployment: Deployment
    hr: HrSystem
    tenant: str = "acme"
    now: datetime = NOW
    sleep: Callable[[float], None] = lambda _seconds: None
    clock: Callable[[], float] = monotonic

    def connect(self, **changes: Any) -> SourceManifest:
        """Connect the HR system by a manifest."""
        made = manifest(**({"base_url": self.hr.url, "paginator": {"type": "none"}} | changes))
        put_source(self.deployment, self.tenant, made, self.now)
        return made

    def poll(
        self,
        *,
        due: str | None = None,
        resume: str | None = None,
        seconds: float = 570,
        quick: bool = False,
        **safety: Any,
    ) -> Outcome:
        """Poll the source now, with all patience unless it is to be quick; sleeping takes no time."""
        world = World(self.clock, self.sleep)
        poll = Poll(self.now, "id", Safety(local=True, seconds=seconds, **safety), due, resume, quick, world)
        return poll_source(self.deployment, self.tenant, "hr", poll)

    def goes_on(self) -> list[dict[str, Any]]:
        """Take the messages for the slow lane off its queue."""
        queue = self.deployment.names.slow_poll_queue_url
        found = self.deployment.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    def passes(self) -> None:
        """Let the line pass the feed that landed last."""
        values = {":feed": {"S": "0"}}
        key = {"pk": {"S": f"T#{self.tenant}"}, "sk": {"S": "SOURCE#hr"}}
        self.deployment.dynamodb.update_item(
            TableName="directory", Key=key, UpdateExpression="SET landed_at = :feed", ExpressionAttributeValues=values
        )

    def landed(self, key: str | None = None) -> list[dict[str, Any]]:
        """The records of a feed, of the last one if no key is given."""
        found = self.deployment.s3.get_object(Bucket=BUCKET, Key=key or self.source()["last_feed"])["Body"].read()
        return [json.loads(text) for text in gzip.decompress(found).splitlines()]

    def later(self, **how: float) -> None:
        """Let time pass."""
        self.now += timedelta(**how)

    def feeds(self) -> list[str]:
        """The keys of the feeds that landed."""
        listed = self.deployment.s3.list_objects_v2(Bucket=BUCKET, Prefix="feeds/").get("Contents", [])
        return sorted(entry["Key"] for entry in listed)

    def source(self) -> dict[str, Any]:
        """The source's item."""
        return get(self.deployment.dynamodb, "directory", keys.source(self.tenant, "hr")) or {}

    def problem(self) -> dict[str, Any]:
        """What is wrong with the source, or was."""
        return get(self.deployment.dynamodb, "feed-log", keys.problem(self.tenant, "source:hr")) or {}

    def unresolved(self) -> list[str]:
        """The ids of the open problems, as the index lists them."""
        found = []
        for shard in keys.ALL_SHARDS:
            values = {"pk": f"T#{self.tenant}#O#{shard}"}
            listed = query(self.deployment.dynamodb, "feed-log", "#open_pk = :pk", values, IndexName="unresolved")
            found += [item["sk"] for item in listed]
        return sorted(found)


@pytest.fixture
def line(deployment: Deployment, hr: HrSystem) -> Line:
    return Line(deployment, hr)


@pytest.fixture
def events(deployment: Deployment) -> Callable[[], list[dict[str, Any]]]:
    """What went to the event bus, as a queue that listens to it receives it."""
    queue = deployment.sqs.create_queue(QueueName="events")["QueueUrl"]
    arn = deployment.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    deployment.events.put_rule(Name="all", EventPattern=json.dumps({"source": ["peoplefeed"]}))
    deployment.events.put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": arn}])

    def received() -> list[dict[str, Any]]:
        found = deployment.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    return received
