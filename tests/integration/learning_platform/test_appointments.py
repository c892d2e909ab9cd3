"""Whoever finds a platform's next seconds taken waits in the queue for their turn, and no worker waits with them."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from peoplefeed.learning_platform.batch import QueueRecord, deliver_batch
from peoplefeed.learning_platform.platform import find_platform
from peoplefeed.learning_platform.verdicts import Delivered, NothingToDo, Postponed, Verdict, Waits
from peoplefeed.storage.outbox import send_deliveries
from peoplefeed.storage.platforms import reserve
from peoplefeed.times import stamp
from tests.integration.learning_platform.conftest import Scene
from tests.integration.learning_platform.odd_platform import OddPlatform


@pytest.fixture(autouse=True)
def _no_turns(odd_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """One request a second, and the next two minutes' are taken. Whoever sleeps moves the scene's clock."""
    monkeypatch.setattr(time, "sleep", lambda seconds: odd_scene.later(seconds=seconds))
    odd_scene.platform(requests_per_minute=66)
    now = int(odd_scene.now.timestamp() * 1_000_000)
    reserve(odd_scene.deployment, odd_scene.tenant, "turns_until", 120_000_000, (now, now + 120_000_000))


def _received(scene: Scene, external_id: str, **of: Any) -> QueueRecord:
    """Have somebody's message sent and received."""
    send_deliveries(scene.deployment, scene.tenant, [(external_id, scene.item(external_id)["version"])], **of)
    url = scene.deployment.names.delivery_queue_url
    (found,) = scene.deployment.sqs.receive_message(QueueUrl=url, VisibilityTimeout=1)["Messages"]
    return QueueRecord(found["MessageId"], external_id, found["Body"], receipt=found["ReceiptHandle"])


def _delivered(scene: Scene, *records: QueueRecord) -> list[Verdict | Exception]:
    return list(deliver_batch(scene.errand(45), records).values())


def _again(record: QueueRecord, received: int = 2) -> QueueRecord:
    return replace(record, received=received, receipt="")


def test_the_message_stays_in_the_queue_until_its_turn(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1", email="e1@x.org")
    record = _received(odd_scene, "E1")
    assert _delivered(odd_scene, record) == [Waits(20)]
    attributes = odd_scene.deployment.sqs.get_queue_attributes(
        QueueUrl=odd_scene.deployment.names.delivery_queue_url, AttributeNames=["All"]
    )["Attributes"]
    assert (attributes["ApproximateNumberOfMessages"], attributes["ApproximateNumberOfMessagesNotVisible"]) == (
        "0",
        "1",
    )
    assert odd.asked == []
    odd_scene.later(seconds=120)
    assert isinstance(_delivered(odd_scene, _again(record))[0], Delivered)


def test_each_has_a_time_of_their_own_as_long_as_their_requests_take(odd_scene: Scene) -> None:
    found = find_platform(odd_scene.deployment, odd_scene.tenant)
    assert found
    here, waits = found.platform.settings.platform, []
    for number, account_of in enumerate((None, here, "another platform", None)):
        odd_scene.has(f"E{number}", email=f"e{number}@x.org", account=account_of and "a7", account_of=account_of)
        waits += _delivered(odd_scene, _received(odd_scene, f"E{number}"))
    assert waits == [Waits(20), Waits(23), Waits(24), Waits(27)]


def test_the_sweep_leaves_them_alone_meanwhile_and_finds_them_if_the_message_is_lost(odd_scene: Scene) -> None:
    odd_scene.has("E1", email="e1@x.org")
    _delivered(odd_scene, _received(odd_scene, "E1"))
    due = odd_scene.item("E1")["due"]
    assert stamp(odd_scene.now + timedelta(seconds=20)) < due <= stamp(odd_scene.now + timedelta(minutes=4))
    assert odd_scene.item("E1")["held_up_by"] == "rate-limit"  # 8.2: excused


def test_a_message_of_the_sweep_is_obeyed_when_it_comes_back_also_after_an_outage(
    odd_scene: Scene, odd: OddPlatform
) -> None:
    due = stamp(odd_scene.now + timedelta(minutes=20))
    odd_scene.has("E1", email="e1@x.org", tried_version=1, attempts=1, held_up_by="outage", due=due)
    record = _received(odd_scene, "E1", due=due)
    assert _delivered(odd_scene, record) == [Waits(20)]
    odd_scene.later(seconds=120)
    assert isinstance(_delivered(odd_scene, _again(record))[0], Delivered)
    assert len(odd.accounts) == 1


def test_what_follows_of_the_same_person_comes_back_as_well(
    odd_scene: Scene, odd: OddPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd_scene.has("E1", email="e1@x.org")
    first = _received(odd_scene, "E1")
    odd_scene.has("E1", job_title="Chef")
    second = replace(first, id="second", receipt="second")
    sent_back: list[tuple[str, int]] = []
    with monkeypatch.context() as patch:
        patch.setattr(
            odd_scene.deployment.sqs,
            "change_message_visibility",
            lambda **how: sent_back.append((how["ReceiptHandle"], how["VisibilityTimeout"])),
        )
        assert _delivered(odd_scene, first, second) == [Waits(20)]
    assert sent_back == [(first.receipt, 20), ("second", 20)]
    odd_scene.later(seconds=120)
    verdicts = _delivered(odd_scene, _again(first), _again(second))
    assert isinstance(verdicts[0], Delivered)
    assert verdicts[1] == NothingToDo()
    assert odd.of("E1")["title"] == "Chef"


def test_who_came_back_too_often_waits_in_the_outbox(odd_scene: Scene) -> None:
    odd_scene.has("E1", email="e1@x.org")
    record = replace(_received(odd_scene, "E1"), received=6)
    assert isinstance(_delivered(odd_scene, record)[0], Postponed)
    assert odd_scene.waits("E1")


def test_nobody_is_given_a_time_after_a_quarter_of_an_hour(odd_scene: Scene) -> None:
    now = int(odd_scene.now.timestamp() * 1_000_000)
    span = now, now + 10**12
    reserve(odd_scene.deployment, odd_scene.tenant, "appointments_until", 958_000_000, span)
    odd_scene.has("E1", email="e1@x.org")
    assert isinstance(_delivered(odd_scene, _received(odd_scene, "E1"))[0], Postponed)
