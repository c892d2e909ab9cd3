"""A tenant's own platform: what it gets, and what is known of it before it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from peoplefeed.codes import Code
from peoplefeed.dynamo.marshal import Value
from peoplefeed.learning_platform.form import FormError, read_form
from peoplefeed.learning_platform.mapping import FIELDS, FURTHER, STANDARD
from peoplefeed.learning_platform.verdicts import Delivered, NothingToDo, NotWanted
from tests.integration.learning_platform.conftest import TENANT, Scene, listed
from tests.integration.learning_platform.odd_platform import OddPlatform, running_odd_platform

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


@pytest.fixture
def moved(odd_scene: Scene) -> Iterator[tuple[Scene, OddPlatform]]:
    """E1 and E2 are on one platform, and the tenant has another one now, which gave their ids to strangers."""
    for external_id in ("E1", "E2"):
        odd_scene.has(external_id, **ANNA | {"email": f"{external_id}@x.org"})
        odd_scene.deliver(external_id)
        listed(odd_scene, external_id)
    odd_scene.later(minutes=1)
    with running_odd_platform() as other:
        for number in range(2):
            other.add(userName=f"guest{number}@x.org", title="Guest")
        odd_scene.platform(url=other.url)
        yield odd_scene, other


@pytest.mark.parametrize("stores_external_ids", [True, False])
def test_8_3_an_account_of_another_platform_is_a_strangers_here(
    moved: tuple[Scene, OddPlatform], *, stores_external_ids: bool
) -> None:
    scene, other = moved
    other.stores_external_ids = stores_external_ids
    scene.has("E1", job_title="Cook")
    assert isinstance(scene.deliver("E1"), Delivered)
    assert [account["title"] for account in other.accounts.values()] == ["Guest", "Guest", "Cook"]
    scene.has("E1", email="guest0@x.org")
    assert scene.deliver("E1") == NotWanted(Code.PLATFORM_CONFLICT)
    assert other.named("guest0@x.org")["title"] == "Guest"


def test_the_comparison_brings_everybody_to_another_platform(moved: tuple[Scene, OddPlatform]) -> None:
    scene, other = moved
    found = scene.compare()
    assert (found["counts"]["strangers"], found["counts"]["missing"]) == (2, 2)
    scene.settle()
    assert (other.of("E1")["title"], other.of("E2")["title"], len(other.accounts)) == ("Chef", "Chef", 4)
    assert scene.compare()["counts"]["missing"] == 0


def test_another_mapping_reaches_everybody_once(odd_scene: Scene, odd: OddPlatform) -> None:
    for number in range(30):
        odd_scene.has(f"E{number}", **ANNA | {"email": f"e{number}@x.org"})
        odd_scene.deliver(f"E{number}")
        listed(odd_scene, f"E{number}")
    odd_scene.later(minutes=1)
    odd_scene.platform(mapping={"displayName": "name"}, roles={"manager": "lead"})
    assert odd_scene.compare()["counts"]["differing"] == 30
    odd_scene.later(minutes=1)
    odd_scene.settle()
    shown = {(account["displayName"], account["roles"][0]["value"]) for account in odd.accounts.values()}
    assert shown == {("Anna Li", "lead")}
    odd_scene.later(minutes=1)
    odd_scene.platform(mapping={"displayName": "name"}, roles={"manager": "lead"}, requests_per_minute=600)
    assert odd_scene.compare()["counts"]["differing"] == 0


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
        ({"url": None, "mapping": {"emails": "job_title"}}, "mapping.emails"),
        ({"url": None, "quirks": {"omit": ["departmnet"]}}, "quirks.omit"),
        ({"url": None, "quirks": {"omit": ["givenName"]}}, "quirks.omit"),
        ({"url": None, "quirks": {"omit": ["username"]}}, "quirks.omit"),
        ({"url": None, "quirks": {"omit": ["externalId"]}}, "quirks.omit"),
        ({"url": None, "requests_per_minute": 5}, "requests_per_minute"),
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


def test_every_attribute_of_scim_that_is_filled_can_be_left_out() -> None:
    omit = ["name", "emails", "Title", "roles", "displayName", "userType", "employeeNumber", "department"]
    assert read_form(TENANT, {"url": None, "quirks": {"omit": omit}})["quirks"]["omit"] == omit


@pytest.mark.parametrize("attribute", [*STANDARD, *FURTHER])
@pytest.mark.parametrize("field", [*FIELDS, None])
def test_whatever_can_be_mapped_makes_a_scim_user_but_addresses_are_addresses(
    attribute: str, field: str | None
) -> None:
    body = {"url": None, "mapping": {attribute: field}}
    if attribute == "emails" and field not in {"email", "external_id", None}:
        with pytest.raises(FormError, match=r"^mapping\.emails: this makes no SCIM user: value is not a valid email"):
            read_form(TENANT, body)
    else:
        assert read_form(TENANT, body)["mapping"] == {attribute: field}


def test_settings_are_stored_as_they_were_read() -> None:
    stored = read_form(TENANT, {"url": "https://learn.example/scim/", "secret": "peoplefeed/platforms/acme/token"})
    assert (stored["url"], stored["secret"], stored["rehires"]) == (
        "https://learn.example/scim",
        "peoplefeed/platforms/acme/token",
        "new",
    )
