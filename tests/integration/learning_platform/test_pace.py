"""A platform's rate limit is kept by all workers together, and a backlog is sent at its pace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from peoplefeed.deployment import Deployment
from peoplefeed.learning_platform.batch import QueueRecord, deliver_batch
from peoplefeed.learning_platform.connection import Answer, Connection
from peoplefeed.learning_platform.outbox import PROBES, sweep_outbox
from peoplefeed.learning_platform.verdicts import Delivered, Postponed, Verdict
from peoplefeed.storage.outbox import delivery_entries, send_changes
from peoplefeed.storage.platforms import platform_item, reserve
from tests.integration.learning_platform.conftest import Scene
from tests.integration.learning_platform.odd_platform import OddPlatform


@pytest.fixture
def no_sleep(odd_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sleeps moves the scene's clock."""
    monkeypatch.setattr("time.sleep", lambda seconds: odd_scene.later(seconds=seconds))


def test_several_workers_together_keep_the_limit(odd_scene: Scene, odd: OddPlatform) -> None:
    """Each has its own memory, as each function's process has; what they share is the tenant's item."""
    odd.per_second = 150
    odd_scene.platform(requests_per_minute=6000)  # 100 a second: the platform forgives a little
    people = [f"E{number}" for number in range(80)]
    for external_id in people:
        odd_scene.has(external_id, email=f"{external_id}@x.org")
    with ThreadPoolExecutor(4) as pool:
        verdicts = [
            verdict for some in pool.map(lambda n: _worker(odd_scene, people[n::4]), range(4)) for verdict in some
        ]
    assert all(isinstance(verdict, Delivered) for verdict in verdicts)
    assert len(odd.accounts) == 80


def _worker(scene: Scene, people: list[str]) -> list[Verdict | Exception]:
    mine = Deployment(scene.deployment.names, scene.deployment._client)
    errand = replace(scene.errand(), deployment=mine, clock=lambda: datetime.now(UTC))
    entries = delivery_entries(scene.tenant, [(external_id, 1) for external_id in people])
    records = [QueueRecord(entry["Id"], entry["MessageGroupId"], entry["MessageBody"]) for entry in entries]
    return list(deliver_batch(errand, records).values())


@pytest.fixture
def moments(odd_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """When the platform was asked something, on the scene's clock."""
    found: list[datetime] = []
    ask = Connection.ask

    def _noted(*given: Any, **named: Any) -> Answer:
        found.append(odd_scene.now)
        return ask(*given, **named)

    monkeypatch.setattr(Connection, "ask", _noted)
    return found


@pytest.mark.usefixtures("no_sleep")
def test_a_first_load_takes_the_time_that_the_limit_wants_and_hardly_more(
    odd_scene: Scene, odd: OddPlatform, moments: list[datetime]
) -> None:
    """At nine tenths of the limit: no second has all of it, so that one request may overtake another on its way."""
    odd_scene.platform(requests_per_minute=1200)
    for number in range(200):
        odd_scene.has(f"E{number}", email=f"e{number}@x.org")
    began = odd_scene.now
    for number in range(200):
        assert isinstance(odd_scene.deliver(f"E{number}"), Delivered)
    assert len(odd.asked) == 600 + 1  # and whether anybody is there
    took = (odd_scene.now - began).total_seconds()
    assert 1.1 * 600 / 20 - 1 <= took <= 1.1 * 600 / 20 + 2
    assert max(sum(first <= moment < first + timedelta(seconds=1) for moment in moments) for first in moments) <= 19


@pytest.mark.usefixtures("no_sleep")
def test_who_finds_all_turns_taken_waits_in_the_outbox_and_the_platform_is_not_asked(
    odd_scene: Scene, odd: OddPlatform
) -> None:
    odd_scene.platform(requests_per_minute=60)
    odd_scene.has("E1")
    now = int(odd_scene.now.timestamp() * 1_000_000)
    reserve(odd_scene.deployment, odd_scene.tenant, "turns_until", 120_000_000, (now, now + 300_000_000))
    verdict = odd_scene.deliver("E1")
    assert isinstance(verdict, Postponed)
    assert (verdict.hold_up.value, odd.asked) == ("rate-limit", [])
    odd_scene.later(seconds=115)
    assert isinstance(odd_scene.deliver("E1", due=odd_scene.item("E1")["due"]), Delivered)


def test_time_on_a_platform_is_reserved_once(odd_scene: Scene) -> None:
    now, second = 1_000_000_000, 1_000_000

    def take(seconds: int, *, at: int = now) -> int | None:
        return reserve(odd_scene.deployment, odd_scene.tenant, "turns_until", seconds * second, (at, at + 10 * second))

    assert [take(4), take(4), take(4), take(2)] == [now, now + 4 * second, None, now + 8 * second]
    later = now + 60 * second
    assert take(1, at=later) == later


def test_reservations_at_once_do_not_overlap(odd_scene: Scene) -> None:
    def take(_: int) -> int | None:
        return reserve(odd_scene.deployment, odd_scene.tenant, "turns_until", 5, (100, 10_000))

    with ThreadPoolExecutor(8) as pool:
        begun = sorted(begin for begin in pool.map(take, range(100)) if begin is not None)
    assert begun == list(range(100, 600, 5))


def test_a_chunk_that_the_platform_has_no_time_for_is_left_to_the_sweep(odd_scene: Scene) -> None:
    odd_scene.platform(requests_per_minute=10)
    for start in range(0, 200, 40):
        changed = [(f"E{number}", 1) for number in range(start, start + 40)]
        send_changes(odd_scene.deployment, odd_scene.tenant, changed, odd_scene.now)
    assert len(odd_scene.messages()) == 40


@pytest.mark.usefixtures("no_sleep")
def test_the_sweep_sends_what_the_platform_can_take_until_the_next(odd_scene: Scene) -> None:
    odd_scene.platform(requests_per_minute=60)
    for number in range(500):
        odd_scene.has(f"E{number}")
    assert sweep_outbox(odd_scene.deployment, odd_scene.now) == 272  # nine tenths of it
    odd_scene.later(minutes=1)
    assert sweep_outbox(odd_scene.deployment, odd_scene.now) == 0  # they are in the queue still
    for item in odd_scene.waiting()[-50:]:
        odd_scene.deliver(item["external_id"], due=item["due"])
    assert sweep_outbox(odd_scene.deployment, odd_scene.now) == 50 + 1  # and the comparison


@pytest.mark.usefixtures("no_sleep")
def test_a_backlog_is_sent_at_the_platforms_pace_and_nobody_again_and_again(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.platform(requests_per_minute=48)
    for number in range(240):
        odd_scene.has(f"E{number}", email=f"e{number}@x.org")
    began, sent = odd_scene.now, 0
    while odd_scene.waiting():
        next_sweep = odd_scene.now + timedelta(minutes=5)
        sent += sweep_outbox(odd_scene.deployment, odd_scene.now)
        for message in odd_scene.messages():
            if "external_id" in message:
                odd_scene.deliver(message["external_id"], due=message["due"])
        odd_scene.now = max(odd_scene.now, next_sweep)
    assert len(odd.accounts) == 240
    assert sent <= 250
    took = (odd_scene.now - began).total_seconds()
    assert 720 / 0.8 <= took <= 720 / 0.8 + 600


def test_a_platform_that_is_down_is_asked_by_a_few_until_it_answers(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.is_down = True
    for number in range(60):
        odd_scene.has(f"E{number}")
        odd_scene.deliver(f"E{number}")
    assert platform_item(odd_scene.deployment, odd_scene.tenant)["rests_because"] == "outage"
    asked = len(odd.asked)
    odd_scene.later(minutes=10)
    assert 0 < sweep_outbox(odd_scene.deployment, odd_scene.now) <= PROBES + 1
    for message in odd_scene.messages():
        odd_scene.deliver(message.get("external_id", "E0"), due=message.get("due"))
    assert len(odd.asked) <= asked + PROBES
    odd.is_down = False
    odd_scene.later(minutes=10)
    sweep_outbox(odd_scene.deployment, odd_scene.now)
    for message in odd_scene.messages():
        odd_scene.deliver(message.get("external_id", "E0"), due=message.get("due"))
    assert "rests_until" not in platform_item(odd_scene.deployment, odd_scene.tenant)
    odd_scene.later(minutes=5)
    assert sweep_outbox(odd_scene.deployment, odd_scene.now) >= 60 - 2 * PROBES


def test_one_tenants_backlog_does_not_hold_up_anothers(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.is_down = True
    for number in range(100):
        odd_scene.has(f"E{number}")
    for number in range(5):
        odd_scene.deliver(f"E{number}")
    other = replace(odd_scene, tenant="other")
    other.has("O1", due=odd_scene.item("E50")["due"])
    odd_scene.later(seconds=12)
    sweep_outbox(odd_scene.deployment, odd_scene.now)
    assert {message["tenant"] for message in odd_scene.messages() if "external_id" in message} == {"other"}
