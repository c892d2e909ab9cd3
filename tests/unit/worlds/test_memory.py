"""What the fakes have beside what they share with moto and DynamoDB Local: a clock, meters, and strictness."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from tests.worlds.clock import Clock
from tests.worlds.dynamodb.metering import Partition
from tests.worlds.memory_dynamodb import MemoryDynamoDB
from tests.worlds.memory_events import MemoryEvents
from tests.worlds.memory_secrets import MemorySecrets
from tests.worlds.memory_sqs import MemorySQS
from tests.worlds.queues import Queue
from tests.worlds.tables import create_tables

KEY = {"pk": {"S": "T#acme"}, "sk": {"S": "META"}}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def table(clock: Clock) -> MemoryDynamoDB:
    made = MemoryDynamoDB(clock)
    create_tables(made, "directory", "feed-log")
    made.metering.reset()
    return made


@pytest.fixture
def sqs(clock: Clock) -> MemorySQS:
    made = MemorySQS(clock)
    made.add(Queue("delivery.fifo", fifo=True, visibility=360))
    return made


def put(table: MemoryDynamoDB, **attributes: Any) -> None:
    table.put_item(TableName="directory", Item=KEY | attributes)


def test_a_parameter_that_the_fake_does_not_know_is_refused(table: MemoryDynamoDB) -> None:
    with pytest.raises(ParamValidationError, match='Unknown parameter in input of GetItem: "AttributesToGet"'):
        table.get_item(TableName="directory", Key=KEY, AttributesToGet=["a"])


def test_what_a_caller_has_is_his_own(table: MemoryDynamoDB) -> None:
    sent: dict[str, Any] = {"L": [{"S": "one"}]}
    put(table, a=sent)
    sent["L"].append({"S": "two"})
    got = table.get_item(TableName="directory", Key=KEY)["Item"]
    got["a"]["L"].clear()

    assert table.items("directory") == [KEY | {"a": {"L": [{"S": "one"}]}}]


def test_a_refusal_is_of_the_class_that_the_client_names(table: MemoryDynamoDB) -> None:
    with pytest.raises(table.exceptions.ResourceNotFoundException):
        table.get_item(TableName="nosuch", Key=KEY)


def test_a_token_is_forgotten_after_ten_minutes(table: MemoryDynamoDB, clock: Clock) -> None:
    values = {":one": {"N": "1"}}
    count_up = {"TableName": "directory", "Key": KEY, "UpdateExpression": "ADD n :one"}
    action = {"Update": count_up | {"ExpressionAttributeValues": values}}

    for minutes in (0, 9, 11):
        clock.forward(minutes=minutes)
        table.transact_write_items(TransactItems=[action], ClientRequestToken="token")

    assert table.items("directory")[0]["n"] == {"N": "2"}


def test_an_update_shows_the_paths_that_it_changed(table: MemoryDynamoDB) -> None:
    """As AWS documents it; DynamoDB Local shows the whole attribute."""
    put(table, m={"M": {"a": {"N": "1"}, "b": {"N": "2"}}})

    answer = table.update_item(
        TableName="directory",
        Key=KEY,
        UpdateExpression="SET m.a = :v",
        ExpressionAttributeValues={":v": {"N": "9"}},
        ReturnValues="UPDATED_NEW",
    )

    assert answer["Attributes"] == {"m": {"M": {"a": {"N": "9"}}}}


def test_calls_are_counted_by_table_and_units_by_partition(table: MemoryDynamoDB) -> None:
    put(table, line_pk={"S": "LINE"}, line_sk={"S": "acme"})
    put(table, line_pk={"S": "LINE"}, line_sk={"S": "acme"}, a={"S": "x" * 2000})
    table.get_item(TableName="directory", Key=KEY)

    metering = table.metering
    assert (metering.calls_of("directory"), metering.calls_of("feed-log")) == (3, 0)
    assert metering.calls["put_item", "directory"] == 2
    assert metering.write_units == {
        Partition("directory", None, "T#acme"): 1 + 2,
        Partition("directory", "line", "LINE"): 1,
    }
    assert (metering.total(), metering.total("directory", indexes=False)) == (4, 3)
    assert metering.busiest() == (Partition("directory", None, "T#acme"), 0.75)


def test_a_transaction_costs_double_and_a_failed_condition_costs_too(table: MemoryDynamoDB) -> None:
    absent = {"ConditionExpression": "attribute_not_exists(pk)"}
    action = {"Put": {"TableName": "directory", "Item": KEY, **absent}}
    table.transact_write_items(TransactItems=[action])
    done = table.metering.total()

    with pytest.raises(table.exceptions.TransactionCanceledException):
        table.transact_write_items(TransactItems=[action])
    with pytest.raises(table.exceptions.ConditionalCheckFailedException):
        table.put_item(TableName="directory", Item=KEY, **absent)

    assert (done, table.metering.total()) == (2, 2 + 2 + 1)


def send(sqs: MemorySQS) -> None:
    message = {"MessageBody": "x", "MessageGroupId": "ann", "MessageDeduplicationId": "ann#1"}
    sqs.send_message(QueueUrl="delivery.fifo", **message)


def test_the_same_message_is_taken_again_after_five_minutes(sqs: MemorySQS, clock: Clock) -> None:
    taken = []
    for minutes in (0, 4, 2):
        clock.forward(minutes=minutes)
        send(sqs)
        taken.append(len(sqs.bodies("delivery.fifo")))

    assert taken == [1, 1, 2]


def test_a_message_comes_back_when_its_visibility_ends(sqs: MemorySQS, clock: Clock) -> None:
    send(sqs)
    receipts = []
    for seconds in (0, 359, 1):
        clock.forward(seconds=seconds)
        answer = sqs.receive_message(QueueUrl="delivery.fifo")
        receipts += [message["ReceiptHandle"] for message in answer.get("Messages", ())]

    first, second = receipts
    sqs.delete_message(QueueUrl="delivery.fifo", ReceiptHandle=first)
    left_by_the_old_receipt = sqs.bodies("delivery.fifo")
    sqs.delete_message(QueueUrl="delivery.fifo", ReceiptHandle=second)

    assert (left_by_the_old_receipt, sqs.bodies("delivery.fifo")) == (["x"], [])


def test_a_message_that_is_not_in_flight_cannot_be_hidden(sqs: MemorySQS, clock: Clock) -> None:
    send(sqs)
    (message,) = sqs.receive_message(QueueUrl="delivery.fifo")["Messages"]
    clock.forward(minutes=10)

    with pytest.raises(sqs.exceptions.MessageNotInflight):
        sqs.change_message_visibility(
            QueueUrl="delivery.fifo", ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=10
        )


def test_events_are_kept_and_broken_ones_refused() -> None:
    bus = MemoryEvents()
    event = {"Source": "peoplefeed", "DetailType": "AttentionNeeded"}

    answer = bus.put_events(Entries=[event | {"Detail": '{"code": "FEED_EMPTY"}'}, event | {"Detail": "[]"}])

    assert (answer["FailedEntryCount"], bus.details()) == (1, [{"code": "FEED_EMPTY"}])
    assert answer["Entries"][1]["ErrorCode"] == "MalformedDetail"


def test_a_secret_goes_by_its_name() -> None:
    secrets = MemorySecrets(platform="token")

    assert secrets.get_secret_value(SecretId="platform")["SecretString"] == "token"
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.get_secret_value(SecretId="other")
