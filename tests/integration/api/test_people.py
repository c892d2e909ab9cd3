"""Employees by name, on every DynamoDB, as the directory writes them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from peoplefeed.deployment import Deployment, Names
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.pages import Place
from peoplefeed.dynamo.writes import Update, assignments, write
from peoplefeed.model import Change, Employee, FeedKind, Reference, ReferenceChange, position_of
from peoplefeed.storage.employees import refusal_of, writes_of
from peoplefeed.storage.people import find_person, people_page
from peoplefeed.storage.reference_pages import references_page
from peoplefeed.storage.references import write_of as reference_write
from tests.worlds.databases import Database

AT = "2026-11-22T13:20:39.123Z"


class Directory:
    def __init__(self, database: Database) -> None:
        self.deployment = Deployment(Names(directory_table=database.directory), lambda _: database.client)
        self.tenant = f"tenant-{uuid4().hex}"

    def has(self, external_id: str, first: str | None, last: str | None, **fields: str) -> None:
        person = Employee(external_id, first, last, job_title="Waiter", **fields)  # type: ignore[arg-type]
        change = Change(person, 1, position_of(AT, 1, 1), ever_active=True)
        for single in writes_of(self.deployment, self.tenant, change, AT, []):
            write(self.deployment.dynamodb, single)

    def names(self, limit: int) -> list[str | None]:
        found: list[str | None] = []
        after: Place | None = None
        while not found or after:
            page, after = people_page(self.deployment, self.tenant, limit, after)
            found += [person.name for person in page]
        return found


@pytest.fixture
def directory(database_anywhere: Database) -> Directory:
    return Directory(database_anywhere)


@pytest.mark.parametrize("limit", [2, 50])
def test_people_are_listed_by_last_name_and_first_name_whatever_the_case(directory: Directory, limit: int) -> None:
    for external_id, first, last in [
        ("4", "Zoe", "abel"),
        ("1", "Ann", "Bee"),
        ("3", "ann", "Bee"),
        ("2", "Bob", "bee"),
        ("5", "Eva", "Österling"),
        ("6", None, None),
    ]:
        directory.has(external_id, first, last)
    assert directory.names(limit) == [None, "Zoe abel", "Ann Bee", "ann Bee", "Bob bee", "Eva Österling"]


def test_an_employee_is_listed_with_all_that_the_directory_shows(directory: Directory) -> None:
    directory.has("a#U#b", "Ann", "Bee", email="ann@bee.example", source="hr", start_date="2026-01-31")
    (listed,), _ = people_page(directory.deployment, directory.tenant, 10)
    found = find_person(directory.deployment, directory.tenant, "a#U#b")
    assert found
    assert listed == found.employee
    assert listed == Employee("a#U#b", "Ann", "Bee", "ann@bee.example", "Waiter", source="hr", start_date="2026-01-31")


def test_9_2_a_placeholder_stands_for_nobody(directory: Directory) -> None:
    write(
        directory.deployment.dynamodb, refusal_of(directory.deployment, directory.tenant, "E1", position_of(AT, 1, 1))
    )
    assert find_person(directory.deployment, directory.tenant, "E1") is None
    assert people_page(directory.deployment, directory.tenant, 10) == ([], None)


def test_a_person_shows_how_far_the_learning_platform_is_behind(directory: Directory) -> None:
    directory.has("E1", "Ann", "Bee")
    waiting: dict[str, Value] = {"outbox_pk": "OUTBOX#00", "due": AT, "attempts": 2, "delivered_version": 1}
    key = keys.employee(directory.tenant, "E1")
    table = directory.deployment.names.directory_table
    write(directory.deployment.dynamodb, Update(table, key, assignments(waiting), waiting))
    person = find_person(directory.deployment, directory.tenant, "E1")
    assert person
    state = person.delivery
    assert (person.version, state.pending, state.due, state.attempts) == (1, True, AT, 2)
    assert (state.delivered_version, state.delivered_at, state.account) == (1, None, None)


def test_an_unknown_person_is_nobody(directory: Directory) -> None:
    assert find_person(directory.deployment, directory.tenant, "E1") is None


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_4_reference_data_are_listed_page_by_page(directory: Directory, limit: int) -> None:
    names = ["Bar", "Kitchen", "bar", "Ärzte", "Terrace #1"]
    for kind in (FeedKind.DEPARTMENTS, FeedKind.JOB_TITLES):
        for name in names if kind is FeedKind.DEPARTMENTS else ["Waiter"]:
            change = ReferenceChange(Reference(kind, name, name), position_of(AT, 1, 1))
            write(directory.deployment.dynamodb, reference_write(directory.deployment, directory.tenant, change))
    shown: list[str] = []
    after: str | None = None
    while not shown or after:
        page, after = references_page(directory.deployment, directory.tenant, FeedKind.DEPARTMENTS, limit, after)
        shown += [reference.name for reference in page]
    assert shown == sorted(names)
