"""Holds as administrators meet them in the API: looked at, released, discarded (6.3)."""

from __future__ import annotations

from typing import Any

import pytest

from peoplefeed.api import holds as routes
from peoplefeed.api import waiting
from peoplefeed.runs.holding import HoldChanged
from peoplefeed.storage import holds as storage
from peoplefeed.storage.holds import find_holds
from tests.integration.api.scene import TENANT, PromptTime, Scene, event
from tests.integration.runs.company import HEADER, line

WAITING = {"prefer": "wait=10"}
PEOPLE = HEADER + "".join(line(f"E{n}", f"p{n}@x.es") for n in range(50))


def leaving(first: int, count: int) -> str:
    return HEADER + "".join(line(f"E{n}", f"p{n}@x.es", status="Inactive") for n in range(first, first + count))


@pytest.fixture
def holding(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Run 1 makes a job title, run 2 fifty people; run 3 wants to deactivate eleven of them. The line moves."""
    monkeypatch.setattr(waiting, "time", PromptTime(scene.world))
    scene.imports("Name\nChef\n", kind="job-titles")
    scene.imports(PEOPLE)
    scene.imports(leaving(0, 11))
    return scene


def active(scene: Scene) -> int:
    return sum(person["active"] for person in scene.every("/employees", "employees", limit=100))


def the_hold(scene: Scene) -> dict[str, Any]:
    [hold] = scene.gets("/holds").json["holds"]
    found: dict[str, Any] = hold
    return found


def test_6_3_a_hold_shows_whose_it_is_and_what_it_would_do(holding: Scene) -> None:
    hold = the_hold(holding)
    message = hold.pop("message")
    assert hold == {
        "id": "upload.leavers.3",
        "source": "upload",
        "safeguard": "leavers",
        "code": "LEAVERS_HELD",
        "since": holding.gets("/runs/3").json["registered_at"],
        "version": 1,
        "runs": [3],
        "would": {"deactivated": 11},
        "examples": [f"E{n}: Ana Sol" for n in range(5)],
    }
    assert "11 of 50" in message
    assert message.endswith("release or discard the hold upload.leavers.3.")
    shown = holding.gets(f"/holds/{hold['id']}")
    assert (shown.json, shown.headers["ETag"]) == (hold | {"message": message}, '"1"')


def test_1_11_a_hold_does_not_show_who_was_erased_and_is_released_as_it_was_seen(holding: Scene) -> None:
    seen = the_hold(holding)
    holding.imports(HEADER + line("E3", "p3@x.es", status="Inactive"))
    assert holding.asks("DELETE", "/employees/E3", headers=WAITING).status == 200
    hold = the_hold(holding)
    assert hold == seen | {"examples": [f"E{n}: Ana Sol" for n in (0, 1, 2, 4)]}
    holding.asks("POST", f"/holds/{hold['id']}/release", body={"version": seen["version"]})
    holding.works_off()
    assert active(holding) == 39


def test_1_11_others_whose_number_begins_the_same_stay_examples(holding: Scene) -> None:
    holding.asks("POST", "/holds/upload.leavers.3/discard", body={"version": 1}, headers=WAITING)
    holding.imports(leaving(10, 11))
    holding.imports(HEADER + line("E1", "p1@x.es", status="Inactive"))
    holding.asks("DELETE", "/employees/E1", headers=WAITING)
    assert the_hold(holding)["examples"][0] == "E10: Ana Sol"


def test_1_11_a_hold_that_was_refreshed_meanwhile_stays_as_it_is(
    holding: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = find_holds(holding.deployment, TENANT)
    holding.imports(leaving(11, 11))
    monkeypatch.setattr(storage, "find_holds", lambda *_: before)
    storage.forget_examples(holding.deployment, TENANT, "E3")
    assert "E3: Ana Sol" in the_hold(holding)["examples"]


@pytest.mark.parametrize("said", [{"body": {"version": 1}}, {"headers": {"If-Match": '"1"'}}], ids=["body", "header"])
def test_6_3_what_is_released_is_delivered_again(holding: Scene, said: dict[str, Any]) -> None:
    answer = holding.asks("POST", "/holds/upload.leavers.3/release", **said)
    assert (answer.status, answer.headers["Location"]) == (202, "/runs/4")
    [run] = answer.json["runs"]
    assert (run["number"], run["purpose"], run["of"], run["released"]) == (4, "release", 3, ["leavers"])
    assert holding.works_off().counts["deactivated"] == 11
    assert (holding.gets("/holds").json["holds"], active(holding)) == ([], 39)


def test_6_3_what_is_discarded_is_over(holding: Scene) -> None:
    answer = holding.asks("POST", "/holds/upload.leavers.3/discard", body={"version": 1}, headers=WAITING)
    assert (answer.status, answer.headers["Preference-Applied"]) == (200, "wait")
    [run] = answer.json["runs"]
    assert (run["state"], run["purpose"], run["of"], run["uploaded_by"]) == ("finished", "discard", 3, "5f0c")
    assert (holding.gets("/holds").json["holds"], active(holding)) == ([], 50)
    assert holding.gets("/runs").json["runs"][0]["purpose"] == "discard"  # it changed nothing, and is not folded away
    assert holding.gets("/log", unresolved="true").json["entries"] == []


def test_6_3_all_runs_of_a_hold_are_released_and_waited_for(holding: Scene) -> None:
    holding.imports(leaving(20, 12))
    answer = holding.asks("POST", "/holds/upload.leavers.3/release", body={"version": 2}, headers=WAITING)
    assert answer.status == 200
    assert [(run["of"], run["state"]) for run in answer.json["runs"]] == [(3, "finished"), (4, "finished")]
    assert active(holding) == 27


@pytest.mark.parametrize("verb", ["release", "discard"])
def test_6_3_a_hold_that_changed_is_shown_as_it_is_now_and_left_alone(holding: Scene, verb: str) -> None:
    holding.imports(leaving(20, 12))
    answer = holding.asks("POST", f"/holds/upload.leavers.3/{verb}", body={"version": 1})
    document = answer.json
    assert (answer.status, document["code"]) == (409, "HOLD_CHANGED")
    assert document["hold"] == the_hold(holding)
    assert (document["hold"]["version"], document["hold"]["would"]) == (2, {"deactivated": 23})
    assert active(holding) == 50


@pytest.mark.parametrize("verb", ["release", "discard"])
def test_6_3_a_hold_that_changes_at_that_very_moment_is_refused_too(
    holding: Scene, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    def too_late(*_: object) -> None:
        raise HoldChanged

    monkeypatch.setattr(routes, verb, too_late)
    answer = holding.asks("POST", f"/holds/upload.leavers.3/{verb}", body={"version": 1})
    assert (answer.status, answer.json["code"], answer.json["hold"]["id"]) == (409, "HOLD_CHANGED", "upload.leavers.3")


def test_6_3_who_does_not_say_what_they_saw_is_told_how(holding: Scene) -> None:
    nothing: dict[str, object] = {}
    for body in (None, nothing):
        answer = holding.asks("POST", "/holds/upload.leavers.3/release", body=body)
        assert answer.error == (428, "VERSION_MISSING")
        assert 'If-Match: "N"' in answer.json["message"]
    assert len(holding.gets("/holds").json["holds"]) == 1


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"body": {"version": "1"}}, "FIELD_INVALID"),
        ({"body": {"version": True}}, "FIELD_INVALID"),
        ({"body": {"versions": 1}}, "FIELD_UNKNOWN"),
        ({"body": "1"}, "BODY_INVALID"),
        ({"headers": {"If-Match": "1"}}, "HEADER_INVALID"),
        ({"headers": {"If-Match": "*"}}, "HEADER_INVALID"),
        ({"headers": {"If-Match": '"2"'}, "body": {"version": 1}}, "FIELD_INVALID"),
        ({"query": {"version": 1}, "body": {"version": 1}}, "FILTER_UNKNOWN"),
    ],
)
def test_a_version_that_is_none_is_400(holding: Scene, request_: dict[str, Any], code: str) -> None:
    assert holding.asks("POST", "/holds/upload.leavers.3/discard", **request_).error == (400, code)


@pytest.mark.parametrize("hold", ["upload.leavers.9", "upload.feed.3", "nobody.leavers.3", "upload", "%20", "a%2Fb"])
def test_an_unknown_hold_is_404(holding: Scene, hold: str) -> None:
    assert holding.gets(f"/holds/{hold}").error == (404, "HOLD_UNKNOWN")
    for verb in ("release", "discard"):
        assert holding.asks("POST", f"/holds/{hold}/{verb}", body={"version": 1}).error == (404, "HOLD_UNKNOWN")


def test_what_was_released_cannot_be_released_again(holding: Scene) -> None:
    assert holding.asks("POST", "/holds/upload.leavers.3/release", body={"version": 1}).status == 202
    for verb in ("release", "discard"):
        answer = holding.asks("POST", f"/holds/upload.leavers.3/{verb}", body={"version": 1})
        assert answer.error == (404, "HOLD_UNKNOWN")


def test_nobody_releases_what_another_tenant_holds(holding: Scene) -> None:
    assert holding.sends(event("GET", "/holds", tenant="rival")).json["holds"] == []
    request = event("POST", "/holds/upload.leavers.3/release", body={"version": 1}, tenant="rival")
    assert holding.sends(request).error == (404, "HOLD_UNKNOWN")
    assert len(holding.gets("/holds").json["holds"]) == 1
    assert TENANT != "rival"
