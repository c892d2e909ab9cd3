"""A tenant's learning platform: how to reach it, and what this process and all workers remember of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from peoplefeed.learning_platform import brakes
from peoplefeed.learning_platform.census import Census
from peoplefeed.learning_platform.circuit import Circuit
from peoplefeed.learning_platform.connection import Connection
from peoplefeed.learning_platform.habits import Habits
from peoplefeed.learning_platform.pace import Pace, Turns
from peoplefeed.learning_platform.scim import Client
from peoplefeed.learning_platform.secret import NamedSecret
from peoplefeed.learning_platform.settings import Settings, described_in, settings_of
from peoplefeed.learning_platform.trouble import HoldUp, Unavailable
from peoplefeed.storage import platforms
from peoplefeed.times import stamp

if TYPE_CHECKING:
    from peoplefeed.deployment import Deployment

_LOCAL_HOST: Final = "127.0.0.1"
_WORTH_TELLING = 10.0
"""Seconds: shorter rests are over before another worker would have read of them."""


@dataclass(frozen=True, slots=True)
class Platform:
    """A learning platform and what this process knows of it."""

    deployment: Deployment = field(repr=False)
    tenant: str
    settings: Settings
    connection: Connection
    habits: Habits
    pace: Pace
    circuit: Circuit = field(default_factory=Circuit)
    census: Census = field(default_factory=Census)

    def client(self, clock: Callable[[], datetime], deadline: float, expected: int = 1) -> Client:
        """Return a client that must end by `deadline` on the monotonic clock and expects to make so many requests."""
        return Client(self.connection, self.habits, deadline, Turns(self.pace, clock, deadline, expected))

    def failed(self, trouble: Unavailable, now: datetime) -> None:
        """Remember that it does not work; let all workers know if it is to be left alone for long."""
        if trouble.hold_up is HoldUp.RATE_LIMIT:
            self.pace.every = brakes.slow_down(self.deployment, self.tenant, now)
        rest = self.circuit.failed(trouble, now)
        if rest >= _WORTH_TELLING:
            until = stamp(now + timedelta(seconds=rest))
            known: dict[str, Any] = {"rests_until": until, "rests_because": trouble.hold_up.value}
            platforms.update_platform(self.deployment, self.tenant, known)


@dataclass(frozen=True, slots=True)
class Found:
    """A tenant's platform, and its item as it was read."""

    platform: Platform
    item: Mapping[str, Any] = field(repr=False)

    def check(self, now: datetime) -> None:
        """Let a delivery pass.

        Raises:
            Unavailable: this worker or another one has found that the platform is to be left alone for a while.
        """
        self.platform.circuit.check(now)
        if platforms.rests(self.item, now):
            left = datetime.fromisoformat(self.item["rests_until"]) - now
            hold_up = HoldUp(self.item["rests_because"])
            raise Unavailable(hold_up, f"it is left alone ({hold_up.value})", left.total_seconds())

    def answered(self, now: datetime) -> None:
        """Remember that it works, for all workers if they think it does not, or that it does not that fast."""
        self.platform.circuit.answered()
        brakes.speed_up(self.platform.deployment, self.platform.tenant, self.item, now)
        if "rests_until" in self.item:
            ended = {"rests_until": None, "rests_because": None}
            platforms.update_platform(self.platform.deployment, self.platform.tenant, ended)


def find_platform(deployment: Deployment, tenant: str) -> Found | None:
    """Return a tenant's learning platform, None if there is none.

    Raises:
        Unavailable: its address is not one that people's data may be sent to.
    """
    item = platforms.platform_item(deployment, tenant)
    settings = settings_of(deployment, tenant, item)
    if settings is None:
        return None
    platform = _platform_of(deployment, tenant, settings)
    platform.pace.every = brakes.microseconds_between(item)
    if described := described_in(item, settings):
        platform.habits.learn(described)
    return Found(platform, item)


@lru_cache(maxsize=256)
def _platform_of(deployment: Deployment, tenant: str, settings: Settings) -> Platform:
    _check_address(deployment, settings.url)
    local = deployment.names.stage == "local"
    secret = NamedSecret(deployment, settings.secret)
    connection = Connection(settings.url, secret, public_only=settings.own, local=local)
    habits = Habits.of(settings.quirks, settings.attributes)
    return Platform(deployment, tenant, settings, connection, habits, Pace(deployment, tenant))


def _check_address(deployment: Deployment, address: str) -> None:
    found = urlsplit(address)
    local = deployment.names.stage == "local" and found.scheme == "http" and found.hostname == _LOCAL_HOST
    if not local and found.scheme != "https":
        raise Unavailable(HoldUp.MISCONFIGURED, "the address of the learning platform is not https")
    if not found.hostname or found.username or found.query or found.fragment:
        raise Unavailable(HoldUp.MISCONFIGURED, "the address of the learning platform is not a plain one")
