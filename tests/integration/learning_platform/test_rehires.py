"""Someone comes back under a new external ID: the tenant chooses which account they get, and the entry says which."""

from __future__ import annotations

from typing import Any

import pytest

from peoplefeed.dynamo import keys
from peoplefeed.dynamo.reads import query
from peoplefeed.feed_log.documents import entry_document
from peoplefeed.learning_platform.verdicts import Delivered
from tests.integration.learning_platform.conftest import RUN, Scene
from tests.integration.learning_platform.odd_platform import OddPlatform

ANNA: dict[str, Any] = {"first_name": "Anna", "last_name": "Li", "email": "anna@x.org", "job_title": "Chef"}


@pytest.fixture
def rehired(odd_scene: Scene) -> Scene:
    """Anna left, and is in the directory again as E2, who is not delivered yet."""
    odd_scene.has("E1", **ANNA)
    odd_scene.deliver("E1")
    odd_scene.has("E1", active=False)
    odd_scene.deliver("E1")
    odd_scene.has("E2", **ANNA | {"email": "Anna@x.org", "job_title": "Cook"})
    return odd_scene


def _messages(scene: Scene, external_id: str) -> list[str]:
    """What the feed log says of someone's changes."""
    values = {"pk": keys.entries_pk(scene.tenant, RUN, keys.shard(external_id))}
    found = query(scene.deployment.dynamodb, scene.feed_log, "#pk = :pk", values)
    entries = [{"at": "now", "outcome": "created", **entry} for entry in found if entry["external_id"] == external_id]
    return [entry_document(entry, None)["message"] for entry in entries]


def test_a_new_account_is_the_default_and_the_old_one_keeps_its_history(rehired: Scene, odd: OddPlatform) -> None:
    old = odd.of("E1")["id"]
    assert isinstance(rehired.deliver("E2"), Delivered)
    rehired.settle()
    assert (odd.of("E2")["userName"], odd.of("E2")["active"]) == ("Anna@x.org", True)
    assert (odd.of("E1")["id"], odd.of("E1")["active"]) == (old, False)
    assert _messages(rehired, "E2") == [
        "Created. On the learning platform they have a new account; that of external Identifier E1 stays as it was."
    ]


def test_relinked_the_old_account_gets_the_new_external_id_and_is_active(rehired: Scene, odd: OddPlatform) -> None:
    rehired.platform(rehires="relink")
    old = odd.of("E1")["id"]
    assert isinstance(rehired.deliver("E2"), Delivered)
    rehired.settle()
    (account,) = odd.accounts.values()
    assert (account["id"], account["externalId"], account["active"], account["title"]) == (old, "E2", True, "Cook")
    assert rehired.item("E2")["account"] == old
    assert "account" not in rehired.item("E1")
    assert rehired.waiting() == []
    assert _messages(rehired, "E2") == [
        "Created. On the learning platform they have the account of external Identifier E1 again."
    ]


def test_who_was_relinked_is_asked_for_at_once_and_does_not_wait_for_the_sweep(rehired: Scene) -> None:
    rehired.platform(rehires="relink")
    rehired.deliver("E2")
    (message,) = rehired.messages()
    assert message["external_id"] == "E1"
    assert isinstance(rehired.deliver("E1", due=message["due"]), Delivered)
    assert rehired.waiting() == []


def test_who_was_relinked_is_not_delivered_any_more_unless_they_are_active_again(
    rehired: Scene, odd: OddPlatform
) -> None:
    rehired.platform(rehires="relink")
    rehired.deliver("E2")
    rehired.settle()
    rehired.has("E1", job_title="Boss")
    assert isinstance(rehired.deliver("E1"), Delivered)
    assert len(odd.accounts) == 1
    rehired.has("E1", active=True, email="other@x.org")
    assert isinstance(rehired.deliver("E1"), Delivered)
    assert (odd.of("E1")["userName"], odd.of("E2")["userName"]) == ("other@x.org", "Anna@x.org")
    rehired.has("E1", active=False)
    rehired.deliver("E1")
    assert odd.of("E1")["active"] is False


def test_another_person_with_the_address_is_not_who_left(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.platform(rehires="relink")
    odd_scene.has("E1", **ANNA)
    odd_scene.deliver("E1")
    odd_scene.has("E1", active=False)
    odd_scene.deliver("E1")
    odd_scene.has("E2", **ANNA | {"first_name": "Bo"})
    odd_scene.deliver("E2")
    odd_scene.settle()
    assert len(odd.accounts) == 2
    assert _messages(odd_scene, "E2") == ["Created."]


def test_a_rehire_is_relinked_before_the_news_that_they_left_as_well(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.platform(rehires="relink")
    odd_scene.has("E1", **ANNA)
    odd_scene.deliver("E1")
    odd_scene.has("E1", active=False)
    odd_scene.has("E2", **ANNA)
    odd_scene.deliver("E2")
    assert isinstance(odd_scene.deliver("E1"), Delivered)
    odd_scene.settle()
    (account,) = odd.accounts.values()
    assert (account["externalId"], account["active"]) == ("E2", True)
    assert None not in odd_scene.delivered_entries("E1")
    assert odd_scene.waiting() == []
