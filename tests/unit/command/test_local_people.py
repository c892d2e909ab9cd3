"""The demo's people: the same every time, and what is expected of them is what the rules say."""

import dataclasses
from collections import Counter

import pytest

from command.local import names
from command.local.people import SMALLEST, Edition, References, editions, references
from command.local.staff import INACTIVE
from peoplefeed.codes import Code
from peoplefeed.model import FeedKind, Outcome, Pending, Record, Reference
from peoplefeed.planner.employees import Sheet, plan_employees
from peoplefeed.planner.knowledge import Decision, Knowledge, Occasion
from peoplefeed.rules import references as rules
from peoplefeed.rules.rows import Candidate, RowSettings, check_row

FIELDS = {
    "id": "external_id",
    "givenName": "first_name",
    "familyName": "last_name",
    "workEmail": "email",
    "jobTitle": "job_title",
    "department": "department",
    "businessUnit": "business_unit_id",
    "status": "status",
    "hiredOn": "start_date",
}


@pytest.fixture(scope="module")
def days() -> tuple[Edition, Edition, Edition]:
    return editions()


def test_the_same_seed_makes_the_same_people() -> None:
    assert editions(3, SMALLEST) == editions(3, SMALLEST)
    assert editions(3, SMALLEST) != editions(4, SMALLEST)


def test_so_much_does_not_happen_to_a_handful() -> None:
    with pytest.raises(ValueError, match=f"fewer than {SMALLEST} people"):
        editions(7, SMALLEST - 1)


def test_there_are_as_many_as_asked_for(days: tuple[Edition, ...]) -> None:
    assert len(days[0].employees) == 2000


def test_names_come_from_many_languages_and_addresses_are_ascii(days: tuple[Edition, ...]) -> None:
    people = days[0].employees
    spelled = "".join(str(row["givenName"]) for row in people)

    assert {"ñ", "ł", "ç", "ễ", "ß", "伟"} <= set(spelled + "".join(str(row["familyName"]) for row in people))
    assert all(row["workEmail"].isascii() for row in people if row["workEmail"])


def test_some_have_no_address_and_nobody_else_s_but_where_that_is_the_story(days: tuple[Edition, ...]) -> None:
    for day in days:
        addresses = Counter(row["workEmail"] for row in day.employees if row["workEmail"])
        twice = [address for address, times in addresses.items() if times > 1]

        assert 0.08 < 1 - addresses.total() / len(day.employees) < 0.16
        assert len(twice) <= 2 + len(day.expected.duplicated)


def test_two_swap_their_addresses(days: tuple[Edition, ...]) -> None:
    first, second = _by_id(days[0]), _by_id(days[1])
    one, other = days[1].expected.swapped

    assert first[one]["workEmail"] == second[other]["workEmail"]
    assert first[other]["workEmail"] == second[one]["workEmail"]


def test_one_external_id_stands_twice_and_only_then(days: tuple[Edition, ...]) -> None:
    stand_twice = [
        tuple(one for one, times in Counter(row["id"] for row in day.employees).items() if times > 1) for day in days
    ]

    assert [day.expected.duplicated for day in days] == stand_twice
    assert [len(one) for one in stand_twice] == [0, 1, 0]


def test_everything_of_the_story_happens(days: tuple[Edition, ...]) -> None:
    happened: Counter[str] = Counter()
    for day in days:
        happened.update(day.expected.counts)

    told = {Outcome.CREATED, Outcome.UPDATED, Outcome.DEACTIVATED, Outcome.REACTIVATED, Outcome.PARKED,
            Outcome.REJECTED, Outcome.OVERWRITTEN, Outcome.UNCHANGED}  # fmt: skip
    assert all(happened[outcome] for outcome in told)
    assert {code for day in days for code in day.expected.problems} == {
        Code.JOB_TITLE_NOT_FOUND, Code.DEPARTMENT_NOT_FOUND, Code.EMAIL_INVALID, Code.EMAIL_IN_USE, Code.EMAIL_REUSED,
        Code.NAME_CHANGED, Code.EXTERNAL_ID_DUPLICATE_IN_RUN,
    }  # fmt: skip


def test_the_late_ones_are_not_known_from_the_start() -> None:
    known = references()

    assert known == References()
    assert known.late_job_title not in known.job_titles
    assert known.late_department not in known.departments
    assert len(set(names.JOB_TITLES)) == len(names.JOB_TITLES)


@pytest.mark.parametrize(("seed", "size"), [(7, 2000), (1, SMALLEST), (2, 777)])
def test_the_rules_say_what_is_expected(seed: int, size: int) -> None:
    directory = Directory(references(seed, size))
    for number, day in enumerate(editions(seed, size), start=1):
        found = directory.apply(number, day)

        assert found == (day.expected.counts, day.expected.problems)
        assert directory.active() == day.expected.active
        directory.create_what_was_missing(number, day)


class Directory:
    """As much of a directory as the planner needs, and no comparison with the feed before: every row is judged."""

    def __init__(self, known: References) -> None:
        self.known = known
        self.titles, self.departments = set(known.job_titles), set(known.departments)
        self.records: dict[str, Record] = {}
        self.former: dict[str, str] = {}
        self.pending: dict[str, Pending] = {}

    def create_what_was_missing(self, number: int, day: Edition) -> None:
        """Do as if, in the evening, all rows were judged again: whoever waited is there, and nothing else changes."""
        self.titles.add(self.known.late_job_title)
        self.departments.add(self.known.late_department)
        self.apply(number, day, hour=20)

    def active(self) -> set[str]:
        return {external_id for external_id, record in self.records.items() if record.employee.active}

    def apply(self, number: int, day: Edition, hour: int = 10) -> tuple[dict[str, int], dict[str, int]]:
        """Apply a feed, and return what it led to: outcomes and codes."""
        decision = self._judged(number, day, hour)
        for group in decision.groups:
            for change in group.changes:
                if change.release and change.vacates:
                    self.former[change.release] = change.after.external_id
                self.records[change.after.external_id] = Record(
                    change.after, change.version, change.position, change.email_key, change.ever_active
                )
            self.pending |= {one.subject: one for one in group.pending}
        counts = {"received": len(day.employees)} | decision.counts
        problems = {code: times for code, (times, _) in decision.codes.items()}
        return {name: counts.get(name, 0) for name in day.expected.counts.keys() | counts}, problems

    def _judged(self, number: int, day: Edition, hour: int) -> Decision:
        rows = [{FIELDS[name]: value or "" for name, value in row.items()} for row in day.employees]
        judged = [check_row(position, row, RowSettings()) for position, row in enumerate(rows, start=1)]
        candidates = [one for one in judged if isinstance(one, Candidate)]
        rejections = [one for one in judged if not isinstance(one, Candidate)]
        occasion = Occasion(number, f"2026-11-2{number}T{hour}:00:00.000Z", "hr", "hr")
        return plan_employees(occasion, Sheet(candidates, rejections), self._knowledge())

    def _knowledge(self) -> Knowledge:
        known = [Reference(FeedKind.JOB_TITLES, name, name) for name in self.titles]
        known += [Reference(FeedKind.DEPARTMENTS, name, name) for name in self.departments]
        known += [Reference(FeedKind.BUSINESS_UNITS, unit, name) for unit, name in self.known.business_units]
        return Knowledge(
            records=self.records,
            holders={record.held_key: one for one, record in self.records.items() if record.held_key},
            former=self.former,
            pending=self.pending,
            references=rules.References.of(known),
        )


def test_the_directory_of_this_test_notices_a_difference(days: tuple[Edition, ...]) -> None:
    """So that the test above cannot pass by comparing nothing."""
    *others, last = days[0].employees
    fewer = dataclasses.replace(days[0], employees=(*others, last | {"status": INACTIVE, "jobTitle": "Pirate"}))

    assert Directory(references()).apply(1, fewer) != (days[0].expected.counts, days[0].expected.problems)


def _by_id(day: Edition) -> dict[str | None, dict[str, str | None]]:
    return {row["id"]: row for row in day.employees}
