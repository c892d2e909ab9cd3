"""Looking somebody up on the platform: by a filter where it has one, among all accounts where not (RFC 7644 §3.4.2).

UserNames are the same in any capitals (RFC 7643 §4.1.1), but there are platforms whose filters tell them apart. Two
spellings are asked for, ours and the lower one. The third one (we have `ana@x.org`, they have `Ana@X.org`) is looked
for among all accounts where there is a reason to: the platform tells capitals apart, or says that the name is taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from peoplefeed.learning_platform.accounts import Account
from peoplefeed.learning_platform.capitals import minds_capitals
from peoplefeed.learning_platform.census import Census, Reading
from peoplefeed.learning_platform.mapping import folded, same_name
from peoplefeed.learning_platform.scim import Client
from peoplefeed.learning_platform.trouble import Refused, Unavailable

type _Found = Callable[[Reading], list[Account]]
type _Matches = Callable[[Account], bool]


@dataclass(slots=True)
class Lookup:
    """The questions of one delivery. A reading of all accounts is good enough if it began at `since` or later.

    Where filters find our own accounts, and only strangers are looked for among all, `lately` will do.
    """

    client: Client
    census: Census
    since: float
    lately: float
    _began: float = field(default_factory=time.monotonic, init=False)

    def with_external_id(self, external_id: str) -> list[Account]:
        """Return the accounts that have an external ID, capitals included (RFC 7643 §3.1)."""
        found = self._filtered("externalId", external_id, lambda account: account.external_id == external_id)
        if found is not None:
            return found
        return self._among_all(
            self.client,
            self.since,
            lambda reading: reading.by_external_id.get(external_id, []),
            lambda account: account.external_id == external_id,
        )

    def with_user_name(self, user_name: str) -> list[Account]:
        """Return the accounts that go by a userName, in any capitals as far as the platform lets us find them."""
        for spelling in dict.fromkeys((user_name, user_name.lower())):
            found = self._filtered("userName", spelling, lambda account: same_name(account.user_name, user_name))
            if found is None:
                return self._spelt_anyhow(self.client, self.since, user_name)
            if found:
                if spelling != user_name:
                    self.client.habits.minds_capitals = True
                return found
        return self.in_any_spelling(user_name) if self._minds_capitals() else []

    def _minds_capitals(self) -> bool | None:
        """Tell whether capitals matter; where nobody knows yet, each process tries it before it makes an account.

        A comparison finds it out for all, but later. An empty platform has no other spellings than those that we bring.
        """
        habits = self.client.habits
        if habits.minds_capitals is None and not habits.asked_for_capitals:
            found = minds_capitals(self.client)
            habits.asked_for_capitals = True
            if habits.minds_capitals is None:  # others may have found it out meanwhile
                habits.minds_capitals = found
        return habits.minds_capitals

    def with_email(self, address: str) -> list[Account]:
        """Return the accounts that have an address, for platforms on which those are unique as well.

        Not every platform can search for that; then nobody is found.
        """
        try:
            page = self.client.search("emails.value", address)
        except Refused:
            return []
        return [account for account in page.accounts if any(same_name(email, address) for email in account.emails)]

    def in_any_spelling(self, user_name: str) -> list[Account]:
        """Return the accounts that go by a userName whatever its capitals; none if reading everyone is too much.

        Half of the time that is left must be enough, for what comes then takes time as well.
        """
        if not self.census.is_worth_it:
            return []
        left = self.client.deadline - time.monotonic()
        try:
            hurried = self.client.until(time.monotonic() + left / 2)
            found = self._spelt_anyhow(hurried, self.lately, user_name)
        except (Refused, Unavailable):
            self.census.give_up()
            return []
        asked_for = {user_name, user_name.lower()}
        if any(account.user_name not in asked_for for account in found):
            self.client.habits.minds_capitals = True
        return found

    def look_again(self) -> None:
        """Rely on nothing that was read before: the platform has refused what it said was possible."""
        if not self.client.habits.filters:
            self.since = time.monotonic()

    def forget(self) -> None:
        """Let nobody rely on what was read before: there may be an account of ours now that we do not know."""
        self.census.forget()

    def _filtered(self, attribute: str, value: str, matches: _Matches) -> list[Account] | None:
        """Return whom the platform finds, checked again here; None if it does not filter."""
        found = self.client.filtered(attribute, value)
        return None if found is None else [account for account in found if matches(account)]

    def _spelt_anyhow(self, client: Client, since: float, user_name: str) -> list[Account]:
        return self._among_all(
            client,
            since,
            lambda reading: reading.by_user_name.get(folded(user_name), []),
            lambda account: same_name(account.user_name, user_name),
        )

    def _among_all(self, client: Client, since: float, find: _Found, matches: _Matches) -> list[Account]:
        """Return whom a reading of everyone has, each as they are now."""
        reading = self._reading(client, since)
        found = find(reading)
        if reading.began < self._began and found:
            now = [client.shown(account.id) for account in found]
            if all(account is not None and matches(account) for account in now):
                return [account for account in now if account is not None]
            found = find(self._reading(client, time.monotonic()))  # somebody has changed them meanwhile
        return found

    def _reading(self, client: Client, since: float) -> Reading:
        return self.census.reading(since, client.deadline, client.everyone)
