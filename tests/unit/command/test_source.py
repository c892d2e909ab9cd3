"""`source`: trying a manifest, and what the API is asked to do with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command import connection
from command.connection import Place
from command.verbs import secret, source
from tests.integration.sources.hr import PEOPLE, HrSystem, reply, running
from tests.unit.command.fakes import FakeStack, Shell
from tests.unit.sources.examples import document
from tests.worlds.memory_secrets import MemorySecrets

SECRET = "peoplefeed/sources/default/hr"


@pytest.fixture
def hr(socket_enabled: None) -> Iterator[HrSystem]:
    del socket_enabled
    with running() as system:
        yield system


@pytest.fixture
def secrets_here(monkeypatch: pytest.MonkeyPatch) -> MemorySecrets:
    """A local stack, as far as its secrets go."""
    made = MemorySecrets()
    place = Place("The local stack", "", "", "", "", "", {"secretsmanager": made}.__getitem__)
    for module in (source, secret):
        monkeypatch.setattr(module, "find_place", lambda _name: place)
    return made


def saved(folder: Path, **changes: Any) -> str:
    path = folder / "hr.json"
    path.write_text(json.dumps({"$schema": "x"} | document(**changes)))
    return str(path)


def test_a_manifest_is_tried_side_by_side(tmp_path: Path, hr: HrSystem, shell: Shell) -> None:
    hr.answers(reply([PEOPLE[0], PEOPLE[1] | {"title": ""}]))
    code, out, _ = shell("source", "check", saved(tmp_path, base_url=hr.url))
    assert code == 1
    assert '"first": "First 1"' in out
    assert "first_name: First 1" in out
    assert "NO Row 2 has no Job Title." in out
    assert "Missing: status: no record says whether someone works there" in out
    assert "1 of 2 records are valid." in out


def test_a_manifest_whose_records_are_all_valid_is_good(tmp_path: Path, hr: HrSystem, shell: Shell) -> None:
    hr.answers(reply(PEOPLE))
    code, out, _ = shell("source", "check", saved(tmp_path, base_url=hr.url), "--limit", "3", "--json")
    shown = json.loads(out)
    assert (code, shown["good"], len(shown["records"])) == (0, True, 3)
    assert shown["records"][2]["mapped"]["external_id"] == "3"


def test_trouble_is_told_as_in_the_feed_log(tmp_path: Path, hr: HrSystem, shell: Shell) -> None:
    hr.answers(reply([], 403))
    code, out, _ = shell("source", "check", saved(tmp_path, base_url=hr.url))
    assert code == 1
    assert "SOURCE_REFUSED: Access to the HR system of source hr is refused: it answers with status 403." in out


def test_a_secret_that_is_missing_is_named_at_its_place_with_the_command_that_stores_it(
    tmp_path: Path, hr: HrSystem, shell: Shell, secrets_here: MemorySecrets
) -> None:
    manifest = saved(tmp_path, base_url=hr.url, auth={"type": "bearer", "secret": SECRET})
    code, out, err = shell("source", "check", manifest)
    assert (code, out, hr.asked) == (1, "", [])
    assert f"hr.json cannot be tried yet:\n  auth.secret: there is no secret '{SECRET}' on the local stack.\n" in err
    [stores] = re.findall(r"peoplefeed (secret \S+)", err)
    token = tmp_path / "token.txt"
    token.write_text("hunter2-hunter2\n")
    assert shell(*stores.split(), "--file", str(token))[0] == 0
    assert secrets_here.secrets == {SECRET: "hunter2-hunter2"}
    code, out, _ = shell("source", "check", manifest)
    assert (code, hr.asked[-1].headers["Authorization"]) == (0, "Bearer hunter2-hunter2")


def test_without_a_stack_there_is_no_secret_and_no_riddle(
    tmp_path: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = shell("source", "check", saved(tmp_path, auth={"type": "bearer", "secret": SECRET}))
    assert code == 1
    assert f"auth.secret: the secret '{SECRET}' is read from the local stack, and none is running here." in err
    assert "peoplefeed up" in err


def test_every_mistake_is_listed_at_its_place(tmp_path: Path, shell: Shell) -> None:
    code, out, err = shell("source", "check", saved(tmp_path, name="Our HR", recods="@"))
    assert (code, out) == (1, "")
    assert "hr.json is not a manifest yet:\n" in err
    assert "  name: 'Our HR' is not a name" in err
    assert "  recods: there is no such key; did you mean 'records'?" in err


def test_a_manifest_is_tried_on_a_file(tmp_path: Path, shell: Shell) -> None:
    dropped = tmp_path / "staff.csv"
    dropped.write_bytes("Nr;F;L;J\n7;Zoë;Sol;Chef\n".encode("cp1252"))
    fields = {"external_id": "Nr", "first_name": "F", "last_name": "L", "job_title": "J"}
    manifest = saved(tmp_path, transport="drop", base_url=None, format="csv", fields=fields)
    code, out, _ = shell("source", "check", manifest, "--file", str(dropped), "--json")
    assert (code, json.loads(out)["records"][0]["mapped"]["first_name"]) == (0, "Zoë")
    code, _, err = shell("source", "check", manifest)
    assert (code, "with --file" in err) == (1, True)
    dropped.write_bytes(b"Nr;F\n7;A\n")
    assert "COLUMN_MISSING" in shell("source", "check", manifest, "--file", str(dropped))[1]


def test_a_source_is_added_paused_resumed_and_removed(stack: FakeStack, shell: Shell, tmp_path: Path) -> None:
    stack.refusals = [(201, {"name": "hr", "state": "waits for its turn"}), (200, {}), (200, {}), (200, {})]
    code, out, _ = shell("source", "add", saved(tmp_path))
    assert (code, "The source 'hr' of the tenant 'default' is connected: waits for its turn." in out) == (0, True)
    for action in ("pause", "resume", "remove"):
        assert shell("source", action, "hr")[0] == 0
    assert stack.sent == [
        ("PUT", "/sources/hr", document()),
        ("POST", "/sources/hr/pause", {}),
        ("POST", "/sources/hr/resume", {}),
        ("DELETE", "/sources/hr", None),
    ]


def test_with_a_stack_the_stack_tries_the_manifest(
    stack: FakeStack, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("command.connection._deployed", lambda _name: connection.find_place(None))
    preview: dict[str, Any] = {"good": True, "trouble": None, "missing": [], "ignored_columns": [], "records": []}
    stack.refusals = [(200, preview)]
    code, out, _ = shell("source", "check", saved(tmp_path), "--stack", "peoplefeed-prod", "--limit", "5", "--json")
    assert (code, json.loads(out)) == (0, preview)
    assert stack.sent == [("POST", "/sources/check", {"manifest": document(), "limit": 5})]


def test_the_apis_refusal_is_what_people_read(stack: FakeStack, shell: Shell, tmp_path: Path) -> None:
    stack.refusals = [(404, {"code": "SOURCE_UNKNOWN", "message": "There is no source 'x'."})]
    assert shell("source", "pause", "x") == (1, "", "peoplefeed: There is no source 'x'.\n")
    assert shell("source", "add", str(tmp_path / "nothing.json"))[0] == 2


def source_of(name: str, **changes: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("next_poll", "last_poll", "last_feed", "trouble"))
    address = {"base_url": "https://hr.example.com", "poll_every_minutes": 15}
    return {"name": name, "kind": "employees", "state": "in trouble", **address, **nothing, **changes}


def test_sources_are_listed_with_their_trouble(stack: FakeStack, shell: Shell) -> None:
    since = "2026-11-22T13:20:39.123Z"
    trouble = {"code": "SOURCE_REFUSED", "since": since, "failures": 4}
    dropped = source_of("b", state="takes drops", base_url=None, poll_every_minutes=None)
    stack.lists["sources"] = [source_of("a", trouble=trouble), dropped, source_of("c")]
    _, out, _ = shell("source", "list")
    assert "SOURCE_REFUSED, 4 polls" in out
    assert "takes drops" in out
    assert [source["name"] for source in json.loads(shell("source", "list", "--json")[1])] == ["a", "b", "c"]
