"""Feeds in which nobody needs what somebody else has: whoever is written late ends as whoever is written at once.

Where what fails is given up (9.2) a dense world ends otherwise, and by rule: an address goes to whoever comes first
(3.6), a source owns whom it made (3.13), a row takes the place of one that is parked (4.7), and safeguards count (6).
So here everybody has addresses of their own, one source speaks of all, each row says all there is to say, in the order
of their ages, and nothing is held.
"""

from __future__ import annotations

import json

from tests.campaign.feeds import FIRST_NAMES, LAST_NAMES, TITLES, Author, Delivery, Row, employees, own_address

_NO_LIMITS = ("leavers_minimum", "identity_minimum")


class PeacefulAuthor(Author):
    """Writes feeds without quarrels."""

    def _limits(self) -> str:
        return "".join(json.dumps({"name": name, "value": "1000"}) + "\n" for name in _NO_LIMITS)

    def feeds(self, count: int) -> list[Delivery]:
        if self.random.random() < 0.4:
            return [*self._some(count), Delivery(self.tenant, "Name\nBar\n", kind="departments")]
        return self._some(count)

    def _some(self, count: int) -> list[Delivery]:
        return [self._everybody() if self.full and self.random.random() < 0.4 else self._few() for _ in range(count)]

    def _few(self) -> Delivery:
        rows = [str(self._row(self._anybody())) for _ in range(self.random.randint(2, 6))]
        if self.random.random() < 0.3:
            rows.insert(self.random.randrange(len(rows)), self._invalid())
        return Delivery(self.tenant, employees(rows), "hr-a" if self.full else "upload")

    def _everybody(self) -> Delivery:
        """Return a full feed that has all whom there are, for whoever is absent leaves."""
        rows = [self._row(n) for n in range(len(self.people))]
        return Delivery(self.tenant, employees(rows), "hr-a", mode="full")

    def _anybody(self) -> int:
        return self.random.randrange(len(self.people))

    def _row(self, place: int) -> Row:
        """Return a row about somebody. Every second person stays, so that never all are gone (6.1)."""
        who = self.people[place]
        return Row(
            who,
            self.random.choice((self.addresses[place], own_address(who), "")),
            self.random.choice(TITLES),
            first=self.random.choice(FIRST_NAMES),
            last=self.random.choice(LAST_NAMES),
            department=self.random.choice(("", "Bar")),  # an unknown one beside it would leave what was there (4.3)
            status="Inactive" if place % 2 and self.random.random() < 0.3 else "Active",
        )
