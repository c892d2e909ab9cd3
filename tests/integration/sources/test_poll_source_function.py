from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from peoplefeed.deployment import Deployment
from peoplefeed.sources.fetching import Poll
from peoplefeed.sources.polling import NotPolled
from tests.integration.sources.conftest import Line
from tests.integration.sources.hr import PEOPLE, reply

ROOT = Path(__file__).parents[3]
SCHEDULED = json.loads((ROOT / "events" / "poll_source.json").read_text())


@dataclass
class Context:
    """What Lambda tells a function about itself."""

    function_name: str = "poll_source"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:poll_source"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"
    seconds: float = 300

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@pytest.fixture
def app(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The function, in the deployment of this test."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "peoplefeed")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "peoplefeed-test")
    monkeypatch.setenv("LOCAL_SOURCES", "true")
    spec = spec_from_file_location("poll_source_app", ROOT / "functions" / "poll_source" / "app.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "here", lambda: deployment)
    yield module
    module.metrics.clear_metrics()


def message(number: int = 0, queue: str = "polls", **body: str) -> dict[str, Any]:
    return {
        "messageId": f"message-{number}",
        "eventSourceARN": f"arn:aws:sqs:eu-west-1:123456789012:{queue}",
        "body": json.dumps({"tenant": "acme", "source": "hr"} | body),
    }


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The metrics that the function printed."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]


def test_a_message_has_its_source_polled(
    line: Line, app: ModuleType, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    line.connect()
    assert app.handler({"Records": [message()]}, Context()) == {"batchItemFailures": []}
    assert line.feeds()[0].endswith("-message-0.jsonl.gz")
    lines = printed(capsys)
    assert any(each.get("SourcesPolled") == [1.0] and each.get("RecordsFetched") == [7.0] for each in lines)
    said = vars(next(record for record in caplog.records if record.getMessage() == "polled"))
    assert (said["tenant"], said["source"], said["records"]) == ("acme", "hr", len(PEOPLE))


def test_what_a_source_must_wait_for_is_said_in_the_log(
    line: Line, app: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    line.connect()
    for number in range(2):
        assert app.handler({"Records": [message(number)]}, Context()) == {"batchItemFailures": []}
    assert len(line.feeds()) == 1
    assert "its last feed is still being processed" in {vars(record).get("reason") for record in caplog.records}


def test_the_hr_systems_trouble_is_no_fault_of_ours(
    line: Line, app: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    line.connect()
    line.hr.answers(reply([], 403))
    assert app.handler({"Records": [message(queue="slow-polls")]}, Context()) == {"batchItemFailures": []}
    assert any(each.get("SourceTroubles") == [1.0] for each in printed(capsys))
    assert line.unresolved() == ["source:hr"]


def test_a_fault_of_ours_fails_its_own_message_only(line: Line, app: ModuleType) -> None:
    line.connect()
    broken = message(1) | {"body": "not JSON"}
    answer = app.handler({"Records": [message(0), broken]}, Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert len(line.feeds()) == 1


def test_a_fault_of_ours_rings_the_alarm(
    line: Line,
    app: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Ana Ruiz")

    line.connect()
    monkeypatch.setattr(app, "poll_source", fail)
    with pytest.raises(Exception, match="All records failed"):
        app.handler({"Records": [message()]}, Context())
    lines = printed(capsys)
    assert any("InternalErrors" in each for each in lines)
    assert caplog.records
    assert "Ana Ruiz" not in f"{lines} {[vars(record) for record in caplog.records]}"


@pytest.mark.parametrize(
    ("queue", "quick", "seconds"),
    [pytest.param("polls", True, 20, id="9.3-quick-lane"), pytest.param("slow-polls", False, 270, id="9.3-slow-lane")],
)
def test_a_lane_decides_how_long_a_poll_may_take(
    line: Line, app: ModuleType, monkeypatch: pytest.MonkeyPatch, queue: str, seconds: float, *, quick: bool
) -> None:
    asked: list[Poll] = []

    def take(_deployment: object, _tenant: str, _source: str, poll: Poll) -> NotPolled:
        asked.append(poll)
        return NotPolled("it is a test")

    line.connect()
    monkeypatch.setattr(app, "poll_source", take)
    app.handler({"Records": [message(queue=queue)]}, Context())
    assert [(poll.quick, poll.safety.seconds) for poll in asked] == [(quick, seconds)]


def test_9_3_what_the_quick_lane_does_not_get_done_is_no_trouble_yet(
    line: Line, app: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    line.connect()
    line.hr.answers(reply([], 403))
    assert app.handler({"Records": [message()]}, Context()) == {"batchItemFailures": []}
    assert any(each.get("PollsLeftToSlowLane") == [1.0] for each in printed(capsys))
    assert line.unresolved() == []


def test_a_poll_ends_before_the_functions_own_time(line: Line, app: ModuleType) -> None:
    line.connect()
    app.handler({"Records": [message(queue="slow-polls")]}, Context(seconds=30))
    assert line.feeds() == []
    assert line.unresolved() == ["source:hr"]


def test_8_4_the_schedule_enqueues_what_is_due_and_sweeps_the_line_and_the_outbox(
    line: Line, app: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    line.connect()
    done = app.handler(SCHEDULED, Context())
    assert done["enqueue_due"] == "1"
    assert set(done) == {"enqueue_due", "enqueue_retries", "sweep_line", "sweep_outbox"}
    assert any(each.get("SweepCompleted") == [1.0] for each in printed(capsys))
    queue = line.deployment.names.poll_queue_url
    assert len(line.deployment.sqs.receive_message(QueueUrl=queue)["Messages"]) == 1


def test_one_sweep_that_fails_stops_no_other_and_the_schedule_counts_as_missed(
    line: Line, app: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def sweep_line(*_: object) -> None:
        raise RuntimeError("the table is gone")

    line.connect()
    monkeypatch.setattr(app, "sweep_line", sweep_line)
    with pytest.raises(ExceptionGroup, match="the sweep is incomplete"):
        app.handler(SCHEDULED, Context())
    assert not any("SweepCompleted" in each for each in printed(capsys))
    queue = line.deployment.names.poll_queue_url
    assert len(line.deployment.sqs.receive_message(QueueUrl=queue)["Messages"]) == 1
