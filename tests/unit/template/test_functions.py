from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from peoplefeed.deployment import Names
from tests.unit.template.test_access import FUNCTIONS
from tests.unit.template.translation import PROJECT, Stack, every, target

OF_EVERYONE = {"STAGE", "POWERTOOLS_LOG_LEVEL", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}
KNOWN = {field.name.upper() for field in dataclasses.fields(Names)}
API_GATEWAY_WAITS = 29
GRANTS = {
    "DIRECTORY_TABLE": "Directory",
    "FEED_LOG_TABLE": "FeedLog",
    "FEED_BUCKET": "FeedBucket",
    "POLL_QUEUE_URL": "PollQueue",
    "SLOW_POLL_QUEUE_URL": "SlowPollQueue",
    "IMPORT_QUEUE_URL": "ImportQueue",
    "UPSERT_QUEUE_URL": "UpsertQueue",
    "DELIVERY_QUEUE_URL": "DeliveryQueue",
}


def environment(stack: Stack, function: str) -> dict[str, Any]:
    variables: dict[str, Any] = stack[function]["Environment"]["Variables"]
    return variables


def granted(stack: Stack, function: str) -> set[str]:
    """The resources that a function's role names."""
    texts = [str(resource) for one in stack.statements(function) for resource in every(one["Resource"])]
    return {name for name in GRANTS.values() if any(f"'{name}'" in text or f"{{{name}." in text for text in texts)}


def test_there_are_six_functions_named_after_their_folders(deployed: Stack) -> None:
    names = {
        function: properties["FunctionName"]["Fn::Sub"].removeprefix("${AWS::StackName}-")
        for function, properties in deployed.resources("AWS::Lambda::Function").items()
    }
    assert set(names) == set(FUNCTIONS)
    assert all(name.replace("_", "") == function.lower() for function, name in names.items())
    assert {path.name for path in (PROJECT / "functions").iterdir() if path.is_dir()} == set(names.values())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_runs_python_313_on_its_layers_processor(deployed: Stack, function: str) -> None:
    [(layer, built)] = deployed.resources("AWS::Lambda::LayerVersion").items()
    properties = deployed[function]
    assert (properties["Runtime"], properties["Handler"]) == ("python3.13", "app.handler")
    assert properties["Architectures"] == built["CompatibleArchitectures"] == ["arm64"]
    assert [target(one) for one in properties["Layers"]] == [layer]


def test_the_layer_is_built_for_the_processor_that_it_runs_on() -> None:
    lines = (PROJECT / "template.yaml").read_text(encoding="utf-8").splitlines()
    metadata = [line.strip() for line in lines if line.strip().startswith(("BuildMethod:", "BuildArchitecture:"))]
    assert metadata == ["BuildMethod: python3.13", "BuildArchitecture: !Ref Architecture"]


@pytest.mark.parametrize("function", ["PollSource", "UpsertRecord", "DeliverEmployee", "QueryLogs", "ManageDirectory"])
def test_8_1_who_asks_whether_there_is_a_platform_knows_the_deployments(
    template: dict[str, Any], function: str
) -> None:
    """The sweep is in PollSource: it fills a platform that the deployment gets later."""
    stack = Stack.of(template, Stage="prod", LearningPlatformUrl="https://learn.example.com/scim")
    assert environment(stack, function)["LEARNING_PLATFORM_URL"] == "https://learn.example.com/scim"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_environment_has_the_names_that_the_code_reads(deployed: Stack, function: str) -> None:
    own = set(environment(deployed, function)) - OF_EVERYONE
    assert own - KNOWN == ({"LOCAL_SOURCES"} if function == "PollSource" else set())
    assert set(environment(deployed, function)) >= OF_EVERYONE


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_told_the_names_of_what_it_may_use_and_of_nothing_else(deployed: Stack, function: str) -> None:
    told = {target(value) for name, value in environment(deployed, function).items() if name in GRANTS}
    assert told == granted(deployed, function)


@pytest.mark.parametrize("function", ["PollSource", "ImportBatch", "UpsertRecord", "DeliverEmployee"])
def test_7_5_who_writes_the_feed_log_knows_how_long_it_is_kept(deployed: Stack, function: str) -> None:
    assert environment(deployed, function)["LOG_RETENTION_DAYS"] == 395


def test_metrics_of_two_stages_do_not_mix(deployed: Stack) -> None:
    values = [environment(deployed, function) for function in FUNCTIONS]
    assert all(value["POWERTOOLS_SERVICE_NAME"] == {"Fn::Sub": "peoplefeed-${Stage}"} for value in values)
    assert {value["POWERTOOLS_METRICS_NAMESPACE"] for value in values} == {"peoplefeed"}


def test_only_the_local_stage_polls_without_tls_and_opens_tenants(deployed: Stack, local: Stack) -> None:
    for stack, expected in ((deployed, "false"), (local, "true")):
        assert environment(stack, "PollSource")["LOCAL_SOURCES"] == expected
        assert environment(stack, "ImportBatch")["OPEN_TENANTS"] == expected


def test_a_deployed_stage_refuses_to_open_tenants(template: dict[str, Any], deployed: Stack, local: Stack) -> None:
    rule = template["Rules"]["OnlyTheLocalStageIsOpen"]
    [assertion] = rule["Assertions"]
    assert deployed.settle(rule["RuleCondition"]) is True
    assert local.settle(rule["RuleCondition"]) is False
    assert Stack.of(template, Stage="prod", OpenTenants="true").settle(assertion["Assert"]) is False


@pytest.mark.parametrize("function", ["QueryLogs", "ManageDirectory"])
def test_a_function_behind_the_api_ends_before_the_api_gives_up(deployed: Stack, function: str) -> None:
    assert deployed[function]["Timeout"] <= API_GATEWAY_WAITS


def test_the_planner_has_room_for_a_million_rows(template: dict[str, Any], deployed: Stack) -> None:
    """`benchmarks/million.py` measures what it takes."""
    assert deployed["ImportBatch"]["MemorySize"] >= 3008
    assert Stack.of(template, Stage="prod", PlanningMemory=5120)["ImportBatch"]["MemorySize"] == 5120


@pytest.mark.parametrize("function", FUNCTIONS)
def test_log_lines_are_json_in_a_group_of_their_own_that_forgets(deployed: Stack, function: str) -> None:
    logging = deployed[function]["LoggingConfig"]
    assert (logging["LogFormat"], target(logging["LogGroup"])) == ("JSON", f"{function}Logs")
    assert deployed[f"{function}Logs"]["RetentionInDays"] == 90


def test_every_log_group_follows_the_parameter(template: dict[str, Any]) -> None:
    groups = Stack.of(template, Stage="prod", LogRetentionDays=7).resources("AWS::Logs::LogGroup")
    assert set(groups) == {f"{function}Logs" for function in FUNCTIONS} | {"ApiLogs"}
    assert {group["RetentionInDays"] for group in groups.values()} == {7}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_writes_to_its_own_log_group_only(deployed: Stack, function: str) -> None:
    [statement] = [one for one in deployed.statements(function) if one["Sid"] == "Log"]
    assert target(statement["Resource"]) == f"{function}Logs"


def test_one_schedule_wakes_poll_source_every_five_minutes(deployed: Stack) -> None:
    [rule] = deployed.resources("AWS::Events::Rule").values()
    [scheduled] = rule["Targets"]
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert target(scheduled["Arn"]) == "PollSource"


def test_no_stage_keeps_a_secret_in_its_configuration() -> None:
    text = Path(PROJECT / "samconfig.toml").read_text(encoding="utf-8").casefold()
    assert "stage=prod" in text
    assert not [word for word in ("password", "token=", "bearer") if word in text]
