"""An administrator releases or discards what is held (6.3, 6.7)."""

import json

import pytest

from peoplefeed.runs.holding import HoldChanged, release
from peoplefeed.storage.holds import find_hold
from tests.integration.runs.company import HEADER, TENANT, ZOE, founded, leaving, line, renamed
from tests.integration.runs.findings import active, holds, next_number, open_now, people, run_item, still_open
from tests.integration.runs.office import (
    RECORD_FIELDS,
    connect,
    discarded,
    fed,
    poll,
    record,
    released,
    set_,
    staff,
    upload,
)
from tests.worlds.faults import KILL_AFTER
from tests.worlds.world import World


def test_6_3_people_who_are_back_in_the_next_full_feed_end_the_hold() -> None:
    world = World()
    records = staff(world, "hr-a", 60, leavers="deactivate")
    poll(world, "hr-a", *records[12:])
    assert len(holds(world)) == 1
    poll(world, "hr-a", *records)
    assert (holds(world), still_open(world), len(active(world))) == ([], [], 60)


def test_6_7_what_was_released_counts_no_more() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    released(world, holds(world)[0])
    assert len(active(world)) == 39
    upload(world, *leaving(1, 20))
    assert len(active(world)) == 38


def test_6_7_a_discarded_hold_leaves_everybody_and_its_problems_are_over() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    assert len(still_open(world)) == 11
    number = discarded(world, holds(world)[0])
    assert run_item(world, number)["purpose"] == "discard"
    assert (holds(world), still_open(world), len(active(world))) == ([], [], 50)


def test_6_3_an_administrator_releases_what_they_saw_or_hears_that_it_changed() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    (seen,) = holds(world)
    upload(world, *leaving(12, 20))
    (now,) = holds(world)
    assert (now.version, now.notice.would, len(now.runs)) == (2, {"deactivated": 23}, 2)
    with pytest.raises(HoldChanged):
        release(world.deployment, TENANT, seen, world.clock())
    world.settle()


def test_6_3_who_saw_a_hold_that_was_discarded_cannot_release_the_one_that_began_after_it() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    (seen,) = holds(world)
    discarded(world, seen)
    upload(world, *leaving(12, 20))
    (now,) = holds(world)
    assert (seen.version, now.version) == (1, 1)
    with pytest.raises(HoldChanged):
        release(world.deployment, TENANT, seen, world.clock())
    world.settle()
    assert (holds(world), len(active(world))) == ([now], 50)


def test_6_3_a_release_that_another_answer_forestalls_delivers_none_of_its_parts() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    upload(world, *leaving(12, 20))
    (hold,) = holds(world)
    discarded(world, hold)
    with pytest.raises(HoldChanged):
        release(world.deployment, TENANT, hold, world.clock())
    world.settle()
    assert len(active(world)) == 50


def test_6_3_a_part_of_a_release_that_cannot_be_read_any_more_does_not_keep_the_next_from_being_delivered() -> None:
    world = founded(0)
    fields = {field: column for column, field in zip(HEADER.strip().split(","), RECORD_FIELDS, strict=True)}
    connect(world, "hr", format="csv", fields=fields)
    fed(world, HEADER + "".join(line(f"E{n}", f"p{n}@x.es") for n in range(50)), source="hr")
    unread = fed(world, HEADER + "".join(leaving(11)), source="hr")
    connect(world, "hr", format="csv", fields=fields | {"external_id": "Number"})
    fed(world, HEADER.replace("External Identifier", "Number") + "".join(leaving(12, 20)), source="hr")
    (hold,) = holds(world)
    last = released(world, hold)
    assert run_item(world, last - 1)["of"] == unread
    assert (run_item(world, last - 1)["state"], run_item(world, last)["state"]) == ("failed", "finished")
    assert active(world) == {f"E{n}" for n in range(50)} - {f"E{n}" for n in range(20, 32)}


def test_9_1_a_release_whose_worker_is_killed_between_two_parts_delivers_them_all() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    upload(world, *leaving(12, 20))
    (hold,) = holds(world)
    before = world.fork()
    release(world.deployment, TENANT, hold, world.clock())
    world.settle()
    expected = active(world)
    assert len(expected) == 27
    for call in range(1, 40):
        twin = before.fork()
        release(twin.deployment, TENANT, hold, twin.clock())
        twin.faults.at(len(twin.faults.log) + call, KILL_AFTER)
        twin.settle()
        assert active(twin) == expected, call


def test_6_3_a_released_feed_is_applied_with_the_old_age_and_the_held_run_is_superseded() -> None:
    world = World()
    records = staff(world, "hr-a", 20)
    number = poll(world, "hr-a", *records[:12], record("N1", "n1@x.es"))
    run = released(world, holds(world)[0])
    assert (run_item(world, run)["state"], run_item(world, run)["of"]) == ("finished", number)
    assert run_item(world, run)["age"] == run_item(world, number)["age"]
    assert run_item(world, number)["state"] == "superseded"
    assert "N1" in people(world)
    assert holds(world) == []


def test_6_3_a_discarded_feed_changes_nothing_and_its_run_says_so() -> None:
    world = World()
    records = staff(world, "hr-a", 20)
    number = poll(world, "hr-a", *records[:12], record("N1"))
    discarded(world, holds(world)[0])
    assert run_item(world, number)["state"] == "discarded"
    assert "N1" not in people(world)


def test_1_4_a_released_feed_is_superseded_by_a_newer_full_feed() -> None:
    world = World()
    records = staff(world, "hr-a", 20)
    poll(world, "hr-a", *records[:12])
    (hold,) = holds(world)
    poll(world, "hr-a", *records)
    assert holds(world) == []
    with pytest.raises(HoldChanged):
        release(world.deployment, TENANT, hold, world.clock())


def test_9_1_a_release_delivers_all_its_parts_also_where_one_feed_is_held_twice() -> None:
    world = founded(50)
    set_(world, identity_change="hold")
    upload(world, *leaving(11), ZOE)
    leavers = next(hold for hold in holds(world) if hold.safeguard == "leavers")
    released(world, leavers)
    upload(world, line("E41", "eva@x.es", first="Eva", last="Luz"))
    (identity,) = holds(world)
    assert len(identity.runs) == 3
    released(world, identity)
    assert [people(world)[who]["first_name"] for who in ("E40", "E41")] == ["Zoe", "Eva"]
    assert (holds(world), open_now(world)) == ([], [])


def test_7_6_what_is_released_is_held_no_more_though_a_full_feed_knows_better() -> None:
    world = World()
    records = staff(world, "hr", 50)
    upload(world, line("Z1", "z1@x.es"))
    upload(world, *leaving(11))
    poll(world, "hr", *records)
    number = released(world, holds(world)[0])
    assert run_item(world, number)["counts"]["superseded"] == 11
    assert (holds(world), open_now(world)) == ([], [])


def test_6_3_a_discard_is_of_what_was_held_then_and_not_of_what_is_held_since() -> None:
    world = founded(50)
    set_(world, identity_change="hold")
    upload(world, ZOE)
    (first,) = holds(world)
    for feed in (line("E10", "p10@x.es", title="Waiter"), line("E41", "eva@x.es", first="Eva", last="Luz")):
        world.put_feed(TENANT, HEADER + feed)
        world.step("import")
    discarded(world, first)
    assert first.id not in [hold.id for hold in holds(world)]
    assert open_now(world) == [("E41", "IDENTITY_HELD")]


def waiting_for(world: World, *records: dict[str, str]) -> None:
    """Have a full feed of an HR system wait in the line: an upload is being applied."""
    world.put_feed(TENANT, HEADER + line("U1", "u1@x.es"))
    world.step("import")
    number = next_number(world)
    world.put_feed(TENANT, "".join(f"{json.dumps(one)}\n" for one in records), source="hr", mode="full")
    while next_number(world) == number:
        assert world.step("import")


def test_7_6_what_was_held_of_the_absent_is_over_if_they_are_back_by_when_it_is_released() -> None:
    world = World()
    records = staff(world, "hr", 50, leavers="deactivate")
    poll(world, "hr", *records[:38])
    (hold,) = holds(world)
    waiting_for(world, *records)
    released(world, hold)
    assert (holds(world), still_open(world)) == ([], [])


def test_7_4_a_hold_of_the_absent_that_begins_behind_a_discard_goes_on_with_one_problem() -> None:
    world = World()
    records = staff(world, "hr", 50, leavers="deactivate")
    poll(world, "hr", *records[:38])
    (hold,) = holds(world)
    waiting_for(world, *records[:38])
    discarded(world, hold)
    assert [problem["code"] for problem in still_open(world)] == ["LEAVERS_HELD"]
    released(world, holds(world)[0])
    assert (holds(world), still_open(world)) == ([], [])


def test_6_3_what_is_held_of_a_folder_with_a_dot_can_be_released_and_discarded() -> None:
    world = World()
    fed(world, "Name\nChef\n", kind="job-titles")
    everybody = (line(f"E{number}", f"p{number}@x.es") for number in range(50))
    fed(world, HEADER + "".join(everybody), source="hr.madrid", mode="full")
    for first, answer in ((0, released), (11, discarded)):
        fed(world, HEADER + "".join(renamed(11, first)), source="hr.madrid")
        hold = find_hold(world.deployment, TENANT, holds(world)[0].id)
        assert hold is not None
        answer(world, hold)
    assert [people(world)[who]["last_name"] for who in ("E0", "E20")] == ["Luz", "Sol"]
