"""The function: SQS in, partial failures out, metrics without names."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger

from peoplefeed.learning_platform.verdicts import Delivered, Waits
from peoplefeed.storage.outbox import delivery_entries
from tests.integration.learning_platform.conftest import TENANT, Scene
from tests.integration.learning_platform.odd_platform import OddPlatform, Script

APP = Path(__file__).parents[3] / "functions" / "deliver_employee" / "app.py"
EVENT = APP.parents[2] / "events" / "deliver_employee.json"
CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000, function_name="deliver_employee")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, odd_scene: Scene) -> ModuleType:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "peoplefeed-test")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "peoplefeed")
    spec = importlib.util.spec_from_file_location("deliver_employee", APP)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.logger = Logger(service=uuid4().hex, stream=StringIO())  # type: ignore[attr-defined]
    module.here = lambda: odd_scene.deployment  # type: ignore[attr-defined]
    return module


def test_the_example_event_is_one(app: ModuleType, odd_scene: Scene, odd: OddPlatform) -> None:
    event = json.loads(EVENT.read_text())
    hotel = replace(odd_scene, tenant="grand-hotel")
    for external_id, version in (("E-10042", 8), ("E-10077", 1)):
        hotel.has(external_id, version=version, email=f"{external_id}@x.org")
    assert app.handler(event, CONTEXT) == {"batchItemFailures": []}
    assert {account["externalId"] for account in odd.accounts.values()} == {"E-10042", "E-10077"}
    assert [request.split()[0] for request in odd.asked].count("POST") == 2


def _event(people: Iterable[tuple[str, int]]) -> dict[str, Any]:
    records = []
    for external_id, version in people:
        (entry,) = delivery_entries(TENANT, [(external_id, version)])
        records.append(
            {
                "messageId": f"{external_id}-{version}",
                "body": entry["MessageBody"],
                "attributes": {"MessageGroupId": entry["MessageGroupId"]},
                "receiptHandle": f"receipt of {external_id}-{version}",
                "eventSource": "aws:sqs",
            }
        )
    return {"Records": records}


def _metrics(printed: str) -> dict[str, Any]:
    (found,) = [json.loads(line) for line in printed.splitlines() if '"_aws"' in line]
    assert isinstance(found, dict)
    return found


def test_a_batch_is_delivered_and_measured(
    app: ModuleType, odd_scene: Scene, odd: OddPlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(10):
        odd_scene.has(f"E{number}", email=f"e{number}@x.org")
    answer = app.handler(_event((f"E{number}", 1) for number in range(10)), CONTEXT)
    assert answer == {"batchItemFailures": []}
    assert len(odd.accounts) == 10
    found = _metrics(capsys.readouterr().out)
    assert found["Delivered"] == [10]
    assert len(found["LagSeconds"]) == 10
    assert found["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    assert "ExcusedLagSeconds" not in found


def test_versions_of_one_person_are_in_order_and_the_first_says_it_all(
    app: ModuleType, odd_scene: Scene, odd: OddPlatform
) -> None:
    for _ in range(3):
        odd_scene.has("E1", email="e1@x.org")
    assert app.handler(_event(("E1", version) for version in (1, 2, 3)), CONTEXT) == {"batchItemFailures": []}
    assert [request.split()[0] for request in odd.asked if not request.startswith("GET")] == ["POST"]


def test_9_2_a_fault_of_ours_comes_again_with_what_follows_it_and_stops_nobody_else(
    app: ModuleType, odd_scene: Scene, odd: OddPlatform
) -> None:
    for external_id in ("E1", "E2"):
        odd_scene.has(external_id, email=f"{external_id}@x.org")
    odd_scene.has("damaged", undelivered=["nonsense"])
    event = _event([("damaged", 1), ("E1", 1), ("damaged", 2), ("E2", 1)])
    answer = app.handler(event, CONTEXT)
    assert {account["externalId"] for account in odd.accounts.values()} == {"E1", "E2", "damaged"}
    lines = app.logger._stream.getvalue()
    assert "ValueError" in lines
    assert "nonsense" not in lines
    failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    assert failed == ["damaged-1", "damaged-2"]
    assert not odd_scene.waits("E1")
    assert not odd_scene.waits("E2")
    assert odd_scene.waits("damaged")


def test_an_outage_is_no_failure_of_the_batch_and_no_line_names_anyone(
    app: ModuleType, odd_scene: Scene, odd: OddPlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    odd.scripts += [Script(503, body=b'{"detail": "anna@x.org"}')] * 10
    odd_scene.has("E1", email="anna@x.org", first_name="Anna")
    assert app.handler(_event([("E1", 1)]), CONTEXT) == {"batchItemFailures": []}
    printed = capsys.readouterr().out
    lines = app.logger._stream.getvalue()
    assert _metrics(printed)["Postponed"] == [1]
    assert "it is out of order (503)" in lines
    assert not [name for name in ("anna", "Anna", TENANT, '"E1"') if name in printed + lines]


def test_a_refusal_of_our_credentials_is_counted_for_the_alarm(
    app: ModuleType, odd_scene: Scene, odd: OddPlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    odd.token = "secret"
    odd_scene.has("E1")
    app.handler(_event([("E1", 1)]), CONTEXT)
    assert _metrics(capsys.readouterr().out)["PlatformMisconfigured"] == [1]


def test_a_message_whose_turn_comes_later_stays_in_the_queue_and_is_no_fault(
    app: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows in its group was not looked at."""
    verdicts = {"E1-1": Waits(20), "E2-1": Delivered(None)}
    monkeypatch.setattr(app, "deliver_batch", lambda *_: verdicts)
    answer = app.handler(_event([("E1", 1), ("E2", 1), ("E1", 2)]), CONTEXT)
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["E1-1", "E1-2"]
    assert app.logger._stream.getvalue() == ""
