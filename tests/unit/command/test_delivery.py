"""`status`, `deliver` and `platform`: whether people are where they belong, and what can be done about it."""

import json
from pathlib import Path
from typing import Any

from tests.unit.command.fakes import FakeStack, Shell

EVERYONE = "Everyone is delivered, oldest waiting 0 s."


def _health(status: str, message: str, *examples: dict[str, Any]) -> dict[str, Any]:
    return {
        "status": status,
        "line": {"waiting": 0, "last_applied": 3, "oldest": None},
        "delivery": {"message": message, "waiting": len(examples), "examples": list(examples)},
    }


def test_status_says_that_everyone_is_delivered(stack: FakeStack, shell: Shell) -> None:
    stack.document = _health("ok", EVERYONE)
    code, out, _ = shell("status")
    assert (code, out.splitlines()) == (0, ["No feed waits.", EVERYONE])


def test_status_says_who_waits_and_why_and_exits_with_1_if_that_takes_too_long(stack: FakeStack, shell: Shell) -> None:
    since, due = "2026-11-22T13:20:39.123Z", "2026-11-22T13:40:39.123Z"
    waiting = {"external_id": "E[bold]1", "reason": "outage", "since": since, "attempts": 3, "due": due}
    stack.document = _health("late", "1 person waits, oldest waiting 1200 s: outage (1).", waiting)
    code, out, _ = shell("status")
    assert code == 1
    assert "1 person waits, oldest waiting 1200 s: outage (1)." in out
    assert ("E[bold]1" in out, "outage" in out.rstrip().splitlines()[-1]) == (True, True)
    assert json.loads(shell("status", "--json")[1]) == stack.document


def test_deliver_asks_for_everybody_who_is_named(stack: FakeStack, shell: Shell) -> None:
    stack.document = {"delivering": True}
    code, out, _ = shell("deliver", "E 1", "Ä/2")
    assert code == 0
    assert [request[:2] for request in stack.sent] == [
        ("POST", "/employees/E%201/deliver"),
        ("POST", "/employees/%C3%84%2F2/deliver"),
    ]
    assert "E 1 is being sent again" in out


def test_a_platform_is_shown_set_forgotten_and_compared(stack: FakeStack, shell: Shell, tmp_path: Path) -> None:
    stack.document = {"delivers": True}
    settings = tmp_path / "platform.json"
    settings.write_text('{"url": "https://learn.example/scim"}')
    assert json.loads(shell("platform", "show")[1]) == {"delivers": True}
    assert shell("platform", "set", str(settings))[0] == 0
    assert shell("platform", "forget")[0] == 0
    assert "has begun" in shell("platform", "compare")[1]
    assert [request[:2] for request in stack.sent] == [
        ("PUT", "/platform"),
        ("DELETE", "/platform"),
        ("POST", "/platform/compare"),
    ]
    assert stack.sent[0][2] == {"url": "https://learn.example/scim"}


def test_settings_that_are_not_json_are_wrong_usage(stack: FakeStack, shell: Shell, tmp_path: Path) -> None:
    broken = tmp_path / "platform.json"
    for text in ("{", "[]"):
        broken.write_text(text)
        code, _, complaint = shell("platform", "set", str(broken))
        assert (code, "platform.json" in complaint) == (2, True)
    assert stack.sent == []
