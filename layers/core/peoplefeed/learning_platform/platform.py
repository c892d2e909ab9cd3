"""Which learning platform a tenant has, and what this process remembers of it.

The address is the deployment's, with the tenant in it where it says `{tenant}`; the secret goes by its name.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from peoplefeed.deployment import Deployment
from peoplefeed.learning_platform.connection import Connection
from peoplefeed.learning_platform.scim import Client, Habits
from peoplefeed.learning_platform.trouble import HoldUp, Unavailable

_SECRET_SECONDS = 300.0
_LOCAL_HOST: Final = "127.0.0.1"
_STRIKES, _REST_FIRST, _REST_LONGEST = 3, 15.0, 300.0
_REST_UNAUTHORIZED = 60.0
_DOUBLINGS = 8


@dataclass(slots=True)
class NamedSecret:
    """A secret by its name, read now and then. The empty name is no secret."""

    deployment: Deployment = field(repr=False)
    name: str
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    _value: str | None = field(default=None, init=False, repr=False)
    _read_at: float | None = field(default=None, init=False, repr=False)

    def value(self) -> str | None:
        """Return the secret.

        Raises:
            Unavailable: it cannot be read.
        """
        if self.name and (self._read_at is None or self.clock() - self._read_at > _SECRET_SECONDS):
            self._read()
        return self._value

    def renewed(self) -> bool:
        """Read the secret again; whether it is another one."""
        before = self._value
        if self.name:
            self._read()
        return self._value != before

    def _read(self) -> None:
        try:
            found = self.deployment.secrets.get_secret_value(SecretId=self.name)
        except (ClientError, BotoCoreError) as error:
            reason = f"the secret of the learning platform cannot be read ({type(error).__name__})"
            raise Unavailable(HoldUp.CREDENTIALS, reason) from error
        self._value, self._read_at = found.get("SecretString", "").strip() or None, self.clock()


@dataclass(slots=True)
class Circuit:
    """A short memory of trouble, so that a platform that is down is not asked 50,000 times."""

    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    _strikes: int = field(default=0, init=False)
    _closed_until: float = field(default=0.0, init=False)
    _cause: Unavailable | None = field(default=None, init=False)

    def check(self) -> None:
        """Let a delivery pass.

        Raises:
            Unavailable: the platform is to be left alone for a while.
        """
        left = self._closed_until - self.clock()
        if left > 0 and self._cause:
            raise Unavailable(self._cause.hold_up, f"it is left alone: {self._cause.reason}", left)

    def answered(self) -> None:
        """Remember that the platform works."""
        self._strikes = 0

    def failed(self, trouble: Unavailable) -> None:
        """Remember that it does not."""
        self._strikes += 1
        rest = self._rest(trouble)
        if rest:
            self._cause, self._closed_until = trouble, max(self._closed_until, self.clock() + rest)

    def _rest(self, trouble: Unavailable) -> float:
        if trouble.pause is not None:
            return min(trouble.pause, _REST_LONGEST)
        if trouble.hold_up.is_ours:
            return _REST_UNAUTHORIZED
        if trouble.hold_up is HoldUp.RATE_LIMIT:
            return min(2.0 ** min(self._strikes - 1, _DOUBLINGS), _REST_LONGEST)
        over = self._strikes - _STRIKES
        return min(_REST_FIRST * 2.0 ** min(over, _DOUBLINGS), _REST_LONGEST) if over >= 0 else 0.0


@dataclass(frozen=True, slots=True)
class Platform:
    """A learning platform and what this process knows of it."""

    connection: Connection
    habits: Habits = field(default_factory=Habits)
    circuit: Circuit = field(default_factory=Circuit)

    def client(self, deadline: float) -> Client:
        """Return the client of one delivery, which must end by `deadline` on the monotonic clock."""
        return Client(self.connection, self.habits, deadline)


def platform_of(deployment: Deployment, tenant: str) -> Platform | None:
    """Return a tenant's learning platform, None if there is none.

    Raises:
        Unavailable: its address is not one that people's data may be sent to.
    """
    address = deployment.names.learning_platform_url.replace("{tenant}", quote(tenant, safe=""))
    return _platform_at(deployment, address) if address else None


@lru_cache(maxsize=256)
def _platform_at(deployment: Deployment, address: str) -> Platform:
    found = urlsplit(address)
    local = deployment.names.stage == "local" and found.scheme == "http" and found.hostname == _LOCAL_HOST
    if not local and found.scheme != "https":
        raise Unavailable(HoldUp.MISCONFIGURED, "the address of the learning platform is not https")
    if not found.hostname or found.username or found.query or found.fragment:
        raise Unavailable(HoldUp.MISCONFIGURED, "the address of the learning platform is not a plain one")
    return Platform(Connection(address, NamedSecret(deployment, deployment.names.learning_platform_secret)))
