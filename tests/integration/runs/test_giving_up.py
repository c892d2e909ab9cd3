"""What is open about somebody whose change had to be given up (9.2): the log and the directory say the same of it."""

import pytest

from peoplefeed.planner.consequences import UNOWNED
from peoplefeed.runs.by_hand import erase
from peoplefeed.storage.staff import find_staff
from tests.integration.runs.company import TENANT, founded, leaving, line
from tests.integration.runs.findings import (
    active,
    entries,
    holds,
    open_codes,
    open_now,
    people,
    problems,
    run_item,
    runs,
    story,
)
from tests.integration.runs.office import act, connect, fed, poll, record, released, set_, staff, time_passes, upload
from tests.integration.runs.trouble import always_fails, fails, renamed_in_vain
from tests.worlds.faults import Call, Fault, Refuse
from tests.worlds.world import World


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(line("E0", "other@x.es"), id="9.2-a-row-that-does-not-count"),
        pytest.param(line("E0", "broken"), id="9.2-a-row-that-is-invalid"),
    ],
)
def test_what_else_the_feed_says_of_them_is_over_with_their_next_row(world: World, other: str) -> None:
    fails(world)
    upload(world, other, line("E0", "new@x.es"))
    assert len(open_codes(world)) == 2
    world.faults.stop()
    upload(world, line("E0", "new@x.es"))
    assert open_codes(world) == []


def test_9_2_what_is_wrong_again_is_counted_up_behind_a_row_that_was_given_up(world: World) -> None:
    fails(world)
    upload(world, line("E0", "broken"), line("E0", "new@x.es"))
    world.faults.stop()
    upload(world, line("E0", "broken"))
    assert {(problem["code"], problem["occurrences"]) for problem in problems(world)} == {
        ("EMAIL_INVALID", 2),
        ("INTERNAL_ERROR", 1),
    }


def test_9_2_what_they_lack_is_waited_for_on(world: World) -> None:
    upload(world, line("E0", "p0@x.es", department="Nowhere"))
    fails(world)
    upload(world, line("E0", "p0@x.es", last="Gil", department="Nowhere"))
    time_passes(world, hours=60)
    world.faults.stop()
    fed(world, "Name\nNowhere\n", kind="departments")
    assert people(world)["E0"]["department"] == "Nowhere"


def test_9_2_what_a_row_was_parked_for_is_over_when_another_takes_its_place(world: World) -> None:
    upload(world, line("E0", "p0@x.es", title="Cook"))
    fails(world)
    upload(world, line("E0", "new@x.es"))
    assert open_codes(world) == ["INTERNAL_ERROR"]


def test_9_2_so_it_is_when_the_row_itself_was_tried_in_vain(world: World) -> None:
    upload(world, line("E0", "p0@x.es", title="Cook"))
    fails(world)
    fed(world, "Name\nCook\n", kind="job-titles")
    assert open_codes(world) == ["INTERNAL_ERROR"]


def test_9_2_what_was_wrong_with_a_row_is_over_with_the_next_one(world: World) -> None:
    upload(world, line("E0", "broken"))
    fails(world)
    upload(world, line("E0", "new@x.es"))
    assert open_codes(world) == ["INTERNAL_ERROR"]


def test_9_2_what_was_held_is_over_when_its_release_was_given_up(world: World) -> None:
    set_(world, identity_change="hold")
    upload(world, line("E0", "z@x.es", first="Zoe", last="Zed"))
    fails(world)
    released(world, holds(world)[0])
    assert (holds(world), open_codes(world)) == ([], ["INTERNAL_ERROR"])


def test_9_2_a_department_that_could_not_be_filled_in_is_when_that_is_tried_again(world: World) -> None:
    upload(world, line("E0", "p0@x.es", department="Nowhere"))
    fails(world)
    fed(world, "Name\nNowhere\n", kind="departments")
    world.faults.stop()
    time_passes(world, hours=2)
    assert (people(world)["E0"]["department"], open_codes(world)) == ("Nowhere", [])


def test_9_2_a_row_that_is_parked_stays_when_filling_in_is_given_up(world: World) -> None:
    upload(world, line("E0", "p0@x.es", department="Nowhere"))
    upload(world, line("E0", "p0@x.es", title="Cook", last="Gil", department="Nowhere"))
    fails(world)
    fed(world, "Name\nNowhere\n", kind="departments")
    world.faults.stop()
    fed(world, "Name\nCook\n", kind="job-titles")
    assert (people(world)["E0"]["last_name"], people(world)["E0"]["department"]) == ("Gil", "Nowhere")
    assert open_codes(world) == []


def test_4_6_a_row_that_is_parked_stays_when_a_rename_is_given_up(world: World) -> None:
    upload(world, line("E0", "p0@x.es", title="Cook", last="Gil"))
    fails(world)
    act(world, "job-titles", "Chef", "rename", "Head Chef")
    world.faults.stop()
    fed(world, "Name\nCook\n", kind="job-titles")
    assert (people(world)["E0"]["last_name"], open_codes(world)) == ("Gil", [])


def test_4_6_what_a_holder_lacks_is_waited_for_on_when_a_rename_is_given_up(world: World) -> None:
    upload(world, line("E0", "p0@x.es", department="Nowhere"))
    fails(world)
    act(world, "job-titles", "Chef", "rename", "Head Chef")
    world.faults.stop()
    time_passes(world, hours=2)
    assert people(world)["E0"]["job_title"] == "Head Chef"
    fed(world, "Name\nNowhere\n", kind="departments")
    assert (people(world)["E0"]["department"], open_codes(world)) == ("Nowhere", [])


def test_9_2_in_a_ring_everybody_keeps_their_own(world: World) -> None:
    upload(world, line("E0", "p0@x.es", department="Nowhere"), line("E1", "p1@x.es", department="Nowhere"))
    fails(world)
    swap = (line("E0", "p1@x.es", department="Nowhere"), line("E1", "p0@x.es", department="Nowhere"))
    upload(world, line("E0", "broken"), *swap)
    departments = ["DEPARTMENT_NOT_FOUND"] * 2
    assert open_codes(world) == [*departments, "EMAIL_INVALID", "INTERNAL_ERROR", "INTERNAL_ERROR"]


def test_4_7_who_waits_for_an_address_that_was_not_taken_after_all_gets_it(world: World) -> None:
    world.faults.decide = always_fails("N1")
    upload(world, line("N1", "n@x.es"), line("N2", "n@x.es"))
    assert people(world)["N2"]["email"] == "n@x.es"
    world.faults.stop()
    upload(world, line("N1", "other@x.es"))
    assert (people(world)["N1"]["email"], open_codes(world)) == ("other@x.es", [])


def test_1_6_a_holder_of_what_is_renamed_is_no_leaver_when_that_is_given_up(world: World) -> None:
    fails(world)
    number = act(world, "job-titles", "Chef", "rename", "Head Chef")
    counts = run_item(world, number)["counts"]
    assert {name: count for name, count in counts.items() if count} == {"received": 1, "updated": 1}


def test_6_1_who_could_not_come_or_go_counts_among_the_staff_as_they_were(world: World) -> None:
    for who, status in (("E0", "Inactive"), ("N0", "Active")):
        world.faults.decide = always_fails(who)
        upload(world, line(who, f"{who}@x.es", status=status), line(f"{who}0", f"{who}0@x.es"))
        book = find_staff(world.deployment, TENANT)
        assert dict(book.active) == {UNOWNED: len(active(world))}
        assert book.left_lately("upload", world.clock()) == 0
    assert len(active(world)) == 4


def test_3_6_who_stays_as_they_were_is_named_so_and_keeps_what_they_have_on_record(world: World) -> None:
    upload(world, line("E0", "p0@x.es", status="Inactive"))
    upload(world, line("E0", "p1@x.es", last="Luna", status="Active"), line("N1", "p0@x.es"))
    (reused,) = [entry for entry in story(world, "N1") if entry.get("code") == "EMAIL_REUSED"]
    assert "that of Ana Sol (external Identifier E0)" in str(reused["message"])


def test_1_5_nor_does_a_full_feed_that_drops_the_row_that_was_parked() -> None:
    world = World(tolerant=True)
    records = staff(world, "hr-a", 12)
    fed(world, "Name\nBar\n", kind="departments")
    upload(world, line("E0", "p0@x.es", department="Bar"))
    poll(world, "hr-a", record("E0", "p0@x.es", job_title="Cook"), mode="changes")
    renamed_in_vain(world, "departments", "Bar", "Pub")
    poll(world, "hr-a", *records[1:])
    assert open_codes(world) == ["INTERNAL_ERROR"]
    time_passes(world, hours=2)
    assert (people(world)["E0"]["department"], open_codes(world)) == ("Pub", [])


def test_9_2_a_newer_row_has_tries_of_its_own() -> None:
    world = founded(1, tolerant=True)
    world.faults.decide = always_fails("N1")
    for number in range(4):
        upload(world, line("N1", f"n{number}@x.es"))
    world.faults.stop()
    time_passes(world, hours=2)
    assert people(world)["N1"]["email"] == "n3@x.es"


def test_9_2_what_is_older_than_a_row_that_was_given_up_and_dropped_is_superseded_and_the_line_goes_on() -> None:
    world = World(tolerant=True)
    records = staff(world, "hr-a", 3, leavers="deactivate")
    connect(world, "hr-b")
    world.faults.decide = always_fails("N1")
    poll(world, "hr-a", record("N1", "n1@x.es"), mode="changes")
    world.faults.stop()
    world.clock.forward(minutes=1)
    poll(world, "hr-a", *records)
    number = poll(world, "hr-b", record("N1", "n1@x.es"), mode="changes", age="2026-01-01T10:00:00.000Z")
    run = run_item(world, number)
    assert (run["state"], run["counts"]["superseded"]) == ("finished", 1)


def test_9_2_an_erasure_that_is_given_up_of_somebody_who_was_given_up_does_not_stop_the_line() -> None:
    world = founded(1, tolerant=True)
    world.faults.decide = always_fails("N1")
    upload(world, line("N1", "n1@x.es"))
    erase(world.deployment, TENANT, "N1", world.clock(), "ann")
    world.settle()
    world.faults.stop()
    time_passes(world, hours=2)
    assert {state for _, state in runs(world)} == {"finished"}


def test_7_6_what_is_wrong_with_a_feed_is_still_wrong_when_a_row_of_it_is_tried_again() -> None:
    world = founded(1, tolerant=True)
    twice = [line("N1", "n@x.es"), line("N1", "n1@x.es")]
    upload(world, *twice)
    world.faults.decide = always_fails("N1")
    upload(world, *twice[:1], line("N1", "n2@x.es"))
    world.faults.stop()
    time_passes(world, hours=2)
    assert people(world)["N1"]["email"] == "n2@x.es"
    assert open_codes(world) == ["EXTERNAL_ID_DUPLICATE_IN_RUN"]


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
