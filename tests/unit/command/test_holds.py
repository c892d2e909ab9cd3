"""`holds`, `release`, `discard`: what safeguards hold back, and what an administrator says to it."""

import json

import pytest

from tests.unit.command.fakes import FakeStack, Shell, hold_of, run_of


def test_6_3_a_hold_says_why_since_when_what_it_would_do_and_how_it_is_ended(stack: FakeStack, shell: Shell) -> None:
    stack.holds = [hold_of(), hold_of(id="upload.identity.9", source="upload", version=1)]

    code, out, _ = shell("holds", "--tenant", "hotel-1")

    assert code == 0
    for shown in ("payroll", "leavers", "11 of 50 would leave.", "11 leavers", "E1: Ana Sol", "2026-11-22"):
        assert shown in out
    assert "peoplefeed release payroll.leavers.7/2 --tenant hotel-1" in out
    assert "peoplefeed discard payroll.leavers.7/2 --tenant hotel-1" in out
    assert "peoplefeed release upload.identity.9/1 --tenant hotel-1" in out


def test_6_3_nothing_held_is_said(stack: FakeStack, shell: Shell) -> None:
    del stack

    assert shell("holds") == (0, "Nothing is held.\n", "")
    assert json.loads(shell("holds", "--json")[1]) == []


def test_6_3_a_hold_has_exactly_the_promised_keys(stack: FakeStack, shell: Shell) -> None:
    stack.holds = [hold_of()]

    [hold] = json.loads(shell("holds", "--json")[1])

    assert list(hold) == [
        "id", "version", "source", "safeguard", "code", "message", "since", "runs", "would", "examples",
    ]  # fmt: skip


@pytest.mark.parametrize("verb", [pytest.param("release", id="6.3-release"), pytest.param("discard", id="6.3-discard")])
def test_what_is_answered_is_the_version_that_somebody_saw(stack: FakeStack, shell: Shell, verb: str) -> None:
    stack.document = {"runs": [run_of(8, received=11, deactivated=11)]}

    code, out, _ = shell(verb, "payroll.leavers.7/2")

    assert (code, out) == (0, "Run 8 is finished: 11 deactivated.\n")
    assert stack.sent == [("POST", f"/holds/payroll.leavers.7/{verb}", {"version": 2})]


def test_6_3_what_has_changed_meanwhile_is_shown_as_it_is_now(stack: FakeStack, shell: Shell) -> None:
    now = hold_of(version=3, message="12 of 50 would leave.", would={"leavers": 12})
    stack.refusals = [(409, {"code": "HOLD_CHANGED", "message": "The hold has changed since you saw it.", "hold": now})]

    code, out, err = shell("release", "payroll.leavers.7/2")

    assert (code, out) == (1, "")
    assert "payroll.leavers.7/3: 12 of 50 would leave. Would do: 12 leavers. Such as E1: Ana Sol." in err
    assert (
        "peoplefeed: It changed after you saw it; nothing is done. To apply it: peoplefeed release payroll.leavers.7/3"
        in err
    )


@pytest.mark.parametrize("verb", ["release", "discard"])
def test_6_3_a_hold_without_a_name_is_none(stack: FakeStack, shell: Shell, verb: str) -> None:
    code, _, err = shell(verb, "", "--yes")

    assert (code, stack.sent) == (2, [])
    assert "a name or an ID is empty" in err


def test_6_3_a_script_that_names_no_version_does_nothing(stack: FakeStack, shell: Shell) -> None:
    stack.holds = [hold_of()]

    code, _, err = shell("release", "payroll.leavers.7")

    assert (code, stack.sent) == (2, [])
    assert "payroll.leavers.7/2: 11 of 50 would leave." in err


def test_6_3_or_says_that_it_means_whatever_is_held_now(stack: FakeStack, shell: Shell) -> None:
    stack.holds = [hold_of(version=5)]
    stack.document = {"runs": [run_of(8)]}

    assert shell("release", "payroll.leavers.7", "--yes")[0] == 0
    assert stack.sent == [("POST", "/holds/payroll.leavers.7/release", {"version": 5})]


def test_6_3_what_another_safeguard_holds_next_is_named(stack: FakeStack, shell: Shell) -> None:
    error = {"code": "MASS_IDENTITY_CHANGE", "message": "Too many names would change."}
    stack.document = {"runs": [run_of(8, "held") | {"error": error}]}
    stack.holds = [hold_of(id="payroll.mass-identity.8", version=1, runs=[8])]

    code, out, _ = shell("release", "payroll.leavers.7/2")

    assert code == 1
    assert "Run 8 is held: Too many names would change." in out
    assert "peoplefeed release payroll.mass-identity.8/1" in out


def test_a_release_that_takes_longer_says_where_to_look(stack: FakeStack, shell: Shell) -> None:
    stack.document = {"runs": [run_of(8, "applying")]}

    code, out, _ = shell("release", "payroll.leavers.7/2")

    assert code == 0
    assert "`peoplefeed log --run 8 --tenant default`" in out


def test_json_is_the_runs_and_nothing_else(stack: FakeStack, shell: Shell) -> None:
    stack.document = {"runs": [run_of(8)]}

    assert json.loads(shell("discard", "payroll.leavers.7/2", "--json")[1]) == stack.document


def test_a_version_is_a_number(stack: FakeStack, shell: Shell) -> None:
    code, _, err = shell("release", "payroll.leavers.7/two")

    assert (code, stack.sent) == (2, [])
    assert "'two' is not a version" in err
