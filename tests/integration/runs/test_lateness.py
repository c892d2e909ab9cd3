"""3.10: what is older than a full feed that had the person, as they were or not, is superseded."""

from collections.abc import Iterator

import pytest

from peoplefeed.model import FeedKind
from peoplefeed.runs.fingerprints import VOID, read_records
from peoplefeed.storage.full_feeds import all_full_feeds
from peoplefeed.times import stamp
from tests.integration.runs.company import TENANT, leaving, line
from tests.integration.runs.findings import active, directory_reads, holds, people, run_item
from tests.integration.runs.office import discarded, fed, poll, record, released, staff, upload
from tests.worlds.world import World

type Records = list[dict[str, str]]


def later(world: World) -> str:
    """Let some minutes pass, and return a moment in the middle of them."""
    world.clock.forward(minutes=5)
    moment = stamp(world.clock())
    world.clock.forward(minutes=5)
    return moment


def marked(world: World) -> Iterator[str]:
    """Yield of whom the last full feed of the HR system left a fingerprint that equals nothing, but says something."""
    (full,) = all_full_feeds(world.deployment, TENANT, FeedKind.EMPLOYEES)
    for digest, external_id in read_records(world.s3.content(str(full.fingerprints))):
        if digest != VOID and digest.startswith(bytes(7)):
            yield external_id


def held_leavers(**more: str) -> tuple[World, Records]:
    """A company whose HR system has fifty people, eleven of whom an upload deactivates: they are held."""
    world = World()
    records = staff(world, "hr", 50, **more)
    upload(world, line("Z1", "z1@x.es"))
    upload(world, *leaving(11))
    return world, records


@pytest.mark.parametrize(
    ("changed", "more"),
    [
        pytest.param({"department": "Nowhere"}, [], id="3.10-with-a-warning-that-lasts"),
        pytest.param({}, [record("E3", "p3@x.es")], id="3.10-twice"),
        pytest.param({}, [record("E3", "broken")], id="3.10-and-in-an-invalid-row-too"),
    ],
)
def test_who_stood_in_the_later_full_feed(changed: dict[str, str], more: Records) -> None:
    world = World()
    records = staff(world, "hr")
    records[3] |= changed
    poll(world, "hr", *records)
    late = later(world)
    poll(world, "hr", *records, *more)
    number = poll(world, "hr", *(one | {"last_name": "Old"} for one in records[3:5]), mode="changes", age=late)
    assert run_item(world, number)["counts"]["superseded"] == 2
    assert {people(world)[who]["last_name"] for who in ("E3", "E4")} == {"Sol"}


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(record("E3", "broken"), id="3.10-but-rejected"),
        pytest.param(record("E3", "p4@x.es"), id="3.10-but-parked"),
    ],
)
def test_who_stood_in_the_later_full_feed_in_vain(row: dict[str, str]) -> None:
    world = World()
    records = staff(world, "hr")
    poll(world, "hr", *(one for one in records if one["external_id"] != "E3"), row)
    assert list(marked(world)) == []


def test_3_10_who_stood_in_a_later_full_feed_with_a_warning_stays_so_when_an_older_row_is_released() -> None:
    world, records = held_leavers()
    records[3] |= {"department": "Nowhere"}
    for _ in range(2):
        poll(world, "hr", *records)
    (hold,) = holds(world)
    number = released(world, hold)
    assert run_item(world, number)["counts"]["superseded"] == 11
    assert len(active(world)) == 51


@pytest.mark.parametrize("hours", [0, 25])
@pytest.mark.parametrize("without", [1, 3])
def test_3_10_so_does_who_stood_in_one_before_the_last(without: int, hours: int) -> None:
    """Absence means nothing (1.5); also where the last full feed is compared with the directory itself."""
    world, records = held_leavers()
    poll(world, "hr", *records)
    for _ in range(without):
        world.clock.forward(hours=hours)
        poll(world, "hr", *records[:3], *records[4:])
    (hold,) = holds(world)
    number = released(world, hold)
    assert run_item(world, number)["counts"]["superseded"] == 11
    assert "E3" in active(world)


def test_3_10_so_does_who_stood_in_the_last_one_in_vain_and_well_in_one_before() -> None:
    world, records = held_leavers()
    poll(world, "hr", *records)
    poll(world, "hr", *records[:3], record("E3", "broken"), *records[4:])
    (hold,) = holds(world)
    released(world, hold)
    assert "E3" in active(world)


def test_3_10_one_before_the_last_that_is_older_than_what_is_released_says_nothing() -> None:
    world, records = held_leavers()
    poll(world, "hr", *records[:3], *records[4:])
    (hold,) = holds(world)
    released(world, hold)
    assert {"E3", "E4"} & active(world) == {"E4"}


def test_3_10_a_late_row_is_held_against_the_last_full_feed_alone() -> None:
    world, records = held_leavers()
    late = later(world)
    poll(world, "hr", *records)
    poll(world, "hr", *records[:3], *records[4:])
    poll(world, "hr", *(one | {"last_name": "Old"} for one in records[3:5]), mode="changes", age=late)
    assert [people(world)[who]["last_name"] for who in ("E3", "E4")] == ["Old", "Sol"]


def test_1_5_who_was_remembered_for_a_release_leaves_by_absence_as_before() -> None:
    world, records = held_leavers(leavers="deactivate")
    poll(world, "hr", *records)
    for _ in range(2):
        poll(world, "hr", *records[:3], *records[4:])
    assert "E3" not in active(world)
    poll(world, "hr", *records)
    assert "E3" in active(world)


def test_3_10_nobody_is_remembered_for_a_release_where_nothing_is_held_any_more() -> None:
    world, records = held_leavers()
    poll(world, "hr", *records)
    poll(world, "hr", *records[:3], *records[4:])
    assert list(marked(world)) == ["E3"]
    (hold,) = holds(world)
    discarded(world, hold)
    poll(world, "hr", *records[:3], *records[4:])
    assert list(marked(world)) == []


def test_3_10_a_repeated_full_feed_costs_no_request_while_something_is_held() -> None:
    world, records = held_leavers()
    poll(world, "hr", *records)
    before, since = people(world), len(world.faults.log)
    poll(world, "hr", *records)
    assert directory_reads(world, since) == 0
    assert people(world) == before


def test_7_4_who_is_warned_of_again_counts_up_with_each_full_feed() -> None:
    world = World()
    records = staff(world, "hr")
    records[3] |= {"department": "Bar"}
    for _ in range(3):
        poll(world, "hr", *records)
    fed(world, "Name\nBar\n", kind="departments")
    assert people(world)["E3"]["department"] == "Bar"
