"""Whoever has what was renamed by its old name, for a fault of ours (9.2), is a holder of it still (4.6)."""

import pytest

from tests.integration.runs.company import founded, line
from tests.integration.runs.findings import codes, entries, open_codes, people, references, run_item
from tests.integration.runs.office import act, fed, time_passes, upload
from tests.integration.runs.trouble import fails, renamed_in_vain
from tests.worlds.world import World


@pytest.fixture
def world() -> World:
    """E0 could not follow when the title Chef was renamed to Cook; E1 did."""
    world = founded(2, tolerant=True)
    renamed_in_vain(world, "job-titles", "Chef", "Cook")
    assert titles(world) == ["Chef", "Cook"]
    return world


def titles(world: World) -> list[object]:
    return [people(world)[who]["job_title"] for who in ("E0", "E1")]


def test_4_6_what_a_holder_has_by_its_old_name_cannot_be_deleted(world: World) -> None:
    upload(world, line("E1", "p1@x.es", title="Waiter"))
    (entry,) = entries(world, act(world, "job-titles", "Cook", "delete"))
    assert (entry["code"], entry["value"]) == ("REFERENCE_IN_USE", "Cook")
    assert "1 active" in str(entry["message"])
    time_passes(world, hours=2)
    assert (titles(world), open_codes(world)) == (["Cook", "Waiter"], [])


def test_4_6_so_it_is_by_a_name_before_the_last(world: World) -> None:
    renamed_in_vain(world, "job-titles", "Cook", "Head Chef")
    upload(world, line("E1", "p1@x.es", title="Waiter"))
    assert codes(world, act(world, "job-titles", "Head Chef", "delete")) == ["REFERENCE_IN_USE"]


def test_4_6_what_only_somebody_who_left_has_by_its_old_name_can_be_deleted() -> None:
    world = founded(1, tolerant=True)
    upload(world, line("E0", "p0@x.es", status="Inactive"))
    renamed_in_vain(world, "job-titles", "Chef", "Cook")
    act(world, "job-titles", "Cook", "delete")
    assert sorted(references(world)) == ["JOB#Waiter"]


def test_4_6_nobody_keeps_an_old_name_that_was_removed(world: World) -> None:
    number = act(world, "job-titles", "Cook", "remove-alias", "Chef")
    assert titles(world) == ["Cook", "Cook"]
    assert {name: count for name, count in run_item(world, number)["counts"].items() if count} == {
        "received": 1,
        "updated": 1,
    }
    assert [entry.get("external_id") for entry in entries(world, number)] == [None, "E0"]
    time_passes(world, hours=2)
    assert (sorted(references(world)), open_codes(world)) == (["JOB#Cook", "JOB#Waiter"], [])
    assert codes(world, upload(world, line("N1", title="Chef"))) == ["JOB_TITLE_NOT_FOUND"]


def test_4_6_nor_is_a_name_removed_while_somebody_cannot_follow(world: World) -> None:
    fails(world)
    number = act(world, "job-titles", "Cook", "remove-alias", "Chef")
    world.faults.stop()
    assert codes(world, number) == ["INTERNAL_ERROR"]  # that of E0 counts up
    time_passes(world, hours=2)
    assert (titles(world), open_codes(world)) == (["Cook", "Cook"], [])
    act(world, "job-titles", "Cook", "remove-alias", "Chef")
    assert codes(world, upload(world, line("N1", title="Chef"))) == ["JOB_TITLE_NOT_FOUND"]


def test_4_6_a_department_that_was_renamed_is_no_other() -> None:
    world = founded(1, tolerant=True)
    fed(world, "Name\nBar\n", kind="departments")
    upload(world, line("E0", "p0@x.es", department="Bar"))
    renamed_in_vain(world, "departments", "Bar", "Pub")
    assert codes(world, act(world, "departments", "Pub", "delete")) == ["REFERENCE_IN_USE"]
    act(world, "departments", "Pub", "remove-alias", "Bar")
    assert people(world)["E0"]["department"] == "Pub"


def test_4_6_another_rename_takes_along_who_could_not_follow_the_first(world: World) -> None:
    act(world, "job-titles", "Cook", "rename", "Head Chef")
    assert titles(world) == ["Head Chef", "Head Chef"]
    time_passes(world, hours=2)
    assert (titles(world), open_codes(world)) == (["Head Chef", "Head Chef"], [])


def test_4_6_who_has_the_name_that_it_gets_back_stays_as_they_were(world: World) -> None:
    number = act(world, "job-titles", "Cook", "rename", "Chef")
    assert titles(world) == ["Chef", "Chef"]
    assert [entry.get("external_id") for entry in entries(world, number)] == [None, "E1"]
    time_passes(world, hours=2)
    assert open_codes(world) == []


def test_4_6_an_old_name_that_nobody_has_is_removed_for_nobody(world: World) -> None:
    time_passes(world, hours=2)
    before = people(world)
    number = act(world, "job-titles", "Cook", "remove-alias", "Chef")
    assert people(world) == before
    assert len(entries(world, number)) == 1
