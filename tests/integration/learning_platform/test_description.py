"""What a platform says of itself (RFC 7643 §5) and what is found out: by each comparison, for all workers."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from scim2_models import ServiceProviderConfig

from peoplefeed.learning_platform.description import configuration_in
from peoplefeed.learning_platform.requests import compare_now
from peoplefeed.learning_platform.verdicts import Delivered
from peoplefeed.storage.platforms import platform_item, put_settings
from tests.integration.learning_platform.conftest import Scene, with_platform
from tests.integration.learning_platform.odd_platform import OddPlatform
from tests.integration.learning_platform.real_platform import RealPlatform
from tests.worlds.world import World


def _described(scene: Scene) -> dict[str, Any]:
    """What a comparison found out, without when and of which platform."""
    scene.compare()
    described = platform_item(scene.deployment, scene.tenant)["described"]
    return {name: described[name] for name in ("filters", "patches", "page", "minds_capitals")}


def _another_process(scene: Scene, odd: OddPlatform) -> Scene:
    return with_platform(replace(scene), odd.url)


def test_what_a_platform_says_of_itself_spares_all_workers_the_refusals(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.says_of_itself = {"filter": {"supported": False, "maxResults": 5}, "patch": {"supported": True}}
    odd.says_no_to_filters = True
    odd.add(userName="guest@x.org")
    assert _described(odd_scene) == {"filters": False, "patches": True, "page": 5, "minds_capitals": None}
    other = _another_process(odd_scene, odd)
    odd.asked.clear()
    for number in range(3):
        other.has(f"E{number}", email=f"e{number}@x.org")
        assert isinstance(other.deliver(f"E{number}"), Delivered)
    assert odd.described == 1
    assert not [request for request in odd.asked if "filter=" in request]
    assert all("count=5&" in request for request in odd.asked if request.startswith("GET"))


def test_scim2_server_says_what_it_is(scene: Scene, real: RealPlatform) -> None:
    real.add(userName="guest@x.org")
    assert _described(scene) == {"filters": True, "patches": True, "page": 1000, "minds_capitals": False}


@pytest.mark.parametrize(
    "said", [None, {}, {"filter": "yes"}, {"filter": {"supported": True, "maxResults": 0}, "patch": None}]
)
def test_what_makes_no_sense_is_not_believed(odd_scene: Scene, odd: OddPlatform, said: dict[str, Any]) -> None:
    odd.says_of_itself = said
    described = _described(odd_scene)
    assert (described["page"], described["patches"]) == (None, None)
    odd_scene.has("E1", email="anna@x.org")
    assert isinstance(odd_scene.deliver("E1"), Delivered)
    assert any("filter=" in request for request in odd.asked)


def test_what_was_found_out_about_another_platform_does_not_count(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.says_of_itself = {"filter": {"supported": False}}
    _described(odd_scene)
    odd_scene.platform(url=odd.url.replace("/scim", "//scim"))
    odd_scene.has("E1", email="anna@x.org")
    odd_scene.deliver("E1")
    assert any("filter=" in request for request in odd.asked)


@pytest.mark.parametrize(
    ("document", "filters", "most"),
    [
        pytest.param({"filter": {"supported": False, "maxResults": 5}}, False, 5, id="as it should be"),
        pytest.param({"Filter": {"SUPPORTED": "false", "maxResults": "5"}}, False, 5, id="texts, other capitals"),
        pytest.param({"filter": {"supported": False, "maxResults": 5.5}}, False, None, id="half an account"),
        pytest.param({"filter": {"supported": "perhaps", "maxResults": 5}}, None, 5, id="perhaps"),
        pytest.param({"filter": {"supported": False, "maxResults": 5, "colour": 1}}, False, 5, id="more than SCIM has"),
        pytest.param(
            {"schemas": "x", "meta": 3, "authenticationSchemes": {}, "filter": {"supported": False, "maxResults": 5}},
            False,
            5,
            id="mistakes beside it",
        ),
        pytest.param({"filter": ["supported"], "patch": None}, None, None, id="no object"),
        pytest.param({"id": {"a": [1]}, "x": [{"y": 1}], "": 1}, None, None, id="nothing of it"),
    ],
)
def test_one_mistake_costs_its_own_part(document: dict[str, Any], filters: object, most: object) -> None:
    before = repr(document)
    found = configuration_in(document)
    assert isinstance(found, ServiceProviderConfig)
    said = found.filter
    assert (said.supported if said else None, said.max_results if said else None) == (filters, most)
    assert repr(document) == before


# Capitals in filters.


@pytest.mark.parametrize("minds", [True, False])
def test_a_comparison_finds_out_whether_filters_mind_capitals(
    odd_scene: Scene, odd: OddPlatform, *, minds: bool
) -> None:
    odd.add(userName="äöü@x.org")  # capitals of these are a matter of taste
    odd.add(userName="4711")
    odd.add(userName="guest@x.org")
    odd.compares_capitals = minds
    assert _described(odd_scene)["minds_capitals"] is minds


def test_8_1_an_account_in_a_third_spelling_is_then_adopted_where_names_are_not_unique(
    odd_scene: Scene, odd: OddPlatform
) -> None:
    odd.compares_capitals, odd.unique_names = True, False
    there = odd.add(userName="ANNA@X.org")
    odd_scene.compare()
    other = _another_process(odd_scene, odd)
    other.has("E1", email="Anna@x.org")
    assert isinstance(other.deliver("E1"), Delivered)
    assert (other.item("E1")["account"], len(odd.accounts)) == (there, 1)


@pytest.mark.parametrize("external_id", [None, "stranger"])
def test_8_3_a_second_account_of_somebodys_name_is_reported_and_not_touched(
    odd: OddPlatform, external_id: str | None
) -> None:
    odd.compares_capitals, odd.unique_names = True, False
    world = World()
    put_settings(world.deployment, "acme", {"url": odd.url}, world.clock())
    world.put_feed("acme", "Name\nChef\n", kind="job-titles")
    header = "External Identifier,First Name,Last Name,Email,Job Title\n"
    world.put_feed("acme", f"{header}E1,Anna,Li,Anna@x.org,Chef\n4711,Bo,Li,,Chef\n")
    world.run_until_quiet()
    names = ("ANNA@X.org", "4711", "guest@x.org")
    added = {name: odd.add(userName=name, externalId=external_id) for name in names}
    before = {account: dict(odd.accounts[account]) for account in added.values()}
    assert compare_now(world.deployment, "acme", world.clock())
    world.settle()
    found = platform_item(world.deployment, "acme")["last_check"]
    assert (found["counts"]["doubles"], found["counts"]["strangers"]) == (2, 1)
    assert found["strangers"] == [f"{added['guest@x.org']}: guest@x.org"]
    assert found["doubles"] == [
        f"{added['ANNA@X.org']}: ANNA@X.org (E1 has {odd.of('E1')['id']})",
        f"{added['4711']}: 4711 (4711 has {odd.of('4711')['id']})",
    ]
    assert {account: odd.accounts[account] for account in before} == before


def test_no_delivery_pays_for_importing_scim2_models() -> None:
    code = (
        "import peoplefeed.learning_platform.batch, sys; assert not {'scim2_models', 'pydantic'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
