"""The world does what AWS does between the services: it tells, retries, hides, buries, and loses workers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from peoplefeed.deployment import Deployment
from tests.worlds.clock import Clock
from tests.worlds.faults import KILL_AFTER, KILL_BEFORE
from tests.worlds.records import Record
from tests.worlds.world import MOST_RECEIVES, NeverQuiet, World

type Seen = list[Record]


def world_where(do: Callable[[Deployment, Record], None], **more: Any) -> World:
    """A world whose functions do something of the test's."""

    def handle(deployment: Deployment, record: Record, _clock: Clock) -> None:
        do(deployment, record)

    return World(handlers=dict.fromkeys(("import", "upsert", "delivery.fifo"), handle), **more)


def count_up(deployment: Deployment, name: str = "count") -> None:
    deployment.dynamodb.update_item(
        TableName="directory",
        Key={"pk": {"S": name}, "sk": {"S": "U"}},
        UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )


def counts(world: World) -> dict[str, int]:
    return {item["pk"]: item["n"] for item in world.items("directory")}


def send(world: World, queue: str, body: str = "{}", **more: str) -> None:
    world.sqs.send_message(QueueUrl=queue, MessageBody=body, **more)


def test_a_feed_is_announced_to_the_import_queue() -> None:
    seen: Seen = []
    world = world_where(lambda _, record: seen.append(record))

    key = world.put_feed("acme", "Name\nChef\n", kind="job-titles", name="Öl & Wein.csv")
    world.run_until_quiet()

    (described,) = json.loads(seen[0]["body"])["Records"]
    assert described["s3"]["object"]["key"] == "feeds/acme/upload/job-titles/changes/%C3%96l+%26+Wein.csv"
    version = described["s3"]["object"]["versionId"]
    found = world.s3.get_object(Bucket="feeds", Key=key, VersionId=version)
    assert found["Body"].read() == b"Name\nChef\n"


def test_what_lies_elsewhere_in_the_bucket_is_not_announced() -> None:
    world = world_where(lambda *_: None)

    world.s3.put_object(Bucket="feeds", Key="plans/acme/0000000001/head.json", Body=b"{}")

    assert world.waiting() == []


def test_a_record_looks_as_lambda_hands_it_over() -> None:
    seen: Seen = []
    world = world_where(lambda _, record: seen.append(record))
    send(world, "upsert", '{"tenant": "acme"}', MessageGroupId="acme")

    world.run_until_quiet()

    (record,) = seen
    assert record["body"] == '{"tenant": "acme"}'
    assert (record["eventSource"], record["messageId"]) == ("aws:sqs", "message-00000001")
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["attributes"]["MessageGroupId"] == "acme"


def test_what_fails_comes_back_and_is_buried_in_the_end() -> None:
    seen: Seen = []

    def fail(_: Deployment, record: Record) -> None:
        seen.append(record)
        raise ValueError(record["body"])

    world = world_where(fail, tolerant=True)
    send(world, "upsert", "poison")

    world.run_until_quiet()

    received = [int(record["attributes"]["ApproximateReceiveCount"]) for record in seen]
    assert received == list(range(1, MOST_RECEIVES + 1))
    assert world.dead_letters() == ["poison"]
    assert {type(failure.error) for failure in world.failures} == {ValueError}


def test_an_exception_fails_the_test_unless_it_is_tolerated() -> None:
    def fail(*_: object) -> None:
        raise ValueError("a fault of ours")

    world = world_where(fail)
    send(world, "upsert")

    with pytest.raises(ValueError, match="a fault of ours"):
        world.run_until_quiet()


def test_what_stands_behind_a_failure_in_its_group_waits_for_it() -> None:
    done: list[str] = []

    def fail_once(_: Deployment, record: Record) -> None:
        if record["body"] == "1" and record["attributes"]["ApproximateReceiveCount"] == "1":
            raise ValueError(record["body"])
        done.append(record["body"])

    world = world_where(fail_once, tolerant=True)
    for group, body in (("ann", "1"), ("ann", "2"), ("bob", "3")):
        send(world, "delivery.fifo", body, MessageGroupId=group, MessageDeduplicationId=body)

    world.run_until_quiet()

    assert done == ["3", "1", "2"]


@pytest.mark.parametrize(("fault", "count"), [(KILL_BEFORE, 1), (KILL_AFTER, 2)])
def test_the_message_of_a_killed_worker_comes_back(fault: Any, count: int) -> None:
    world = world_where(lambda deployment, _: count_up(deployment))
    world.faults.at(1, fault)
    send(world, "upsert")
    before = world.clock()

    world.run_until_quiet()

    assert (counts(world), world.kills) == ({"count": count}, 1)
    assert (world.clock() - before).total_seconds() == 360  # its queue's visibility


def test_a_batch_whose_worker_is_killed_comes_back_whole() -> None:
    done: list[str] = []

    def note(deployment: Deployment, record: Record) -> None:
        count_up(deployment, record["body"])
        done.append(record["body"])

    world = world_where(note)
    world.faults.at(2, KILL_BEFORE)
    for body in ("ann", "bob"):
        send(world, "delivery.fifo", body, MessageGroupId=body, MessageDeduplicationId=body)

    world.run_until_quiet()

    assert done == ["ann", "ann", "bob"]


def test_a_worker_that_was_killed_is_followed_by_one_without_memory() -> None:
    workers: list[Deployment] = []

    def note(deployment: Deployment, _: Record) -> None:
        workers.append(deployment)
        count_up(deployment)

    world = world_where(note)
    world.faults.at(1, KILL_BEFORE)
    send(world, "upsert")
    send(world, "upsert")

    world.run_until_quiet()

    first, second, third = workers
    assert first is not second
    assert second is third


def test_sleeping_takes_no_time_but_the_worlds() -> None:
    world = world_where(lambda *_: time.sleep(3600))
    send(world, "upsert")
    before, really = world.clock(), time.monotonic()

    world.run_until_quiet()

    assert (world.clock() - before).total_seconds() == 3600
    assert time.monotonic() - really < 60


def test_a_world_that_never_comes_to_rest_is_stopped() -> None:
    def again(deployment: Deployment, record: Record) -> None:
        deployment.sqs.send_message(QueueUrl="upsert", MessageBody=record["body"])

    world = world_where(again)
    send(world, "upsert")

    with pytest.raises(NeverQuiet):
        world.run_until_quiet(most=50)


def test_everything_can_be_delivered_again() -> None:
    world = world_where(lambda deployment, record: count_up(deployment, record["body"]))
    send(world, "upsert", "chunk")
    send(world, "delivery.fifo", "ann", MessageGroupId="ann", MessageDeduplicationId="1")
    world.run_until_quiet()

    again = world.sqs.deliver_again()
    world.run_until_quiet()

    assert (again, counts(world)) == (2, {"ann": 2, "chunk": 2})


def test_a_standard_queue_promises_no_order() -> None:
    done: list[str] = []
    world = world_where(lambda _, record: done.append(record["body"]))
    world.sqs.shuffle = lambda messages: messages.reverse()
    for body in "123":
        send(world, "upsert", body)

    world.run_until_quiet()

    assert done == ["3", "2", "1"]


def test_a_fork_begins_where_its_world_is_and_goes_its_own_way() -> None:
    world = world_where(lambda deployment, record: count_up(deployment, record["body"]))
    send(world, "upsert", "first")
    world.run_until_quiet()
    send(world, "upsert", "waiting")

    fork = world.fork()
    fork.run_until_quiet()
    send(fork, "upsert", "second")
    fork.put_feed("acme", "", name="feed.csv")
    fork.clock.forward(days=1)
    fork.step("upsert")

    assert counts(world) == {"first": 1}
    assert counts(fork) == {"first": 1, "second": 1, "waiting": 1}
    assert (world.s3.keys(), fork.s3.keys()) == ([], ["feeds/acme/upload/employees/changes/feed.csv"])
    assert (world.sqs.bodies("upsert"), fork.clock() > world.clock()) == (["waiting"], True)
    assert [call.number for call in fork.faults.log] == [1, 2]


def test_indexes_and_weak_reads_follow_late_where_they_lag() -> None:
    world = world_where(lambda *_: None, lags=True)
    item = {"pk": {"S": "T#acme"}, "sk": {"S": "META"}, "line_pk": {"S": "LINE"}, "line_sk": {"S": "acme"}}
    key = {name: item[name] for name in ("pk", "sk")}
    world.dynamodb.put_item(TableName="directory", Item=item)

    def seen() -> tuple[bool, bool, int]:
        weak = world.dynamodb.get_item(TableName="directory", Key=key)
        strong = world.dynamodb.get_item(TableName="directory", Key=key, ConsistentRead=True)
        listed = world.dynamodb.query(
            TableName="directory",
            IndexName="line",
            KeyConditionExpression="line_pk = :line",
            ExpressionAttributeValues={":line": {"S": "LINE"}},
        )
        return "Item" in weak, "Item" in strong, listed["Count"]

    before = seen()
    world.dynamodb.settle()

    assert (before, seen()) == ((False, True, 0), (True, True, 1))


def test_what_has_expired_goes_when_time_says_so() -> None:
    world = world_where(lambda *_: None)
    soon = int(world.clock().timestamp()) + 60
    for sk, expires in (("goes", soon), ("stays", soon + 3600)):
        item = {"pk": {"S": "T#acme"}, "sk": {"S": sk}, "expires": {"N": str(expires)}}
        world.dynamodb.put_item(TableName="feed-log", Item=item)
    world.clock.forward(minutes=30)

    gone = world.dynamodb.expire()

    assert (gone, [item["sk"] for item in world.items("feed-log")]) == (1, ["stays"])


def test_a_feed_goes_all_the_way_through_the_core() -> None:
    world = World()
    world.put_feed("acme", "Name\nChef\n", kind="job-titles")
    rows = "External Identifier,First Name,Last Name,Email,Job Title\nE1,Ana,Sol,ana@x.es,Chef\n"

    world.put_feed("acme", rows, mode="full")
    world.settle()

    (person,) = [item for item in world.items("directory") if item["pk"] == "T#acme#U#E1"]
    assert (person["email"], person["active"]) == ("ana@x.es", True)
    assert (world.dead_letters(), world.failures) == ([], [])
