"""What a tenant can set (6.6), and shared addresses (3.12)."""

import json

from tests.integration.runs.company import founded, line
from tests.integration.runs.findings import active, codes, entries, holds, people, run_item
from tests.integration.runs.office import fed, released, set_, upload
from tests.worlds.world import World


def test_3_12_a_shared_address_counts_as_blank() -> None:
    world = founded(1)
    set_(world, shared_addresses=["Bar@x.es"])
    number = upload(world, line("N1", "bar@x.es"), line("N2", "BAR@x.es"))
    assert codes(world, number) == ["EMAIL_SHARED", "EMAIL_SHARED"]
    assert {people(world)[who].get("email") for who in ("N1", "N2")} == {None}


def test_3_12_who_waited_for_an_address_comes_in_when_it_is_listed_as_shared() -> None:
    world = founded(1)
    upload(world, line("N1", "p0@x.es"))
    set_(world, shared_addresses=["p0@x.es"])
    assert people(world)["N1"].get("email") is None
    assert {"E0", "N1"} <= active(world)


def test_6_6_a_setting_that_cannot_be_changes_nothing_and_says_why() -> None:
    world = founded(1)
    number = set_(world, leavers_percent=5, encoding="base64")
    assert run_item(world, number)["counts"]["rejected"] == 2
    assert set(codes(world, number)) == {"SETTING_INVALID"}
    assert not [item for item in world.items("directory") if item["sk"] == "SETTINGS"]


def test_6_6_a_change_of_settings_is_in_the_log_with_old_and_new() -> None:
    world = founded(1)
    number = set_(world, leavers_percent=5)
    (entry,) = entries(world, number)
    assert entry["changes"] == {"leavers_percent": ["10", "5"]}


def test_6_6_settings_say_how_uploads_are_written() -> None:
    world = founded(0)
    set_(world, columns={"Personalnr": "External Identifier", "Beruf": "job_title"}, date_format="YYYY-MM-DD")
    fed(world, "Personalnr,First Name,Last Name,Beruf,Start Date\n7,Ana,Sol,Chef,2026-02-01\n")
    assert people(world)["7"]["start_date"] == "2026-02-01"


def test_6_6_a_row_that_waits_is_read_as_it_was_written_when_it_came() -> None:
    world = founded(1)
    upload_dated(world, "N1,Ana,Sol,n1@x.es,Cook,Bar,01/02/2020\n")
    set_(world, date_format="MM/DD/YYYY", blanks="keep")
    fed(world, "Name\nCook\n", kind="job-titles")
    assert people(world)["N1"]["start_date"] == "2020-02-01"


def test_6_6_what_is_released_is_read_as_it_was_written_when_it_came() -> None:
    world = founded(1)
    set_(world, identity_change="hold")
    upload_dated(world, "E0,Eva,Luz,eva@x.es,Chef,,01/02/2020\n")
    (hold,) = holds(world)
    set_(world, date_format="YYYY-MM-DD", columns={"Nr": "external_id"})
    run = run_item(world, released(world, hold))
    assert (run["state"], run["counts"]["updated"]) == ("finished", 1)
    assert people(world)["E0"]["start_date"] == "2020-02-01"


def test_6_6_what_comes_through_the_api_is_no_upload() -> None:
    world = founded(1)
    set_(world, date_format="MM/DD/YYYY", columns={"Nr": "external_id"}, blanks="keep")
    cells = {"External Identifier": "E0", "Email": "", "Start Date": "01/02/2020"}
    whole = cells | {"First Name": "Ana", "Last Name": "Sol", "Job Title": "Chef"}
    fed(world, json.dumps(whole), source="api", name="edit.jsonl")
    assert (people(world)["E0"]["start_date"], people(world)["E0"].get("email")) == ("2020-02-01", None)


def upload_dated(world: World, row: str) -> int:
    return fed(world, "External Identifier,First Name,Last Name,Email,Job Title,Department,Start Date\n" + row)
