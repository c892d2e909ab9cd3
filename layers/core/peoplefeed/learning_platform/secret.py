"""The token of a platform, by the name of its secret."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

from peoplefeed.deployment import Deployment
from peoplefeed.learning_platform.trouble import HoldUp, Unavailable

_SECRET_SECONDS = 300.0


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
