"""Renaming and deleting reference data in the API, and taking old names away (4.6, 4.8)."""

from __future__ import annotations

import pytest

from peoplefeed.api import waiting
from tests.integration.api.scene import PromptTime, Scene

WAITING = {"prefer": "wait=10"}


@pytest.fixture
def company(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Somebody has a job title, a department and a business unit. The line moves while the API waits."""
    monkeypatch.setattr(waiting, "time", PromptTime(scene.world))
    scene.imports("Name\nChef\nWaiter\n", kind="job-titles")
    scene.imports("Name\nBar\nKitchen\n", kind="departments")
    scene.imports("Feed ID,Name\nU1,Soho\nU2,Camden\n", kind="business-units")
    unit = "External Identifier,First Name,Last Name,Job Title,Department,Business Unit ID\nE1,Ana,Sol,Chef,Bar,U1\n"
    scene.imports(unit)
    return scene


def test_4_6_a_rename_is_a_feed_of_one_row(company: Scene) -> None:
    answer = company.asks("PATCH", "/job-titles/Chef", body={"name": "Head Chef"})
    assert (answer.status, answer.headers["Location"]) == (202, "/runs/5")
    run = answer.json["run"]
    assert (run["source"], run["kind"], run["mode"]) == ("api", "job-titles", "changes")


@pytest.mark.parametrize(
    ("path", "noun", "field", "old", "new"),
    [
        ("/job-titles", "job_titles", "job_title", "Chef", "Head Chef"),
        ("/departments", "departments", "department", "Bar", "Café / Bar"),
    ],
)
def test_4_6_whoever_has_it_follows_and_the_old_name_is_an_alias(
    company: Scene, path: str, noun: str, field: str, old: str, new: str
) -> None:
    answer = company.asks("PATCH", f"{path}/{old}", body={"name": new}, headers=WAITING)
    assert (answer.status, answer.json["outcome"], answer.json["changes"]) == (200, "updated", {"name": [old, new]})
    [holder] = answer.json["others"]
    assert (holder["external_id"], holder["row"], holder["changes"]) == ("E1", None, {field: [old, new]})
    assert holder["message"] == f"Updated: {field.replace('_', ' ')}, renamed by an administrator."
    assert company.gets("/employees/E1").json[field] == new
    assert {"name": new, "aliases": [old]} in company.gets(path).json[noun]


def test_4_6_a_unit_is_renamed_by_its_feed_id_and_has_no_aliases(company: Scene) -> None:
    answer = company.asks("PATCH", "/business-units/U1", body={"name": "Brixton"}, headers=WAITING)
    assert (answer.status, answer.json["outcome"]) == (200, "updated")
    assert {"feed_id": "U1", "name": "Brixton"} in company.gets("/business-units").json["business_units"]
    assert company.asks("DELETE", "/business-units/U1/aliases/x").error == (404, "ROUTE_UNKNOWN")


@pytest.mark.parametrize(
    ("path", "noun", "old", "new"),
    [("/job-titles", "job_titles", "Chef", "Cook"), ("/departments", "departments", "Bar", "Lounge")],
)
def test_4_6_an_old_name_can_be_taken_away(company: Scene, path: str, noun: str, old: str, new: str) -> None:
    company.asks("PATCH", f"{path}/{old}", body={"name": new}, headers=WAITING)
    answer = company.asks("DELETE", f"{path}/{new}/aliases/{old}", headers=WAITING)
    assert (answer.status, answer.json["changes"]) == (200, {"alias": [old, None]})
    assert {"name": new, "aliases": []} in company.gets(path).json[noun]
    again = company.asks("DELETE", f"{path}/{new}/aliases/{old}", headers=WAITING)
    assert (again.status, again.json["code"]) == (404, "REFERENCE_UNKNOWN")


@pytest.mark.parametrize(
    ("path", "noun", "key"),
    [
        ("/job-titles/Waiter", "job_titles", "Waiter"),
        ("/departments/Kitchen", "departments", "Kitchen"),
        ("/business-units/U2", "business_units", "Camden"),
    ],
)
def test_4_8_what_nobody_has_can_be_deleted(company: Scene, path: str, noun: str, key: str) -> None:
    answer = company.asks("DELETE", path, headers=WAITING)
    assert (answer.status, answer.json["changes"]) == (200, {"deleted": [False, True]})
    assert key not in [one["name"] for one in company.gets(path.rsplit("/", 1)[0]).json[noun]]
    again = company.asks("DELETE", path, headers=WAITING)
    assert (again.status, again.json["code"], again.json["outcome"]) == (404, "REFERENCE_UNKNOWN", "rejected")


@pytest.mark.parametrize("path", ["/job-titles/Chef", "/departments/Bar", "/business-units/U1"])
def test_4_8_what_an_active_employee_has_is_409_and_names_one(company: Scene, path: str) -> None:
    answer = company.asks("DELETE", path, headers=WAITING)
    assert (answer.status, answer.json["code"], answer.json["outcome"]) == (409, "REFERENCE_IN_USE", "rejected")
    assert "E1" in answer.json["message"]
    assert company.gets("/employees/E1").json["business_unit_id"] == "U1"


def test_4_8_a_name_that_is_taken_is_409(company: Scene) -> None:
    answer = company.asks("PATCH", "/job-titles/Chef", body={"name": "Waiter"}, headers=WAITING)
    assert (answer.status, answer.json["code"]) == (409, "REFERENCE_EXISTS")


KINDS = [
    pytest.param("job-titles", "Job Title", ("Chef", "Waiter"), id="4.8-job-titles"),
    pytest.param("departments", "Department", ("Bar", "Kitchen"), id="4.8-departments"),
]


@pytest.mark.parametrize(("kind", "noun", "names"), KINDS)
def test_a_name_that_is_taken_as_an_alias_says_whose_and_how_to_free_it(
    company: Scene, kind: str, noun: str, names: tuple[str, str]
) -> None:
    alias, other = names
    company.asks("PATCH", f"/{kind}/{alias}", body={"name": "New one"}, headers=WAITING)
    answer = company.asks("PATCH", f"/{kind}/{other}", body={"name": alias}, headers=WAITING)
    assert (answer.status, answer.json["code"]) == (409, "REFERENCE_EXISTS")
    removal = f"remove the alias (`peoplefeed remove {kind} 'New one' --alias {alias}`)"
    assert answer.json["remedy"] == f"Choose another name, or {removal} first."
    taken = f"Row 1: there is a {noun} '{alias}' already, as an alias (a former name) of 'New one'."
    assert answer.json["message"] == f"{taken} {answer.json['remedy']}"


@pytest.mark.parametrize(
    "asked",
    [("DELETE", "{alias}", None), ("PATCH", "{alias}", {"name": "x"}), ("DELETE", "{other}/aliases/{alias}", None)],
    ids=["deleted", "renamed", "taken-from-another"],
)
@pytest.mark.parametrize(("kind", "noun", "names"), KINDS)
def test_whoever_names_an_alias_hears_what_it_is_called_now(
    company: Scene, kind: str, noun: str, names: tuple[str, str], asked: tuple[str, str, object]
) -> None:
    (alias, other), (method, beneath, body) = names, asked
    company.asks("PATCH", f"/{kind}/{alias}", body={"name": "New one"}, headers=WAITING)
    path = f"/{kind}/{beneath.format(alias=alias, other=other)}"
    answer = company.asks(method, path, body=body, headers=WAITING)
    assert (answer.status, answer.json["code"]) == (404, "REFERENCE_UNKNOWN")
    removal = f"remove the alias (`peoplefeed remove {kind} 'New one' --alias {alias}`)"
    assert answer.json["remedy"] == f"Check the name: say 'New one', or {removal}."
    unknown = f"Row 1: there is no {noun} '{alias}', it is an alias (a former name) of 'New one'."
    assert answer.json["message"] == f"{unknown} {answer.json['remedy']}"


def test_4_8_an_alias_that_is_none_is_not_taken_for_a_name_that_is_none(company: Scene) -> None:
    answer = company.asks("DELETE", "/job-titles/Chef/aliases/Waiter", headers=WAITING)
    assert answer.json["message"].startswith(
        "Row 1: there is no alias 'Waiter' of the Job Title 'Chef'. Check the name;"
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        pytest.param(
            *("PATCH", "/job-titles/Chef", {"name": "Waiter"}),
            "Row 1: there is a Job Title 'Waiter' already. Choose another name, or delete that one first.",
            id="4.8-taken",
        ),
        pytest.param(
            *("DELETE", "/business-units/Soho", None),
            "Row 1: there is no Business Unit 'Soho'. Check the name: a Business Unit is named by its feed ID.",
            id="4.8-unknown",
        ),
    ],
)
def test_without_an_alias_in_the_way_none_is_spoken_of(
    company: Scene, method: str, path: str, body: object, message: str
) -> None:
    answer = company.asks(method, path, body=body, headers=WAITING)
    assert answer.json["message"] == message
    assert message.endswith(f". {answer.json['remedy']}")


def test_4_6_creating_an_alias_anew_says_that_it_was_renamed(company: Scene) -> None:
    company.asks("PATCH", "/job-titles/Chef", body={"name": "Cook"}, headers=WAITING)
    answer = company.asks("POST", "/job-titles", body={"name": "Chef"}, headers=WAITING)
    assert (answer.status, answer.json["outcome"], answer.json["code"]) == (200, "unchanged", "REFERENCE_RENAMED")


@pytest.mark.parametrize("name", ["Chef/Cook", "Größe ", "100%", "a?b#c", "aliases"])
def test_4_1_any_name_can_be_renamed_and_deleted(company: Scene, name: str) -> None:
    encoded = "".join(f"%{byte:02X}" for byte in name.encode())
    company.asks("POST", "/job-titles", body={"name": name}, headers=WAITING)
    assert company.asks("PATCH", f"/job-titles/{encoded}", body={"name": "New"}, headers=WAITING).status == 200
    assert company.asks("DELETE", f"/job-titles/New/aliases/{encoded}", headers=WAITING).status == 200
    assert company.asks("DELETE", "/job-titles/New", headers=WAITING).status == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "FIELD_MISSING"),
        ({"name": " "}, "FIELD_MISSING"),
        ({"name": 7}, "FIELD_MISSING"),
        ({"name": "New", "action": "delete"}, "FIELD_UNKNOWN"),
        ({"name": "\ud800"}, "FIELD_INVALID"),
        ("{", "BODY_INVALID"),
    ],
)
def test_a_rename_without_a_new_name_is_400(company: Scene, body: object, code: str) -> None:
    assert company.asks("PATCH", "/job-titles/Chef", body=body).error == (400, code)
    assert company.gets("/runs", all="true").json["runs"][0]["number"] == 4


def test_a_name_that_cannot_be_is_404_at_once(company: Scene) -> None:
    assert company.asks("DELETE", f"/job-titles/{'x' * 201}").error == (404, "REFERENCE_UNKNOWN")


def test_sent_again_with_its_key_a_deletion_is_the_same_delivery(company: Scene) -> None:
    key = {"Idempotency-Key": "once"}
    numbers = [company.asks("DELETE", "/job-titles/Waiter", headers=key).json["run"]["number"] for _ in range(2)]
    assert numbers == [5, 5]
