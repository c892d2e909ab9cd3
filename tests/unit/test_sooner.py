"""A message that failed comes back soon, unless it is somebody else's by now."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from peoplefeed.retries import sooner
from tests.worlds.world import World


def failing(world: World, handle: str) -> None:
    record: Any = SimpleNamespace(receipt_handle=handle, attributes=SimpleNamespace(approximate_receive_count="1"))
    with sooner(world.deployment, "import", record):
        raise ZeroDivisionError


def test_it_is_there_again_after_two_seconds() -> None:
    world = World()
    world.sqs.send_message(QueueUrl="import", MessageBody="{}")
    (record,) = world.receive("import")
    with pytest.raises(ZeroDivisionError):
        failing(world, record["receiptHandle"])
    world.clock.forward(minutes=3 / 60)
    assert world.waiting() == ["import"]


def test_what_failed_is_told_although_the_message_is_somebody_elses_by_now() -> None:
    world = World()
    with pytest.raises(ClientError):
        world.sqs.change_message_visibility(QueueUrl="import", ReceiptHandle="another", VisibilityTimeout=2)
    with pytest.raises(ZeroDivisionError):
        failing(world, "another")
