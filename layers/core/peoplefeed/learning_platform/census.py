"""One reading of all accounts, shared by whoever needs one at about the same time.

For platforms that cannot be asked for one person, or not in every spelling of a name: there each question costs all
pages. So all questions of one delivery, of one batch, and of newcomers within a minute have one answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock

from peoplefeed.learning_platform.accounts import Account
from peoplefeed.learning_platform.mapping import folded
from peoplefeed.learning_platform.trouble import HoldUp, Unavailable

type Read = Callable[[], Iterable[Account]]

_HOPELESS_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Reading:
    """All accounts as they were from `began` on, on the monotonic clock: of each no more than who it says it is."""

    began: float
    by_external_id: dict[str, list[Account]] = field(default_factory=dict, repr=False)
    by_user_name: dict[str, list[Account]] = field(default_factory=dict, repr=False)

    def add(self, account: Account) -> None:
        """Take an account in. What else it shows is let go: there can be 200,000."""
        slim = Account(account.id, account.external_id, account.user_name)
        if slim.external_id is not None:
            self.by_external_id.setdefault(slim.external_id, []).append(slim)
        self.by_user_name.setdefault(folded(slim.user_name), []).append(slim)


@dataclass(slots=True)
class Census:
    """The last reading of a platform by this process."""

    _reading: Reading | None = field(default=None, init=False, repr=False)
    _not_before: float = field(default=0.0, init=False)
    _hopeless_until: float = field(default=0.0, init=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    @property
    def is_worth_it(self) -> bool:
        """Whether nobody has found lately that it is too much."""
        return time.monotonic() >= self._hopeless_until

    def give_up(self) -> None:
        """Spare the next ten minutes' deliveries what took too long, or was refused."""
        self._hopeless_until = time.monotonic() + _HOPELESS_SECONDS

    def reading(self, since: float, deadline: float, read: Read) -> Reading:
        """Return a reading that began at `since` or later, both on the monotonic clock; `read` makes a new one.

        Who comes while another one reads waits for that reading.

        Raises:
            PlatformTrouble: it cannot be read, or not before `deadline`.
        """
        if not self._lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise Unavailable(HoldUp.OUTAGE, "reading all its accounts took all the time that a delivery has")
        try:
            last = self._reading
            if last is None or last.began < max(since, self._not_before):
                self._reading = None
                last = self._reading = _read(read)
                self._hopeless_until = 0.0
        finally:
            self._lock.release()
        return last

    def forget(self) -> None:
        """Let nobody rely on what was read so far, or is being read: there may be an account that it cannot know."""
        self._not_before = time.monotonic()


def _read(read: Read) -> Reading:
    reading = Reading(time.monotonic())
    for account in read():
        reading.add(account)
    return reading
