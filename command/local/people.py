"""The staff of a made-up hospitality company, as its HR system lists them on three days running.

Deterministic: the same seed and size give the same people and the same events. Each event happens to people of
its own, so that what a feed of all of them must lead to is known beforehand, rule by rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from command.local import names
from command.local.staff import ACTIVE, INACTIVE, Row, Staff

SMALLEST = 300


@dataclass(frozen=True, slots=True)
class References:
    """The reference data that are known from the start, and what is missing until somebody creates it."""

    job_titles: tuple[str, ...] = names.JOB_TITLES
    departments: tuple[str, ...] = names.DEPARTMENTS
    business_units: tuple[tuple[str, str], ...] = names.BUSINESS_UNITS
    late_job_title: str = names.LATE_JOB_TITLE
    late_department: str = names.LATE_DEPARTMENT


@dataclass(frozen=True, slots=True)
class Expected:
    """What a full feed of an edition must lead to, after those before it.

    The late job title and department are created between the first edition and the second. `counts` are by
    outcome, `problems` by code: what the run finds, for the first time or again. `active` is who is, afterwards.
    """

    counts: dict[str, int]
    problems: dict[str, int]
    swapped: tuple[str, ...] = ()
    duplicated: tuple[str, ...] = ()
    active: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Edition:
    """What the HR system says on one day."""

    employees: tuple[Row, ...]
    expected: Expected


def references(seed: int = 7, size: int = 2000) -> References:  # noqa: ARG001 - every company has the same
    """Return the reference data that the people of `editions` refer to."""
    return References()


def editions(seed: int = 7, size: int = 2000) -> tuple[Edition, Edition, Edition]:
    """Return what the HR system says on three days; `size` people are there on the first."""
    if size < SMALLEST:
        raise ValueError(f"So much does not happen to fewer than {SMALLEST} people.")
    company = _Company(Staff(seed), size)
    return company.first_day(), company.second_day(), company.third_day()


@dataclass(slots=True)
class _Day:
    """What is to be expected of a day's feed."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    swapped: tuple[str, ...] = ()
    earlier_rows: dict[str, Row] = field(default_factory=dict)

    def expect(self, outcome: str, people: Iterable[str], problem: str = "") -> None:
        """Expect an outcome of each of these people's rows, and a problem with it."""
        number = len(list(people))
        self.counts[outcome] += number
        if problem:
            self.problems[problem] += number


class _Company:
    """Its days. `_refused` are those whom no feed has brought into the directory yet."""

    def __init__(self, staff: Staff, size: int) -> None:
        self._staff, self._size = staff, size
        self._first = staff.hire(size)
        staff.make_bystanders(self._first)
        self._without_title = staff.draw(self._share(300))
        self._without_department = staff.draw(self._share(250))
        self._mistyped = staff.draw(2, with_email=True)
        self._holder, self._sharer = staff.draw(2, with_email=True)
        self._left_long_ago = staff.draw(self._share(200))
        self._own_address = {person: staff[person].email for person in (*self._mistyped, self._sharer)}
        self._gone: list[str] = []
        self._refused = {*self._without_title, *self._mistyped, self._sharer}

    def first_day(self) -> Edition:
        """Everyone is new, and some rows are wrong."""
        day, staff = _Day(), self._staff
        for person in self._without_title:
            staff.change(person, job_title=names.LATE_JOB_TITLE)
        for person in self._without_department:
            staff.change(person, department=names.LATE_DEPARTMENT)
        for person in self._mistyped:
            staff.change(person, email=f"{self._own_address[person]}".replace("@", "@@"))
        for person in self._left_long_ago:
            staff.change(person, status=INACTIVE)
        staff.change(self._sharer, email=staff[self._holder].email)
        day.expect("parked", self._without_title, "JOB_TITLE_NOT_FOUND")
        day.expect("created", self._without_department, "DEPARTMENT_NOT_FOUND")
        day.expect("rejected", self._mistyped, "EMAIL_INVALID")
        day.expect("parked", [self._sharer], "EMAIL_IN_USE")
        fine = set(self._first) - self._refused - set(self._without_department)
        day.expect("created", fine)
        return self._edition(day)

    def second_day(self) -> Edition:
        """What was missing has been created, and who waited for it is there; two addresses are put right."""
        day = _Day()
        self._refused.difference_update(self._without_title)
        self._correct(day, [self._mistyped[0], self._sharer])
        day.expect("rejected", self._mistyped[1:], "EMAIL_INVALID")
        self._life_goes_on(day)
        self._take_over_an_address(day)
        self._exchange_addresses(day, 2)
        self._list_someone_twice(day)
        return self._edition(day)

    def third_day(self) -> Edition:
        """People come back, one of them to find the address taken."""
        day = _Day()
        self._correct(day, self._mistyped[1:])
        back, unlucky = self._gone[1 : 1 + self._share(100)], self._gone[:1]
        for person in (*unlucky, *back):
            self._staff.change(person, status=ACTIVE)
        day.expect("reactivated", back)
        day.expect("parked", unlucky, "EMAIL_IN_USE")
        self._refused.update(unlucky)
        self._life_goes_on(day)
        self._exchange_addresses(day, 3)
        return self._edition(day)

    def _life_goes_on(self, day: _Day) -> None:
        """People join, move, marry and leave."""
        day.expect("created", self._staff.hire(self._share(50)))
        self._move(day, self._staff.draw(self._share(35)))
        married = self._staff.draw(self._share(400), with_email=True)
        for person in married:
            self._staff.marry(person)
        day.expect("updated", married, "NAME_CHANGED")
        leavers = self._staff.draw(self._share(70), with_email=True)
        for person in leavers:
            self._staff.change(person, status=INACTIVE)
        day.expect("deactivated", leavers)
        self._gone.extend(leavers)

    def _move(self, day: _Day, people: list[str]) -> None:
        for person in people:
            self._staff.move(person)
        day.expect("updated", people)

    def _correct(self, day: _Day, people: list[str]) -> None:
        """Give people the address that they should have had from the start."""
        for person in people:
            self._staff.change(person, email=self._own_address[person])
        self._refused.difference_update(people)
        day.expect("created", people)

    def _take_over_an_address(self, day: _Day) -> None:
        """Let a newcomer have the address of someone who leaves on the same day (3.5, 3.7)."""
        [heir] = self._staff.hire(1)
        self._staff.change(heir, email=self._staff[self._gone[0]].email)
        day.expect("created", [heir], "EMAIL_REUSED")

    def _exchange_addresses(self, day: _Day, number: int) -> None:
        """Let people pass their addresses on in a circle; two simply swap them."""
        ring = self._staff.draw(number, with_email=True)
        addresses = [self._staff[person].email for person in ring]
        for person, address in zip(ring, addresses[1:] + addresses[:1], strict=True):
            self._staff.change(person, email=address)
        day.expect("updated", ring)
        day.swapped = tuple(ring)

    def _list_someone_twice(self, day: _Day) -> None:
        """Let someone stand there as they were, and once more, further down, as they are (3.2)."""
        [person] = self._staff.draw(1)
        day.earlier_rows[person] = self._staff[person].row
        day.expect("overwritten", [person], "EXTERNAL_ID_DUPLICATE_IN_RUN")
        self._move(day, [person])

    def _edition(self, day: _Day) -> Edition:
        """Return what the HR system says now: a row for each person, and another for whoever stands there twice."""
        rows = [day.earlier_rows.get(person.id, person.row) for person in self._staff]
        rows += [self._staff[person].row for person in day.earlier_rows]
        day.counts["unchanged"] = len(rows) - day.counts.total()
        expected = Expected(
            counts={"received": len(rows), **day.counts},
            problems=dict(sorted(day.problems.items())),
            swapped=day.swapped,
            duplicated=tuple(day.earlier_rows),
            active=frozenset(person.id for person in self._staff if person.status == ACTIVE) - self._refused,
        )
        return Edition(tuple(rows), expected)

    def _share(self, of: int) -> int:
        """Return one in so many of the staff."""
        return max(1, self._size // of)
