"""7.2: an entry says when the platform had its change, also where only the state after many changes was delivered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from peoplefeed.dynamo import keys
from peoplefeed.dynamo.reads import get
from peoplefeed.storage.platforms import put_settings
from tests.integration.learning_platform.odd_platform import OddPlatform
from tests.worlds.databases import Database
from tests.worlds.faults import KILL_AFTER, KILL_BEFORE, Call, Fault, Kill
from tests.worlds.world import NAMES, World

TENANT = "acme"
HEADER = "External Identifier,First Name,Last Name,Email,Job Title,Status\n"


@pytest.fixture
def world() -> World:
    """A company without a learning platform, in which E1 changes three times, E2 never."""
    return _founded(World())


def _founded(world: World) -> World:
    world.put_feed(TENANT, "Name\nChef\n", kind="job-titles")
    for name in ("Ann", "Bea", "Cia"):
        _change(world, name)
    return world


def _change(world: World, name: str, status: str = "Active") -> None:
    rows = f"E1,{name},Bee,e1@x.org,Chef,{status}\nE2,Zoe,Bee,e2@x.org,Chef,Active\n"
    world.put_feed(TENANT, HEADER + rows)
    world.run_until_quiet()
    world.clock.forward(minutes=1)


def _platform(world: World, url: str | None) -> None:
    put_settings(world.deployment, TENANT, {"url": url}, world.clock())


def _sweeps(world: World, times: int = 4) -> None:
    for _ in range(times):
        world.sweep()
        world.run_until_quiet()


def _told(world: World, external_id: str) -> dict[int, str | None]:
    """When the platform had each version of a person, as their entries say."""
    entries = [item for item in world.items(world.names.feed_log_table) if item.get("external_id") == external_id]
    made = [entry for entry in entries if "outcome" in entry and "simulated" not in entry]
    return {entry["version"]: entry.get("delivered_at") for entry in made}


def _item(world: World, external_id: str) -> dict[str, Any]:
    found = get(world.deployment.dynamodb, world.names.directory_table, keys.employee(TENANT, external_id))
    assert found
    return found


def test_7_2_all_changes_of_the_time_without_a_platform_arrive_with_the_last(world: World, odd: OddPlatform) -> None:
    _platform(world, odd.url)
    _sweeps(world)
    at = _item(world, "E1")["delivered_at"]
    assert _told(world, "E1") == {1: at, 2: at, 3: at}
    assert "unlisted" not in _item(world, "E1")


def test_7_2_they_do_so_on_every_database(dynamodb: Database, odd: OddPlatform) -> None:
    names = replace(NAMES, directory_table=dynamodb.directory, feed_log_table=dynamodb.feed_log)
    world = _founded(World(names=names, dynamodb=dynamodb.client))
    _platform(world, odd.url)
    _sweeps(world)
    assert _told(world, "E1") == dict.fromkeys((1, 2, 3), _item(world, "E1")["delivered_at"])


def test_7_2_also_where_the_last_change_came_when_the_platform_was_there(world: World, odd: OddPlatform) -> None:
    _platform(world, odd.url)
    _change(world, "Dea")
    assert _told(world, "E1") == dict.fromkeys((1, 2, 3, 4), _item(world, "E1")["delivered_at"])


def test_7_2_each_keeps_the_time_at_which_the_platform_had_it(world: World, odd: OddPlatform) -> None:
    _platform(world, odd.url)
    _sweeps(world)
    first = _item(world, "E1")["delivered_at"]
    _platform(world, None)
    for name in ("Dea", "Eva"):
        _change(world, name)
    assert _told(world, "E1") == {1: first, 2: first, 3: first, 4: None, 5: None}
    _platform(world, odd.url)
    _sweeps(world)
    second = _item(world, "E1")["delivered_at"]
    assert second > first
    assert _told(world, "E1") == {1: first, 2: first, 3: first, 4: second, 5: second}


def test_7_2_what_waited_when_the_platform_went_arrives_with_what_came_without_it(
    world: World, odd: OddPlatform
) -> None:
    _platform(world, odd.url)
    _sweeps(world)
    odd.is_down = True
    _change(world, "Dea")
    _platform(world, None)
    _change(world, "Eva")
    odd.is_down = False
    _platform(world, odd.url)
    _sweeps(world, 6)
    assert _told(world, "E1")[4] == _told(world, "E1")[5] == _item(world, "E1")["delivered_at"]


def test_7_2_what_an_outage_kept_waiting_arrives_with_the_last(world: World, odd: OddPlatform) -> None:
    _platform(world, odd.url)
    _sweeps(world)
    odd.is_down = True
    for name in ("Dea", "Eva", "Fay"):
        _change(world, name)
    odd.is_down = False
    world.clock.forward(hours=1)
    _sweeps(world, 6)
    assert odd.of("E1")["name"]["givenName"] == "Fay"
    assert {_told(world, "E1")[version] for version in (4, 5, 6)} == {_item(world, "E1")["delivered_at"]}


def test_7_2_what_was_only_simulated_never_arrives(world: World, odd: OddPlatform) -> None:
    world.put_feed(TENANT, f"{HEADER}E1,Sim,Bee,e1@x.org,Chef,Active\n", simulate="true")
    world.run_until_quiet()
    _change(world, "Dea")
    _platform(world, odd.url)
    _sweeps(world)
    entries = [item for item in world.items(world.names.feed_log_table) if "simulated" in item and "outcome" in item]
    assert entries
    assert not [entry for entry in entries if "delivered_at" in entry]
    assert _told(world, "E2").keys() == {1}


@pytest.mark.parametrize("kill", [KILL_BEFORE, KILL_AFTER], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, 4))
def test_9_1_killed_over_any_of_the_entries_all_are_told_in_the_end(
    world: World, odd: OddPlatform, kill: Kill, number: int
) -> None:
    """E1 has three."""
    writes: list[Call] = []

    def _decide(call: Call) -> Fault | None:
        tells = call.operation == "update_item" and call.request["TableName"] == world.names.feed_log_table
        writes.extend([call] if tells and "E1" in _owner(world, call) else [])
        return kill if tells and len(writes) == number and writes[-1] is call else None

    _platform(world, odd.url)
    world.faults.decide = _decide
    _sweeps(world, 6)
    assert world.kills == 1
    assert set(_told(world, "E1")) == {1, 2, 3}
    assert None not in _told(world, "E1").values()
    assert "outbox_pk" not in _item(world, "E1")


def _owner(world: World, call: Call) -> str:
    key = call.request["Key"]["pk"]["S"], call.request["Key"]["sk"]["S"]
    found = get(world.dynamodb, world.names.feed_log_table, key)
    return str((found or {}).get("external_id"))
