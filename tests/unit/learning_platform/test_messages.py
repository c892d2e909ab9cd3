from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from peoplefeed.deployment import Deployment, Names
from peoplefeed.dynamo import keys
from peoplefeed.storage.outbox import (
    Message,
    attributes,
    delivery_entries,
    delivery_entry,
    message_group,
    parse_message,
    send_deliveries,
)

ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=150)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


@dataclass(slots=True)
class Queue:
    """SQS with a will of its own: `refuses` entries the first time, or every request."""

    refuses: int = 0
    broken: bool = False
    sent: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        assert QueueUrl == "queue"
        assert 0 < len(Entries) <= 10
        self.requests += 1
        if self.broken:
            raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": ""}}, "SendMessageBatch")
        refused, self.refuses = Entries[: self.refuses], max(0, self.refuses - len(Entries))
        self.sent += Entries[len(refused) :]
        return {"Failed": [{"Id": entry["Id"]} for entry in refused]}

    def people(self) -> list[str]:
        return [json.loads(entry["MessageBody"])["external_id"] for entry in self.sent]


def _deployment(queue: Queue, url: str = "queue") -> Deployment:
    client: Callable[[str], Any] = lambda _: queue  # noqa: E731 - the only client there is
    return Deployment(Names(delivery_queue_url=url), client)


@given(ANYTHING, ANYTHING, st.integers(1), st.one_of(st.none(), st.text(max_size=30)))
def test_any_external_id_fits_into_a_message(tenant: str, external_id: str, version: int, due: str | None) -> None:
    message = Message(tenant, external_id, version, due)
    entry = delivery_entry(message, "0")
    assert parse_message(entry["MessageBody"]) == message
    for given_id in (entry["MessageGroupId"], entry["MessageDeduplicationId"]):
        assert 1 <= len(given_id) <= 128
        assert given_id.isascii()
        assert given_id.isprintable()
        assert " " not in given_id


def test_8_1_a_group_is_one_persons() -> None:
    people = [("a", "b#c"), ("a", "x y"), ("a", "xy"), ("a", "x" * 200), ("a", "x" * 201), ("b", "xy"), ("a", "é")]
    assert len({message_group(*person) for person in people}) == len(people)
    assert message_group("acme", "E1") == "acme#E1"


def test_the_queue_must_not_swallow_a_second_change_or_a_retry() -> None:
    messages = [Message("a", "E1", 1), Message("a", "E1", 2), Message("a", "E1", 1, "due"), Message("a", "E1", 1, "d2")]
    ids = {delivery_entry(message, "0")["MessageDeduplicationId"] for message in messages}
    assert len(ids) == len(messages)
    assert delivery_entry(messages[0], "0") == delivery_entry(Message("a", "E1", 1), "0")


def test_of_several_versions_the_last_is_sent() -> None:
    entries = delivery_entries("acme", [("E1", 1), ("E2", 1), ("E1", 3)])
    assert [parse_message(entry["MessageBody"]) for entry in entries] == [
        Message("acme", "E1", 3),
        Message("acme", "E2", 1),
    ]


def test_ten_at_a_time() -> None:
    queue = Queue()
    send_deliveries(_deployment(queue), "acme", [(f"E{number}", 1) for number in range(25)])
    assert (queue.requests, len(set(queue.people()))) == (3, 25)


def test_what_the_queue_refuses_is_sent_again() -> None:
    queue = Queue(refuses=3)
    send_deliveries(_deployment(queue), "acme", [(f"E{number}", 1) for number in range(10)])
    assert sorted(queue.people()) == [f"E{number}" for number in range(10)]


@pytest.mark.parametrize("queue", [Queue(broken=True), Queue(refuses=10**6)], ids=["broken", "refusing"])
def test_8_4_what_cannot_be_sent_is_left_to_the_sweep_and_names_nobody(
    queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    send_deliveries(_deployment(queue), "acme", [("E1", 1), ("E2", 1)])
    assert "the delivery queue did not take 2 messages" in caplog.text
    assert "E1" not in caplog.text


def test_nobody_is_no_request_and_neither_is_no_queue() -> None:
    queue = Queue()
    send_deliveries(_deployment(queue), "acme", [])
    send_deliveries(_deployment(queue, ""), "acme", [("E1", 1)])
    assert queue.requests == 0


def test_the_outbox_lists_people_over_all_tenants() -> None:
    assert attributes("acme", "E1", "then") == {"outbox_pk": f"OUTBOX#{keys.shard('acme#E1')}", "due": "then"}
