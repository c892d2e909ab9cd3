"""Without a platform nothing is due; when there is one, everybody who was ever active is delivered (8.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from peoplefeed.storage.platforms import put_settings
from tests.integration.learning_platform.odd_platform import OddPlatform
from tests.worlds.world import World

TENANT = "acme"
HEADER = "External Identifier,First Name,Last Name,Email,Job Title,Status\n"
STAFF = HEADER + "".join(f"E{n},Ann,Bee,e{n}@x.org,Chef,{'Inactive' if n == 7 else 'Active'}\n" for n in range(30))


@pytest.fixture
def founded() -> World:
    """A company without a learning platform; E7 was never active."""
    world = World()
    world.put_feed(TENANT, "Name\nChef\n", kind="job-titles")
    world.put_feed(TENANT, STAFF, mode="full")
    world.settle()
    return world


def _people(world: World) -> dict[str, dict[str, object]]:
    return {item["external_id"]: item for item in world.items(world.names.directory_table) if item["sk"] == "U"}


def _entries(world: World) -> dict[str, str | None]:
    """When the platform had the people of the staff's feed, as its entries say."""
    entries = [item for item in world.items(world.names.feed_log_table) if item.get("version")]
    return {entry["external_id"]: entry.get("delivered_at") for entry in entries}


def _sweeps(world: World, times: int) -> None:
    for _ in range(times):
        world.sweep()
        world.run_until_quiet()


def test_8_1_without_a_platform_nothing_is_due_and_nothing_is_sent(founded: World) -> None:
    assert not [person for person in _people(founded).values() if {"outbox_pk", "due"} & person.keys()]
    assert founded.dead_letters() == []
    assert not founded.failures


def test_8_1_a_platform_that_comes_later_gets_everybody_who_was_ever_active(founded: World, odd: OddPlatform) -> None:
    put_settings(founded.deployment, TENANT, {"url": odd.url}, founded.clock())
    _sweeps(founded, 4)
    assert sorted(account["externalId"] for account in odd.accounts.values()) == sorted(
        f"E{n}" for n in range(30) if n != 7
    )
    assert [external_id for external_id, delivered_at in _entries(founded).items() if delivered_at is None] == ["E7"]
    assert not [person for person in _people(founded).values() if "outbox_pk" in person]


def test_who_changes_after_it_came_is_due_at_once(founded: World, odd: OddPlatform) -> None:
    put_settings(founded.deployment, TENANT, {"url": odd.url}, founded.clock())
    founded.put_feed(TENANT, HEADER + "E3,Bo,Bee,e3@x.org,Chef,Active\n")
    founded.run_until_quiet()
    assert [account["name"]["givenName"] for account in odd.accounts.values()] == ["Bo"]


def test_a_platform_that_goes_takes_its_backlog_along_and_gets_it_when_it_is_back(
    founded: World, odd: OddPlatform
) -> None:
    put_settings(founded.deployment, TENANT, {"url": odd.url}, founded.clock())
    _sweeps(founded, 4)
    odd.is_down = True
    founded.put_feed(TENANT, HEADER + "E3,Bo,Bee,e3@x.org,Chef,Active\n")
    founded.run_until_quiet()
    assert "outbox_pk" in _people(founded)["E3"]
    put_settings(founded.deployment, TENANT, {"url": None}, founded.clock())
    _sweeps(founded, 4)
    assert "outbox_pk" not in _people(founded)["E3"]
    odd.is_down = False
    put_settings(founded.deployment, TENANT, {"url": odd.url}, founded.clock())
    _sweeps(founded, 6)
    assert odd.of("E3")["name"]["givenName"] == "Bo"


def _deployed_with(world: World, url: str) -> None:
    """Let an operator deploy with another `LearningPlatformUrl`."""
    world.names = replace(world.names, learning_platform_url=url)
    world.deployment = world.worker(world.faults)


def test_8_1_a_platform_that_the_deployment_gets_later_is_filled_without_a_feed(
    founded: World, odd: OddPlatform
) -> None:
    _deployed_with(founded, odd.url)
    _sweeps(founded, 4)
    assert len(odd.accounts) == 29
    assert not [person for person in _people(founded).values() if "outbox_pk" in person]


@pytest.mark.parametrize("hours", [0, 24])
def test_a_deployment_that_loses_its_platform_and_gets_another_fills_that_one(
    founded: World, odd: OddPlatform, hours: int
) -> None:
    _deployed_with(founded, odd.url)
    _sweeps(founded, 4)
    _deployed_with(founded, "")
    founded.clock.forward(hours=hours)
    _sweeps(founded, 2)
    founded.put_feed(TENANT, HEADER + "E3,Bo,Bee,e3@x.org,Chef,Active\n")
    _sweeps(founded, 2)
    odd.accounts.clear()
    _deployed_with(founded, odd.url)
    _sweeps(founded, 6)
    assert len(odd.accounts) == 29
    assert odd.of("E3")["name"]["givenName"] == "Bo"


def test_a_tenant_that_wants_no_platform_is_left_out_of_the_deployments(founded: World, odd: OddPlatform) -> None:
    put_settings(founded.deployment, TENANT, {"url": None}, founded.clock())
    _sweeps(founded, 2)
    _deployed_with(founded, odd.url)
    _sweeps(founded, 4)
    assert odd.accounts == {}
