"""What is older does not undo what is newer (3.10): full feeds that come late or are released, rows held twice."""

import json

from peoplefeed.storage.holds import find_hold
from peoplefeed.times import stamp
from tests.integration.runs.company import HEADER, TENANT, founded, line, run_item
from tests.integration.runs.office import (
    discarded,
    fed,
    holds,
    next_number,
    poll,
    record,
    released,
    set_,
    staff,
    upload,
)
from tests.integration.runs.test_line import entries, people
from tests.integration.runs.test_retries import still_open
from tests.integration.runs.test_safeguards import leaving
from tests.worlds.faults import Call, Fault, Refuse
from tests.worlds.world import World

NEWCOMER = record("N1", "n1@x.es", job_title="Cook")
ZOE = line("E40", "zoe@x.es", first="Zoe", last="Zed")


def open_now(world: World) -> list[tuple[str, str]]:
    return sorted((str(problem["external_id"]), str(problem["code"])) for problem in still_open(world))


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
    number = poll(world, "hr", *(one | {"last_name": "Luz"} for one in records[:11]), mode="changes")
    old, new = sorted(holds(world), key=lambda hold: hold.runs)
    released(world, old)
    assert (run_item(world, number)["state"], holds(world)) == ("held", [new])


def test_6_3_nor_does_one_that_is_late() -> None:
    world = World()
    records = staff(world, "hr", 50)
    began = stamp(world.clock())
    world.clock.forward(minutes=5)
    number = poll(world, "hr", *(one | {"last_name": "Luz"} for one in records[:11]), mode="changes")
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
    assert not {"E0", "E10", "E49"} & {who for who, one in people(world).items() if one["active"]}


def test_7_6_what_is_held_of_somebody_is_so_while_there_is_a_hold() -> None:
    world = World()
    suspect(world)
    set_(world, identity_change="hold")
    poll(world, "hr", record("E3", "zoe@x.es", first_name="Zoe", last_name="Zed"), mode="changes")
    whole = next(hold for hold in holds(world) if hold.safeguard != "identity")
    released(world, whole)
    assert [hold.safeguard for hold in holds(world)] == ["identity"]
    assert open_now(world) == [("E3", "IDENTITY_HELD")]


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


def test_7_6_what_is_held_twice_is_as_old_as_when_it_came() -> None:
    world = founded(50)
    set_(world, identity_change="hold")
    upload(world, *(line(f"E{number}", f"p{number}@x.es", last="Luz") for number in range(11)), ZOE)
    upload(world, line("E40", "nowhere"))
    released(world, holds(world)[0])
    released(world, holds(world)[0])
    assert people(world)["E40"]["first_name"] == "Zoe"
    assert open_now(world) == [("E40", "EMAIL_INVALID")]


def test_7_6_a_row_that_is_released_and_parked_and_tried_again_ends_no_newer_hold() -> None:
    world = founded(50)
    set_(world, identity_change="hold")
    renamed = (line(f"E{number}", f"p{number}@x.es", last="Luz") for number in range(11))
    upload(world, *renamed, line("E40", "p40@x.es", last="Gil", title="Cook"))
    (mass,) = holds(world)
    upload(world, ZOE)
    released(world, mass)
    assert open_now(world) == [("E40", "IDENTITY_HELD"), ("E40", "JOB_TITLE_NOT_FOUND")]
    fed(world, "Name\nCook\n", kind="job-titles")
    assert open_now(world) == [("E40", "IDENTITY_HELD")]
    assert [hold.safeguard for hold in holds(world)] == ["identity"]


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


def cannot_be_noted(world: World, who: str) -> None:
    """Have every write fail that notes that somebody is said to be as they are."""

    def decide(call: Call) -> Fault | None:
        text = str(call.request)
        is_note = call.operation == "update_item" and f"#U#{who}'" in text and "refused" not in text
        return Refuse("ValidationException") if is_note else None

    world.faults.decide = decide


def test_7_1_a_note_that_is_given_up_keeps_what_else_is_said_of_the_person() -> None:
    world = founded(50, tolerant=True)
    upload(world, *leaving(11))
    cannot_be_noted(world, "E40")
    number = upload(world, line("E40", "broken"), line("E40", "p40@x.es"))
    counts = {name: rows for name, rows in run_item(world, number)["counts"].items() if rows}
    assert counts == {"received": 2, "rejected": 1, "unchanged": 1}
    assert [entry.get("code") for entry in entries(world, number)] == ["EMAIL_INVALID"]


def test_7_6_a_note_that_is_given_up_ends_what_was_wrong_all_the_same() -> None:
    world = founded(50, tolerant=True)
    upload(world, line("E40", "broken"))
    upload(world, *leaving(11))
    cannot_be_noted(world, "E40")
    upload(world, line("E40", "p40@x.es"))
    assert "E40" not in dict(open_now(world))


def test_7_6_who_is_wrong_in_the_same_way_again_but_older_is_not_the_last_word() -> None:
    world = World()
    records = staff(world, "hr", 50)
    wrong, right = record("E40", "nowhere"), record("E40", "p40@x.es", job_title="Waiter")
    poll(world, "hr", *(one | {"last_name": "Luz"} for one in records[:11]), wrong, mode="changes")
    poll(world, "hr", *(one | {"last_name": "Gil"} for one in records[11:22]), right, mode="changes")
    poll(world, "hr", wrong, mode="changes")
    released(world, holds(world)[0])
    assert people(world)["E40"]["job_title"] == "Waiter"
    assert open_now(world) == [("E40", "EMAIL_INVALID")]


def test_3_10_an_invalid_row_that_is_older_than_what_is_applied_is_superseded_like_any_other() -> None:
    world = World()
    records = staff(world, "hr", 50)
    renamed = (one | {"last_name": "Luz"} for one in records[:11])
    poll(world, "hr", *renamed, record("E40", "nowhere"), mode="changes")
    poll(world, "hr", record("E40", "p40@x.es", job_title="Waiter"), mode="changes")
    number = released(world, holds(world)[0])
    assert {name: rows for name, rows in run_item(world, number)["counts"].items() if rows} == {
        "received": 12,
        "updated": 11,
        "superseded": 1,
    }
    assert open_now(world) == []


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
        renamed = (line(f"E{number}", f"p{number}@x.es", last="Luz") for number in range(first, first + 11))
        fed(world, HEADER + "".join(renamed), source="hr.madrid")
        hold = find_hold(world.deployment, TENANT, holds(world)[0].id)
        assert hold is not None
        answer(world, hold)
    assert [people(world)[who]["last_name"] for who in ("E0", "E20")] == ["Luz", "Sol"]
