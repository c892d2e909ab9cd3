"""What an administrator asks for about one person: to let go of them (3.13), and to erase them (1.11)."""

from __future__ import annotations

import json

import pytest

from peoplefeed.api import waiting
from peoplefeed.runs.apply import apply_chunk
from tests.integration.api.scene import TENANT, PromptTime, Scene
from tests.integration.runs.company import HEADER, line
from tests.worlds.faults import Call

WAITING = {"prefer": "wait=10"}
ADDRESS = "quimby@x.es"
PERSONAL = ("Rosalind", "Quimby", ADDRESS)


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


def test_1_11_what_is_said_of_others_does_not_name_who_was_erased(company: Scene) -> None:
    company.imports(rosalind(status="Active") + line("0E7", "p9@x.es"))
    run = company.imports(HEADER + line("E9", "quimby@x.es"))  # parked: the address is hers
    company.imports(HEADER + line("E9", "quimby@x.es", title="Chef"))  # the same: counted up
    company.imports(rosalind(status="Inactive"))  # she leaves, and E9 comes in with her address
    assert company.gets("/employees/E9").json["email"] == "quimby@x.es"
    said = [entry["message"] for entry in company.gets("/employees/E9/story").json["entries"]]
    assert all("Rosalind Quimby (external Identifier E7)" in sentence for sentence in said)
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    assert not [word for word in ("Rosalind", "Quimby") if word in everything(company)]
    story = company.gets("/employees/E9/story").json["entries"]
    assert [(entry["code"], "another person (erased since)" in entry["message"]) for entry in story] == [
        ("EMAIL_REUSED", True),
        ("EMAIL_IN_USE", True),
    ]
    assert story[1]["remedy"] == company.gets("/log", run=str(run.number)).json["entries"][0]["remedy"] is not None


def test_1_11_what_is_said_of_a_title_that_somebody_had_does_not_name_them(company: Scene) -> None:
    company.imports(rosalind(status="Active") + line("E8", "p8@x.es", status="Inactive"))
    assert company.asks("DELETE", "/job-titles/Chef", headers=WAITING).json["code"] == "REFERENCE_IN_USE"
    assert "Rosalind Quimby (external Identifier E7) for one" in everything(company)
    company.imports(rosalind(status="Inactive"))
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    assert not [word for word in PERSONAL if word in everything(company)]


def test_1_11_of_two_who_are_erased_each_may_be_named_in_what_is_said_of_the_other(company: Scene) -> None:
    company.imports(HEADER + line("E9", "quimby@x.es"))
    company.imports(HEADER + line("E9", "quimby@x.es", status="Inactive"))
    for who in ("E9", "E7"):
        assert company.asks("DELETE", f"/employees/{who}", headers=WAITING).status == 200
    assert not [word for word in PERSONAL if word in everything(company)]


def test_1_11_a_sentence_that_names_a_known_number_does_not_name_the_person_any_more(company: Scene) -> None:
    company.imports(HEADER + line("7", "p7@x.es").replace("Ana", "Rosalind").replace("Sol", "Quimby"))
    company.imports(HEADER + line("007"))
    company.imports(
        HEADER + line("7", "p7@x.es", status="Inactive").replace("Ana", "Rosalind").replace("Sol", "Quimby")
    )
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    company.asks("DELETE", "/employees/7", headers=WAITING)
    assert not [word for word in ("Rosalind", "Quimby") if word in everything(company)]
    (entry,) = company.gets("/employees/007/story").json["entries"]
    assert entry["code"] == "EXTERNAL_ID_NEAR_DUPLICATE"
    assert "differs from that of another person (erased since) only in zeros" in entry["message"]


def test_1_11_what_names_somebody_else_by_now_goes_on_naming_them(company: Scene) -> None:
    company.imports(rosalind(status="Active"))
    company.imports(HEADER + line("E9", "quimby@x.es"))
    company.imports(rosalind().replace("quimby@x.es", "other@x.es") + line("E8", "quimby@x.es"))  # E8 has it now
    company.imports(HEADER + line("E9", "quimby@x.es"))
    company.imports(rosalind(status="Inactive").replace("quimby@x.es", "other@x.es"))
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    (entry,) = company.gets("/employees/E9/story").json["entries"]
    assert "belongs to Ana Sol (external Identifier E8), who is active" in entry["message"]
    assert not [word for word in ("Rosalind", "Quimby") if word in everything(company)]


def test_1_11_what_was_only_simulated_does_not_name_who_was_erased(company: Scene) -> None:
    company.imports(HEADER + line("E9", "quimby@x.es"), simulate="true")
    assert "Rosalind Quimby (external Identifier E7)" in everything(company)
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    assert not [word for word in ("Rosalind", "Quimby") if word in everything(company)]


def test_1_11_whoever_is_erased_twice_was_erased_before(company: Scene) -> None:
    first, second = (company.asks("DELETE", "/employees/E7", headers=WAITING).json for _ in range(2))
    assert (first["changes"], second["changes"]) == ({"erased": [False, True]}, {"erased": [True, True]})
    story = company.gets("/employees/E7/story").json["entries"]
    assert [entry["message"] for entry in story[:2]] == ["Erased on request."] * 2
    assert company.gets("/employees/E7").status == 404


def test_1_11_what_was_said_because_of_an_erasure_is_said_after_another_one_too(company: Scene) -> None:
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    company.imports(rosalind())
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    entry = company.gets("/employees/E7/story").json["entries"][1]
    assert (entry["code"], entry["message"].startswith("Row 1: the person with external Identifier E7 was erased")) == (
        "PERSON_ERASED",
        True,
    )


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            [rosalind(status="Active"), rosalind(status="Inactive").replace(ADDRESS, "")], id="1.11-with-none"
        ),
        pytest.param(
            [rosalind(status="Active"), rosalind(status="Inactive").replace(ADDRESS, "q@x.es")], id="1.11-new"
        ),
        pytest.param([rosalind(status="Inactive").replace(ADDRESS, "q@x.es")], id="1.11-new-one-later"),
        pytest.param([rosalind(status="Inactive").replace(ADDRESS, "")], id="1.11-none-later"),
        pytest.param(
            [rosalind(status="Active").replace(ADDRESS, "q@x.es"), rosalind(status="Inactive")], id="1.11-and-back"
        ),
    ],
)
def test_no_address_of_whoever_left_is_known_once_they_are_erased(company: Scene, rows: list[str]) -> None:
    for row in rows:
        company.imports(row)
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    assert not [word for word in (*PERSONAL, "q@x.es") if word in everything(company)]


def test_3_7_an_address_that_whoever_left_does_not_have_on_record_any_more_is_nobodys(company: Scene) -> None:
    company.imports(rosalind(status="Inactive").replace(ADDRESS, "q@x.es"))
    run = company.imports(HEADER + line("E9", ADDRESS))
    (entry,) = company.gets("/log", run=str(run.number)).json["entries"]
    assert (entry["outcome"], entry["code"]) == ("created", None)


def test_1_11_a_problem_that_outlived_its_first_entry_is_emptied_as_well(company: Scene) -> None:
    run = company.imports(rosalind().replace(ADDRESS, "quimby_at"))
    company.imports(rosalind().replace(ADDRESS, "quimby_at"))
    log = company.world.names.feed_log_table
    (entry,) = [item for item in company.world.items(log) if item.get("run") == run.number and "#L#" in item["pk"]]
    key = {"pk": {"S": entry["pk"]}, "sk": {"S": entry["sk"]}}
    company.world.dynamodb.delete_item(TableName=log, Key=key)  # as it expires (7.5)
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    assert not [word for word in (*PERSONAL, "quimby_at") if word in everything(company)]


def test_1_11_a_worker_that_comes_late_does_not_bring_back_what_was_erased(company: Scene) -> None:
    company.world.put_feed(TENANT, rosalind(status="Active").replace("Quimby", "Quimby-Fox"), mode="changes")
    came: list[Call] = []

    def overtake(call: Call) -> None:
        """Before the entries of run 5 are written another worker does it all, she leaves, and is erased."""
        if not came and call.operation == "batch_write_item" and "#L#0000000005" in str(call.request):
            came.append(call)
            apply_chunk(company.deployment, TENANT, 5, 0, now=company.world.clock())
            company.imports(rosalind(status="Inactive"))
            company.asks("DELETE", "/employees/E7", headers=WAITING)

    company.world.faults.watch = overtake
    company.world.run_until_quiet()
    assert came
    assert not [word for word in PERSONAL if word in everything(company)]


def test_1_11_rows_of_two_runs_that_name_somebody_are_both_found(company: Scene) -> None:
    for _ in range(2):
        company.imports(HEADER + line("E9", "quimby@x.es"), simulate="true")
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    assert not [word for word in ("Rosalind", "Quimby") if word in everything(company)]


def test_1_11_what_leads_to_an_entry_goes_when_the_entry_does(company: Scene) -> None:
    run = company.imports(HEADER + line("E9", "quimby@x.es"))
    log = company.world.items(company.world.names.feed_log_table)
    (entry,) = [item for item in log if item.get("run") == run.number]
    (pointer,) = [item for item in log if "#M#E7" in item["pk"]]
    assert pointer["expires"] == entry["expires"]


def test_1_11_the_advice_to_share_an_address_stays_when_whoever_has_it_is_erased(company: Scene) -> None:
    company.imports(rosalind(status="Active"))
    run = company.imports(HEADER + line("E9", "quimby@x.es") + line("E10", "quimby@x.es"))
    company.imports(HEADER + line("E9") + line("E10"))
    company.imports(rosalind(status="Inactive"))
    company.asks("DELETE", "/employees/E7", headers=WAITING)
    (entry, _) = company.gets("/log", run=str(run.number)).json["entries"]
    assert "another person (erased since)" in entry["message"]
    assert entry["remedy"].endswith("If several people share it, list it among the shared addresses.")


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
