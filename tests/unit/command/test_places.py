"""Where the command looks for a stack, and what it says when there is none."""

import json
import os
from pathlib import Path

import pytest

from tests.unit.command.fakes import FakeStack, Shell

NO_STACK = (
    "peoplefeed: No local stack is running here: start it with `peoplefeed up`, "
    "or name a deployed one with --stack.\n"
)  # fmt: skip


@pytest.mark.parametrize(
    "verb", [["employees"], ["log"], ["runs"], ["tenant", "add", "a", "--admin", "ann@example.com"]]
)
def test_without_a_stack_the_user_is_told_how_to_start_one(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert shell(*verb) == (1, "", NO_STACK)


def test_a_stack_that_has_died_is_no_stack(stack: FakeStack, shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / ".peoplefeed" / "stack.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"pid": 2**22 + os.getpid()}))

    assert shell("employees") == (1, "", NO_STACK)
    assert stack.asked == []


def test_a_folder_below_the_stack_s_is_as_good(
    stack: FakeStack, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)

    assert shell("employees", "--json")[0] == 0
    assert stack.asked


def test_a_folder_without_stack_json_hides_no_stack_above_it(
    stack: FakeStack, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "a"
    (below / ".peoplefeed").mkdir(parents=True)
    monkeypatch.chdir(below)

    assert shell("employees", "--json")[0] == 0
    assert stack.asked


def test_a_stack_that_does_not_answer_is_said_to_be_silent(
    stack: FakeStack, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("command.api._RETRIES", False)
    path = tmp_path / ".peoplefeed" / "stack.json"
    path.write_text(path.read_text().replace(stack.url, "http://127.0.0.1:1/api"))

    code, out, err = shell("runs", "--json")

    assert (code, out) == (1, "")
    assert err == "peoplefeed: The local stack does not answer at http://127.0.0.1:1/api. Is it still running?\n"


def test_a_user_of_another_tenant_is_told_whose_they_are(
    stack: FakeStack, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.unit.command.fakes import id_token

    monkeypatch.setattr("command.connection.token_for", lambda _stack, _tenant: id_token("hotel-2"))

    assert shell("employees", "--tenant", "hotel-1") == (
        2, "", "peoplefeed: ann@example.com belongs to the tenant 'hotel-2', not to 'hotel-1'.\n",
    )  # fmt: skip
    assert stack.asked == []


def test_help_names_every_verb(shell: Shell) -> None:
    code, out, _ = shell("--help")

    assert code == 0
    assert all(verb in out for verb in ("up", "demo", "import", "employees", "log", "runs", "tenant"))
