"""Who may do what. Neither emulator judges LeadingKeys, so that they are asserted here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.template.translation import Stack, every, target

FUNCTIONS = ("PollSource", "ImportBatch", "UpsertRecord", "DeliverEmployee", "QueryLogs", "ManageDirectory")
READS = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
GUARD = {"dynamodb:LeadingKeys": "false"}
KEYS_OF = {
    "Directory": ["T#*"],
    "FeedLog": ["T#*"],
    "Directory/people-by-name": ["T#*"],
    "Directory/outbox": ["OUTBOX#*"],
    "Directory/line": ["LINE"],
    "Directory/due": ["POLL#*", "RETRY#*"],
    "FeedLog/story": ["T#*"],
    "FeedLog/unresolved": ["T#*"],
    "FeedLog/problems": ["T#*"],
}


def place_of(resource: Any) -> str:
    """`Directory` for the table, `Directory/line` for an index of it."""
    match resource:
        case {"Fn::Sub": str(text)}:
            return text.removeprefix("${").replace(".Arn}/index", "")
    return target(resource)


def on_tables(stack: Stack, function: str) -> Iterator[tuple[set[str], str, dict[str, Any]]]:
    """Yield actions, place and condition of everything that a function may do with the tables."""
    for statement in stack.statements(function):
        actions = set(every(statement["Action"]))
        if any(action.startswith("dynamodb:") for action in actions):
            for resource in every(statement["Resource"]):
                yield actions, place_of(resource), statement.get("Condition", {})


def places(stack: Stack, function: str, action: str) -> set[str]:
    return {place for actions, place, _ in on_tables(stack, function) if action in actions}


def keys_in_bucket(stack: Stack, function: str, action: str) -> set[str]:
    return {
        resource["Fn::Sub"].removeprefix("${FeedBucket.Arn}/")
        for statement in stack.statements(function)
        if action in every(statement["Action"])
        for resource in every(statement["Resource"])
    }


def queues(stack: Stack, function: str) -> set[str]:
    return {
        target(resource)
        for statement in stack.statements(function)
        if "sqs:SendMessage" in every(statement["Action"])
        for resource in every(statement["Resource"])
    }


def test_every_function_has_a_role_of_its_own(deployed: Stack) -> None:
    roles = [target(deployed[function]["Role"]) for function in deployed.resources("AWS::Lambda::Function")]
    assert sorted(roles) == sorted(f"{function}Role" for function in FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_is_for_lambda_alone_and_borrows_no_policy(deployed: Stack, function: str) -> None:
    role = deployed[f"{function}Role"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust == {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    assert "ManagedPolicyArns" not in role


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_action_and_no_resource_of_a_role_is_a_wildcard(deployed: Stack, function: str) -> None:
    for statement in deployed.statements(function):
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in every(statement["Action"])), statement["Sid"]
        assert "*" not in every(statement["Resource"]), statement["Sid"]


def test_no_policy_of_any_kind_grants_a_wildcard(deployed: Stack) -> None:
    documents = [
        *(policy["PolicyDocument"] for policy in deployed.resources("AWS::SQS::QueuePolicy").values()),
        *(policy["PolicyDocument"] for policy in deployed.resources("AWS::SNS::TopicPolicy").values()),
        *(key["KeyPolicy"] for key in deployed.resources("AWS::KMS::Key").values()),
    ]
    granted = [
        action
        for document in documents
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for action in every(statement["Action"])
    ]
    assert len(granted) > len(documents)
    assert not [action for action in granted if "*" in action]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nobody_scans_a_table_or_touches_its_settings(deployed: Stack, function: str) -> None:
    allowed = {action for actions, _, _ in on_tables(deployed, function) for action in actions}
    writes = {f"dynamodb:{name}" for name in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")}
    assert allowed <= READS | writes


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_access_to_a_table_is_fenced_by_its_leading_keys(deployed: Stack, function: str) -> None:
    fenced = list(on_tables(deployed, function))
    assert fenced
    for _, place, condition in fenced:
        leading = {"dynamodb:LeadingKeys": KEYS_OF[place]}
        assert condition == {"ForAllValues:StringLike": leading, "Null": GUARD}, place


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_local_stage_lacks_nothing_but_the_keys_that_its_emulator_never_has(
    deployed: Stack, local: Stack, function: str
) -> None:
    for ours, theirs in zip(deployed.statements(function), local.statements(function), strict=False):
        assert {**ours, "Condition": None} == {**theirs, "Condition": None}
        lacking = ours.get("Condition", {}).keys() - theirs.get("Condition", {}).keys()
        assert lacking == ({"StringEquals"} if ours["Sid"] == "SayWhatNeedsAttention" else set())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_index_is_only_ever_asked(deployed: Stack, function: str) -> None:
    for actions, place, _ in on_tables(deployed, function):
        assert "/" not in place or actions <= READS


def test_questions_change_nothing(deployed: Stack) -> None:
    verbs = {action for statement in deployed.statements("QueryLogs") for action in every(statement["Action"])}
    assert verbs == READS | {"logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObjectVersion"}


def test_people_are_changed_by_applying_alone(deployed: Stack) -> None:
    """Nobody else gives up a claim, and the line is the one way in (1.8)."""
    deleting = {name for name in FUNCTIONS if places(deployed, name, "dynamodb:DeleteItem")}
    assert deleting == {"UpsertRecord"}


def test_the_api_writes_no_feed_log(deployed: Stack) -> None:
    for action in ("dynamodb:PutItem", "dynamodb:UpdateItem"):
        assert places(deployed, "ManageDirectory", action) == {"Directory"}


def test_the_sweep_asks_the_indexes_that_cross_tenants_and_nobody_else_does(deployed: Stack) -> None:
    asked = {name: places(deployed, name, "dynamodb:Query") for name in FUNCTIONS}
    crossing = {"Directory/line", "Directory/outbox", "Directory/due"}
    assert {name for name in FUNCTIONS if asked[name] & crossing} == {"PollSource"}
    assert asked["PollSource"] >= crossing


def test_a_page_of_people_or_problems_is_asked_of_its_index(deployed: Stack) -> None:
    asked = {name for name in FUNCTIONS if "Directory/people-by-name" in places(deployed, name, "dynamodb:Query")}
    assert asked == {"ManageDirectory", "DeliverEmployee", "ImportBatch"}
    indexes = {"FeedLog/story", "FeedLog/unresolved", "FeedLog/problems"}
    assert indexes < places(deployed, "QueryLogs", "dynamodb:Query")


def test_feeds_are_landed_by_polls_and_the_api_and_read_by_the_planner_for_menders_and_to_be_landed_again(
    deployed: Stack,
) -> None:
    writers = {name for name in FUNCTIONS if "feeds/*" in keys_in_bucket(deployed, name, "s3:PutObject")}
    readers = {name for name in FUNCTIONS if "feeds/*" in keys_in_bucket(deployed, name, "s3:GetObjectVersion")}
    assert (writers, readers) == ({"PollSource", "ManageDirectory"}, {"PollSource", "ImportBatch", "QueryLogs"})


def test_what_a_poll_puts_down_is_touched_by_polls_alone(deployed: Stack) -> None:
    touching = {
        name
        for name in FUNCTIONS
        for action in ("s3:PutObject", "s3:GetObject", "s3:GetObjectVersion")
        if "polls/*" in keys_in_bucket(deployed, name, action)
    }
    assert touching == {"PollSource"}


def test_plans_are_written_by_the_planner_alone(deployed: Stack) -> None:
    writers = {name for name in FUNCTIONS if "plans/*" in keys_in_bucket(deployed, name, "s3:PutObject")}
    readers = {name for name in FUNCTIONS if "plans/*" in keys_in_bucket(deployed, name, "s3:GetObject")}
    assert writers == {"ImportBatch"}
    assert readers == {"ImportBatch", "UpsertRecord", "PollSource"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_who_reads_plans_is_told_of_a_missing_one(deployed: Stack, function: str) -> None:
    lists = [s for s in deployed.statements(function) if "s3:ListBucket" in every(s["Action"])]
    assert bool(lists) is ("plans/*" in keys_in_bucket(deployed, function, "s3:GetObject"))
    assert all(target(statement["Resource"]) == "FeedBucket" for statement in lists)


def test_messages_go_down_the_line_and_nowhere_else(deployed: Stack) -> None:
    assert {name: queues(deployed, name) for name in FUNCTIONS} == {
        "PollSource": {"PollQueue", "SlowPollQueue", "ImportQueue", "UpsertQueue", "DeliveryQueue"},
        "ImportBatch": {"ImportQueue", "UpsertQueue"},
        "UpsertRecord": {"ImportQueue", "UpsertQueue", "DeliveryQueue"},
        "DeliverEmployee": {"DeliveryQueue"},
        "QueryLogs": set(),
        "ManageDirectory": {"ImportQueue", "DeliveryQueue"},
    }


def secrets_of(stack: Stack) -> set[tuple[str, str]]:
    """Which function reads which secrets."""
    return {
        (name, statement["Resource"]["Fn::Sub"].rpartition(":secret:")[2])
        for name in FUNCTIONS
        for statement in stack.statements(name)
        if "secretsmanager:GetSecretValue" in every(statement["Action"])
    }


def test_the_secrets_of_sources_and_of_the_platform_are_apart(template: dict[str, Any], deployed: Stack) -> None:
    own = ("DeliverEmployee", "peoplefeed/platforms/*")
    # a manifest is tried before it runs
    sources = {(name, "peoplefeed/sources/*") for name in ("PollSource", "ManageDirectory")}
    assert secrets_of(deployed) == {
        *sources,
        own,
        ("DeliverEmployee", "${LearningPlatformSecret}-??????"),
    }
    assert secrets_of(Stack.of(template, Stage="prod")) == {*sources, own}


def test_who_asks_for_attention_can_say_nothing_else(deployed: Stack) -> None:
    saying = {}
    for function in FUNCTIONS:
        for statement in deployed.statements(function):
            if "events:PutEvents" in every(statement["Action"]):
                saying[function] = statement["Condition"]
    only = {"StringEquals": {"events:source": "peoplefeed", "events:detail-type": "AttentionNeeded"}}
    assert saying == {"PollSource": only, "ImportBatch": only, "UpsertRecord": only}
