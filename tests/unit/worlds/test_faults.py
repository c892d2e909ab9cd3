"""The harness does what it says: a fault that does not happen proves nothing."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.worlds.faults import (
    ANSWER_LOST,
    CONFLICT,
    DONE_PARTLY,
    DONE_TWICE,
    INTERNAL_ERROR,
    KILL_AFTER,
    KILL_BEFORE,
    THROTTLED,
    Call,
    Fault,
    Faults,
    Killed,
    LoseAnswer,
    possible,
)
from tests.worlds.memory_dynamodb import MemoryDynamoDB
from tests.worlds.memory_s3 import MemoryS3
from tests.worlds.memory_sqs import MemorySQS
from tests.worlds.queues import Queue
from tests.worlds.tables import create_tables

KEY = {"pk": {"S": "p"}, "sk": {"S": "s"}}
COUNT_UP = {
    "TableName": "directory",
    "Key": KEY,
    "UpdateExpression": "ADD n :one",
    "ExpressionAttributeValues": {":one": {"N": "1"}},
}


class Scene:
    """A table behind faults."""

    def __init__(self) -> None:
        self.faults, self.table = Faults(), MemoryDynamoDB()
        create_tables(self.table, "directory", "feed-log")
        self.client = self.faults.around("dynamodb", self.table)

    def count_up(self) -> None:
        self.client.update_item(**COUNT_UP)

    @property
    def count(self) -> int:
        items = self.table.items("directory")
        return int(items[0]["n"]["N"]) if items else 0


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize(("fault", "count"), [(KILL_BEFORE, 1), (KILL_AFTER, 2)])
def test_a_worker_dies_before_or_after_its_call(scene: Scene, fault: Fault, count: int) -> None:
    scene.faults.at(2, fault)
    scene.count_up()

    with pytest.raises(Killed):
        scene.count_up()

    assert scene.count == count


def test_a_dead_worker_makes_no_call_until_another_takes_its_place(scene: Scene) -> None:
    scene.faults.at(1, KILL_BEFORE)
    with pytest.raises(Killed):
        scene.count_up()

    with pytest.raises(Killed):
        scene.count_up()
    scene.faults.revive()
    scene.count_up()

    assert (scene.count, len(scene.faults.log)) == (1, 2)


def test_no_handler_of_exceptions_notices_a_kill() -> None:
    assert not issubclass(Killed, Exception)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (THROTTLED, "ThrottlingException"),
        (INTERNAL_ERROR, "InternalServerError"),
        (CONFLICT, "TransactionConflictException"),
    ],
)
def test_a_refused_call_does_nothing(scene: Scene, fault: Fault, code: str) -> None:
    scene.faults.at(1, fault)

    with pytest.raises(ClientError) as refused:
        scene.count_up()

    assert (refused.value.response["Error"]["Code"], scene.count) == (code, 0)


def test_a_transaction_in_conflict_says_so_among_its_reasons(scene: Scene) -> None:
    scene.faults.at(1, CONFLICT)
    actions = [{"Update": COUNT_UP}, {"Delete": {"TableName": "feed-log", "Key": KEY}}]

    with pytest.raises(ClientError) as refused:
        scene.client.transact_write_items(TransactItems=actions)

    answer: Any = refused.value.response
    assert [reason["Code"] for reason in answer["CancellationReasons"]] == ["TransactionConflict", "None"]
    assert scene.count == 0


@pytest.mark.parametrize(
    ("fault", "error"), [(ANSWER_LOST, ReadTimeoutError), (LoseAnswer("InternalError"), ClientError)]
)
def test_a_call_whose_answer_is_lost_was_done(scene: Scene, fault: Fault, error: type[Exception]) -> None:
    scene.faults.at(1, fault)

    with pytest.raises(error):
        scene.count_up()

    assert scene.count == 1


def test_a_call_that_the_sdk_repeats_is_done_twice(scene: Scene) -> None:
    scene.faults.at(1, DONE_TWICE)

    scene.count_up()

    assert scene.count == 2


def test_a_transaction_that_the_sdk_repeats_is_done_once_by_its_token(scene: Scene) -> None:
    scene.faults.at(1, DONE_TWICE)

    scene.client.transact_write_items(TransactItems=[{"Update": COUNT_UP}])

    assert scene.count == 1


def test_a_put_that_the_sdk_repeats_meets_itself() -> None:
    faults = Faults()
    faults.at(1, DONE_TWICE)
    s3 = faults.around("s3", MemoryS3())

    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket="b", Key="k", Body=b"plan", IfNoneMatch="*")


def puts(count: int) -> dict[str, Any]:
    items = [{"pk": {"S": "p"}, "sk": {"S": str(number)}} for number in range(count)]
    return {"directory": [{"PutRequest": {"Item": item}} for item in items]}


def test_a_batch_is_written_partly_and_the_rest_comes_back(scene: Scene) -> None:
    scene.faults.at(1, DONE_PARTLY)

    answer = scene.client.batch_write_item(RequestItems=puts(3))

    assert answer["UnprocessedItems"] == {"directory": puts(3)["directory"][1:]}
    assert len(scene.table.items("directory")) == 1


def test_a_batch_is_read_partly_and_the_rest_comes_back(scene: Scene) -> None:
    scene.client.batch_write_item(RequestItems=puts(3))
    scene.faults.at(2, DONE_PARTLY)
    keys = [put["PutRequest"]["Item"] for put in puts(3)["directory"]]

    answer = scene.client.batch_get_item(RequestItems={"directory": {"Keys": keys, "ConsistentRead": True}})

    assert answer["Responses"] == {"directory": keys[:1]}
    assert answer["UnprocessedKeys"] == {"directory": {"Keys": keys[1:], "ConsistentRead": True}}


def test_a_batch_is_sent_partly_and_the_rest_failed() -> None:
    faults, queue = Faults(), MemorySQS()
    queue.add(Queue("import"))
    faults.at(1, DONE_PARTLY)
    entries = [{"Id": str(number), "MessageBody": "x"} for number in range(3)]

    answer = faults.around("sqs", queue).send_message_batch(QueueUrl="import", Entries=entries)

    assert [one["Id"] for one in answer["Successful"]] == ["0"]
    assert [one["Id"] for one in answer["Failed"]] == ["1", "2"]
    assert queue.bodies("import") == ["x"]


def test_calls_are_counted_over_all_clients(scene: Scene) -> None:
    s3 = scene.faults.around("s3", MemoryS3())
    scene.count_up()
    s3.put_object(Bucket="b", Key="k", Body=b"plan")

    assert list(map(str, scene.faults.log)) == ["1: dynamodb.update_item", "2: s3.put_object"]


def test_faults_may_be_decided_call_by_call(scene: Scene) -> None:
    scene.faults.decide = lambda call: THROTTLED if call.number % 2 else None

    for _ in range(4):
        try:
            scene.count_up()
        except ClientError:
            continue

    assert (scene.count, [call.number for call, _ in scene.faults.befell]) == (2, [1, 3])


def test_a_scheduler_is_told_of_every_call_before_it_is_made(scene: Scene) -> None:
    seen: list[tuple[str, int]] = []
    scene.faults.watch = lambda call: seen.append((call.operation, scene.count))

    scene.count_up()
    scene.count_up()

    assert seen == [("update_item", 0), ("update_item", 1)]


@pytest.mark.parametrize(
    ("service", "operation", "special"),
    [
        ("dynamodb", "transact_write_items", CONFLICT),
        ("dynamodb", "update_item", CONFLICT),
        ("dynamodb", "batch_write_item", DONE_PARTLY),
        ("sqs", "send_message_batch", DONE_PARTLY),
        ("dynamodb", "get_item", None),
    ],
)
def test_what_can_befall_a_call_depends_on_what_it_is(service: str, operation: str, special: Fault | None) -> None:
    faults = possible(Call(1, service, operation, {}))

    assert {KILL_BEFORE, KILL_AFTER, ANSWER_LOST, DONE_TWICE} <= set(faults)
    assert [fault for fault in (CONFLICT, DONE_PARTLY) if fault in faults] == ([special] if special else [])
