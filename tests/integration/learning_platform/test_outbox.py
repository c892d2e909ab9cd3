"""8.4: what a lost message left behind is found and sent again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from peoplefeed.learning_platform import outbox
from peoplefeed.learning_platform.outbox import sweep_outbox
from peoplefeed.learning_platform.verdicts import Delivered, NothingToDo
from peoplefeed.storage.outbox import send_deliveries
from peoplefeed.times import stamp
from tests.integration.learning_platform.conftest import TENANT, Scene


def test_who_is_due_is_sent_and_who_is_not_is_left(without_platform: Scene) -> None:
    scene = without_platform
    for number in range(25):
        scene.has(f"E {number}#U#x")
    scene.has("later", due=stamp(scene.now + timedelta(seconds=1)))
    assert sweep_outbox(scene.deployment, scene.now) == 25
    messages = scene.messages()
    assert {message["external_id"] for message in messages} == {f"E {number}#U#x" for number in range(25)}
    assert {(message["tenant"], message["version"]) for message in messages} == {(TENANT, 1)}


def test_who_was_sent_is_not_due_again_at_once(without_platform: Scene) -> None:
    scene = without_platform
    scene.has("E1")
    assert sweep_outbox(scene.deployment, scene.now) == 1
    scene.later(minutes=5)
    assert sweep_outbox(scene.deployment, scene.now) == 0
    scene.later(minutes=5)
    assert sweep_outbox(scene.deployment, scene.now) == 1
    assert len(scene.messages()) == 2  # the queue did not swallow the second one


def test_the_sweeps_message_is_obeyed_after_an_outage(scene: Scene) -> None:
    scene.has("E1", tried_version=1, attempts=1, held_up_by="outage")
    assert sweep_outbox(scene.deployment, scene.now) == 1
    (message,) = scene.messages()
    assert scene.deliver("E1") == NothingToDo()
    assert isinstance(scene.deliver("E1", due=message["due"]), Delivered)


def test_a_backlog_in_the_queue_is_not_sent_again(without_platform: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = without_platform
    monkeypatch.setattr(outbox, "_QUEUE_IS_BUSY", 3)
    for number in range(3):
        scene.has(f"E{number}")
    send_deliveries(scene.deployment, TENANT, [(f"E{number}", 1) for number in range(3)])
    assert sweep_outbox(scene.deployment, scene.now) == 0
    scene.messages()
    assert sweep_outbox(scene.deployment, scene.now) == 3


def test_9_3_what_waits_in_the_queue_is_of_no_matter_to_a_tenant_whose_it_cannot_be(
    without_platform: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A platform with a rate limit, and one without."""
    monkeypatch.setattr(outbox, "_QUEUE_IS_BUSY", 3)
    scene, paced = without_platform, replace(without_platform, tenant="paced")
    paced.platform(url="https://learn.example.com", requests_per_minute=6)
    for number in range(3):
        scene.has(f"E{number}")
        paced.has(f"P{number}", due=stamp(scene.now + timedelta(minutes=5)))
    send_deliveries(scene.deployment, "paced", [(f"P{number}", 1) for number in range(3)])
    assert sweep_outbox(scene.deployment, scene.now) == 3
    scene.later(minutes=6)
    assert sweep_outbox(scene.deployment, scene.now) == 3 + 1  # and the comparison
    assert {message["external_id"] for message in scene.messages() if message.get("due")} == {
        *(f"E{number}" for number in range(3)),
        *(f"P{number}" for number in range(3)),
    }


def test_a_sweep_sends_no_more_than_its_share(without_platform: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = without_platform
    monkeypatch.setattr(outbox, "AT_MOST", 32)
    for number in range(100):
        scene.has(f"E{number}")
    first = sweep_outbox(scene.deployment, scene.now)
    assert 0 < first <= 32
    assert 0 < sweep_outbox(scene.deployment, scene.now) <= 32


def test_two_sweeps_at_once_send_nobody_twice(without_platform: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = without_platform
    scene.has("E1")
    seen_by_both = outbox._backlogs(scene.deployment, scene.now)
    assert sweep_outbox(scene.deployment, scene.now) == 1
    monkeypatch.setattr(outbox, "_backlogs", lambda *_: seen_by_both)
    assert sweep_outbox(scene.deployment, scene.now) == 0


def test_without_a_queue_nothing_is_sent(scene: Scene) -> None:
    from peoplefeed.deployment import Deployment

    names = replace(scene.deployment.names, delivery_queue_url="")
    deployment = Deployment(names, scene.deployment._client)
    scene.has("E1")
    send_deliveries(deployment, TENANT, [("E1", 1)])
    assert sweep_outbox(deployment, scene.now) == 0
    assert scene.messages() == []
