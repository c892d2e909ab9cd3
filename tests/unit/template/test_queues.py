from __future__ import annotations

from typing import Any

import pytest

from tests.unit.template.translation import Stack, every, target

MAIN = {
    "PollQueue": "PollSource",
    "SlowPollQueue": "PollSource",
    "ImportQueue": "ImportBatch",
    "UpsertQueue": "UpsertRecord",
    "DeliveryQueue": "DeliverEmployee",
}
DEAD = {name: name.removeprefix("Slow").replace("Queue", "DeadLetters") for name in MAIN}
PARKS_ON_RECEIVE = 5


def mapping_of(stack: Stack, queue: str) -> dict[str, Any]:
    """The one event source mapping of a queue."""
    mappings = stack.resources("AWS::Lambda::EventSourceMapping").values()
    [mapping] = [one for one in mappings if target(one["EventSourceArn"]) == queue]
    return mapping


def test_there_are_five_queues_with_dead_letter_queues_behind_them(deployed: Stack) -> None:
    assert set(deployed.resources("AWS::SQS::Queue")) == {*MAIN, *DEAD.values()}


@pytest.mark.parametrize("queue", [*MAIN, *DEAD.values()])
def test_a_queue_is_encrypted(deployed: Stack, queue: str) -> None:
    assert deployed[queue]["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize(("queue", "dead"), DEAD.items())
def test_what_keeps_failing_becomes_a_dead_letter_for_two_weeks(deployed: Stack, queue: str, dead: str) -> None:
    redrive = deployed[queue]["RedrivePolicy"]
    assert target(redrive["deadLetterTargetArn"]) == dead
    assert deployed[dead]["MessageRetentionPeriod"] == 14 * 86_400
    assert deployed[queue].get("FifoQueue") == deployed[dead].get("FifoQueue")


@pytest.mark.parametrize("queue", MAIN)
def test_the_redrive_does_not_overtake_what_is_parked_on_its_fifth_receive(deployed: Stack, queue: str) -> None:
    assert deployed[queue]["RedrivePolicy"]["maxReceiveCount"] == 10 > PARKS_ON_RECEIVE


@pytest.mark.parametrize(("queue", "function"), MAIN.items())
def test_one_message_of_a_batch_can_fail_alone(deployed: Stack, queue: str, function: str) -> None:
    mapping = mapping_of(deployed, queue)
    assert target(mapping["FunctionName"]) == function
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_batches_are_of_one_where_a_message_is_work_for_minutes(deployed: Stack) -> None:
    sizes = {queue: mapping_of(deployed, queue)["BatchSize"] for queue in MAIN}
    assert sizes == {"PollQueue": 1, "SlowPollQueue": 1, "ImportQueue": 1, "UpsertQueue": 1, "DeliveryQueue": 10}


@pytest.mark.parametrize("queue", ["PollQueue", "SlowPollQueue", "UpsertQueue", "DeliveryQueue"])
def test_a_message_stays_invisible_for_six_times_its_function(deployed: Stack, queue: str) -> None:
    assert deployed[queue]["VisibilityTimeout"] >= 6 * deployed[MAIN[queue]]["Timeout"]


def test_a_planner_that_was_killed_is_followed_by_another_within_a_minute_or_two(deployed: Stack) -> None:
    timeout, visibility = deployed["ImportBatch"]["Timeout"], deployed["ImportQueue"]["VisibilityTimeout"]
    assert timeout == 900
    assert timeout < visibility <= timeout + 120


def test_chunks_and_deliveries_are_short(deployed: Stack) -> None:
    assert [deployed[name]["Timeout"] for name in ("UpsertRecord", "DeliverEmployee")] == [60, 60]


def test_deliveries_of_one_person_are_in_order_and_of_others_independent(deployed: Stack) -> None:
    queue = deployed["DeliveryQueue"]
    assert queue["FifoQueue"] is True
    assert (queue["DeduplicationScope"], queue["FifoThroughputLimit"]) == ("messageGroup", "perMessageGroupId")
    assert queue["ContentBasedDeduplication"] is False


def test_the_other_queues_are_no_fifo_queues(deployed: Stack) -> None:
    assert not any(deployed[queue].get("FifoQueue") for queue in MAIN if queue != "DeliveryQueue")


@pytest.mark.parametrize("queue", MAIN)
def test_no_queue_takes_all_the_concurrency_of_an_account(deployed: Stack, queue: str) -> None:
    assert 2 <= mapping_of(deployed, queue)["ScalingConfig"]["MaximumConcurrency"] <= 20


def test_what_is_reserved_for_chunks_is_also_the_most_they_take(template: dict[str, Any]) -> None:
    stack = Stack.of(template, Stage="prod", ReservedConcurrency=7)
    assert stack["UpsertRecord"]["ReservedConcurrentExecutions"] == 7
    assert mapping_of(stack, "UpsertQueue")["ScalingConfig"] == {"MaximumConcurrency": 7}


def test_nothing_is_reserved_unless_asked_for(deployed: Stack) -> None:
    functions = deployed.resources("AWS::Lambda::Function").values()
    assert not any("ReservedConcurrentExecutions" in function for function in functions)


@pytest.mark.parametrize("function", sorted(set(MAIN.values())))
def test_a_function_takes_messages_from_its_own_queues_only(deployed: Stack, function: str) -> None:
    sources = [
        target(resource)
        for statement in deployed.statements(function)
        if "sqs:ReceiveMessage" in every(statement["Action"])
        for resource in every(statement["Resource"])
    ]
    assert sources == [queue for queue, reader in MAIN.items() if reader == function]


def test_9_3_the_lanes_of_polls_have_workers_of_their_own(template: dict[str, Any]) -> None:
    stack = Stack.of(template, PollConcurrency=7)
    for queue in ("PollQueue", "SlowPollQueue"):
        assert mapping_of(stack, queue)["ScalingConfig"] == {"MaximumConcurrency": 7}
