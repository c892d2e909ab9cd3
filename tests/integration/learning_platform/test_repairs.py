"""What a comparison finds is sent at once, as changes are."""

from __future__ import annotations

import pytest

from peoplefeed.learning_platform import reconciliation
from peoplefeed.learning_platform.delivery import handle
from peoplefeed.learning_platform.outbox import sweep_outbox
from peoplefeed.learning_platform.requests import compare_now
from peoplefeed.storage.outbox import Check
from peoplefeed.storage.platforms import reserve
from tests.integration.learning_platform.conftest import PEOPLE, Scene
from tests.integration.learning_platform.odd_platform import OddPlatform


def _sent(scene: Scene) -> list[str]:
    """Have it compared, and return whose delivery is asked for then, before any sweep."""
    compare_now(scene.deployment, scene.tenant, scene.now)
    (check,) = scene.messages()
    handle(scene.errand(), Check(scene.tenant, check["check"]))
    return [message["external_id"] for message in scene.messages()]


def test_what_it_finds_is_sent_at_once_and_not_by_the_next_sweep_as_well(staffed: Scene, odd: OddPlatform) -> None:
    odd.of("E3")["title"] = "Boss"
    del odd.accounts[odd.of("E9")["id"]]
    assert set(_sent(staffed)) == {"E3", "E9"}
    assert sweep_outbox(staffed.deployment, staffed.now) == 0
    staffed.later(minutes=5)
    assert sweep_outbox(staffed.deployment, staffed.now) == 2  # 8.4: the message was lost


def test_where_everybody_differs_the_sweep_sends_most(
    staffed: Scene, odd: OddPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "_AT_ONCE", 10)
    for account in odd.accounts.values():
        account["title"] = "Boss"
    at_once = _sent(staffed)
    assert len(at_once) == 10
    assert sweep_outbox(staffed.deployment, staffed.now) == PEOPLE - 10
    assert not {message["external_id"] for message in staffed.messages()} & set(at_once)


def test_what_it_finds_keeps_the_platforms_pace(staffed: Scene, odd: OddPlatform) -> None:
    """What it has no time for in the next five minutes is the sweep's."""
    staffed.platform(requests_per_minute=6000)
    odd.of("E3")["title"] = "Boss"
    now = int(staffed.now.timestamp() * 1_000_000)
    reserve(staffed.deployment, staffed.tenant, "sends_until", 300_000_000, (now, now + 300_000_000))
    assert _sent(staffed) == []
    staffed.later(minutes=5)
    assert sweep_outbox(staffed.deployment, staffed.now) == 1
