"""The comparison of platform and directory: repairs what differs, reports strangers, loses nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from peoplefeed.learning_platform import reconciliation
from peoplefeed.learning_platform.outbox import sweep_outbox
from peoplefeed.learning_platform.waiting import who_waits
from peoplefeed.storage.platforms import platform_item
from peoplefeed.times import stamp
from tests.integration.learning_platform.conftest import PEOPLE, Scene, listed, with_platform
from tests.integration.learning_platform.odd_platform import OddPlatform
from tests.integration.learning_platform.real_platform import RealPlatform


def _waiting(scene: Scene) -> set[str]:
    return {item["external_id"] for item in scene.waiting()}


def test_nothing_is_done_where_nothing_differs(staffed: Scene, odd: OddPlatform) -> None:
    before = dict(odd.accounts)
    found = staffed.compare()
    assert found["counts"] == {
        "accounts": PEOPLE, "strangers": 0, "doubles": 0, "differing": 0, "missing": 0, "undelivered": 0,
    }  # fmt: skip
    assert found["whole"] is True
    assert _waiting(staffed) == set()
    assert odd.accounts == before


def test_what_differs_is_put_right_page_by_page(staffed: Scene, odd: OddPlatform) -> None:
    odd.of("E3")["title"] = "Boss"
    odd.of("E17")["active"] = False
    del odd.of("E44")["title"]
    found = staffed.compare()
    assert (found["counts"]["accounts"], found["counts"]["differing"]) == (PEOPLE, 3)
    assert _waiting(staffed) == {"E3", "E17", "E44"}
    assert odd.count_of("PUT") == 0
    staffed.settle()
    assert (odd.of("E3")["title"], odd.of("E17")["active"], odd.of("E44")["title"]) == ("Chef", True, "Chef")
    assert staffed.compare()["counts"]["differing"] == 0


def test_who_was_deleted_over_there_is_made_again(staffed: Scene, odd: OddPlatform) -> None:
    del odd.accounts[odd.of("E9")["id"]]
    assert staffed.compare()["counts"]["missing"] == 1
    staffed.settle()
    assert odd.of("E9")["userName"] == "e9@x.org"


def test_strangers_are_reported_and_never_touched(staffed: Scene, odd: OddPlatform) -> None:
    stranger = odd.add(userName="guest@x.org", externalId="guest", title="Guest")
    nobodys = odd.add(userName="nobody@x.org")
    double = odd.add(userName="second@x.org", externalId="E1")
    before = {account: dict(odd.accounts[account]) for account in (stranger, nobodys, double)}
    found = staffed.compare()
    assert (found["counts"]["strangers"], found["counts"]["doubles"]) == (2, 1)
    assert found["strangers"] == [f"{stranger}: guest@x.org", f"{nobodys}: nobody@x.org"]
    assert found["doubles"] == [f"{double}: second@x.org (E1 has {staffed.item('E1')['account']})"]
    staffed.settle()
    assert {account: odd.accounts[account] for account in before} == before


def test_second_accounts_are_named_also_on_a_platform_full_of_strangers(staffed: Scene, odd: OddPlatform) -> None:
    for number in range(60):
        odd.add(userName=f"guest{number}@x.org", externalId=f"guest{number}")
    double = odd.add(userName="second@x.org", externalId="E1")
    found = staffed.compare()
    assert (found["counts"]["strangers"], len(found["strangers"])) == (60, 20)
    assert found["doubles"] == [f"{double}: second@x.org (E1 has {staffed.item('E1')['account']})"]


def test_scim2_server_is_compared_as_well(scene: Scene, real: RealPlatform) -> None:
    for number in range(5):
        scene.has(f"E{number}", email=f"E{number}@x.org", job_title="Chef", profile="training-manager")
        scene.deliver(f"E{number}")
        listed(scene, f"E{number}")
    stranger = real.add(userName="guest@x.org", title="Guest")
    before = real.account(stranger)
    scene.later(minutes=1)
    assert scene.compare()["counts"]["differing"] == 0
    real.change(scene.item("E1")["account"], title="Boss")
    real.change(scene.item("E2")["account"], roles=[])
    found = scene.compare()
    assert (found["counts"]["differing"], found["strangers"]) == (2, [f"{stranger}: guest@x.org"])
    scene.settle()
    assert (real.shown("E1")["title"], real.shown("E2")["roles"]) == ("Chef", ["training-manager"])
    assert scene.compare()["counts"]["differing"] == 0
    assert real.account(stranger) == before


def test_capitals_and_what_a_platform_does_not_keep_are_no_differences(staffed: Scene, odd: OddPlatform) -> None:
    for account in odd.accounts.values():
        account["userName"] = account["userName"].upper()
        account.pop("title")
        account["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"].pop("department")
    assert staffed.compare()["counts"]["differing"] == 0


def test_a_placeholder_of_who_left_is_no_difference(staffed: Scene, odd: OddPlatform) -> None:
    staffed.has("E1", active=False)
    staffed.deliver("E1")
    staffed.has("E2", email="e1@x.org")
    staffed.settle()
    staffed.messages()
    assert odd.of("E1")["userName"].endswith("placeholder.invalid")
    staffed.later(minutes=1)
    assert staffed.compare()["counts"]["differing"] == 0


def test_it_goes_on_where_it_stopped(staffed: Scene, odd: OddPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice that has no time does one page, or one batch of people."""
    monkeypatch.setattr(reconciliation, "_SLICE_SECONDS", 0.0)
    odd.of("E3")["title"] = "Boss"
    del odd.accounts[odd.of("E40")["id"]]
    found = staffed.compare(slices=100)
    assert (found["counts"]["accounts"], found["counts"]["differing"], found["counts"]["missing"]) == (PEOPLE - 1, 1, 1)
    assert odd.count_of("GET") >= 3


def test_more_accounts_than_one_item_holds_are_seen_in_several_parts(
    staffed: Scene, odd: OddPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "MOST_BYTES", 1)
    del odd.accounts[odd.of("E40")["id"]]
    found = staffed.compare()
    assert (found["whole"], found["counts"]["accounts"], found["counts"]["missing"]) == (True, PEOPLE - 1, 1)


def test_a_slice_that_was_done_is_not_done_again(staffed: Scene) -> None:
    staffed.compare()
    before = platform_item(staffed.deployment, staffed.tenant)
    assert staffed.compare(slices=0) == before["last_check"]


@pytest.mark.parametrize("oddity", [{"says_no_to_filters": True}, {"stores_external_ids": False}])
def test_platforms_that_forget_external_ids_are_compared_too(
    staffed: Scene, odd: OddPlatform, oddity: dict[str, bool]
) -> None:
    for switch, value in oddity.items():
        setattr(odd, switch, value)
    if not odd.stores_external_ids:
        for account in odd.accounts.values():
            account.pop("externalId")
    odd.named("e3@x.org")["title"] = "Boss"
    found = staffed.compare()
    assert (found["counts"]["differing"], found["counts"]["strangers"]) == (1, 0)


def test_a_platform_that_shows_one_page_for_ever_makes_nobody_missing(staffed: Scene, odd: OddPlatform) -> None:
    odd.ignores_start = True
    found = staffed.compare()
    assert (found["whole"], found["why"], found["counts"]["missing"]) == (
        False, "it shows the same accounts on every page", 0,
    )  # fmt: skip


def test_a_platform_that_is_configured_later_gets_everybody_who_was_ever_active(
    without_platform: Scene, real: RealPlatform
) -> None:
    scene = without_platform
    for number in range(30):
        scene.has(f"E{number}", email=f"e{number}@x.org", outbox_pk=None, due=None)
        listed(scene, f"E{number}")
    scene.has("never", active=False, ever_active=False, outbox_pk=None, due=None)
    listed(scene, "never")
    assert sweep_outbox(scene.deployment, scene.now) == 0
    with_platform(scene, real.url, "peoplefeed/acme/platform")
    assert scene.compare()["counts"]["undelivered"] == 30
    scene.settle()
    assert set(real.accounts()) == {f"E{number}" for number in range(30)}
    assert scene.waiting() == []


def test_it_begins_by_itself_and_comes_once_a_day(staffed: Scene) -> None:
    def asked() -> Iterator[int]:
        for _ in range(2):
            sweep_outbox(staffed.deployment, staffed.now)
            yield sum("check" in message for message in staffed.messages())
            staffed.later(minutes=2)

    staffed.later(minutes=1)
    assert sum(asked()) == 1  # registered by the first delivery
    staffed.compare()
    item = platform_item(staffed.deployment, staffed.tenant)
    assert item["due_at"] == stamp(staffed.now + timedelta(days=1))
    staffed.later(hours=23)
    assert sum(asked()) == 0
    staffed.later(hours=1)
    assert sum(asked()) == 1


def test_health_knows_whom_a_comparison_found_before_a_sweep_has_counted_them(staffed: Scene, odd: OddPlatform) -> None:
    odd.of("E3")["title"] = "Boss"
    del odd.accounts[odd.of("E9")["id"]]
    staffed.compare()
    waiting = who_waits(staffed.deployment, staffed.tenant, platform_item(staffed.deployment, staffed.tenant))
    assert (waiting.people, waiting.at_least, waiting.reasons) == (2, True, {"differs": 2})
