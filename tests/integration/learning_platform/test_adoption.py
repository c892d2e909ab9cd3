"""Accounts that scim2-server has already: ours are linked, not doubled; nobody else's is taken over."""

from __future__ import annotations

from typing import Any

import pytest

from peoplefeed.codes import Code
from peoplefeed.learning_platform.verdicts import Delivered, NotWanted
from tests.integration.learning_platform.conftest import SECRET, Scene
from tests.integration.learning_platform.odd_platform import OddPlatform
from tests.integration.learning_platform.real_platform import RealPlatform

ANNA: dict[str, Any] = {"first_name": "Anna", "last_name": "Li", "email": "anna@x.org", "job_title": "Chef"}
OLD = {"emails": [{"value": "anna@x.org"}], "title": "Boss", "active": False}
STRICT = pytest.mark.parametrize("real", ["unique names", "unique addresses"], indirect=True)


@STRICT
@pytest.mark.parametrize(
    "account",
    [
        pytest.param({"externalId": "E1", "userName": "old@x.org"}, id="same externalId"),
        pytest.param({"externalId": "E1", "userName": "Anna@X.org"}, id="same externalId and userName"),
        pytest.param({"userName": "ANNA@x.org"}, id="same userName and no externalId"),
    ],
)
def test_8_1_an_account_that_is_theirs_is_linked(scene: Scene, real: RealPlatform, account: dict[str, str]) -> None:
    there = real.add(**OLD, **account)
    scene.has("E1", **ANNA)
    assert isinstance(scene.deliver("E1"), Delivered)
    assert scene.item("E1")["account"] == there
    assert len(real.storage.resources) == 1
    shown = real.shown("E1")
    assert (shown["user_name"], shown["title"], shown["active"]) == ("anna@x.org", "Chef", True)


def test_8_1_the_link_is_remembered(scene: Scene, real: RealPlatform) -> None:
    """Even where somebody over there gives the account another external ID."""
    there = real.add(userName="anna@x.org")
    scene.has("E1", **ANNA)
    scene.deliver("E1")
    real.change(there, externalId="someone")
    scene.has("E1", job_title="Cook")
    assert isinstance(scene.deliver("E1"), Delivered)
    assert (real.account(there)["externalId"], real.account(there)["title"]) == ("E1", "Cook")
    assert len(real.storage.resources) == 1


@STRICT
def test_8_3_an_account_of_somebody_else_is_never_taken_over(scene: Scene, real: RealPlatform) -> None:
    there = real.add(**OLD, userName="anna@x.org", externalId="stranger")
    before = real.account(there)
    scene.has("E1", **ANNA)
    assert scene.deliver("E1") == NotWanted(Code.PLATFORM_CONFLICT)
    assert "external ID 'stranger'" in scene.problem("E1", "PLATFORM_CONFLICT")["message"]
    assert real.account(there) == before
    assert len(real.storage.resources) == 1


@STRICT
@pytest.mark.parametrize("rehires", ["new", "relink"])
def test_8_1_who_is_hired_again_has_the_account_that_the_tenant_chose(
    scene: Scene, real: RealPlatform, rehires: str
) -> None:
    scene.platform(rehires=rehires, secret=SECRET)
    scene.has("E1", **ANNA)
    scene.deliver("E1")
    old = scene.item("E1")["account"]
    scene.has("E1", active=False)
    scene.deliver("E1")
    scene.has("E2", **ANNA)
    assert isinstance(scene.deliver("E2"), Delivered)
    scene.settle()
    assert scene.waiting() == []
    assert (scene.item("E2")["account"] == old) is (rehires == "relink")
    assert len(real.storage.resources) == (1 if rehires == "relink" else 2)
    assert (real.shown("E2")["user_name"], real.shown("E2")["active"]) == ("anna@x.org", True)


def test_two_accounts_with_ones_external_id_are_not_made_three(odd_scene: Scene, odd: OddPlatform) -> None:
    """Not every platform keeps external IDs unique."""
    for name in ("anna.li@x.org", "li@x.org"):
        odd.add(userName=name, externalId="E1", title="Boss")
    odd_scene.has("E1", **ANNA)
    assert isinstance(odd_scene.deliver("E1"), Delivered)
    assert sorted(str(account["title"]) for account in odd.accounts.values()) == ["Boss", "Chef"]
    odd_scene.has("E1", job_title="Cook")
    odd_scene.deliver("E1")
    assert sorted(str(account["title"]) for account in odd.accounts.values()) == ["Boss", "Cook"]
