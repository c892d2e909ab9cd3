"""What is older does not undo what is newer (3.10): full feeds that come late or are released, rows held twice."""

from peoplefeed.runs.holding import release
from peoplefeed.times import stamp
from tests.integration.runs.company import HEADER, TENANT, ZOE, founded, leaving, line, renamed
from tests.integration.runs.findings import active, holds, open_now, people, run_item, still_open
from tests.integration.runs.office import fed, poll, record, released, set_, staff, upload
from tests.worlds.world import World

NEWCOMER = record("N1", "n1@x.es", job_title="Cook")


def with_name(last_name: str, records: list[dict[str, str]]) -> list[dict[str, str]]:
    return [one | {"last_name": last_name} for one in records]


def suspect(world: World) -> list[dict[str, str]]:
    """Have a full feed held as a whole: 20 of 50 are not in it (6.2). Return the 50."""
    records = staff(world, "hr", 50)
    poll(world, "hr", *records[:30])
    return records


def test_4_7_a_full_feed_that_is_released_does_not_drop_a_row_that_was_parked_since() -> None:
    world = World()
    suspect(world)
    poll(world, "hr", NEWCOMER, mode="changes")
    released(world, holds(world)[0])
    assert open_now(world) == [("N1", "JOB_TITLE_NOT_FOUND")]
    fed(world, "Name\nCook\n", kind="job-titles")
    assert "N1" in people(world)


def test_1_5_nor_one_that_is_late_but_the_next_full_feed_does() -> None:
    world = World()
    records = staff(world, "hr", 50)
    world.clock.forward(minutes=5)
    began = stamp(world.clock())
    world.clock.forward(minutes=5)
    poll(world, "hr", NEWCOMER, mode="changes")
    poll(world, "hr", *records, age=began)
    assert open_now(world) == [("N1", "JOB_TITLE_NOT_FOUND")]
    poll(world, "hr", *records)
    assert open_now(world) == []
    fed(world, "Name\nCook\n", kind="job-titles")
    assert "N1" not in people(world)


def test_7_6_what_is_wrong_since_a_full_feed_was_held_is_so_when_that_is_released() -> None:
    world = World()
    records = suspect(world)
    poll(world, "hr", record("E40", "nowhere"), mode="changes")
    released(world, holds(world)[0])
    assert open_now(world) == [("E40", "EMAIL_INVALID")]
    poll(world, "hr", *records)
    assert open_now(world) == []


def test_6_3_a_full_feed_that_is_released_ends_no_hold_that_is_newer() -> None:
    world = World()
    records = suspect(world)
    number = poll(world, "hr", *with_name("Luz", records[:11]), mode="changes")
    old, new = sorted(holds(world), key=lambda hold: hold.runs)
    released(world, old)
    assert (run_item(world, number)["state"], holds(world)) == ("held", [new])


def test_6_3_nor_does_one_that_is_late() -> None:
    world = World()
    records = staff(world, "hr", 50)
    began = stamp(world.clock())
    world.clock.forward(minutes=5)
    number = poll(world, "hr", *with_name("Luz", records[:11]), mode="changes")
    before = holds(world)
    poll(world, "hr", *records, age=began)
    assert (run_item(world, number)["state"], holds(world)) == ("held", before)


def test_6_3_a_suspect_full_feed_that_is_older_stands_beside_what_is_held() -> None:
    world = World()
    records = staff(world, "hr", 50, leavers="deactivate")
    began = stamp(world.clock())
    world.clock.forward(minutes=5)
    first = poll(world, "hr", *(one | {"status": "Inactive"} for one in records[:11]), mode="changes")
    second = poll(world, "hr", *records[:38], age=began)
    (hold,) = holds(world)
    assert hold.runs == (first, second)
    released(world, hold)
    assert not {"E0", "E10", "E49"} & active(world)


def test_7_6_what_is_held_of_somebody_is_so_while_there_is_a_hold() -> None:
    world = World()
    suspect(world)
    set_(world, identity_change="hold")
    poll(world, "hr", record("E3", "zoe@x.es", first_name="Zoe", last_name="Zed"), mode="changes")
    whole = next(hold for hold in holds(world) if hold.safeguard != "identity")
    released(world, whole)
    assert [hold.safeguard for hold in holds(world)] == ["identity"]
    assert open_now(world) == [("E3", "IDENTITY_HELD")]


def test_7_6_what_is_held_twice_is_as_old_as_when_it_came() -> None:
    world = founded(50)
    set_(world, identity_change="hold")
    upload(world, *renamed(11), ZOE)
    upload(world, line("E40", "nowhere"))
    released(world, holds(world)[0])
    released(world, holds(world)[0])
    assert people(world)["E40"]["first_name"] == "Zoe"
    assert open_now(world) == [("E40", "EMAIL_INVALID")]


def test_7_6_a_row_that_is_released_and_parked_and_tried_again_ends_no_newer_hold() -> None:
    world = founded(50)
    set_(world, identity_change="hold")
    upload(world, *renamed(11), line("E40", "p40@x.es", last="Gil", title="Cook"))
    (mass,) = holds(world)
    upload(world, ZOE)
    released(world, mass)
    assert open_now(world) == [("E40", "IDENTITY_HELD"), ("E40", "JOB_TITLE_NOT_FOUND")]
    fed(world, "Name\nCook\n", kind="job-titles")
    assert open_now(world) == [("E40", "IDENTITY_HELD")]
    assert [hold.safeguard for hold in holds(world)] == ["identity"]


def test_7_6_who_is_wrong_in_the_same_way_again_but_older_is_not_the_last_word() -> None:
    world = World()
    records = staff(world, "hr", 50)
    wrong, right = record("E40", "nowhere"), record("E40", "p40@x.es", job_title="Waiter")
    poll(world, "hr", *with_name("Luz", records[:11]), wrong, mode="changes")
    poll(world, "hr", *with_name("Gil", records[11:22]), right, mode="changes")
    poll(world, "hr", wrong, mode="changes")
    released(world, holds(world)[0])
    assert people(world)["E40"]["job_title"] == "Waiter"
    assert open_now(world) == [("E40", "EMAIL_INVALID")]


def test_3_10_an_invalid_row_that_is_older_than_what_is_applied_is_superseded_like_any_other() -> None:
    world = World()
    records = staff(world, "hr", 50)
    poll(world, "hr", *with_name("Luz", records[:11]), record("E40", "nowhere"), mode="changes")
    poll(world, "hr", record("E40", "p40@x.es", job_title="Waiter"), mode="changes")
    number = released(world, holds(world)[0])
    assert {name: rows for name, rows in run_item(world, number)["counts"].items() if rows} == {
        "received": 12,
        "updated": 11,
        "superseded": 1,
    }
    assert open_now(world) == []


def test_3_10_who_is_said_to_be_as_they_were_stays_so_when_an_older_row_is_released() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    upload(world, line("E3", "p3@x.es"), line("E40", "p40@x.es"))
    (hold,) = holds(world)
    number = released(world, hold)
    assert run_item(world, number)["counts"]["superseded"] == 1
    assert {"E3", "E4"} & active(world) == {"E3"}
    assert still_open(world) == []


def test_3_10_so_it_is_where_a_feed_is_held_as_a_whole() -> None:
    world = founded(50)
    upload(world, *renamed(11))
    upload(world, line("E3", "p3@x.es"))
    (hold,) = holds(world)
    released(world, hold)
    assert (people(world)["E3"]["last_name"], people(world)["E4"]["last_name"]) == ("Sol", "Luz")


def test_3_10_so_it_is_if_a_full_feed_of_another_source_says_so() -> None:
    world = World()
    records = staff(world, "hr", 50)
    upload(world, line("Z1", "z1@x.es"))
    upload(world, *leaving(11))
    poll(world, "hr", *records)
    (hold,) = holds(world)
    number = released(world, hold)
    assert run_item(world, number)["counts"]["superseded"] == 11
    assert len(active(world)) == 51


def test_3_10_so_it_is_if_the_row_stands_in_the_line_before_the_release() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    (hold,) = holds(world)
    world.put_feed(TENANT, HEADER + line("E40", "p40@x.es", title="Waiter"))
    world.put_feed(TENANT, HEADER + line("E3", "p3@x.es"))
    world.step("import")
    world.step("import")
    released(world, hold)
    assert {"E3", "E4"} & active(world) == {"E3"}


def test_3_10_so_it_is_between_two_parts_of_a_release() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    upload(world, *leaving(12, 20))
    (hold,) = holds(world)
    release(world.deployment, TENANT, hold, world.clock())
    world.put_feed(TENANT, HEADER + line("E25", "p25@x.es"))
    world.settle()
    assert {"E24", "E25"} & active(world) == {"E25"}


def test_7_6_what_is_released_says_nothing_of_a_newer_row_that_is_wrong() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    upload(world, line("E3", "nowhere"))
    (hold,) = holds(world)
    released(world, hold)
    assert "E3" not in active(world)
    assert [problem["code"] for problem in still_open(world)] == ["EMAIL_INVALID"]
