"""`peoplefeed up`: its options and what it says. That it starts everything is a system test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from command.local.stack import PortTaken, Stack
from tests.unit.command.fakes import FakeStack, Shell


@pytest.fixture
def started(stack: FakeStack, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the local stack was started with; it ends at once."""
    from command.local.stack import read_stack

    del stack
    wanted: list[dict[str, Any]] = []

    @contextmanager
    def running(**options: Any) -> Iterator[Stack]:
        wanted.append(options)
        if options["port"] == 1:
            raise PortTaken(1)
        yield read_stack()

    monkeypatch.setattr("command.local.stack.running", running)
    monkeypatch.setattr("command.local.stack.wait", lambda _stack: None)
    return wanted


def test_up_says_what_is_where(started: list[dict[str, Any]], shell: Shell) -> None:
    code, out, _ = shell("up")

    assert code == 0
    assert (started[0]["port"], started[0]["learning_platform"]) == (4566, "")
    assert all(place in out for place in ("/api", "feeds", "http://127.0.0.1:1/{tenant}/v2", "stack.json"))


def test_up_takes_a_port_and_a_platform(started: list[dict[str, Any]], shell: Shell) -> None:
    shell("up", "--port", "0", "--learning-platform", "https://learn.example.com/scim")

    assert (started[0]["port"], started[0]["learning_platform"]) == (0, "https://learn.example.com/scim")


def test_a_port_that_is_taken_is_a_sentence(started: list[dict[str, Any]], shell: Shell) -> None:
    code, out, err = shell("up", "--port", "1")

    assert (code, out) == (1, "")
    assert err.startswith("peoplefeed: Port 1 is taken.")
    assert started


@pytest.mark.parametrize("arguments", [["--port", "65536"], ["--port", "x"], ["--learning-platform", "learn"]])
def test_wrong_usage_of_up_is_exit_code_2(started: list[dict[str, Any]], shell: Shell, arguments: list[str]) -> None:
    assert shell("up", *arguments)[0] == 2
    assert started == []
