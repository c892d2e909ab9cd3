from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from peoplefeed.sources.schedule import NotEnqueued, enqueue_due
from peoplefeed.sources.store import DUE_SHARDS, pause_source, put_source
from peoplefeed.times import stamp
from tests.integration.sources.conftest import NOW, Line
from tests.integration.sources.hr import reply
from tests.unit.sources.examples import manifest
from tests.worlds.world import World


def messages(line: Line) -> list[dict[str, Any]]:
    """Take everything off the poll queue."""
    found = []
    queue = line.deployment.names.poll_queue_url
    while some := line.deployment.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in some]
    return found


def test_due_sources_of_all_tenants_go_to_the_poll_queue(line: Line) -> None:
    for line.tenant in ("acme", "other"):
        for number in range(12):
            line.connect(name=f"hr-{number}")
    assert enqueue_due(line.deployment, NOW) == 24
    sent = messages(line)
    assert {(each["tenant"], each["source"]) for each in sent} == {
        (tenant, f"hr-{number}") for tenant in ("acme", "other") for number in range(12)
    }
    assert {each["due"] for each in sent} == {stamp(NOW)}


def test_nothing_is_due_before_its_time_but_for_a_minute(line: Line) -> None:
    line.connect(poll_every_minutes=5)
    line.poll()
    line.later(minutes=3, seconds=59)
    assert enqueue_due(line.deployment, line.now) == 0
    line.later(seconds=2)
    assert enqueue_due(line.deployment, line.now) == 1


def test_a_paused_source_is_never_due(line: Line) -> None:
    line.connect()
    pause_source(line.deployment, "acme", "hr")
    line.later(days=9)
    assert enqueue_due(line.deployment, line.now) == 0


def test_a_source_whose_poll_died_is_due_again_when_its_lease_runs_out(line: Line) -> None:
    line.connect()

    def die(_seconds: float) -> None:
        raise KeyboardInterrupt

    line.hr.answers(reply([], 429, Retry_After="5"))
    line.sleep = die
    with pytest.raises(KeyboardInterrupt):
        line.poll()
    line.later(minutes=15)
    assert enqueue_due(line.deployment, line.now) == 0
    line.later(minutes=5)
    assert enqueue_due(line.deployment, line.now) == 1


def test_what_the_queue_does_not_take_is_an_error(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.connect()

    def refuse(**_: object) -> dict[str, Any]:
        return {"Failed": [{"Id": "0", "SenderFault": False, "Code": "InternalError"}]}

    monkeypatch.setattr(line.deployment.sqs, "send_message_batch", refuse)
    with pytest.raises(NotEnqueued, match="1 sources"):
        enqueue_due(line.deployment, NOW)


def test_ten_thousand_due_sources_are_on_the_queue_after_one_invocation_and_a_thousand_requests() -> None:
    world, made = World(), manifest()
    for number in range(10_000):
        put_source(world.deployment, f"tenant-{number % 4000}", made.model_copy(update={"name": f"hr-{number}"}), NOW)
    calls: Counter[str] = Counter()
    world.faults.decide = lambda call: calls.update([call.service])
    assert enqueue_due(world.deployment, NOW) == 10_000
    bodies = [json.loads(body) for body in world.sqs.bodies("poll")]
    assert len({(body["tenant"], body["source"]) for body in bodies}) == 10_000
    assert calls["sqs"] == 1_000
    assert calls["dynamodb"] <= 2 * len(DUE_SHARDS)
