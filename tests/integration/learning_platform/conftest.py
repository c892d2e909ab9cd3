from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from peoplefeed.deployment import Deployment, Names
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get, query
from peoplefeed.dynamo.writes import Put, Update, assignments, write
from peoplefeed.learning_platform.delivery import deliver, handle
from peoplefeed.learning_platform.errand import Errand
from peoplefeed.learning_platform.requests import compare_now
from peoplefeed.learning_platform.verdicts import Verdict
from peoplefeed.model import position_of
from peoplefeed.storage.outbox import Check, Message, attributes
from peoplefeed.storage.platforms import platform_item, put_settings
from peoplefeed.times import stamp
from tests.integration.learning_platform.odd_platform import OddPlatform, running_odd_platform
from tests.integration.learning_platform.real_platform import TOKEN, RealPlatform, running_real_platform
from tests.worlds.memory_dynamodb import MemoryDynamoDB
from tests.worlds.tables import create_tables

NOW = datetime(2026, 11, 22, 13, 20, 39, 123000, UTC)
TENANT = "acme"
SECRET = "peoplefeed/acme/platform"
RUN = 7
PEOPLE = 45


@dataclass(slots=True)
class Scene:
    """A directory whose people wait for their delivery, and a clock that only a test moves."""

    deployment: Deployment
    now: datetime = NOW
    tenant: str = TENANT
    people: int = field(default=0)

    @property
    def directory(self) -> str:
        return self.deployment.names.directory_table

    @property
    def feed_log(self) -> str:
        return self.deployment.names.feed_log_table

    def has(self, external_id: str, **changes: Value) -> None:
        """Let the directory have someone, or have them changed, as apply does it."""
        before = self.item(external_id)
        number = before.get("version", 0) + 1
        self.people += 1
        defaults: dict[str, Value] = {} if before else {"active": True, "ever_active": True, "profile": "employee"}
        entry = f"created#{self.people:08d}#00"
        values: dict[str, Value] = {
            **defaults,
            "external_id": external_id,
            "version": number,
            "position": position_of(stamp(self.now), RUN, self.people),
            **attributes(self.tenant, external_id, stamp(self.now)),
            "undelivered": [*before.get("undelivered", ()), f"{RUN}|{entry}"],
            **changes,
        }
        self._entry(external_id, entry)
        key = keys.employee(self.tenant, external_id)
        write(self.deployment.dynamodb, Update(self.directory, key, assignments(values), values))

    def _entry(self, external_id: str, sort_key: str) -> None:
        key = keys.entries_pk(self.tenant, RUN, keys.shard(external_id)), sort_key
        write(self.deployment.dynamodb, Put(self.feed_log, key, {"external_id": external_id}))

    def item(self, external_id: str) -> dict[str, Any]:
        """Someone's item."""
        return get(self.deployment.dynamodb, self.directory, keys.employee(self.tenant, external_id)) or {}

    def deliver(self, external_id: str, *, due: str | None = None, seconds: float = 30) -> Verdict:
        """Bring the message of someone's last change."""
        message = Message(self.tenant, external_id, self.item(external_id).get("version", 1), due)
        return deliver(self.errand(seconds), message)

    def errand(self, seconds: float = 30) -> Errand:
        return Errand(self.deployment, lambda: self.now, time.monotonic() + seconds)

    def platform(self, **settings: Value) -> None:
        """Give the tenant a platform of its own, at the deployment's address unless `settings` say another."""
        url = self.deployment.names.learning_platform_url
        put_settings(self.deployment, self.tenant, {"url": url, **settings}, self.now)

    def compare(self, slices: int = 20) -> dict[str, Any]:
        """Have the platform compared with the directory, and return what was found."""
        compare_now(self.deployment, self.tenant, self.now)
        for _ in range(slices):
            checks = [message for message in self.messages() if "check" in message]
            if not checks:
                break
            for check in checks:
                handle(self.errand(), Check(self.tenant, check["check"]))
        found = platform_item(self.deployment, self.tenant)["last_check"]
        assert isinstance(found, dict)
        return found

    def later(self, **how: float) -> None:
        """Let time pass."""
        self.now += timedelta(**how)

    def waits(self, external_id: str) -> bool:
        """Whether someone is still in the outbox."""
        return "outbox_pk" in self.item(external_id)

    def delivered_entries(self, external_id: str) -> list[str | None]:
        """When the platform had each of someone's changes, as their entries say."""
        values = {"pk": keys.entries_pk(self.tenant, RUN, keys.shard(external_id))}
        found = query(self.deployment.dynamodb, self.feed_log, "#pk = :pk", values)
        return [entry.get("delivered_at") for entry in found if entry["external_id"] == external_id]

    def problem(self, external_id: str, code: str) -> dict[str, Any]:
        """A person's problem with the platform."""
        key = keys.problem(self.tenant, f"platform:{external_id}#{code}")
        return get(self.deployment.dynamodb, self.feed_log, key) or {}

    def settle(self, rounds: int = 6) -> None:
        """Deliver whoever waits, until nobody does."""
        for _ in range(rounds):
            waiting = [item["external_id"] for item in self.waiting()]
            for external_id in waiting:
                self.deliver(external_id)
            if not waiting:
                return

    def waiting(self) -> list[dict[str, Any]]:
        """Who is in the outbox, as its index says."""
        found: list[dict[str, Any]] = []
        for shard in keys.ALL_SHARDS:
            values = {"pk": f"OUTBOX#{shard}"}
            found += query(self.deployment.dynamodb, self.directory, "#outbox_pk = :pk", values, IndexName="outbox")
        return sorted(found, key=lambda item: str(item["due"]))

    def messages(self) -> list[Mapping[str, Any]]:
        """What the delivery queue holds, taken out of it."""
        found: list[Mapping[str, Any]] = []
        url = self.deployment.names.delivery_queue_url
        while got := self.deployment.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(message["Body"]) for message in got]
            for message in got:
                self.deployment.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found


def listed(scene: Scene, external_id: str) -> None:
    """Let the directory list someone, as apply does."""
    values = {"name_pk": keys.people_pk(scene.tenant, external_id), "name_sk": f"x#{external_id}"}
    key = keys.employee(scene.tenant, external_id)
    write(scene.deployment.dynamodb, Update(scene.directory, key, assignments(values), values))


@pytest.fixture(scope="module")
def clients(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Any]]:
    """Clients of moto, made once a module; the tables are in memory unless a module wants them on moto as well."""
    with mock_aws():
        made: dict[str, Any] = {} if getattr(request, "param", "memory") == "moto" else {"dynamodb": MemoryDynamoDB()}

        def client(service: str) -> Any:
            if service not in made:
                made[service] = boto3.client(service)  # type: ignore[call-overload]
            return made[service]

        client("secretsmanager").create_secret(Name=SECRET, SecretString=TOKEN)
        yield client


@pytest.fixture
def without_platform(clients: Callable[[str], Any]) -> Scene:
    """A deployment that has no learning platform."""
    name = uuid4().hex
    directory, feed_log = f"directory-{name}", f"feed-log-{name}"
    create_tables(clients("dynamodb"), directory, feed_log)
    queue = clients("sqs").create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    clients("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=TOKEN)
    names = Names(directory_table=directory, feed_log_table=feed_log, delivery_queue_url=queue)
    return Scene(Deployment(names, clients))


def with_platform(scene: Scene, url: str, secret: str = "") -> Scene:
    """Give a scene's deployment a learning platform."""
    names = replace(scene.deployment.names, learning_platform_url=url, learning_platform_secret=secret)
    scene.deployment = Deployment(names, scene.deployment._client)
    return scene


@pytest.fixture
def real(request: pytest.FixtureRequest) -> Iterator[RealPlatform]:
    """scim2-server; with the parameter "unique addresses" it enforces those as well."""
    with running_real_platform(unique_addresses=getattr(request, "param", "") == "unique addresses") as platform:
        yield platform


@pytest.fixture
def odd() -> Iterator[OddPlatform]:
    with running_odd_platform() as platform:
        yield platform


@pytest.fixture
def scene(without_platform: Scene, real: RealPlatform) -> Scene:
    """A scene with scim2-server as its platform."""
    return with_platform(without_platform, real.url, SECRET)


@pytest.fixture
def odd_scene(without_platform: Scene, odd: OddPlatform) -> Scene:
    """A scene with the odd platform."""
    return with_platform(without_platform, odd.url)


@pytest.fixture
def staffed(odd_scene: Scene) -> Scene:
    """Everybody is on the platform."""
    for number in range(PEOPLE):
        odd_scene.has(f"E{number}", email=f"e{number}@x.org", job_title="Chef", department="Kitchen")
        odd_scene.deliver(f"E{number}")
        listed(odd_scene, f"E{number}")
    odd_scene.messages()
    odd_scene.later(minutes=3)
    return odd_scene
