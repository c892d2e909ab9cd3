"""A tenant's own platform: what it gets, and what is known of it before it is asked."""

from __future__ import annotations

from typing import Any

import pytest

from peoplefeed.dynamo.marshal import Value
from peoplefeed.learning_platform.form import FormError, read_form
from peoplefeed.learning_platform.verdicts import Delivered, NothingToDo
from tests.integration.learning_platform.conftest import TENANT, Scene
from tests.integration.learning_platform.odd_platform import OddPlatform

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ANNA: dict[str, Any] = {
    "first_name": "Anna",
    "last_name": "Li",
    "email": "anna@x.org",
    "job_title": "Chef",
    "department": "Kitchen",
    "business_unit_id": "U1",
    "profile": "manager",
}


def test_the_mapping_is_the_platforms(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.platform(
        mapping={"userName": "external_id", "displayName": "name", "division": "business_unit_id", "title": None},
        roles={"manager": "team-lead"},
    )
    odd_scene.has("E1", **ANNA)
    odd_scene.deliver("E1")
    account = odd.of("E1")
    assert (account["userName"], account["displayName"], account["roles"]) == (
        "E1",
        "Anna Li",
        [{"value": "team-lead"}],
    )
    assert account["emails"][0]["value"] == "anna@x.org"
    assert "title" not in account
    assert account[ENTERPRISE]["division"] == "U1"


def test_a_tenant_can_have_none_although_the_deployment_has_one(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.platform(url=None)
    odd_scene.has("E1", **ANNA)
    assert odd_scene.deliver("E1") == NothingToDo()
    assert (odd.asked, odd_scene.waiting()) == ([], [])


def test_what_a_platform_says_of_itself_spares_the_refusals(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.says_of_itself = {"filter": {"supported": False, "maxResults": 5}, "patch": {"supported": True}}
    odd.says_no_to_filters = True
    for number in range(3):
        odd_scene.has(f"E{number}", email=f"e{number}@x.org")
        assert isinstance(odd_scene.deliver(f"E{number}"), Delivered)
    assert odd.described == 1
    assert not [request for request in odd.asked if "filter=" in request]
    assert all("count=5&" in request for request in odd.asked if request.startswith("GET"))


@pytest.mark.parametrize(
    "said", [{}, {"filter": "yes"}, {"filter": {"supported": True, "maxResults": 0}, "patch": None}]
)
def test_what_makes_no_sense_is_not_believed(odd_scene: Scene, odd: OddPlatform, said: dict[str, Any]) -> None:
    odd.says_of_itself = said
    odd_scene.has("E1", **ANNA)
    assert isinstance(odd_scene.deliver("E1"), Delivered)
    assert any("filter=" in request for request in odd.asked)


def test_what_is_known_beforehand_is_not_tried(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.has_put, odd.demands_version, odd.says_no_to_filters = False, True, True
    odd.knows = frozenset({"id", "userName", "externalId", "active", "name"})
    omit = ["emails", "title", "roles", "employeeNumber", "department", "organization"]
    quirks: dict[str, Value] = {"filters": False, "replaces": False, "demands_version": True, "omit": omit}
    odd_scene.platform(quirks=quirks)
    for title in ("Chef", "Cook"):
        odd_scene.has("E1", **ANNA | {"job_title": title})
        assert isinstance(odd_scene.deliver("E1"), Delivered)
    assert odd.count_of("PUT") == 0
    assert not [request for request in odd.asked if "filter=" in request or "Schemas" in request]
    assert (odd.count_of("POST"), odd.count_of("PATCH")) == (1, 1)


def test_a_platform_without_put_that_rejects_what_it_does_not_know(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.has_put = False
    odd.knows = frozenset({"id", "userName", "externalId", "active", "name", "title"})
    for title in ("Chef", None):
        odd_scene.has("E1", **ANNA | {"job_title": title})
        assert isinstance(odd_scene.deliver("E1"), Delivered)
    assert "title" not in odd.of("E1")


def test_a_linked_account_is_nobody_elses_although_the_platform_forgets_external_ids(
    odd_scene: Scene, odd: OddPlatform
) -> None:
    odd.stores_external_ids = False
    odd_scene.has("E1", **ANNA)
    odd_scene.deliver("E1")
    odd_scene.has("E1", active=False)
    odd_scene.deliver("E1")
    odd_scene.has("E2", **ANNA | {"first_name": "Bo"})
    assert isinstance(odd_scene.deliver("E2"), Delivered)
    odd_scene.settle()
    assert len(odd.accounts) == 2
    assert odd.named("anna@x.org")["name"]["givenName"] == "Bo"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "url"),
        ({"url": "http://learn.example"}, "url"),
        ({"url": "https://me:pw@learn.example"}, "url"),
        ({"url": None, "secret": "token"}, "secret"),
        ({"url": None, "secret": "peoplefeed/platforms/other/token"}, "secret"),
        ({"url": None, "secret": "peoplefeed/sources/acme/token"}, "secret"),
        ({"url": None, "mapping": {"shoeSize": "name"}}, "mapping.shoeSize"),
        ({"url": None, "mapping": {"title": "salary"}}, "mapping.title"),
        ({"url": None, "requests_per_minute": 0}, "requests_per_minute"),
        ({"url": None, "rehires": "old"}, "rehires"),
        ({"url": None, "quirks": {"filter": True}}, "quirks.filter"),
    ],
)
def test_a_mistake_in_settings_is_named_at_its_place(body: dict[str, Any], place: str) -> None:
    with pytest.raises(FormError) as caught:
        read_form(TENANT, body)
    assert caught.value.place == place
    assert caught.value.message.endswith(".")
    assert "pw" not in caught.value.message


def test_settings_are_stored_as_they_were_read() -> None:
    stored = read_form(TENANT, {"url": "https://learn.example/scim/", "secret": "peoplefeed/platforms/acme/token"})
    assert (stored["url"], stored["secret"], stored["rehires"]) == (
        "https://learn.example/scim",
        "peoplefeed/platforms/acme/token",
        "new",
    )
