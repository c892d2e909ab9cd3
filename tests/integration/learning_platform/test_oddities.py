"""Platforms that are not quite SCIM."""

from __future__ import annotations

from typing import Any

import pytest

from peoplefeed.learning_platform.trouble import HoldUp
from peoplefeed.learning_platform.verdicts import Delivered, Postponed
from tests.integration.learning_platform.conftest import Scene
from tests.integration.learning_platform.odd_platform import OddPlatform, Script

ODDITIES: dict[str, dict[str, Any]] = {
    "none": {},
    "ignores filters": {"filters": False},
    "refuses filters": {"says_no_to_filters": True},
    "pages by 3": {"page": 3},
    "pages by 3, ignores filters": {"page": 3, "filters": False},
    "compares capitals": {"compares_capitals": True},
    "no id in the answer": {"tells_ids": False},
    "no Location": {"sends_location": False},
    "neither": {"tells_ids": False, "sends_location": False},
    "no PUT, PATCH answers 200": {"has_put": False},
    "no PUT, PATCH answers 204": {"has_put": False, "patch_status": 204},
    "no PATCH": {"has_patch": False},
    "demands If-Match": {"demands_version": True},
    "demands If-Match for PATCH": {"demands_version": True, "has_put": False, "patch_status": 204},
    "drops external IDs": {"stores_external_ids": False},
    "rejects unknown attributes": {
        "knows": frozenset({"userName", "externalId", "active", "emails", "id", "name", "title"})
    },
    "ids kept secret, nobody can be asked for": {"tells_ids": False, "sends_location": False, "filters": False},
    "as odd as can be": {
        "says_no_to_filters": True,
        "page": 3,
        "stores_external_ids": False,
        "has_put": False,
        "patch_status": 204,
        "demands_version": True,
        "knows": frozenset({"userName", "externalId", "active", "emails", "id", "name", "title"}),
    },
}


@pytest.fixture(params=ODDITIES)
def oddity(request: pytest.FixtureRequest, odd: OddPlatform) -> OddPlatform:
    for number in range(8):
        odd.add(userName=f"stranger{number}@x.org", externalId=f"s{number}")
    for switch, value in ODDITIES[request.param].items():
        setattr(odd, switch, value)
    return odd


def test_someone_comes_changes_and_leaves(odd_scene: Scene, oddity: OddPlatform) -> None:
    for external_id, email in (("E1", "e1@x.org"), ("e1", "other@x.org")):
        odd_scene.has(external_id, email=email, first_name="Anna", job_title="Chef", department="Kitchen")
        assert isinstance(odd_scene.deliver(external_id), Delivered)
    odd_scene.has("E1", email="New@x.org", job_title=None, department=None)
    assert isinstance(odd_scene.deliver("E1"), Delivered)
    odd_scene.has("E1", active=False)
    assert isinstance(odd_scene.deliver("E1"), Delivered)
    account = oddity.named("New@x.org")
    assert (account["active"], "title" in account) == (False, False)
    assert [other["userName"] for other in oddity.accounts.values()].count("other@x.org") == 1
    assert len(oddity.accounts) == 10
    assert odd_scene.waiting() == []


def test_an_account_in_other_capitals_is_adopted_where_capitals_count(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.compares_capitals = True
    odd.add(userName="anna@x.org")
    odd_scene.has("E1", email="Anna@X.org")
    odd_scene.deliver("E1")
    assert len(odd.accounts) == 1


def test_what_was_learnt_of_a_platform_is_not_asked_again(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.has_put = False
    for number in range(3):
        odd_scene.has("E1", job_title=f"{number}")
        odd_scene.deliver("E1")
    assert (odd.count_of("PUT"), odd.count_of("PATCH")) == (1, 2)


def test_a_newcomer_takes_three_requests_and_a_change_one(odd_scene: Scene, odd: OddPlatform) -> None:
    """The first one finds out whether anybody is there, whose name can be tried in other capitals."""
    for external_id in ("E0", "E1"):
        odd.asked.clear()
        odd_scene.has(external_id, email=f"{external_id}@x.org".lower())
        odd_scene.deliver(external_id)
    assert [request.split()[0] for request in odd.asked] == ["GET", "GET", "POST"]
    odd_scene.has("E1", job_title="Chef")
    odd_scene.deliver("E1")
    assert [request.split()[0] for request in odd.asked[3:]] == ["PUT"]


@pytest.mark.parametrize("body", [b"<html>We are improving for you</html>", b"[]", b'"yes"'])
def test_an_answer_that_is_not_scim_is_an_outage(odd_scene: Scene, odd: OddPlatform, body: bytes) -> None:
    odd.scripts.append(Script(200, body=body, method="GET"))
    odd_scene.has("E1")
    verdict = odd_scene.deliver("E1")
    assert isinstance(verdict, Postponed)
    assert verdict.hold_up is HoldUp.OUTAGE


def test_404_for_a_search_means_nobody(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.scripts += [Script(404, method="GET")] * 2
    odd_scene.has("E1")
    assert isinstance(odd_scene.deliver("E1"), Delivered)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (Script(302, {"Location": "http://127.0.0.1:9/elsewhere"}), "it redirects (302); correct its address"),
        (Script(404, method="POST"), "it has no /Users (404); correct its address"),
        (Script(403, method="GET"), "it does not let us search (403)"),
        (Script(401, method="GET"), "it does not accept our credentials (401)"),
    ],
)
def test_what_an_operator_must_mend_costs_time_and_makes_no_problem(
    odd_scene: Scene, odd: OddPlatform, script: Script, reason: str
) -> None:
    odd.scripts.append(script)
    odd_scene.has("E1")
    verdict = odd_scene.deliver("E1")
    assert isinstance(verdict, Postponed)
    assert (verdict.hold_up.is_ours, verdict.reason) == (True, reason)
