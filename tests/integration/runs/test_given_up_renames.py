"""Whoever could not follow a rename, or get their department, does so later (4.3, 4.6, 9.2)."""

import pytest

from tests.integration.runs.company import line
from tests.integration.runs.findings import codes, holds, open_codes, people, run_item, story
from tests.integration.runs.office import act, fed, set_, staff, time_passes, upload
from tests.integration.runs.trouble import fails, renamed_in_vain
from tests.worlds.faults import Call, Fault, Refuse
from tests.worlds.world import World


def brief(*rows: str) -> str:
    """A list that does not speak of departments."""
    return "External Identifier,First Name,Last Name,Job Title\n" + "".join(f"{row}\n" for row in rows)


@pytest.fixture
def barman(world: World) -> World:
    """E0 has the department Bar."""
    fed(world, "Name\nBar\n", kind="departments")
    upload(world, line("E0", "p0@x.es", department="Bar"))
    return world


def test_4_6_a_rename_that_was_given_up_is_tried_again(barman: World) -> None:
    renamed_in_vain(barman, "departments", "Bar", "Pub")
    assert (people(barman)["E0"]["department"], open_codes(barman)) == ("Bar", ["INTERNAL_ERROR"])
    time_passes(barman, hours=2)
    assert (people(barman)["E0"]["department"], open_codes(barman)) == ("Pub", [])


def test_4_6_a_row_that_does_not_speak_of_it_makes_up_for_a_rename_that_was_given_up(barman: World) -> None:
    renamed_in_vain(barman, "departments", "Bar", "Pub")
    fed(barman, brief("E0,Ana,Gil,Chef"))
    assert (people(barman)["E0"]["department"], open_codes(barman)) == ("Pub", [])


def test_4_6_so_does_the_row_with_which_somebody_leaves(world: World) -> None:
    renamed_in_vain(world, "job-titles", "Chef", "Head Chef")
    upload(world, line("E0", "p0@x.es", title="Unknown", status="Inactive"))
    assert people(world)["E0"]["job_title"] == "Head Chef"


def test_4_6_a_rename_is_tried_again_behind_a_row_that_is_parked(barman: World) -> None:
    fed(barman, brief("E0,Ana,Gil,Cook"))
    renamed_in_vain(barman, "departments", "Bar", "Pub")
    time_passes(barman, hours=2)
    assert (people(barman)["E0"]["department"], open_codes(barman)) == ("Pub", ["JOB_TITLE_NOT_FOUND"])
    fed(barman, "Name\nCook\n", kind="job-titles")
    assert (people(barman)["E0"]["last_name"], open_codes(barman)) == ("Gil", [])


def test_4_3_a_department_is_filled_in_later_behind_a_row_that_is_parked(world: World) -> None:
    upload(world, line("E0", "p0@x.es", department="Nowhere"))
    fed(world, brief("E0,Ana,Gil,Cook"))
    fails(world)
    fed(world, "Name\nNowhere\n", kind="departments")
    world.faults.stop()
    time_passes(world, hours=2)
    assert (people(world)["E0"]["department"], open_codes(world)) == ("Nowhere", ["JOB_TITLE_NOT_FOUND"])


def test_4_6_nobody_gets_a_name_that_could_not_be_given(world: World) -> None:
    upload(world, *(line(f"P{number}") for number in range(450)))

    def refuse(call: Call) -> Fault | None:
        text = str(call.request)
        writes = call.operation in {"transact_write_items", "update_item", "put_item"}
        return Refuse("ValidationException") if writes and "JOB#Head Chef" in text and "'name'" in text else None

    world.faults.decide = refuse
    number = act(world, "job-titles", "Chef", "rename", "Head Chef")
    world.faults.stop()
    assert {item["job_title"] for item in people(world).values()} == {"Chef"}
    assert "JOB_TITLE_NOT_FOUND" not in codes(world, upload(world, line("E1", "p1@x.es", last="Gil")))
    counts = run_item(world, number)["counts"]
    assert {name: count for name, count in counts.items() if count} == {"received": 1, "parked": 1}
    time_passes(world, hours=2)
    assert open_codes(world) == []


def test_9_2_an_invalid_row_does_not_keep_a_rename_from_being_tried_again(barman: World) -> None:
    renamed_in_vain(barman, "departments", "Bar", "Pub")
    upload(barman, line("E0", "broken"))
    time_passes(barman, hours=2)
    assert (people(barman)["E0"]["department"], open_codes(barman)) == ("Pub", ["EMAIL_INVALID"])


def test_9_2_nor_does_a_row_that_is_parked_after_it(barman: World) -> None:
    renamed_in_vain(barman, "departments", "Bar", "Pub")
    fed(barman, brief("E0,Ana,Gil,Cook"))
    time_passes(barman, hours=2)
    assert (people(barman)["E0"]["department"], open_codes(barman)) == ("Pub", ["JOB_TITLE_NOT_FOUND"])


def test_9_2_nobody_leaves_because_a_rename_is_tried_again_behind_a_row_that_is_held(barman: World) -> None:
    set_(barman, identity_change="hold")
    upload(barman, line("E0", "p0@x.es", title="Cook", department="Bar"))
    renamed_in_vain(barman, "departments", "Bar", "Pub")
    upload(barman, line("E0", "z@x.es", first="Zoe", last="Zed", department="Pub"))
    time_passes(barman, hours=2)
    assert (people(barman)["E0"]["department"], people(barman)["E0"]["active"]) == ("Pub", True)
    assert open_codes(barman) == ["IDENTITY_HELD"]


def test_7_6_a_rename_that_is_tried_again_is_nobodys_row(world: World) -> None:
    set_(world, identity_change="hold")
    upload(world, line("E0", "z@x.es", first="Zoe", last="Zed"))
    upload(world, line("E0", "broken"))
    renamed_in_vain(world, "job-titles", "Chef", "Head Chef")
    renamed_in_vain(world, "job-titles", "Head Chef", "Cook")
    time_passes(world, hours=9)
    assert people(world)["E0"]["job_title"] == "Cook"
    assert open_codes(world) == ["EMAIL_INVALID", "IDENTITY_HELD"]
    assert len(holds(world)) == 1


def test_3_13_a_rename_that_is_tried_again_changes_nobodys_say() -> None:
    world = World(tolerant=True)
    staff(world, "hr-a", 2)
    renamed_in_vain(world, "job-titles", "Chef", "Head Chef")
    time_passes(world, hours=2)
    assert (people(world)["E0"]["job_title"], people(world)["E0"]["source"]) == ("Head Chef", "hr-a")
    assert {entry.get("code") for entry in story(world, "E0")} == {None, "INTERNAL_ERROR"}
