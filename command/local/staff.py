"""Made-up people, and what can happen to them."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from command.local import names

type Row = dict[str, str | None]

ACTIVE, INACTIVE = "Active", "Inactive"

_FIRST_ID = 100_000
_LATEST_HIRE = date(2026, 11, 1)
_WITHOUT_EMAIL, _PRIVATE_EMAIL, _OTHER_ALPHABET, _NOWHERE = 0.12, 0.25, 0.03, 0.05


@dataclass(frozen=True, slots=True)
class Person:
    """One employee, as the HR system knows them."""

    id: str
    first_name: str
    last_name: str
    email: str | None
    job_title: str
    department: str | None
    business_unit: str | None
    hired_on: date
    status: str = ACTIVE

    @property
    def row(self) -> Row:
        """The record that the HR system sends."""
        return {
            "id": self.id,
            "givenName": self.first_name,
            "familyName": self.last_name,
            "workEmail": self.email,
            "jobTitle": self.job_title,
            "department": self.department,
            "businessUnit": self.business_unit,
            "status": self.status,
            "hiredOn": self.hired_on.strftime("%d/%m/%Y"),
        }


class Staff:
    """Everyone who ever worked there, in the order in which they came.

    `hire` adds someone; `draw` takes people to whom nothing has happened yet, so that no two events meet.
    """

    def __init__(self, seed: int) -> None:
        """Start with nobody."""
        self._random = random.Random(seed)  # noqa: S311 - made-up people, no secrets
        self._people: dict[str, Person] = {}
        self._addresses: set[str] = set()
        self._bystanders: list[str] = []
        self._hired = 0

    def __iter__(self) -> Iterator[Person]:
        """Yield everyone, the longest there first."""
        return iter(self._people.values())

    def __getitem__(self, person: str) -> Person:
        """Return someone by external ID."""
        return self._people[person]

    def hire(self, number: int) -> list[str]:
        """Let people join, and return their IDs."""
        joined = [self._new_person() for _ in range(number)]
        self._people |= {person.id: person for person in joined}
        return [person.id for person in joined]

    def make_bystanders(self, people: list[str]) -> None:
        """Let things happen to these people from now on, in random order."""
        self._bystanders = self._random.sample(people, len(people))

    def draw(self, number: int, *, with_email: bool = False) -> list[str]:
        """Take people out of those to whom nothing has happened yet, in the order of their rows."""
        fit = [person for person in self._bystanders if not with_email or self._people[person].email]
        drawn = fit[:number]
        self._bystanders = [person for person in self._bystanders if person not in drawn]
        return sorted(drawn)

    def change(self, person: str, **facts: Any) -> None:  # noqa: ANN401 - any field of a person
        """Change what the HR system says of someone."""
        self._people[person] = replace(self._people[person], **facts)

    def move(self, person: str) -> None:
        """Give someone another job, often in another place."""
        now = self._people[person]
        title = self._other(names.JOB_TITLES, now.job_title)
        self.change(person, job_title=title, department=self._department(), business_unit=self._business_unit())

    def marry(self, person: str) -> None:
        """Give someone another last name, and the address that goes with it."""
        now = self._people[person]
        last_name = self._other(names.LAST_NAMES, now.last_name)
        self.change(person, last_name=last_name, email=self._address(now.first_name, last_name, names.DOMAIN))

    def _new_person(self) -> Person:
        self._hired += 1
        first, last, email = self._identity()
        return Person(
            id=str(_FIRST_ID + self._hired),
            first_name=first,
            last_name=last,
            email=email,
            job_title=self._random.choice(names.JOB_TITLES),
            department=self._department(),
            business_unit=self._business_unit(),
            hired_on=_LATEST_HIRE - timedelta(days=self._random.randrange(9000)),
        )

    def _identity(self) -> tuple[str, str, str | None]:
        """Return a first name, a last name and an address, or none."""
        domain = names.PRIVATE_DOMAIN if self._happens(_PRIVATE_EMAIL) else names.DOMAIN
        if self._happens(_OTHER_ALPHABET):
            first, last, spelling = self._random.choice(names.OTHER_ALPHABETS)
            return first, last, self._address(*spelling, domain)
        first, last = self._random.choice(names.FIRST_NAMES), self._random.choice(names.LAST_NAMES)
        return first, last, None if self._happens(_WITHOUT_EMAIL) else self._address(first, last, domain)

    def _address(self, first: str, last: str, domain: str) -> str:
        """Return an address that nobody has or ever had."""
        local = f"{_ascii(first)}.{_ascii(last)}"
        number = 1
        while (address := f"{local}{number if number > 1 else ''}@{domain}") in self._addresses:
            number += 1
        self._addresses.add(address)
        return address

    def _department(self) -> str | None:
        return None if self._happens(_NOWHERE) else self._random.choice(names.DEPARTMENTS)

    def _business_unit(self) -> str | None:
        return None if self._happens(_NOWHERE) else self._random.choice(names.BUSINESS_UNITS)[0]

    def _other(self, values: tuple[str, ...], present: str) -> str:
        return self._random.choice([value for value in values if value != present])

    def _happens(self, chance: float) -> bool:
        return self._random.random() < chance


def _ascii(name: str) -> str:
    """Return how a name is spelled in an address."""
    plain = unicodedata.normalize("NFKD", name.translate(names.NOT_DECOMPOSED))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum()).lower()
