"""4.6: who has a job title that is renamed shows the new name on the platform, however many they are."""

from __future__ import annotations

from peoplefeed.storage.platforms import put_settings
from tests.integration.learning_platform.odd_platform import OddPlatform
from tests.integration.runs.office import act
from tests.worlds.world import World

TENANT, HOLDERS = "acme", 400
HEADER = "External Identifier,First Name,Last Name,Email,Job Title\n"


def _titles(odd: OddPlatform) -> list[str]:
    return [account["title"] for account in odd.accounts.values()]


def test_4_6_a_renamed_title_reaches_the_accounts_of_all_its_holders_and_nobody_elses(odd: OddPlatform) -> None:
    world = World()
    put_settings(world.deployment, TENANT, {"url": odd.url}, world.clock())
    world.put_feed(TENANT, "Name\nChef\nCook\n", kind="job-titles")
    chefs = "".join(f"E{n},Ann,Bee,e{n}@x.org,Chef\n" for n in range(HOLDERS))
    world.put_feed(TENANT, HEADER + chefs + "C1,Bo,Bee,c1@x.org,Cook\n", mode="full")
    world.settle()
    assert _titles(odd).count("Chef") == HOLDERS
    before = len(odd.asked)

    act(world, "job-titles", "Chef", "rename", "Head Chef")
    world.settle()
    assert _titles(odd).count("Head Chef") == HOLDERS
    assert odd.of("C1")["title"] == "Cook"
    assert odd.count_of("PUT") == HOLDERS  # one request each
    assert sum(not request.startswith("GET") for request in odd.asked[before:]) == HOLDERS
