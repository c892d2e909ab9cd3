"""Small feeds about a few people and fewer addresses: dense enough that everything meets everything."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

HEADER = "External Identifier,First Name,Last Name,Email,Job Title,Department,Status\n"
_FIELDS = ("external_id", "first_name", "last_name", "email", "job_title", "department", "status")
COLUMNS_OF = dict(zip(_FIELDS, HEADER.strip().split(","), strict=True))
TITLES = ("Chef", "Waiter")
LATER_TITLES = ("Cook", "Porter")
FIRST_NAMES, LAST_NAMES = ("Ana", "Bea"), ("Sol", "Mar")
_INVALID = ("no-address", "EXTERNAL", "NAME", "STATUS", "QUOTE")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A feed as it is put into the bucket. `age` is minutes before the schedule begins, None for an upload's own."""

    tenant: str
    content: str
    source: str = "upload"
    kind: str = "employees"
    mode: str = "changes"
    name: str = ""
    age: int | None = None

    @property
    def rows(self) -> int:
        return max(self.content.count("\n") - 1, 0)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a feed of employees. Names end as the external ID does, so that nobody shares one."""

    external_id: str
    email: str = ""
    title: str = "Chef"
    first: str = "Ana"
    last: str = "Sol"
    department: str = ""
    status: str = ""

    def __str__(self) -> str:
        first, last = (f"{name}{_digits(self.external_id)}" if name else "" for name in (self.first, self.last))
        cells = (self.external_id, first, last, self.email, self.title, self.department, self.status)
        return ",".join(cells) + "\n"


def _digits(external_id: str) -> str:
    return external_id.lstrip("E")


def names_of(external_id: str) -> list[str]:
    """Return what nobody but this person is ever called, and the address that nobody else ever gets."""
    digits = _digits(external_id)
    return [f"{name}{digits}" for name in FIRST_NAMES + LAST_NAMES] + [own_address(external_id)]


def own_address(external_id: str) -> str:
    return f"own{_digits(external_id)}@x.es"


def employees(rows: list[Row] | list[str]) -> str:
    return HEADER + "".join(map(str, rows))


@dataclass(slots=True)
class Author:
    """Writes the feeds of one tenant. `full` are the rows of the last full feed of each source.

    `upheaval` is the share of its feeds that a safeguard may stop.
    """

    random: Random
    tenant: str
    people: list[str]
    addresses: list[str]
    full: dict[str, list[Row]] = field(default_factory=dict)
    upheaval: float = 0

    def founding(self) -> list[Delivery]:
        """Return the feeds with which the company begins: reference data, and most of the people."""
        titles = Delivery(self.tenant, "Name\n" + "".join(f"{title}\n" for title in TITLES), kind="job-titles")
        limits = Delivery(self.tenant, self._limits(), "api", kind="settings", name="limits.jsonl")
        known = self.people[: len(self.people) * 2 // 3]
        rows = [Row(who, self.addresses[n]) for n, who in enumerate(known)]
        if self.random.random() < 0.5:
            return [titles, limits, Delivery(self.tenant, employees(rows))]
        self.full["hr-a"] = rows
        return [titles, limits, Delivery(self.tenant, employees(rows), "hr-a", mode="full", age=3000)]

    def _limits(self) -> str:
        """Return the settings of a company that is more or less careful (section 6)."""
        few, many = self.random.choice(((1, 10), (1, 10), (2, 20), (10, 70)))
        limits: dict[str, int | str] = {
            "leavers_minimum": few,
            "leavers_percent": many,
            "identity_minimum": 3,
            "identity_percent": many,
        }
        limits |= {"identity_change": self.random.choice(("apply", "hold"))}
        return "".join(json.dumps({"name": name, "value": json.dumps(value)}) + "\n" for name, value in limits.items())

    def feeds(self, count: int) -> list[Delivery]:
        return [self._feed() for _ in range(count)]

    def _feed(self) -> Delivery:
        if self.random.random() < self.upheaval:
            return self._upheaval()
        draw = self.random.random()
        if draw < 0.08:
            return self._references()
        if draw < 0.10:
            return Delivery(self.tenant, "External Identifier,First Name\n1,Ana\n")  # COLUMN_MISSING
        source = self.random.choice(("upload", "upload", "hr-a", "hr-a", "hr-b"))
        age = None if source == "upload" else self.random.choice((None, 0, 1, 2, 30))
        if source != "upload" and self.random.random() < 0.6:
            return Delivery(self.tenant, employees(self._full(source)), source, mode="full", age=age)
        return Delivery(self.tenant, employees(self._mixed(self.random.randint(2, 7))), source, age=age)

    def _upheaval(self) -> Delivery:
        """Return a feed of changes in which many leave, move or seem to be somebody else, by whoever fed before (6)."""
        source = "hr-a" if "hr-a" in self.full else "upload"
        some = self.random.sample(self.people, self.random.randint(4, len(self.people)))
        match self.random.choice(("leave", "leave", "move", "become")):
            case "leave":
                rows = [Row(who, status="Inactive") for who in some]
            case "move":
                rows = [Row(who, own_address(who), last=self.random.choice(LAST_NAMES)) for who in some]
            case _:
                rows = [Row(who, own_address(who), first="Bea", last="Mar") for who in some[:3]]
        return Delivery(self.tenant, employees(rows), source)

    def _references(self) -> Delivery:
        if self.random.random() < 0.3:
            return Delivery(self.tenant, "Name\nBar\n", kind="departments")
        some = self.random.sample(LATER_TITLES, self.random.randint(1, 2))
        return Delivery(self.tenant, "Name\n" + "".join(f"{title}\n" for title in some), kind="job-titles")

    def _full(self, source: str) -> list[Row] | list[str]:
        """Return the last full feed of a source again, a little changed: most rows are the same."""
        rows = list(self.full.get(source) or self._quiet_rows())
        for _ in range(self.random.randint(0, 3)):
            at = self.random.randrange(len(rows))
            match self.random.randrange(4):
                case 0 if len(rows) > 2:
                    del rows[at]
                case 1:
                    rows.insert(at, self._any_row())
                case _:
                    rows[at] = self._any_row(rows[at].external_id)
        self.full[source] = rows
        if self.random.random() < 0.3:
            return [*map(str, rows), *map(str, self._mixed(2))]
        return rows

    def _quiet_rows(self) -> list[Row]:
        some = self.random.sample(range(len(self.people)), self.random.randint(3, len(self.people)))
        return [Row(self.people[n], self.addresses[n]) for n in some]

    def _mixed(self, count: int) -> list[str]:
        scenes: tuple[Callable[[], list[Row]], ...] = (
            self._any,
            self._any,
            self._swap,
            self._ring,
            self._chain,
            self._succession,
            self._duplicate,
            self._plain,
        )
        rows: list[str] = []
        while len(rows) < count:
            if self.random.random() < 0.12:
                rows.append(self._invalid())
            else:
                rows.extend(map(str, self.random.choice(scenes)()))
        if self.random.random() < 0.5:
            self.random.shuffle(rows)
        return rows

    # Scenes: what a few rows have to do with each other.

    def _any_row(self, who: str | None = None) -> Row:
        draw = self.random.random
        title = self.random.choice(LATER_TITLES) if draw() < 0.12 else self.random.choice(TITLES)
        who = who or self.random.choice(self.people)
        return Row(
            who,
            "" if draw() < 0.1 else self.random.choice((*self.addresses, own_address(who))),
            title,
            first=self.random.choice(("Ana", *FIRST_NAMES)),
            last=self.random.choice(LAST_NAMES),
            department=self.random.choice(("", "", "", "Bar", "Lobby")),
            status="Inactive" if draw() < 0.15 else self.random.choice(("", "", "Active")),
        )

    def _any(self) -> list[Row]:
        return [self._any_row()]

    def _plain(self) -> list[Row]:
        at = self.random.randrange(len(self.people))
        return [Row(self.people[at], self.addresses[at], self.random.choice(TITLES))]

    def _places(self, most: int) -> list[int]:
        return self.random.sample(range(len(self.people)), self.random.randint(2, most))

    def _swap(self) -> list[Row]:
        one, two = self.random.sample(range(len(self.people)), 2)
        return [Row(self.people[one], self.addresses[two]), Row(self.people[two], self.addresses[one])]

    def _ring(self) -> list[Row]:
        places = self._places(4)
        following = [*places[1:], places[0]]
        return [Row(self.people[a], self.addresses[b]) for a, b in zip(places, following, strict=True)]

    def _chain(self) -> list[Row]:
        places = self._places(5)
        rows = [Row(self.people[a], self.addresses[b]) for a, b in pairwise(places)]
        return [*rows, Row(self.people[places[-1]], self.addresses[-1])]

    def _succession(self) -> list[Row]:
        """Somebody new gets the address of somebody who leaves."""
        leaver, newcomer = self.random.sample(range(len(self.people)), 2)
        address = self.addresses[leaver]
        return [Row(self.people[newcomer], address), Row(self.people[leaver], address, status="Inactive")]

    def _duplicate(self) -> list[Row]:
        who = self.random.choice(self.people)
        return [self._any_row(who), self._any_row(who)]

    def _invalid(self) -> str:
        who, address = self.random.choice(self.people), self.random.choice(self.addresses)
        match self.random.choice(_INVALID):
            case "EXTERNAL":
                return str(Row("", address))
            case "NAME":
                return str(Row(who, address, last=""))
            case "STATUS":
                return str(Row(who, address, status="Perhaps"))
            case "QUOTE":
                return f'{who},"stray,Sol,,Chef,,\n'
            case broken:
                return str(Row(who, broken))
