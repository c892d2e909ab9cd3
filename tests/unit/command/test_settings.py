"""`settings`: what a tenant can set, and how changes are written on the command line."""

import json
from typing import Any

import pytest

from tests.unit.command.fakes import FakeStack, Shell, entry_of

SETTINGS: dict[str, Any] = {"leavers_minimum": 10, "blanks": "clear", "shared_addresses": [], "columns": {}}


@pytest.fixture(autouse=True)
def _known(stack: FakeStack) -> None:
    told = {"description": "What it means.", "clause": "6.1"}
    stack.settings = [{"name": name, "value": value, "default": value, **told} for name, value in SETTINGS.items()]
    stack.document = entry_of(1, outcome="updated", message="Updated.", changes={"blanks": ["clear", "keep"]})


def test_6_6_all_settings_are_shown_with_default_and_meaning(stack: FakeStack, shell: Shell) -> None:
    stack.settings[0]["value"] = 25

    [row] = [line for line in shell("settings")[1].splitlines() if "leavers_minimum" in line]
    shown = json.loads(shell("settings", "--json")[1])

    assert row.rstrip().split(maxsplit=3) == ["leavers_minimum", "25", "10", "What it means."]
    assert shown[0] == {"name": "leavers_minimum", "value": 25, "default": 10, "description": "What it means."}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        pytest.param("leavers_minimum=25", {"leavers_minimum": 25}, id="6.6-number"),
        pytest.param("leavers_minimum=many", {"leavers_minimum": "many"}, id="6.6-no-number-is-for-the-api-to-refuse"),
        pytest.param("blanks=keep", {"blanks": "keep"}, id="2.3-word"),
        pytest.param("blanks=", {"blanks": None}, id="6.6-default"),
        pytest.param(
            "shared_addresses=bar@x.es, desk@x.es", {"shared_addresses": ["bar@x.es", "desk@x.es"]}, id="3.12-list"
        ),
        pytest.param('shared_addresses=["bar@x.es"]', {"shared_addresses": ["bar@x.es"]}, id="3.12-list-as-json"),
        pytest.param("shared_addresses=[]", {"shared_addresses": []}, id="3.12-empty-list"),
        pytest.param("columns=Mail:Email,Nr: ID", {"columns": {"Mail": "Email", "Nr": "ID"}}, id="2.2-pairs"),
        pytest.param('columns={"A:B": "Email"}', {"columns": {"A:B": "Email"}}, id="2.2-pairs-as-json"),
        pytest.param("columns={}", {"columns": {}}, id="2.2-no-pairs"),
        pytest.param("leaver_minimum=3", {"leaver_minimum": "3"}, id="6.6-unknown-is-for-the-api-to-refuse"),
    ],
)
def test_a_change_is_sent_as_what_the_setting_is(stack: FakeStack, shell: Shell, given: str, sent: object) -> None:
    assert shell("settings", given)[0] == 0
    assert stack.sent == [("PATCH", "/settings", sent)]


def test_6_6_several_changes_are_one(stack: FakeStack, shell: Shell) -> None:
    shell("settings", "blanks=keep", "leavers_minimum=0")

    assert stack.sent == [("PATCH", "/settings", {"blanks": "keep", "leavers_minimum": 0})]


def test_6_6_a_change_is_told_old_to_new(stack: FakeStack, shell: Shell) -> None:
    assert shell("settings", "blanks=keep")[1] == "Updated. blanks: clear → keep\n"
    assert json.loads(shell("settings", "blanks=keep", "--json")[1]) == stack.document


def test_6_6_what_the_api_refuses_is_said(stack: FakeStack, shell: Shell) -> None:
    sentence = "The setting leavers_minimum cannot be that: Input should be a valid integer."
    stack.document = None
    stack.refusals = []

    def refuse(path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        del query
        known = {"settings": stack.settings}
        return (
            (200, known) if not stack.sent else (422, {"code": "SETTING_INVALID", "message": sentence, "field": path})
        )

    stack.answer = refuse  # type: ignore[method-assign]

    assert shell("settings", "leavers_minimum=many") == (1, "", f"peoplefeed: {sentence}\n")


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        (["blanks"], "'blanks' is not KEY=VALUE"),
        (["blanks=keep", "blanks=clear"], "blanks is given twice"),
        (["columns=Mail"], "'Mail' is not THEIRS:OURS, like Mail:Email"),
        (["shared_addresses=[bar"], "'[bar' is not JSON"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_place(
    stack: FakeStack, shell: Shell, given: list[str], remedy: str
) -> None:
    code, out, err = shell("settings", *given)

    assert (code, out, stack.sent) == (2, "", [])
    assert remedy in err
