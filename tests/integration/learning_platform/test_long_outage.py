"""8.3: two days without the platform, 5,000 changes: nothing is lost, and everybody ends up as they are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

from peoplefeed.storage.platforms import put_settings
from tests.integration.learning_platform.odd_platform import OddPlatform
from tests.worlds.world import NAMES, World

TENANT, PEOPLE, ROUNDS = "acme", 1000, 5
HOURS = 48 / ROUNDS


def _feed(number: int) -> str:
    header = "External Identifier,First Name,Last Name,Email,Job Title\n"
    return header + "".join(f"E{n},Ann{number},Bee,e{n}@x.org,Chef\n" for n in range(PEOPLE))


def _hours_pass(world: World, hours: float) -> None:
    """Let the queue be worked off and the schedule come by, twice an hour to keep the test short."""
    for _ in range(int(hours * 2)):
        world.run_until_quiet()
        world.clock.forward(minutes=25)
        world.sweep()


def _settled(world: World) -> None:
    for _ in range(20):
        world.run_until_quiet()
        world.sweep()


def test_8_3_an_outage_of_48_hours_loses_nothing_and_catches_up_in_order(odd: OddPlatform) -> None:
    world = World(names=replace(NAMES, learning_platform_url=odd.url))
    put_settings(world.deployment, TENANT, {"url": odd.url}, world.clock())
    world.put_feed(TENANT, "Name\nChef\n", kind="job-titles")
    world.put_feed(TENANT, _feed(0), mode="full")
    _settled(world)
    assert len(odd.accounts) == PEOPLE

    odd.is_down, asked_before = True, len(odd.asked)
    for number in range(1, ROUNDS + 1):
        world.put_feed(TENANT, _feed(number))
        _hours_pass(world, HOURS)
    sweeps = 48 * 2
    assert len(odd.asked) - asked_before < sweeps * 12  # not 5,000 every few minutes

    odd.is_down = False
    _settled(world)
    assert {account["name"]["givenName"] for account in odd.accounts.values()} == {f"Ann{ROUNDS}"}
    assert len(odd.accounts) == PEOPLE
    items = world.items(world.names.directory_table)
    people = [item for item in items if item["sk"] == "U"]
    assert not [item for item in people if "outbox_pk" in item]
    assert all(item["delivered_version"] == item["version"] == ROUNDS + 1 for item in people)
    entries = [item for item in world.items(world.names.feed_log_table) if item.get("version")]
    assert len(entries) == PEOPLE * (ROUNDS + 1)
    _in_order({(entry["external_id"], entry["version"]): entry["delivered_at"] for entry in entries})
    assert world.dead_letters() == []


def _in_order(delivered: dict[tuple[str, int], str]) -> None:
    """Each person's changes arrived in the order in which they were made."""
    times: dict[str, list[str]] = defaultdict(list)
    for (external_id, _), at in sorted(delivered.items()):
        times[external_id].append(at)
    assert all(earlier <= later for mine in times.values() for earlier, later in pairwise(mine))
