"""Alarms mean our fault; the dashboard and the saved queries show what the code says."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from peoplefeed.model import Outcome
from tests.unit.template.test_queues import DEAD
from tests.unit.template.translation import PROJECT, Stack, target

OUR_METRICS = {
    "RowsFailUnexpectedly": "InternalErrors",
    "SchedulesAreMissed": "SweepCompleted",
    "TablesThrottle": "Throttled",
    "DeliveryLags": "LagSeconds",
    "LineStandsStill": "OldestWaitingSeconds",
    "PlatformTurnsUsAway": "PlatformMisconfigured",
}


@pytest.fixture
def widgets(deployed: Stack) -> list[dict[str, Any]]:
    """The dashboard's, with its references replaced by their names."""
    text = re.sub(r"\$\{([\w:.]+)\}", r"\1", deployed["Dashboard"]["DashboardBody"]["Fn::Sub"])
    found: list[dict[str, Any]] = json.loads(text)["widgets"]
    return found


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """What an alarm of several metrics adds up."""
    return [metric["MetricStat"] for metric in alarm["Metrics"] if "MetricStat" in metric]


def source() -> str:
    """All of the code that runs on AWS."""
    files = [*(PROJECT / "functions").rglob("*.py"), *(PROJECT / "layers").rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_every_alarm_reaches_someone_and_says_what_to_read(deployed: Stack) -> None:
    alarms = deployed.resources("AWS::CloudWatch::Alarm")
    assert len(alarms) > len(OUR_METRICS) + len(DEAD)
    for name, alarm in alarms.items():
        assert [target(action) for action in alarm["AlarmActions"]] == ["Alarms"], name
        assert "docs/operating.md" in alarm["AlarmDescription"], name


def test_alarms_are_encrypted_and_cloudwatch_can_publish_them(deployed: Stack) -> None:
    assert target(deployed["Alarms"]["KmsMasterKeyId"]) == "AlarmKey"
    assert deployed["AlarmKey"]["EnableKeyRotation"] is True
    may = [
        statement["Action"]
        for document in (deployed["AlarmKey"]["KeyPolicy"], deployed["AlarmsPolicy"]["PolicyDocument"])
        for statement in document["Statement"]
        if statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    ]
    assert may == [["kms:Decrypt", "kms:GenerateDataKey"], "sns:Publish"]


def test_alarms_go_to_the_address_if_there_is_one(template: dict[str, Any], deployed: Stack) -> None:
    assert deployed["Alarms"]["Subscription"] == [{"Protocol": "email", "Endpoint": "ops@example.com"}]
    assert "Subscription" not in Stack.of(template, Stage="prod")["Alarms"]


@pytest.mark.parametrize("letters", DEAD.values())
def test_one_dead_letter_is_an_alarm(deployed: Stack, letters: str) -> None:
    [alarm] = [
        alarm
        for alarm in deployed.resources("AWS::CloudWatch::Alarm").values()
        if [target(one["Value"]) for one in alarm.get("Dimensions", []) if one["Name"] == "QueueName"] == [letters]
    ]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 0)
    assert (alarm["ComparisonOperator"], alarm["EvaluationPeriods"]) == ("GreaterThanThreshold", 1)


@pytest.mark.parametrize(("alarm", "metric"), OUR_METRICS.items())
def test_an_alarm_watches_what_the_code_counts_for_this_stage(deployed: Stack, alarm: str, metric: str) -> None:
    watched = deployed[alarm]
    assert (watched["Namespace"], watched["MetricName"]) == ("peoplefeed", metric)
    # Powertools adds the service to every metric; without it the alarm would look at nothing.
    assert watched["Dimensions"] == [{"Name": "service", "Value": {"Fn::Sub": "peoplefeed-${Stage}"}}]


def test_a_schedule_that_says_nothing_is_missed(deployed: Stack) -> None:
    alarm = deployed["SchedulesAreMissed"]
    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 15 * 60


@pytest.mark.parametrize("name", [name for name in OUR_METRICS if name != "SchedulesAreMissed"])
def test_otherwise_no_news_is_good_news(deployed: Stack, name: str) -> None:
    assert deployed[name]["TreatMissingData"] == "notBreaching"


def test_8_2_lag_is_an_alarm_past_a_quarter_of_an_hour_for_one_in_a_hundred(deployed: Stack) -> None:
    alarm = deployed["DeliveryLags"]
    assert (alarm["ExtendedStatistic"], alarm["Threshold"]) == ("p99", 15 * 60)


def test_9_2_one_internal_error_is_an_alarm_at_once(deployed: Stack) -> None:
    alarm = deployed["RowsFailUnexpectedly"]
    assert (alarm["Statistic"], alarm["Threshold"], alarm["EvaluationPeriods"]) == ("Sum", 0, 1)


@pytest.mark.parametrize("name", ["TablesThrottle", "FunctionsThrottle"])
def test_throttling_is_an_alarm_only_while_it_lasts(deployed: Stack, name: str) -> None:
    alarm = deployed[name]
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (3, 3)
    periods = {metric["Period"] for metric in metrics_of(alarm)} if "Metrics" in alarm else {alarm["Period"]}
    assert periods == {300}


def test_throttled_functions_are_all_counted(deployed: Stack) -> None:
    metrics = [one["Metric"] for one in metrics_of(deployed["FunctionsThrottle"])]
    functions = {target(dimension["Value"]) for metric in metrics for dimension in metric["Dimensions"]}
    assert {metric["MetricName"] for metric in metrics} == {"Throttles"}
    assert functions == set(deployed.resources("AWS::Lambda::Function"))


def test_the_code_counts_what_alarms_and_dashboard_show(widgets: list[dict[str, Any]]) -> None:
    shown: set[str] = set(OUR_METRICS.values())
    for widget in widgets:
        lines = widget["properties"].get("metrics", [])
        if lines and lines[0][0] == "peoplefeed":
            shown |= {line[1] for line in lines if line[0] in ("peoplefeed", ".")}
    code = source()
    assert {"Rows", "ExcusedLagSeconds", "Delivered", "SourcesPolled"} < shown
    assert {name for name in shown if f'"{name}"' not in code} == set()


def test_no_metric_has_the_tenant_as_a_dimension(template: dict[str, Any]) -> None:
    alarms = [one for one in template["Resources"].values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    names = {dimension["Name"] for alarm in alarms for dimension in alarm["Properties"].get("Dimensions", [])}
    assert names == {"service", "QueueName", "ApiName", "Stage"}


def test_the_dashboard_has_all_alarms_of_every_stage(widgets: list[dict[str, Any]], local: Stack) -> None:
    [alarms] = [widget for widget in widgets if widget["type"] == "alarm"]
    shown = {name.removesuffix(".Arn") for name in alarms["properties"]["alarms"]}
    assert shown == set(local.resources("AWS::CloudWatch::Alarm"))


def test_1_6_the_dashboard_shows_every_outcome(widgets: list[dict[str, Any]]) -> None:
    [rows] = [widget for widget in widgets if widget["properties"]["title"] == "Rows by outcome"]
    first, *others = rows["properties"]["metrics"]
    assert first[2:5] == ["service", "peoplefeed-Stage", "outcome"]
    assert {first[5], *(line[1] for line in others)} == {outcome.value for outcome in Outcome}


def test_no_widget_of_the_dashboard_hides_another(widgets: list[dict[str, Any]]) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets:
        columns = range(widget["x"], widget["x"] + widget["width"])
        rows = range(widget["y"], widget["y"] + widget["height"])
        cells = {(column, row) for column in columns for row in rows}
        assert columns.stop <= 24
        assert not cells & taken, widget["properties"]["title"]
        taken |= cells


def test_three_questions_are_saved(deployed: Stack, local: Stack) -> None:
    saved = deployed.resources("AWS::Logs::QueryDefinition")
    names = {query["Name"]["Fn::Sub"].partition("/")[2] for query in saved.values()}
    assert names == {"a run", "a tenant's problems", "slowest chunks"}
    assert not local.resources("AWS::Logs::QueryDefinition")


@pytest.mark.parametrize("name", ["QueryARun", "QueryATenantsProblems", "QuerySlowestChunks"])
def test_a_saved_question_asks_for_what_it_needs(deployed: Stack, name: str) -> None:
    query = deployed[name]
    asked = set(re.findall(r"\{\{(\w+)\}\}", query["QueryString"]))
    assert asked == {parameter["Name"] for parameter in query.get("Parameters", [])}


def test_saved_questions_are_about_events_that_the_code_logs(deployed: Stack) -> None:
    texts = [query["QueryString"] for query in deployed.resources("AWS::Logs::QueryDefinition").values()]
    events = {event for text in texts for event in re.findall(r'event = "([\w-]+)"', text)}
    assert events == {"problem-code", "chunk"}
    assert all(f'"{event}"' in source() for event in events)


def test_what_operators_need_is_an_output(template: dict[str, Any]) -> None:
    queues = {f"{name}Url" for pair in DEAD.items() for name in pair}
    names = {"ApiUrl", "FeedBucket", "UserPoolId", "UserPoolClientId", "DirectoryTable", "FeedLogTable", "DashboardUrl"}
    assert template["Outputs"].keys() == names | queues
