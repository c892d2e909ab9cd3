"""What an administrator asks for about one person: to let go of them (3.13), and to erase them (1.11)."""

from __future__ import annotations

import json

import pytest

from peoplefeed.api import waiting
from tests.integration.api.scene import PromptTime, Scene
from tests.integration.runs.company import HEADER, line

WAITING = {"prefer": "wait=10"}
PERSONAL = ("Rosalind", "Quimby", "quimby@x.es")


def rosalind(**more: str) -> str:
    return HEADER + line("E7", "quimby@x.es", **more).replace("Ana", "Rosalind").replace("Sol", "Quimby")


@pytest.fixture
def company(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Run 1 makes a job title, run 2 two people; run 3 refuses a row of hers, in run 4 she leaves. The line moves."""
    monkeypatch.setattr(waiting, "time", PromptTime(scene.world))
    scene.imports("Name\nChef\n", kind="job-titles")
    scene.imports(rosalind() + line("E8", "p8@x.es"))
    scene.imports(rosalind(title="Rosalind's own title"))
    scene.imports(rosalind(status="Inactive"))
    return scene


def everything(scene: Scene) -> str:
    names = scene.world.names
    tables = (names.directory_table, names.feed_log_table)
    return json.dumps([scene.world.items(table) for table in tables], default=str)


def test_1_11_whoever_is_erased_leaves_nothing_but_the_external_id(company: Scene) -> None:
    assert all(word in everything(company) for word in PERSONAL)
    answer = company.asks("DELETE", "/employees/E7", headers=WAITING)
    assert (answer.status, answer.json["outcome"], answer.json["message"]) == (200, "updated", "Erased on request.")
    assert not [word for word in PERSONAL if word in everything(company)]
    assert company.gets("/employees/E7").status == 404
    assert [person["external_id"] for person in company.every("/employees", "employees")] == ["E8"]


def test_1_11_every_row_of_somebody_who_was_erased_is_still_accounted_for(company: Scene) -> None:
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    story = company.gets("/employees/E7/story").json["entries"]
    assert [(entry["run"], entry["outcome"]) for entry in story] == [
        (5, "updated"),
        (4, "deactivated"),
        (3, "parked"),
        (2, "created"),
    ]
    assert {(entry["name"], entry["value"]) for entry in story} == {(None, None)}
    assert company.gets("/log", unresolved="true").json["entries"] == []


def test_1_11_the_rows_of_somebody_who_was_erased_are_not_given_back(company: Scene) -> None:
    company.imports(rosalind(status="Active", title="Another title") + line("E9", "p9@x.es", title="Another title"))
    refused = company.gets("/runs/5/rows").body
    assert "E7" in refused
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    refused = company.gets("/runs/5/rows").body
    assert "E9" in refused
    assert not [word for word in ("E7", *PERSONAL) if word in refused]


def test_1_11_a_row_of_somebody_who_was_erased_is_refused_without_their_name(company: Scene) -> None:
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    run = company.imports(rosalind())
    [entry] = company.gets("/log", run=str(run.number)).json["entries"]
    assert (entry["outcome"], entry["code"], entry["external_id"]) == ("rejected", "PERSON_ERASED", "E7")
    assert not [word for word in PERSONAL if word in everything(company)]


def test_1_11_the_address_of_somebody_who_was_erased_is_as_if_it_had_never_been_used(company: Scene) -> None:
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    run = company.imports(HEADER + line("E9", "quimby@x.es"))
    [entry] = company.gets("/log", run=str(run.number)).json["entries"]
    assert (entry["outcome"], entry["code"]) == ("created", None)


def test_1_11_who_was_parked_and_never_created_can_be_erased_and_stays_away(company: Scene) -> None:
    company.imports(HEADER + line("E5", "p5@x.es", title="Barista"))
    company.asks("DELETE", "/employees/E5", headers=WAITING)
    company.imports("Name\nBarista\n", kind="job-titles")
    assert company.gets("/employees/E5").status == 404
    assert "p5@x.es" not in everything(company)


def test_1_11_an_active_person_is_not_erased_and_one_nobody_knows_is_not_found(company: Scene) -> None:
    refused, unknown = (company.asks("DELETE", f"/employees/{who}", headers=WAITING) for who in ("E8", "E99"))
    assert (refused.status, refused.json["code"]) == (409, "EMPLOYEE_ACTIVE")
    assert (unknown.status, unknown.json["code"]) == (404, "EMPLOYEE_UNKNOWN")
    assert company.gets("/employees/E8").status == 200


def test_3_13_whom_an_administrator_lets_go_any_source_may_change(company: Scene) -> None:
    company.imports("Name\nWaiter\n", kind="job-titles")
    company.imports(HEADER + line("E8", "p8@x.es", status="Inactive"))
    company.imports(HEADER + line("E8", "p8@x.es", status="Active"), source="hr-a")
    waiter = HEADER + line("E8", "p8@x.es", title="Waiter")
    refused = company.imports(waiter, source="hr-b")
    assert company.gets("/log", run=str(refused.number)).json["entries"][0]["code"] == "OWNED_BY_OTHER_SOURCE"
    answer = company.asks("DELETE", "/employees/E8/source", headers=WAITING)
    assert (answer.status, answer.json["changes"]) == (200, {"source": ["hr-a", None]})
    company.imports(waiter, source="hr-b")
    assert company.gets("/employees/E8").json["job_title"] == "Waiter"
    assert company.gets("/log", unresolved="true", external_id="E8").json["entries"] == []


def test_3_13_letting_go_of_somebody_who_belongs_to_nobody_changes_nothing(company: Scene) -> None:
    answer = company.asks("DELETE", "/employees/E8/source", headers=WAITING)
    assert (answer.status, answer.json["outcome"]) == (200, "unchanged")
    assert company.asks("DELETE", "/employees/E99/source").status == 404
