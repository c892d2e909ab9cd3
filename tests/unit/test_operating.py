"""docs/operating.md is true: what it names exists, its commands parse, its snippets run, its sums add up."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from command.local.template import read_template
from command.main import _parser
from peoplefeed.codes import Code
from peoplefeed.learning_platform import outbox
from peoplefeed.model import Outcome
from peoplefeed.sources import lanes
from tests.unit.template.translation import PROJECT, translated
from tests.worlds.world import World

PAGE = (PROJECT / "docs/operating.md").read_text(encoding="utf-8")
ON_ONE_LINE = re.sub(r"\s+", " ", PAGE)
FENCES = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
INLINE = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", PAGE, flags=re.MULTILINE | re.DOTALL))
SHELL = [body.replace("\\\n", " ") for language, body in FENCES if language == "sh"] + INLINE
TEMPLATE = read_template(PROJECT / "template.yaml")
ALARMS = {
    name: resource["Properties"]
    for name, resource in TEMPLATE["Resources"].items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}
FOREIGN = {"OutOfMemory", "PowerUserAccess"}  # AWS's own
ALIASES = {"notification-endpoint": "endpoint"}  # the CLI has an option of its own that is called so


@cache
def code() -> str:
    """All of the code that runs on AWS."""
    files = [*(PROJECT / "functions").rglob("*.py"), *(PROJECT / "layers").rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def suffix(name: Any) -> str:
    """What a name has beside the stack's."""
    return str(name["Fn::Sub"]).replace("${AWS::StackName}", "").strip("-/")


def rows_of(heading: str) -> list[list[str]]:
    """The cells of the first table with such a head, without head and rule."""
    table = PAGE[PAGE.index(f"| {heading} |") :].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip(" `*") for cell in line.strip("|").split("|")] for line in table]


def test_the_page_stays_short_enough_to_be_read_at_night() -> None:
    assert PAGE.count("\n") <= 355


# Alarms


def test_every_alarm_leads_to_a_heading_of_the_page() -> None:
    headings = set(re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE))
    wanted = {re.findall(r'docs/operating.md, "(.+?)"', alarm["AlarmDescription"])[0] for alarm in ALARMS.values()}
    assert wanted <= headings
    assert len(wanted) > 5


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_is_explained_by_its_name_under_its_heading(alarm: str) -> None:
    heading = re.findall(r'docs/operating.md, "(.+?)"', ALARMS[alarm]["AlarmDescription"])[0]
    section = PAGE.partition(f"### {heading}\n")[2].partition("\n#")[0]
    assert f"`{suffix(ALARMS[alarm]['AlarmName'])}`" in section


def test_every_link_leads_to_a_heading() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#(.+?)\)", PAGE)) <= anchors


# Names


def test_every_parameter_is_explained_with_its_default() -> None:
    said = {name: default for name, default, _ in rows_of("Parameter | Default | What to know")}
    known = {name: str(one.get("Default", "none")) or "empty" for name, one in TEMPLATE["Parameters"].items()}
    assert said == known


def test_whatever_is_written_in_camel_case_exists() -> None:
    named = {word for text in INLINE for word in re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b", text)}
    named -= set(re.findall(r"--query [\w.]+", " ".join(INLINE)))
    resources = {*translated()["Resources"], *TEMPLATE["Resources"]}
    known = {*TEMPLATE["Parameters"], *TEMPLATE["Outputs"], *resources, *re.findall(r"\b[A-Z]\w+", code()), *FOREIGN}
    iam = {action for text in INLINE for action in re.findall(r":([A-Z]\w+)", text)}
    assert named - known - iam == set()
    assert {"LearningPlatformUrl", "LagSeconds", "UnknownPlanFormat", "DashboardUrl"} < named


@pytest.mark.parametrize(
    "name", ["LagSeconds", "ExcusedLagSeconds", "OldestWaitingSeconds", "PlatformMisconfigured", "Throttled"]
)
def test_a_metric_of_the_page_is_one_that_the_code_sends(name: str) -> None:
    assert f"`{name}`" in PAGE
    assert f'"{name}"' in code()


def test_every_code_and_every_variable_exists() -> None:
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", PAGE))
    command = (PROJECT / "command/sign_in.py").read_text(encoding="utf-8")
    assert all(word in set(Code) or f'"{word}"' in command for word in named)


def test_every_output_and_resource_that_commands_ask_for_exists() -> None:
    shell = "\n".join(SHELL)
    outputs = set(re.findall(r"\boutput ([A-Z]\w+)", shell)) | {f"{queue}QueueUrl" for queue in loop("queue")}
    assert outputs <= set(TEMPLATE["Outputs"])
    resources = set(re.findall(r"\bresource ([A-Z]\w+)", shell)) | set(loop("mapping"))
    assert resources <= set(translated()["Resources"])
    assert len(outputs) > 8
    assert len(resources) > 4


def loop(variable: str) -> list[str]:
    """What a loop of the page goes through."""
    [found] = re.findall(rf"for {variable} in (.+?); do", PAGE)
    return str(found).split()


def test_stopping_stops_all_that_works_by_itself() -> None:
    kinds = {name: resource["Type"] for name, resource in translated()["Resources"].items()}
    assert set(loop("mapping")) == {name for name, kind in kinds.items() if kind == "AWS::Lambda::EventSourceMapping"}
    assert [name for name, kind in kinds.items() if kind == "AWS::Events::Rule"] == ["PollSourceEveryFiveMinutes"]


def test_indexes_functions_log_groups_and_saved_queries_exist() -> None:
    resources = TEMPLATE["Resources"].values()
    tables = [one["Properties"] for one in resources if one["Type"] == "AWS::DynamoDB::Table"]
    indexes = {index["IndexName"] for table in tables for index in table["GlobalSecondaryIndexes"]}
    assert set(re.findall(r"--index-name (\S+)|index `([\w-]+)`", PAGE)) <= {(i, "") for i in indexes} | {
        ("", i) for i in indexes
    }
    groups = {suffix(g["Properties"]["LogGroupName"]).split("/")[-1] for g in resources if "LogGroup" in g["Type"]}
    [(_, said)] = [row for row in rows_of("Where to look | What is there") if row[0].startswith("log groups")]
    assert set(said.replace("`", "").split(", ")) == groups
    saved = {suffix(one["Properties"]["Name"]) for one in resources if one["Type"] == "AWS::Logs::QueryDefinition"}
    assert {name for name in saved if f"`{name}`" in PAGE} == saved


@pytest.mark.parametrize(
    "line",
    [
        "message-failed",
        "internal-error",
        "the sweep is incomplete",
        "a request failed",
        "the learning platform keeps people waiting",
    ],
)
def test_a_log_line_to_look_for_is_one_that_the_code_writes(line: str) -> None:
    assert line in ON_ONE_LINE
    assert line in code()


def test_the_deployer_may_make_every_kind_of_resource() -> None:
    rights = PAGE.partition("### Rights")[2].partition("\n\nWho imports")[0]
    said = {"ApiGateway": "API Gateway", "Events": "EventBridge", "Logs": "CloudWatch Logs"}
    services = {resource["Type"].split("::")[1] for resource in translated()["Resources"].values()}
    assert {service for service in services if said.get(service, service) not in rights} == set()
    actions = set(re.findall(r"iam:(\w+)", rights))
    assert actions <= set(botocore.session.get_session().get_service_model("iam").operation_names) | {"PassRole"}


# Facts


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = TEMPLATE["Resources"][name]["Properties"]
    return found


def test_the_numbers_of_the_page_are_those_of_the_template_and_the_code() -> None:
    letters, queue = properties("UpsertDeadLetters"), properties("UpsertQueue")
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 10
    assert "MessageRetentionPeriod" not in queue  # SQS: four days
    retention = int(letters["MessageRetentionPeriod"]) // 86_400
    spare = int(re.findall(r"_SPARE_SECONDS = (\d+)", code())[0])
    kept = int(TEMPLATE["Parameters"]["FeedRetentionDays"]["Default"])
    password = properties("UserPool")["Policies"]["PasswordPolicy"]
    facts = [
        f"kept for {retention} days",
        f"A poll has {lanes.QUICK_SECONDS:.0f} seconds;",
        f"take {int(properties('PollSource')['Timeout']) - spare} seconds",
        f"Timeouts ({properties('QueryLogs')['Timeout']} seconds)",
        f"({password['MinimumLength']} characters;",
        f"(up to {outbox.AT_MOST:,} people, unless {outbox._QUEUE_IS_BUSY:,} messages wait)",
        f"each of up to {properties('DeliverEmployee')['Events']['Changed']['Properties']['BatchSize']} people",
        f"all versions gone after twice as long ({2 * kept} days)",
        f"What is running ends within {int(properties('ImportBatch')['Timeout']) // 60} minutes",
    ]
    assert [fact for fact in facts if fact not in ON_ONE_LINE] == []
    assert password["TemporaryPasswordValidityDays"] == 7
    [tool] = re.findall(r"aws-sam-cli==[\d.]+", PAGE)
    assert tool in (PROJECT / ".ci/run").read_text(encoding="utf-8")


def test_what_stays_when_the_stack_is_deleted_is_named() -> None:
    resources = TEMPLATE["Resources"].items()
    kept = {name for name, one in resources if one.get("DeletionPolicy", "Delete") != "Delete"}
    assert kept == {"Directory", "FeedLog", "FeedBucket", "UserPool", "ApiLoggingRole", "ApiLoggingSettings"}
    assert "Both tables, the feed bucket, the user pool and the region's role for API logs stay" in ON_ONE_LINE


def test_the_costs_add_up() -> None:
    *rows, (_, small, large, _) = rows_of("Component | 2,000 staff | 100,000 staff | What drives it")
    assert [round(sum(float(row[column]) for row in rows), 1) for column in (1, 2)] == [float(small), float(large)]
    changes = [round(staff * (0.05 + 2 * 0.7 / 12)) for staff in (2000, 100_000)]
    assert f"{changes[0]:,} and {changes[1]:,} changes a month" in ON_ONE_LINE


def test_the_costs_know_how_many_metrics_alarms_and_routes_there_are() -> None:
    watched = sum(
        len([m for m in alarm.get("Metrics", [{"MetricStat": 1}]) if "MetricStat" in m]) for alarm in ALARMS.values()
    )
    assert f"{watched} metrics are watched" in PAGE
    metrics = set(re.findall(r'(?:add_metric|\bcount)\("([A-Z]\w+)"|"(\w*LagSeconds)"', code()))
    assert len(metrics) - 1 + len(Outcome) < 30
    assert "fewer than 30" in PAGE
    functions = [one["Properties"] for one in TEMPLATE["Resources"].values() if one["Type"].endswith("::Function")]
    routes = [event for one in functions for event in one.get("Events", {}).values() if event["Type"] == "Api"]
    assert f"{len(routes)} routes of 5 metrics" in PAGE


# Commands


def test_every_command_line_of_peoplefeed_is_one_that_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = re.findall(
        r"\bpeoplefeed ((?:import|tenant|employees?|problems|runs|log|source|secret|up|demo)\b[^`\n]*)",
        "\n".join(SHELL),
    )
    lines = [shlex.split(line, comments=True) for line in found]
    for line in lines:
        for name in line:
            if name.endswith((".csv", ".json", ".txt")):
                Path(name).touch()
        assert _parser().parse_args(line).verb
    assert {line[0] for line in lines} == {
        "import",
        "tenant",
        "log",
        "runs",
        "source",
        "secret",
        "employee",
        "problems",
    }


def aws_calls() -> Iterator[tuple[str, str, str]]:
    """Service, operation and the rest of every call of the AWS CLI, the inner ones first."""
    for text in SHELL:
        outer = text
        while inner := re.search(r"\$\(([^()]*)\)", outer):
            yield from re.findall(r"\baws ([\w-]+) ([\w-]+)(.*)", inner[1])
            outer = outer.replace(inner[0], "X")
        yield from re.findall(r"\baws ([\w-]+) ([\w-]+)([^;\n]*)", outer)


@pytest.mark.parametrize(("service", "operation", "rest"), sorted(set(aws_calls())))
def test_every_call_of_the_aws_cli_has_an_operation_and_its_parameters(service: str, operation: str, rest: str) -> None:
    session = botocore.session.get_session()
    model = session.get_service_model(service)
    if operation == "wait":
        waiters = session.get_waiter_model(service)
        [name] = [one for one in waiters.waiter_names if xform_name(one, "-") == rest.split(maxsplit=1)[0]]
        operation = xform_name(waiters.get_waiter(name).operation, "-")
    [called] = [name for name in model.operation_names if xform_name(name, "-") == operation]
    shape = model.operation_model(called).input_shape
    options = re.findall(r" --([a-z][a-z-]+)", rest)
    given = {ALIASES.get(option, option.removeprefix("no-")) for option in options} - {"query", "output"}
    assert shape or not given
    if shape:
        assert given <= {xform_name(member, "-") for member in shape.members}
        assert {xform_name(member, "-") for member in shape.required_members} <= given


def test_the_rule_matches_the_events_that_the_code_sends() -> None:
    world = World()
    world.put_feed("acme", b"", mode="full")
    world.run_until_quiet()
    [event] = world.events.events
    pattern = json.loads(re.findall(r"--event-pattern '(.+?)'", PAGE)[0])
    assert pattern == {"source": [event["Source"]], "detail-type": [event["DetailType"]]}
    assert [name for name in json.loads(event["Detail"]) if f"`{name}`" not in PAGE] == []
