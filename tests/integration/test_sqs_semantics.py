"""The memory fake of SQS answers as SQS does, which is to say as moto does: the same asked of both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.integration.semantics import answer_of
from tests.worlds.memory_sqs import MemorySQS
from tests.worlds.queues import Queue

PREFIX = "AWS.SimpleQueueService."


class Scene:
    """A standard queue, a FIFO queue, and the dead letters of both, after two receives."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.client: Any = MemorySQS() if kind == "memory" else boto3.client("sqs", region_name="eu-west-1")
        make = self._in_memory if kind == "memory" else self._on_moto
        self.dead, self.standard = make("dead", fifo=False), make("standard", fifo=False, dead="dead")
        self.dead_fifo, self.fifo = make("dead.fifo", fifo=True), make("queue.fifo", fifo=True, dead="dead.fifo")

    def _in_memory(self, name: str, *, fifo: bool, dead: str | None = None) -> str:
        dead_letters = self.client.queues[dead] if dead else None
        self.client.add(Queue(name, fifo, 30, 2 if dead else None, dead_letters))
        return name

    def _on_moto(self, name: str, *, fifo: bool, dead: str | None = None) -> str:
        attributes = {"VisibilityTimeout": "30"}
        if fifo:
            attributes |= {"FifoQueue": "true", "DeduplicationScope": "messageGroup"}
            attributes |= {"FifoThroughputLimit": "perMessageGroupId"}
        if dead:
            arn = f"arn:aws:sqs:eu-west-1:123456789012:{dead}"
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "2"})
        url: str = self.client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url

    def send(self, url: str, body: str, **more: Any) -> str:
        sent: str = self.client.send_message(QueueUrl=url, MessageBody=body, **more)["MessageId"]
        return sent

    def receive(self, url: str, most: int = 10, **more: Any) -> list[dict[str, Any]]:
        asked = {"MaxNumberOfMessages": most, "AttributeNames": ["All"]} | more
        messages: list[dict[str, Any]] = self.client.receive_message(QueueUrl=url, **asked).get("Messages", [])
        return messages

    def bodies(self, url: str, most: int = 10, **more: Any) -> list[str]:
        return [message["Body"] for message in self.receive(url, most, **more)]


@pytest.fixture(params=["memory", "moto"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    with mock_aws():
        yield Scene(request.param)


def test_a_message_is_received_with_what_the_queue_knows_of_it(scene: Scene) -> None:
    sent = scene.send(scene.standard, "one", MessageGroupId="acme")

    (message,) = scene.receive(scene.standard)

    assert (message["MessageId"], message["Body"]) == (sent, "one")
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert message["Attributes"]["MessageGroupId"] == "acme"
    assert int(message["Attributes"]["SentTimestamp"]) > 0


def test_a_received_message_is_out_of_sight_until_it_is_deleted_or_comes_back(scene: Scene) -> None:
    for body in ("one", "two"):
        scene.send(scene.standard, body)
    first, second = scene.receive(scene.standard)
    hidden = scene.bodies(scene.standard)

    scene.client.delete_message(QueueUrl=scene.standard, ReceiptHandle=first["ReceiptHandle"])
    back = {"QueueUrl": scene.standard, "ReceiptHandle": second["ReceiptHandle"], "VisibilityTimeout": 0}
    scene.client.change_message_visibility(**back)
    (again,) = scene.receive(scene.standard)

    assert hidden == []
    assert again["Body"] == second["Body"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"


def test_what_comes_too_often_goes_to_the_dead_letters(scene: Scene) -> None:
    scene.send(scene.standard, "poison")

    seen = [scene.bodies(scene.standard, VisibilityTimeout=0) for _ in range(3)]

    assert seen == [["poison"], ["poison"], []]
    assert scene.bodies(scene.dead) == ["poison"]


def send_to(scene: Scene, group: str, body: str, deduplication: str | None = None) -> str:
    return scene.send(scene.fifo, body, MessageGroupId=group, MessageDeduplicationId=deduplication or f"{group}{body}")


def test_a_group_waits_while_one_of_its_messages_is_in_flight(scene: Scene) -> None:
    send_to(scene, "ann", "1")
    send_to(scene, "ann", "2")
    send_to(scene, "bob", "1")

    (first,) = scene.receive(scene.fifo, 1)
    others = scene.bodies(scene.fifo)
    scene.client.delete_message(QueueUrl=scene.fifo, ReceiptHandle=first["ReceiptHandle"])

    assert (first["Body"], others, scene.bodies(scene.fifo)) == ("1", ["1"], ["2"])


def test_a_group_is_received_in_its_order(scene: Scene) -> None:
    for body in "123":
        send_to(scene, "ann", body)

    assert scene.bodies(scene.fifo) == ["1", "2", "3"]


def test_the_same_message_is_taken_once(scene: Scene) -> None:
    send_to(scene, "ann", "1", "same")
    send_to(scene, "ann", "changed", "same")

    assert scene.bodies(scene.fifo) == ["1"]


def test_a_batch_says_what_became_of_each(scene: Scene) -> None:
    entries = [{"Id": str(number), "MessageBody": f"body {number}"} for number in range(10)]

    answer = scene.client.send_message_batch(QueueUrl=scene.standard, Entries=entries)

    assert [one["Id"] for one in answer["Successful"]] == [entry["Id"] for entry in entries]
    assert not answer.get("Failed")
    assert sorted(scene.bodies(scene.standard)) == [f"body {number}" for number in range(10)]


def test_a_batch_deletes(scene: Scene) -> None:
    for body in ("one", "two"):
        scene.send(scene.standard, body)
    received = scene.receive(scene.standard, VisibilityTimeout=0)
    handles = [{"Id": str(at), "ReceiptHandle": one["ReceiptHandle"]} for at, one in enumerate(received)]

    scene.client.delete_message_batch(QueueUrl=scene.standard, Entries=handles)

    assert scene.bodies(scene.standard) == []


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], f"{PREFIX}EmptyBatchRequest"),
        ([{"Id": str(number), "MessageBody": "x"} for number in range(11)], f"{PREFIX}TooManyEntriesInBatchRequest"),
        ([{"Id": "1", "MessageBody": "x"}] * 2, f"{PREFIX}BatchEntryIdsNotDistinct"),
        ([{"Id": "a b", "MessageBody": "x"}], f"{PREFIX}InvalidBatchEntryId"),
    ],
    ids=["none", "eleven", "twice the same", "a name with a blank"],
)
def test_a_batch_that_cannot_be_is_refused(scene: Scene, entries: list[dict[str, str]], code: str) -> None:
    refused = answer_of(lambda: scene.client.send_message_batch(QueueUrl=scene.standard, Entries=entries))

    assert refused == code


def test_the_queue_counts_what_waits_and_what_is_in_flight(scene: Scene) -> None:
    for body in ("one", "two", "three"):
        scene.send(scene.standard, body)
    scene.receive(scene.standard, 1)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    counted = scene.client.get_queue_attributes(QueueUrl=scene.standard, AttributeNames=names)["Attributes"]

    assert counted == {names[0]: "2", names[1]: "1"}


@pytest.mark.parametrize(
    ("wrong", "moto_takes_it"),
    [
        ({"MessageBody": "x", "MessageGroupId": "a"}, False),
        ({"MessageBody": "x", "MessageDeduplicationId": "a"}, False),
        ({"MessageBody": "x", "MessageGroupId": "a b", "MessageDeduplicationId": "a"}, True),
        ({"MessageBody": "x", "MessageGroupId": "a", "MessageDeduplicationId": "x" * 129}, True),
        ({"MessageBody": "", "MessageGroupId": "a", "MessageDeduplicationId": "a"}, True),
    ],
    ids=["no deduplication", "no group", "a group with a blank", "a long deduplication", "no body"],
)
def test_a_fifo_message_that_cannot_be_is_refused(
    scene: Scene,
    wrong: dict[str, str],
    moto_takes_it: bool,  # noqa: FBT001
    request: pytest.FixtureRequest,
) -> None:
    if moto_takes_it and scene.kind == "moto":
        request.applymarker(pytest.mark.xfail(strict=True, reason="moto takes what SQS refuses"))
    answer = answer_of(lambda: scene.client.send_message(QueueUrl=scene.fifo, **wrong))

    assert answer in {"MissingParameter", "InvalidParameterValue"}
