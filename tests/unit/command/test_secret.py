"""`secret`: what an HR system is shown gets into Secrets Manager and nowhere else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from command.connection import Place
from command.verbs import secret
from tests.unit.command.fakes import Shell
from tests.worlds.memory_secrets import MemorySecrets

NAME = "peoplefeed/sources/acme/hr"


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> MemorySecrets:
    made = MemorySecrets()
    place = Place("The stack live", "", "", "", "", "", {"secretsmanager": made}.__getitem__, stack_name="live")
    monkeypatch.setattr(secret, "find_place", lambda name: place if name == "live" else pytest.fail("not there"))
    return made


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    text = io.StringIO("hunter2-hunter2\n")
    monkeypatch.setattr("sys.stdin", text)
    return text


@pytest.mark.usefixtures("piped")
def test_a_piped_secret_is_stored_without_being_said(manager: MemorySecrets, shell: Shell) -> None:
    code, out, err = shell("secret", NAME, "--stack", "live")
    assert (code, manager.secrets) == (0, {NAME: "hunter2-hunter2"})
    assert out == f"The stack live has the secret '{NAME}'.\n"
    assert "hunter2" not in out + err


def test_a_new_secret_takes_the_place_of_the_old_one(manager: MemorySecrets, shell: Shell, tmp_path: Path) -> None:
    manager.secrets[NAME] = "old"
    file = tmp_path / "token.txt"
    file.write_bytes("\ufeffnew:pass\r\n".encode())
    assert shell("secret", NAME, "--stack", "live", "--file", str(file))[0] == 0
    assert manager.secrets == {NAME: "new:pass"}


def test_what_is_typed_is_not_shown(
    manager: MemorySecrets, shell: Shell, piped: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(piped, "isatty", lambda: True)
    monkeypatch.setattr(secret, "getpass", lambda prompt: "typed" if "(not shown)" in prompt else "")
    assert shell("secret", NAME, "--stack", "live")[0] == 0
    assert manager.secrets == {NAME: "typed"}


@pytest.mark.parametrize("content", ["", " \n", "two\nlines-of-hunter2", "hünter2"])
def test_what_fits_into_no_header_is_refused_without_being_repeated(
    manager: MemorySecrets, shell: Shell, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(content))
    code, out, err = shell("secret", NAME, "--stack", "live")
    assert (code, out, manager.secrets) == (2, "", {})
    assert "A secret is one line of ASCII" in err
    assert not content.strip() or content.strip() not in err


@pytest.mark.parametrize("name", ["hr", "hunter2", "sources/acme/hr", "peoplefeed/a b", "peoplefeed/"])
def test_a_name_that_no_function_could_read_is_refused(name: str, shell: Shell) -> None:
    code, _, err = shell("secret", name)
    assert code == 2
    assert "peoplefeed/sources/TENANT/NAME" in err
