"""Platforms that cannot be asked for one person: all accounts are read, once for as many as possible."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from peoplefeed.codes import Code
from peoplefeed.learning_platform.batch import QueueRecord, deliver_batch
from peoplefeed.learning_platform.delivery import deliver
from peoplefeed.learning_platform.scim import Client
from peoplefeed.learning_platform.trouble import HoldUp, Unavailable
from peoplefeed.learning_platform.verdicts import Delivered, NotWanted, Postponed
from peoplefeed.storage.outbox import Message, delivery_entries
from tests.integration.learning_platform.conftest import Scene, with_platform
from tests.integration.learning_platform.odd_platform import OddPlatform

STRANGERS = 50  # three pages


@pytest.fixture(autouse=True, params=["says_no_to_filters", "filters"])
def _without_filters(request: pytest.FixtureRequest, odd: OddPlatform) -> None:
    """It refuses filters, or ignores them."""
    setattr(odd, request.param, request.param == "says_no_to_filters")
    for number in range(STRANGERS):
        odd.add(userName=f"stranger{number}@x.org", externalId=f"s{number}")


def _has(scene: Scene, external_id: str, **changes: Any) -> None:
    scene.has(external_id, email=f"{external_id}@x.org".lower(), **changes)


def _record(scene: Scene, external_id: str) -> QueueRecord:
    (entry,) = delivery_entries(scene.tenant, [(external_id, scene.item(external_id)["version"])])
    return QueueRecord(f"{external_id} {entry['Id']}", entry["MessageGroupId"], entry["MessageBody"])


def test_a_newcomer_costs_one_reading(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1", email="Capital@x.org")
    assert isinstance(odd_scene.deliver("E1"), Delivered)
    assert odd.readings() == 1
    assert (odd.count_of("POST"), len(odd.accounts)) == (1, STRANGERS + 1)


def test_the_newcomers_of_a_batch_cost_one_reading(odd_scene: Scene, odd: OddPlatform) -> None:
    for number in range(10):
        _has(odd_scene, f"E{number}")
    records = [_record(odd_scene, f"E{number}") for number in range(10)]
    verdicts = deliver_batch(odd_scene.errand(), records).values()
    assert all(isinstance(verdict, Delivered) for verdict in verdicts)
    assert (odd.readings(), odd.count_of("POST"), len(odd.accounts)) == (1, 10, STRANGERS + 10)


def test_newcomers_that_come_one_after_the_other_share_it_too(odd_scene: Scene, odd: OddPlatform) -> None:
    for number in range(30):
        _has(odd_scene, f"E{number}")
        assert isinstance(odd_scene.deliver(f"E{number}"), Delivered)
    assert (odd.readings(), len(odd.accounts)) == (1, STRANGERS + 30)


def test_8_1_accounts_of_any_page_are_linked_from_it(odd_scene: Scene, odd: OddPlatform) -> None:
    for number in range(4):
        odd.add(userName=f"old{number}@x.org", externalId=f"E{number}")
        odd.add(userName=f"N{number}@X.org")
    for number in range(4):
        _has(odd_scene, f"E{number}", title="Chef")
        _has(odd_scene, f"n{number}")
        assert isinstance(odd_scene.deliver(f"E{number}"), Delivered)
        assert isinstance(odd_scene.deliver(f"n{number}"), Delivered)
    assert (odd.readings(), odd.count_of("POST"), len(odd.accounts)) == (1, 0, STRANGERS + 8)


def test_what_it_says_is_looked_at_again_before_it_is_used(odd_scene: Scene, odd: OddPlatform) -> None:
    """A stranger got the account after it was read."""
    there = odd.add(userName="e1@x.org")
    _has(odd_scene, "E0")
    odd_scene.deliver("E0")
    odd.accounts[there]["externalId"] = "stranger"
    _has(odd_scene, "E1")
    assert odd_scene.deliver("E1") == NotWanted(Code.PLATFORM_CONFLICT)
    assert odd.accounts[there] == {"id": there, "userName": "e1@x.org", "externalId": "stranger"}


def test_an_account_that_has_another_name_by_now_is_not_used(odd_scene: Scene, odd: OddPlatform) -> None:
    there = odd.add(userName="e1@x.org")
    _has(odd_scene, "E0")
    odd_scene.deliver("E0")
    odd.accounts[there]["userName"] = "somebody@x.org"
    _has(odd_scene, "E1")
    assert isinstance(odd_scene.deliver("E1"), Delivered)
    assert odd.accounts[there] == {"id": there, "userName": "somebody@x.org"}
    assert odd.of("E1")["userName"] == "e1@x.org"


# 9.1: an account that an earlier try made is newer than the reading that others share.


@pytest.fixture
def other(odd_scene: Scene, odd: OddPlatform) -> Scene:
    """The same through another process, which has read everyone a moment ago. Names are not unique."""
    odd.unique_names = False
    other = with_platform(replace(odd_scene), odd.url)
    _has(other, "E0")
    assert isinstance(other.deliver("E0"), Delivered)
    return other


def test_9_1_who_was_tried_by_a_worker_that_was_killed_is_not_made_again(other: Scene, odd: OddPlatform) -> None:
    odd.add(userName="e1@x.org", externalId="E1")
    _has(other, "E1", job_title="Chef")
    assert isinstance(deliver(other.errand(), Message(other.tenant, "E1", 1, again=True)), Delivered)
    assert odd.of("E1")["title"] == "Chef"


@pytest.mark.parametrize("changes_meanwhile", [False, True])
def test_9_1_who_was_made_in_vain_as_it_seemed_is_not_made_again(
    odd_scene: Scene, other: Scene, odd: OddPlatform, monkeypatch: pytest.MonkeyPatch, *, changes_meanwhile: bool
) -> None:
    create = Client.create

    def _made_and_broken_off(client: Client, user: dict[str, Any]) -> str | None:
        create(client, user)
        if changes_meanwhile:
            _has(odd_scene, "E1", job_title="Chef")
        raise Unavailable(HoldUp.OUTAGE, "it broke the connection off")

    _has(odd_scene, "E1")
    with monkeypatch.context() as patch:
        patch.setattr(Client, "create", _made_and_broken_off)
        assert isinstance(odd_scene.deliver("E1"), Postponed)
    other.later(minutes=1)
    assert isinstance(other.deliver("E1"), Delivered)
    assert odd.of("E1").get("title") == ("Chef" if changes_meanwhile else None)


def test_9_1_nor_two_changes_in_one_batch_where_ids_are_kept_secret(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.tells_ids = odd.sends_location = odd.unique_names = False
    _has(odd_scene, "E1")
    first = _record(odd_scene, "E1")
    errand = odd_scene.errand()
    assert all(isinstance(verdict, Delivered) for verdict in deliver_batch(errand, [first]).values())
    _has(odd_scene, "E1", job_title="Chef")
    assert all(isinstance(verdict, Delivered) for verdict in deliver_batch(errand, [_record(odd_scene, "E1")]).values())
    assert odd.of("E1")["title"] == "Chef"


def test_who_finds_a_name_taken_after_all_reads_once_more(odd_scene: Scene, odd: OddPlatform) -> None:
    _has(odd_scene, "E0")
    odd_scene.deliver("E0")
    there = odd.add(userName="E1@X.ORG")
    _has(odd_scene, "E1")
    assert isinstance(odd_scene.deliver("E1"), Delivered)
    assert (odd_scene.item("E1")["account"], odd.readings()) == (there, 2)
