"""Job titles and the like are renamed, deleted and listed, and whoever has them follows (4.6, 4.8)."""

import json

from tests.integration.runs.company import founded, line
from tests.integration.runs.findings import codes, entries, people, references, run_item, still_open
from tests.integration.runs.office import act, fed, upload


def test_4_6_a_renamed_title_changes_all_its_holders_and_feeds_may_go_on_with_the_old_name() -> None:
    world = founded(3)
    number = act(world, "job-titles", "Chef", "rename", "Head Chef")
    assert {item["job_title"] for item in people(world).values()} == {"Head Chef"}
    assert run_item(world, number)["counts"]["updated"] == 1
    assert "JOB#Chef" not in references(world)
    later = upload(world, line("E0", "p0@x.es"), line("N1", title="Chef"))
    assert people(world)["N1"]["job_title"] == "Head Chef"
    assert codes(world, later) == ["REFERENCE_RENAMED", "REFERENCE_RENAMED"]
    assert run_item(world, later)["counts"]["unchanged"] == 1


def test_4_6_the_old_name_is_unknown_once_the_alias_is_removed() -> None:
    world = founded(1)
    act(world, "job-titles", "Chef", "rename", "Head Chef")
    act(world, "job-titles", "Head Chef", "remove-alias", "Chef")
    assert codes(world, upload(world, line("N1", title="Chef"))) == ["JOB_TITLE_NOT_FOUND"]


def test_4_7_a_rename_lets_in_who_waited_for_the_new_name() -> None:
    world = founded(1)
    upload(world, line("N1", title="Head Chef"))
    act(world, "job-titles", "Chef", "rename", "Head Chef")
    assert people(world)["N1"]["job_title"] == "Head Chef"


def test_4_8_what_an_active_employee_has_cannot_be_deleted() -> None:
    world = founded(1)
    number = act(world, "job-titles", "Chef", "delete")
    assert codes(world, number) == ["REFERENCE_IN_USE"]
    assert "JOB#Chef" in references(world)
    act(world, "job-titles", "Waiter", "delete")
    assert "JOB#Waiter" not in references(world)
    assert codes(world, upload(world, line("N1", title="Waiter"))) == ["JOB_TITLE_NOT_FOUND"]


def test_4_8_unknown_and_taken_names_are_refused() -> None:
    world = founded(1)
    assert codes(world, act(world, "job-titles", "Cook", "rename", "Head Chef")) == ["REFERENCE_UNKNOWN"]
    assert codes(world, act(world, "job-titles", "Chef", "rename", "Waiter")) == ["REFERENCE_EXISTS"]


def test_4_8_a_business_unit_is_named_by_its_feed_id_and_whoever_names_it_otherwise_is_told() -> None:
    world = founded(1)
    fed(world, "Feed ID,Name\nu1,Paris\n", kind="business-units")
    asked = {"Feed ID": "Paris", "Name": "Paris", "Action": "delete", "New Name": ""}
    (entry,) = entries(world, fed(world, json.dumps(asked), source="api", kind="business-units", name="1.jsonl"))
    assert entry["code"] == "REFERENCE_UNKNOWN"
    assert str(entry["message"]).endswith("Check the name: a Business Unit is named by its feed ID.")


def test_4_8_a_list_that_somebody_uploads_deletes_nothing() -> None:
    world = founded(0)
    fed(world, "Name,Action\nWaiter,delete\n", kind="job-titles")
    assert "JOB#Waiter" in references(world)


def test_4_8_a_list_with_an_old_name_changes_nothing_and_is_warned() -> None:
    world = founded(1)
    act(world, "job-titles", "Chef", "rename", "Head Chef")
    number = fed(world, "Name\nChef\n", kind="job-titles")
    assert codes(world, number) == ["REFERENCE_RENAMED"]
    assert "JOB#Chef" not in references(world)


def test_4_8_it_is_warned_each_time_and_nothing_is_open() -> None:
    world = founded(1)
    act(world, "job-titles", "Chef", "rename", "Head Chef")
    polls = [fed(world, "Name\nChef\n", kind="job-titles", mode="full", source="hr") for _ in range(2)]
    assert [codes(world, number) for number in polls] == [["REFERENCE_RENAMED"]] * 2
    assert still_open(world) == []
