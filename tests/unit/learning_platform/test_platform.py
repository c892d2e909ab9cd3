from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from peoplefeed.deployment import Deployment, Names
from peoplefeed.learning_platform.platform import Platform, find_platform
from peoplefeed.learning_platform.secret import NamedSecret
from peoplefeed.learning_platform.trouble import HoldUp, Unavailable
from peoplefeed.storage.platforms import put_settings
from tests.worlds.clock import START
from tests.worlds.memory_dynamodb import MemoryDynamoDB
from tests.worlds.tables import create_tables


@dataclass(slots=True)
class Time:
    """A clock that a test moves."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Secrets:
    """Secrets Manager with one secret."""

    secret: str = "first"
    reads: int = 0
    asked: list[str] = field(default_factory=list)

    def get_secret_value(self, **request: str) -> dict[str, Any]:
        self.reads += 1
        self.asked.append(request["SecretId"])
        if self.secret == "gone":
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "GetSecretValue")
        return {"SecretString": f" {self.secret}\n"}


def _deployment(secrets: Secrets | None = None, **names: Any) -> Deployment:
    client: Callable[[str], Any] = lambda _: secrets  # noqa: E731 - the only client there is
    return Deployment(Names(**names), client)


def test_a_secret_is_read_now_and_then() -> None:
    clock, secrets = Time(), Secrets()
    secret = NamedSecret(_deployment(secrets), "peoplefeed/token", clock)
    assert [secret.value(), secret.value()] == ["first", "first"]
    secrets.secret = "second"
    assert secret.value() == "first"
    clock.now += 301
    assert secret.value() == "second"
    assert secrets.asked == ["peoplefeed/token"] * 2


def test_a_changed_secret_is_known_as_one() -> None:
    secrets = Secrets()
    secret = NamedSecret(_deployment(secrets), "name")
    secret.value()
    assert not secret.renewed()
    secrets.secret = "second"
    assert secret.renewed()


def test_no_name_is_no_secret() -> None:
    secrets = Secrets()
    secret = NamedSecret(_deployment(secrets), "")
    assert (secret.value(), secret.renewed(), secrets.reads) == (None, False, 0)


def test_a_secret_that_cannot_be_read_is_the_operators_business() -> None:
    with pytest.raises(Unavailable) as caught:
        NamedSecret(_deployment(Secrets("gone")), "name").value()
    assert caught.value.hold_up is HoldUp.CREDENTIALS


def test_secrets_do_not_show() -> None:
    secret = NamedSecret(_deployment(Secrets()), "name")
    secret.value()
    assert "first" not in repr(secret)


def _platform(url: str, stage: str = "local", settings: dict[str, Any] | None = None) -> Platform | None:
    dynamodb = MemoryDynamoDB()
    create_tables(dynamodb, "directory", "feed-log")
    names = Names(directory_table="directory", learning_platform_url=url, stage=stage)
    deployment = Deployment(names, lambda _: dynamodb)
    if settings is not None:
        put_settings(deployment, "acme", settings, START)
    found = find_platform(deployment, "acme")
    return found.platform if found else None


def test_the_deployments_address_names_the_tenant() -> None:
    platform = _platform("https://learn.example/{tenant}/scim/")
    assert platform
    assert (platform.settings.url, platform.settings.own) == ("https://learn.example/acme/scim/", False)


def test_without_an_address_there_is_no_platform() -> None:
    assert _platform("") is None


def test_a_tenants_own_settings_come_before_the_deployments() -> None:
    platform = _platform("https://learn.example/scim", settings={"url": "https://own.example", "secret": "name"})
    assert platform
    assert (platform.settings.url, platform.settings.secret, platform.settings.own) == (
        "https://own.example",
        "name",
        True,
    )
    assert _platform("https://learn.example/scim", settings={"url": None}) is None


@pytest.mark.parametrize(
    ("url", "stage"),
    [
        ("http://127.0.0.1:80/scim", "prod"),
        ("http://localhost/scim", "local"),
        ("http://learn.example/scim", "local"),
        ("ftp://127.0.0.1/scim", "local"),
        ("https://user@learn.example/scim", "prod"),
        ("https://learn.example/scim?key=1", "prod"),
        ("https:///scim", "prod"),
    ],
)
def test_people_go_to_plain_https_addresses_only(url: str, stage: str) -> None:
    with pytest.raises(Unavailable) as caught:
        _platform(url, stage)
    assert caught.value.hold_up is HoldUp.MISCONFIGURED


def test_plain_http_is_for_this_machine_on_the_local_stage() -> None:
    assert _platform("http://127.0.0.1:1/scim")
