from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from peoplefeed.deployment import Deployment, Names
from peoplefeed.learning_platform.platform import Circuit, NamedSecret, platform_of
from peoplefeed.learning_platform.trouble import HoldUp, Unavailable


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


OUTAGE = Unavailable(HoldUp.OUTAGE, "it is out of order (503)")


def test_one_failure_is_no_outage_and_three_are() -> None:
    time = Time()
    circuit = Circuit(time)
    for _ in range(2):
        circuit.failed(OUTAGE)
        circuit.check()
    circuit.failed(OUTAGE)
    with pytest.raises(Unavailable, match="left alone") as caught:
        circuit.check()
    assert (caught.value.hold_up, caught.value.pause) == (HoldUp.OUTAGE, 15.0)
    time.now += 15
    circuit.check()


def test_rests_grow_while_it_stays_down_and_end_with_an_answer() -> None:
    time = Time()
    circuit = Circuit(time)
    rests = []
    for _ in range(12):
        circuit.failed(OUTAGE)
        rests.append(_rest(circuit))
        time.now += 1000
    assert rests == [0, 0, 15, 30, 60, 120, 240, 300, 300, 300, 300, 300]
    circuit.answered()
    circuit.failed(OUTAGE)
    assert _rest(circuit) == 0


def _rest(circuit: Circuit) -> float:
    try:
        circuit.check()
    except Unavailable as trouble:
        return trouble.pause or 0
    return 0


@pytest.mark.parametrize(
    ("trouble", "rest"),
    [
        (Unavailable(HoldUp.RATE_LIMIT, "429", 7.0), 7.0),
        (Unavailable(HoldUp.RATE_LIMIT, "429"), 1.0),
        (Unavailable(HoldUp.RATE_LIMIT, "429", 1e6), 300.0),
        (Unavailable(HoldUp.OUTAGE, "503", 20.0), 20.0),
        (Unavailable(HoldUp.CREDENTIALS, "401"), 60.0),
    ],
)
def test_what_the_platform_asks_for_is_kept_at_once(trouble: Unavailable, rest: float) -> None:
    circuit = Circuit(Time())
    circuit.failed(trouble)
    assert _rest(circuit) == rest


def test_a_secret_is_read_now_and_then() -> None:
    time, secrets = Time(), Secrets()
    secret = NamedSecret(_deployment(secrets), "peoplefeed/token", time)
    assert [secret.value(), secret.value()] == ["first", "first"]
    secrets.secret = "second"
    assert secret.value() == "first"
    time.now += 301
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


@pytest.mark.parametrize("url", ["", "https://{tenant}.learn.example/scim", "https://learn.example/{tenant}/scim/"])
def test_the_address_names_the_tenant(url: str) -> None:
    deployment = _deployment(learning_platform_url=url)
    platform = platform_of(deployment, "acme/../other")
    if not url:
        assert platform is None
        return
    assert platform
    assert platform is platform_of(deployment, "acme/../other")
    pool = platform.connection._pool
    assert "acme%2f..%2fother" in f"{pool.host}{platform.connection._path}".lower()


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
        platform_of(_deployment(learning_platform_url=url, stage=stage), "acme")
    assert caught.value.hold_up is HoldUp.MISCONFIGURED


def test_plain_http_is_for_this_machine_on_the_local_stage() -> None:
    assert platform_of(_deployment(learning_platform_url="http://127.0.0.1:1/scim", stage="local"), "acme")
