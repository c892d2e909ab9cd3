"""`holds`, `release`, `discard`, `settings`, `rename`, `remove`: what is asked for, and what is said of it."""

import json
from typing import Any

import pytest

from tests.unit.command.fakes import FakeStack, Shell, entry_of, run_of

HOLD = {
    "id": "upload.leavers.3",
    "version": 2,
    "since": "2026-11-22T13:20:39.123Z",
    "runs": [3, 4],
    "message": "11 of 50 would leave.",
    "would": {"deactivated": 11},
    "examples": ["E1: Ana Sol"],
}
SETTINGS: list[dict[str, Any]] = [
    {"name": "leavers_minimum", "value": 20, "default": 10, "description": "So many may leave."},
    {"name": "encoding", "value": "cp1252", "default": "cp1252", "description": "What uploads are in."},
    {"name": "shared_addresses", "value": [], "default": [], "description": "Addresses that several share."},
    {"name": "columns", "value": {}, "default": {}, "description": "Names of columns."},
]


def test_6_3_holds_shows_what_is_held_and_what_can_be_said_to_it(stack: FakeStack, shell: Shell) -> None:
    stack.document = {"holds": [HOLD]}
    code, out, _ = shell("holds")
    assert code == 0
    for said in ("upload.leavers.3/2", "3, 4", "11 of 50 would leave.", "11 deactivated", "E1: Ana Sol"):
        assert said in out
    assert "peoplefeed release upload.leavers.3/2 --tenant" in out
    assert json.loads(shell("holds", "--json")[1]) == [HOLD]
    stack.document = {"holds": []}
    assert "Nothing is held." in shell("holds")[1]


@pytest.mark.parametrize("verb", ["release", "discard"])
def test_6_3_what_is_answered_is_the_version_that_was_seen(stack: FakeStack, shell: Shell, verb: str) -> None:
    stack.document = {"runs": [run_of(7, deactivated=11)]}
    code, out, _ = shell(verb, "upload.leavers.3/1")
    assert (code, stack.sent) == (0, [("POST", f"/holds/upload.leavers.3/{verb}", {"version": 1})])
    assert "Run 7 is finished: 11 deactivated." in out


def test_6_3_without_a_version_a_script_must_say_yes(stack: FakeStack, shell: Shell) -> None:
    stack.document = HOLD | {"runs": []}
    code, _, err = shell("release", "upload.leavers.3")
    assert (code, stack.sent) == (2, [])
    assert "upload.leavers.3/2" in err
    assert shell("release", "upload.leavers.3", "--yes")[0] == 0
    assert stack.sent == [("POST", "/holds/upload.leavers.3/release", {"version": 2})]
    assert "is not a version" in shell("release", "upload.leavers.3/new")[2]


def test_6_6_settings_are_shown_with_their_meaning(stack: FakeStack, shell: Shell) -> None:
    stack.document = {"settings": SETTINGS}
    _, out, _ = shell("settings")
    assert "leavers_minimum" in out
    assert "So many may leave." in out
    assert json.loads(shell("settings", "--json")[1]) == SETTINGS


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("leavers_minimum=5", {"leavers_minimum": 5}),
        ("leavers_minimum=", {"leavers_minimum": None}),
        ("leavers_minimum=few", {"leavers_minimum": "few"}),
        ("encoding=utf-8", {"encoding": "utf-8"}),
        ("shared_addresses=a@x.es, b@x.es", {"shared_addresses": ["a@x.es", "b@x.es"]}),
        ('shared_addresses=["a@x.es"]', {"shared_addresses": ["a@x.es"]}),
        ("columns=Mail:Email,Nr: External Identifier", {"columns": {"Mail": "Email", "Nr": "External Identifier"}}),
        ('columns={"Mail": "Email"}', {"columns": {"Mail": "Email"}}),
        ("nonsense=1", {"nonsense": "1"}),
    ],
)
def test_6_6_settings_are_sent_as_what_they_are(
    stack: FakeStack, shell: Shell, typed: str, sent: dict[str, Any]
) -> None:
    stack.document = {"settings": SETTINGS}
    assert shell("settings", typed)[0] == 0
    assert stack.sent == [("PATCH", "/settings", sent)]


@pytest.mark.parametrize("typed", ["encoding", "columns=Mail", "shared_addresses=[1", "encoding=a encoding=b"])
def test_6_6_what_is_no_setting_is_wrong_usage(stack: FakeStack, shell: Shell, typed: str) -> None:
    stack.document = {"settings": SETTINGS}
    code, _, err = shell("settings", *typed.split(" "))
    assert (code, stack.sent) == (2, [])
    assert err


def test_4_6_rename_and_remove_ask_for_it_and_say_what_happened(stack: FakeStack, shell: Shell) -> None:
    stack.document = entry_of(1, outcome="updated", message="Updated: name.", changes={"name": ["Chef", "Cook"]})
    assert "Chef → Cook" in shell("rename", "job-titles", "Chef / 1", "Cook")[1]
    shell("remove", "departments", "Bar")
    shell("remove", "job-titles", "Cook", "--alias", "Chef")
    assert stack.sent == [
        ("PATCH", "/job-titles/Chef%20%2F%201", {"name": "Cook"}),
        ("DELETE", "/departments/Bar", None),
        ("DELETE", "/job-titles/Cook/aliases/Chef", None),
    ]
