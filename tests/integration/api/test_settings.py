"""What a tenant can set, in the API (6.6): a feed of one row for each setting, all or none."""

from __future__ import annotations

from typing import Any

import pytest

from peoplefeed.api import waiting
from peoplefeed.readers.limits import MAX_LINE
from peoplefeed.rules.settings import Settings
from tests.integration.api.scene import PromptTime, Scene, event

WAITING = {"prefer": "wait=10"}


@pytest.fixture
def prompt(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The line moves while the API waits."""
    monkeypatch.setattr(waiting, "time", PromptTime(scene.world))
    return scene


def shown(scene: Scene) -> dict[str, dict[str, Any]]:
    return {setting["name"]: setting for setting in scene.gets("/settings").json["settings"]}


def test_6_6_every_setting_is_shown_with_its_default_and_what_it_means(scene: Scene) -> None:
    settings = shown(scene)
    assert list(settings) == list(Settings.model_fields)
    assert settings["leavers_percent"] == {
        "name": "leavers_percent",
        "value": 10,
        "default": 10,
        "description": "This part of the active employees may leave in 24 hours without a question.",
        "clause": "6.1",
    }
    assert all(one["description"].endswith(".") and one["clause"] for one in settings.values())


def test_6_6_a_change_is_a_feed_and_stands_in_the_log(prompt: Scene) -> None:
    wanted = {"leavers_percent": 20, "identity_change": "hold", "shared_addresses": ["Bar@x.es", "bar@X.es"]}
    answer = prompt.asks("PATCH", "/settings", body=wanted)
    assert (answer.status, answer.headers["Location"]) == (202, "/runs/1")
    run = answer.json["run"]
    assert (run["source"], run["kind"], run["mode"], run["uploaded_by"]) == ("api", "settings", "changes", "5f0c")
    assert prompt.works_off().counts["updated"] == 3
    settings = shown(prompt)
    assert [settings[name]["value"] for name in wanted] == [20, "hold", ["bar@x.es"]]
    logged = prompt.gets("/log", run=1).json["entries"]
    assert {entry["name"]: entry["changes"] for entry in logged} == {
        "leavers_percent": {"leavers_percent": ["10", "20"]},
        "identity_change": {"identity_change": ["apply", "hold"]},
        "shared_addresses": {"shared_addresses": ["[]", '["bar@x.es"]']},
    }


def test_6_6_null_is_the_default_again(prompt: Scene) -> None:
    assert prompt.asks("PATCH", "/settings", body={"encoding": "latin-1"}, headers=WAITING).status == 200
    assert shown(prompt)["encoding"]["value"] == "iso8859-1"
    changed = prompt.asks("PATCH", "/settings", body={"encoding": None}, headers=WAITING)
    assert (changed.status, changed.json["changes"]) == (200, {"encoding": ["iso8859-1", "cp1252"]})
    same = prompt.asks("PATCH", "/settings", body={"encoding": None}, headers=WAITING)
    assert (same.status, same.json["outcome"]) == (200, "unchanged")


@pytest.mark.parametrize(
    ("body", "status", "code", "field", "reason"),
    [
        ({"leaver_percent": 1}, 400, "FIELD_UNKNOWN", "leaver_percent", "there are leavers_minimum"),
        ({"leavers_percent": 101}, 422, "SETTING_INVALID", "leavers_percent", "less than or equal to 100"),
        ({"leavers_minimum": True}, 422, "SETTING_INVALID", "leavers_minimum", "it needs a number"),
        ({"encoding": "rot13"}, 422, "SETTING_INVALID", "encoding", "is not an encoding"),
        ({"date_format": "DD/MM"}, 422, "SETTING_INVALID", "date_format", "DD, MM and YYYY"),
        ({"shared_addresses": ["bar"]}, 422, "SETTING_INVALID", "shared_addresses", "not an e-mail address"),
        ({"columns": {"Puesto": "Job"}}, 422, "SETTING_INVALID", "columns", "there is no column 'Job'"),
        ({"blanks": "keep", "identity_change": "ask"}, 422, "SETTING_INVALID", "identity_change", "'apply' or 'hold'"),
        ({}, 400, "FIELD_MISSING", None, "leavers_minimum"),
        ([], 400, "BODY_INVALID", None, "not a JSON object"),
    ],
)
def test_6_6_what_cannot_be_is_refused_at_once_with_the_reason(
    scene: Scene, body: object, status: int, code: str, field: str | None, reason: str
) -> None:
    answer = scene.asks("PATCH", "/settings", body=body)
    assert answer.error == (status, code)
    assert answer.json.get("field") == field
    assert reason in answer.json["message"]
    assert scene.gets("/runs").json["runs"] == []


def test_6_5_a_setting_that_is_too_long_for_a_row_is_refused_at_once(scene: Scene) -> None:
    names = {f"Column {number} {'x' * 900}": "Email" for number in range(100)}
    assert sum(map(len, names)) > MAX_LINE
    assert scene.asks("PATCH", "/settings", body={"columns": names}).error == (413, "BODY_TOO_LARGE")
    assert scene.world.s3.keys() == []


def test_the_settings_of_tenants_are_their_own(prompt: Scene) -> None:
    prompt.asks("PATCH", "/settings", body={"blanks": "keep"}, headers=WAITING)
    rivals = prompt.sends(event("GET", "/settings", tenant="rival")).json["settings"]
    assert {one["name"]: one["value"] for one in rivals}["blanks"] == "clear"
