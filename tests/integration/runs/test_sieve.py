"""Rows that would change nothing are let go of while a feed is read, and nothing else is."""

from datetime import timedelta

import pytest

from peoplefeed.runs import intake
from peoplefeed.runs.by_hand import erase
from peoplefeed.times import stamp
from tests.integration.runs.company import TENANT, founded, line
from tests.integration.runs.findings import codes, entries, people, run_item, still_open
from tests.integration.runs.office import connect, poll, record, upload
from tests.worlds.world import World

AS_IT_IS, CHANGED = line("E1", "p1@x.es"), line("E1", "p1@x.es", title="Waiter")


@pytest.fixture(autouse=True, params=[1, 2, 5000])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many rows are looked at together."""
    monkeypatch.setattr(intake, "AT_ONCE", request.param)


@pytest.mark.parametrize("mode", ["full", "changes"])
@pytest.mark.parametrize(
    ("rows", "overwritten", "title"),
    [
        pytest.param([AS_IT_IS, CHANGED], 1, "Waiter", id="3.2-the-last-row-counts-and-the-first-was-as-it-is"),
        pytest.param([CHANGED, AS_IT_IS], 1, "Chef", id="3.2-the-last-row-counts-though-it-is-as-it-is"),
        pytest.param([AS_IT_IS, AS_IT_IS, AS_IT_IS], 2, "Chef", id="3.2-three-times-the-same-is-said-once"),
        pytest.param([AS_IT_IS, CHANGED, AS_IT_IS], 2, "Chef", id="3.2-what-is-overwritten-changes-nothing"),
    ],
)
def test_somebody_named_twice(mode: str, rows: list[str], overwritten: int, title: str) -> None:
    world = founded(3)
    number = upload(world, *rows, line("E0", "p0@x.es"), mode=mode)
    counts = run_item(world, number)["counts"]
    assert (counts["received"], counts["overwritten"]) == (len(rows) + 1, overwritten)
    assert people(world)["E1"]["job_title"] == title
    assert {entry["external_id"] for entry in entries(world, number)} == {"E1"}


def test_3_2_a_row_that_is_known_and_one_that_says_the_same_in_other_words_are_two_rows() -> None:
    world = founded(3)
    upload(world, AS_IT_IS, line("E0", "p0@x.es"), mode="full")
    number = upload(world, AS_IT_IS, AS_IT_IS.replace("Ana", " Ana "), line("E0", "p0@x.es"), mode="full")
    counts = run_item(world, number)["counts"]
    assert (counts["unchanged"], counts["overwritten"]) == (2, 1)


def test_1_2_what_was_let_go_of_is_known_to_the_next_full_feed() -> None:
    world = founded(30)
    rows = [line(f"E{n}", f"p{n}@x.es") for n in range(30)]
    upload(world, *rows, mode="full")
    before = len(world.faults.log)
    upload(world, *rows, mode="full")
    reads = [call for call in world.faults.log[before:] if call.operation == "batch_get_item"]
    assert reads == []


def test_4_7_a_row_about_somebody_who_waits_is_not_let_go_of() -> None:
    world = founded(2)
    upload(world, line("E1", "p0@x.es"))
    assert [one["code"] for one in still_open(world)] == ["EMAIL_IN_USE"]
    upload(world, AS_IT_IS)
    assert still_open(world) == []


def test_3_5_who_is_let_go_of_keeps_the_address_that_another_wants() -> None:
    world = founded(3)
    upload(world, line("E0", "p0@x.es"), line("E2", "p0@x.es"))
    assert people(world)["E2"]["email"] == "p2@x.es"


def test_1_5_who_is_let_go_of_is_not_absent() -> None:
    world = World()
    world.put_feed(TENANT, "Name\nChef\n", kind="job-titles")
    connect(world, "hr-a", leavers="deactivate")
    records = [record(f"E{n}", f"p{n}@x.es") for n in range(5)]
    poll(world, "hr-a", *records)
    poll(world, "hr-a", *[one | {"department": ""} for one in records], record("N1"))
    assert {who for who, item in people(world).items() if item["active"]} == {f"E{n}" for n in range(5)} | {"N1"}


def test_2_7_where_absence_means_leaving_a_row_of_somebody_who_left_is_not_let_go_of() -> None:
    world = World()
    world.put_feed(TENANT, "Name\nChef\n", kind="job-titles")
    connect(world, "hr-a", leavers="deactivate")
    records = [record(f"E{n}", f"p{n}@x.es") for n in range(5)]
    for some in (records, records[1:], records):
        poll(world, "hr-a", *some)
    assert people(world)["E0"]["active"]


def test_3_10_a_late_row_of_somebody_who_stood_in_a_later_full_feed_is_not_let_go_of() -> None:
    world = founded(3)
    world.clock.forward(hours=2)
    upload(world, *[line(f"E{n}", f"p{n}@x.es") for n in range(3)], mode="full")
    number = upload(world, AS_IT_IS, age=stamp(world.clock() - timedelta(hours=1)))
    counts = run_item(world, number)["counts"]
    assert (counts["superseded"], counts["unchanged"]) == (1, 0)


def test_1_11_a_row_that_says_nothing_of_somebody_who_was_erased_is_not_let_go_of() -> None:
    world = World()
    world.put_feed(TENANT, "Name\nChef\n", kind="job-titles")
    connect(world, "hr-a")
    poll(world, "hr-a", record("E1", "p1@x.es"), record("E2", "p2@x.es"))
    poll(world, "hr-a", {"external_id": "E1", "status": "Inactive"}, mode="changes")
    erase(world.deployment, TENANT, "E1", world.clock(), "ann@x.es")
    world.settle()
    number = poll(world, "hr-a", {"external_id": "E1", "status": "Inactive"}, mode="changes")
    assert codes(world, number) == ["PERSON_ERASED"]


def test_1_5_who_has_left_by_absence_is_not_looked_at_again() -> None:
    world = World()
    world.put_feed(TENANT, "Name\nChef\n", kind="job-titles")
    connect(world, "hr-a", leavers="deactivate")
    records = [record(f"E{n}", f"p{n}@x.es") for n in range(5)]
    for some in (records, records[1:]):
        poll(world, "hr-a", *some)
    before = len(world.faults.log)
    poll(world, "hr-a", *records[1:])
    assert [call for call in world.faults.log[before:] if call.operation == "batch_get_item"] == []
    assert not people(world)["E0"]["active"]
