"""From an HR system to the directory: what a manifest says applies when the feed is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from peoplefeed.sources.mistakes import parse_manifest
from peoplefeed.sources.store import put_source
from tests.integration.sources.hr import HrSystem, Reply, reply, running
from tests.unit.sources.examples import manifest
from tests.worlds.world import World

SOURCES = Path(__file__).parents[3] / "sources"
DROPPED = "Employee No,Surname,First Name,Email,Position,Department,Site,Left,Start\n"


@pytest.fixture
def hr() -> Iterator[HrSystem]:
    with running() as system:
        yield system


@pytest.fixture
def world() -> World:
    """A tenant with job titles, whose learning platform is not asked."""
    made = World(handlers={"delivery.fifo": lambda *_: None})
    made.put_feed("acme", "Name\nChef\nWaiter\n", kind="job-titles")
    made.run_until_quiet()
    return made


def people(world: World) -> dict[str, tuple[Any, ...]]:
    found = [item for item in world.items("directory") if item["sk"] == "U"]
    return {
        one["external_id"]: (one.get("last_name"), one.get("job_title"), one.get("active"), one.get("start_date"))
        for one in found
    }


def connect(world: World, document: dict[str, Any]) -> None:
    put_source(world.deployment, "acme", parse_manifest(json.dumps(document)), world.clock())


def ready(name: str, **changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SOURCES / f"{name}.json").read_text())
    return document | changes


def test_a_file_dropped_by_sftp_is_read_as_its_manifest_says(world: World) -> None:
    connect(world, ready("sftp-drop"))
    first = f"{DROPPED}7,Núñez,Ana,,Chef,,,N,2024-03-01\n8,Sol,Ben,,Waiter,,,N,2023-01-31\n"
    world.put_feed("acme", first.encode("iso-8859-1"), source="payroll", mode="full", name="a.csv")
    world.settle()
    assert people(world) == {"7": ("Núñez", "Chef", True, "2024-03-01"), "8": ("Sol", "Waiter", True, "2023-01-31")}
    second = f"{DROPPED}7,Núñez,Ana,,Waiter,,,Y,2024-03-01\n9,Mar,Cleo,,Chef,,,N,2026-11-01\n"
    world.put_feed("acme", second.encode("iso-8859-1"), source="payroll", mode="full", name="b.csv")
    world.settle()
    assert {number: person[2] for number, person in people(world).items()} == {"7": False, "8": False, "9": True}


@pytest.mark.parametrize(
    "unfinished",
    [
        pytest.param("staff.csv.part", id="1.14-part"),
        pytest.param("staff.csv.filepart", id="1.14-filepart"),
        pytest.param("staff.TMP", id="1.14-tmp"),
        pytest.param("staff.partial", id="1.14-partial"),
        pytest.param("new/", id="1.14-a-folder"),
    ],
)
def test_a_file_that_is_still_being_dropped_is_no_feed_until_it_has_its_name(world: World, unfinished: str) -> None:
    connect(world, ready("sftp-drop"))
    half = f"{DROPPED}7,Sol,Ana,,Chef,,,N,2024-03-01\n"
    before = len([item for item in world.items("directory") if item["sk"].startswith("RUN#")])
    world.put_feed("acme", half, source="payroll", mode="full", name=unfinished)
    world.settle()
    assert len([item for item in world.items("directory") if item["sk"].startswith("RUN#")]) == before
    assert people(world) == {}
    world.put_feed("acme", f"{half}8,Mar,Ben,,Waiter,,,N,\n", source="payroll", mode="full", name="staff.csv")
    world.settle()
    assert set(people(world)) == {"7", "8"}


def test_1_14_what_an_administrator_uploads_is_whole_whatever_its_name(world: World) -> None:
    row = "External Identifier,First Name,Last Name,Job Title\n7,Ana,Sol,Chef\n"
    world.put_feed("acme", row, name="staff.tmp")
    world.settle()
    assert set(people(world)) == {"7"}


def test_a_csv_over_https_goes_the_whole_way(world: World, hr: HrSystem) -> None:
    header = "Pers.-Nr.;Nachname;Vorname;E-Mail;Stelle;Abteilung;Betrieb;Status;Eintritt\r\n"
    rows = "1;Núñez;Ana;ana@x.es;Chef;;;aktiv;01.03.2024\r\n2;Sol;Ben;;Waiter;;;ausgetreten;31.01.2023\r\n"
    hr.answers(Reply((header + rows).encode("cp1252"), headers={"Content-Type": "text/csv"}))
    world.secrets.secrets["peoplefeed/sources/acme/payroll"] = "a-long-key"
    auth = {"type": "api_key", "query": "key", "secret": "peoplefeed/sources/acme/payroll"}
    connect(world, ready("csv-over-https", base_url=hr.url, auth=auth))
    world.settle()
    assert hr.asked[0].query == {"key": "a-long-key"}
    assert people(world) == {"1": ("Núñez", "Chef", True, "2024-03-01"), "2": ("Sol", "Waiter", False, "2023-01-31")}


def test_2_6_changes_between_full_feeds_update_and_delete(world: World, hr: HrSystem) -> None:
    staff = [{"id": str(n), "first": "Ana", "last": f"Sol {n}", "title": "Chef"} for n in range(1, 4)]
    changes = [staff[0] | {"title": "Waiter"}, {"id": "2", "gone": True}]
    hr.answer = lambda asked: reply(changes if "since" in asked.query else staff)
    incremental = {"query": {"since": "{since}"}}
    made = manifest(base_url=hr.url, incremental=incremental, deleted="gone", poll_every_minutes=5)
    put_source(world.deployment, "acme", made, world.clock())
    world.sweep()
    world.run_until_quiet()
    assert {number: person[1:3] for number, person in people(world).items()} == {
        "1": ("Chef", True),
        "2": ("Chef", True),
        "3": ("Chef", True),
    }
    world.sweep()
    world.run_until_quiet()
    assert {number: person[1:3] for number, person in people(world).items()} == {
        "1": ("Waiter", True),
        "2": ("Chef", False),
        "3": ("Chef", True),
    }
    assert world.failures == []


def test_2_2_a_corrected_manifest_reads_the_next_feed_anew_though_no_record_changed(world: World, hr: HrSystem) -> None:
    hr.answers(reply([{"id": "1", "first": "Ana", "last": "Sol", "title": "Chef", "since": "2024-03-01"}]))
    for fields in ({}, {"start_date": "since"}):
        document = {"name": "hr", "base_url": hr.url, "date_format": "YYYY-MM-DD", "poll_every_minutes": 5}
        mapped = {"external_id": "id", "first_name": "first", "last_name": "last", "job_title": "title"} | fields
        connect(world, document | {"fields": mapped})
        world.sweep()
        world.run_until_quiet()
    assert people(world) == {"1": ("Sol", "Chef", True, "2024-03-01")}


@pytest.mark.parametrize(
    ("thresholds", "left"),
    [
        pytest.param({}, 3, id="6.1-the-tenants"),
        pytest.param({"leavers_minimum": 2, "leavers_percent": 0}, 0, id="6.1-the-sources-own"),
        pytest.param({"leavers_minimum": 3, "leavers_percent": 0}, 3, id="6.1-at-the-limit"),
    ],
)
def test_a_source_may_have_thresholds_of_its_own(
    world: World, hr: HrSystem, thresholds: dict[str, int], left: int
) -> None:
    staff = [{"id": str(n), "first": "Ana", "last": f"Sol {n}", "title": "Chef"} for n in range(20)]
    made = manifest(base_url=hr.url, leavers="deactivate", thresholds=thresholds, poll_every_minutes=5)
    put_source(world.deployment, "acme", made, world.clock())
    for some in (staff, staff[3:]):
        hr.answers(reply(some))
        world.sweep()
        world.run_until_quiet()
    assert len([person for person in people(world).values() if not person[2]]) == left


@pytest.mark.parametrize(("blanks", "since"), [("clear", None), ("keep", "2024-03-01")])
def test_2_3_a_blank_clears_a_field_unless_the_source_says_otherwise(
    world: World, hr: HrSystem, blanks: str, since: str | None
) -> None:
    person: dict[str, Any] = {"id": "1", "first": "Ana", "last": "Sol", "title": "Chef"}
    fields = {"external_id": "id", "first_name": "first", "last_name": "last", "job_title": "title"}
    document = {"name": "hr", "base_url": hr.url, "date_format": "YYYY-MM-DD", "poll_every_minutes": 5}
    connect(world, document | {"blanks": blanks, "fields": fields | {"start_date": "since"}})
    for said in ("2024-03-01", None):
        hr.answers(reply([person | {"since": said}]))
        world.sweep()
        world.run_until_quiet()
    assert people(world) == {"1": ("Sol", "Chef", True, since)}
