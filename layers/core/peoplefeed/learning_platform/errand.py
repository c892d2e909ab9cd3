"""What all deliveries of one invocation share."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from peoplefeed.deployment import Deployment
from peoplefeed.learning_platform.platform import Found, find_platform
from peoplefeed.learning_platform.trouble import HoldUp, Unavailable
from peoplefeed.storage.platforms import is_compared, register


@dataclass(frozen=True, slots=True)
class Errand:
    """A deployment, the time, and when the invocation began and ends (`deadline`), on the monotonic clock."""

    deployment: Deployment
    clock: Callable[[], datetime]
    deadline: float
    began: float = field(default_factory=time.monotonic)
    _platforms: dict[str, Found | None] = field(default_factory=dict, repr=False)

    def platform_of(self, tenant: str) -> Found:
        """Return a tenant's platform, read once for all.

        Raises:
            Unavailable: there is none, or its address cannot be used.
        """
        if tenant not in self._platforms:
            self._platforms[tenant] = find_platform(self.deployment, tenant)
        found = self._platforms[tenant]
        if found is None:
            raise Unavailable(HoldUp.NO_PLATFORM, "the tenant has no learning platform")
        if not is_compared(found.item):
            register(self.deployment, tenant, self.clock())
        return found
