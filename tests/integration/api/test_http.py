"""The API as its callers see it: requests in, statuses and JSON out, feeds worked off in between."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest

from peoplefeed.api import waiting
from peoplefeed.codes import Code, feed_error
from peoplefeed.deployment import here
from peoplefeed.dynamo import keys
from peoplefeed.feed_log.documents import ENTRY_KEYS
from peoplefeed.model import RunState
from peoplefeed.runs.refusing import FeedRefused, close_refused
from peoplefeed.runs.register import feed_of_object, register
from peoplefeed.storage.runs import find_run
from tests.integration.api.scene import CONTEXT, EVENTS, NOW, TENANT, PromptTime, Scene, event, load_handler

PEOPLE = """External Identifier,First Name,Last Name,Email,Job Title,Department
E1,Ann,Bee,ann@bee.example,Waiter,Bar
E2,Bob,Cee,bob@cee.example,Chef,
E3,,Dee,,Waiter,
E4,Eve,Eff,eve@eff.example,Waiter,
"""
RUN_KEYS = {"number", "tenant", "source", "kind", "mode", "state", "counts", "error"}
ANN = {"first_name": "Ann", "last_name": "Bee", "job_title": "Waiter", "email": "ann@bee.example"}
WAITING = {"prefer": "wait=10"}


@pytest.fixture
def loaded(scene: Scene) -> Scene:
    """Run 1 makes a job title, run 2 is a first load, run 3 is the same again."""
    scene.imports("Name\nWaiter\n", kind="job-titles")
    scene.imports(PEOPLE)
    scene.imports(PEOPLE)
    return scene


@pytest.fixture
def prompt(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The line moves while the API waits."""
    monkeypatch.setattr(waiting, "time", PromptTime(scene.world))
    return scene


def test_runs_are_listed_newest_first_with_their_counts(loaded: Scene) -> None:
    folded, second, first = loaded.gets("/runs").json["runs"]
    assert folded == {"folded": {"from": 3, "to": 3, "runs": 1}}
    assert second.keys() >= RUN_KEYS
    assert (second["number"], second["tenant"], second["source"]) == (2, "acme", "upload")
    assert (second["kind"], second["mode"], second["state"]) == ("employees", "changes", "finished")
    assert {name: number for name, number in second["counts"].items() if number} == {
        "received": 4,
        "created": 2,
        "rejected": 1,
        "parked": 1,
    }
    assert first["kind"] == "job-titles"


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_all_runs_can_be_asked_for_page_by_page(loaded: Scene, limit: int) -> None:
    assert [run["number"] for run in loaded.every("/runs", "runs", all="true", limit=limit)] == [3, 2, 1]


def test_one_run_is_shown_by_its_number(loaded: Scene) -> None:
    run = loaded.gets("/runs/2").json
    assert (run["number"], run["error"], run["ignored_columns"]) == (2, None, [])
    assert run["registered_at"] <= run["finished_at"]


def test_1_7_a_failed_run_says_why(loaded: Scene) -> None:
    run = loaded.imports("Nombre,Apellido\nAna,Paz\n")
    shown = loaded.gets(f"/runs/{run.number}").json
    assert (shown["state"], shown["error"]["code"]) == ("failed", "FEED_UNREADABLE")
    (entry,) = loaded.gets("/log", run=run.number).json["entries"]
    assert (entry["code"], entry["message"]) == ("FEED_UNREADABLE", shown["error"]["message"])


@pytest.mark.parametrize("path", ["/runs/99", "/runs/0", "/runs/x", "/runs/-1"])
def test_an_unknown_run_is_404(loaded: Scene, path: str) -> None:
    assert loaded.gets(path).error == (404, "RUN_UNKNOWN")


def test_7_2_the_log_says_who_what_why_and_what_next(loaded: Scene) -> None:
    entries = loaded.gets("/log", run=2).json["entries"]
    assert all(set(entry) == set(ENTRY_KEYS) for entry in entries)
    parked = next(entry for entry in entries if entry["external_id"] == "E2")
    assert parked["message"] == (
        "Employee with external Identifier E2 not processed, Job Title with name Chef does not exist"
    )
    assert (parked["outcome"], parked["severity"], parked["mender"]) == ("parked", "error", "administrator")
    assert (parked["field"], parked["value"], parked["occurrences"]) == ("job_title", "Chef", 2)


def test_7_4_the_same_again_shows_what_was_counted_up(loaded: Scene) -> None:
    entries = loaded.gets("/log", run=3).json["entries"]
    assert {(entry["external_id"], entry["code"]) for entry in entries} == {
        ("E1", "DEPARTMENT_NOT_FOUND"),
        ("E2", "JOB_TITLE_NOT_FOUND"),
        ("E3", "REQUIRED_FIELD_MISSING"),
    }
    assert {entry["occurrences"] for entry in entries} == {2}


@pytest.mark.parametrize("run", [2, 3])
@pytest.mark.parametrize("limit", [1, 50])
def test_7_3_what_is_bad_in_a_run_is_what_its_whole_log_calls_so(loaded: Scene, run: int, limit: int) -> None:
    whole = loaded.every("/log", "entries", run=run)
    for severity in ("warning", "error"):
        found = loaded.every("/log", "entries", run=run, severity=severity, limit=limit)
        assert found == [entry for entry in whole if entry["severity"] == severity] != []


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_7_3_the_log_is_paged_whatever_it_is_asked(loaded: Scene, limit: int) -> None:
    def people(**query: object) -> list[str | None]:
        return [entry["external_id"] for entry in loaded.every("/log", "entries", limit=limit, **query)]

    assert people() == ["E1", "E4", "E2", "E3", None]
    assert sorted(map(str, people(unresolved="true"))) == ["E1", "E2", "E3"]
    assert sorted(map(str, people(severity="error"))) == ["E2", "E3"]
    assert people(outcome="created", run=2) == ["E1", "E4"]
    assert people(external_id="E2") == ["E2"]
    assert len(people(day="2026-11-22")) == 5
    assert people(day="2026-11-21") == []


def test_7_3_a_run_is_asked_for_entries_where_it_has_some(loaded: Scene) -> None:
    items = loaded.world.items(loaded.deployment.names.directory_table)
    masks = {item["number"]: item["log_shards"] for item in items if item["sk"].startswith("RUN#")}
    expected = {keys.shard(external_id) for external_id in ("E1", "E2", "E3", "E4")}
    assert masks[2] == sum(1 << int(shard) for shard in expected)
    assert masks[1] == 1 << int(keys.shard("1")), "reference data shard by row"


def test_a_cursor_with_other_filters_is_400(loaded: Scene) -> None:
    cursor = loaded.gets("/log", limit=1).json["cursor"]
    assert loaded.gets("/log", limit=2, cursor=cursor).status == 200
    assert loaded.gets("/log", cursor=cursor, run=2).error == (400, "CURSOR_INVALID")
    assert loaded.gets("/runs", cursor=cursor).error == (400, "CURSOR_INVALID")
    assert loaded.gets("/employees/E1/story", cursor=cursor).error == (400, "CURSOR_INVALID")
    rival = event("GET", "/log", query={"cursor": cursor}, tenant="rival")
    assert loaded.sends(rival).error == (400, "CURSOR_INVALID")


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/log", {"severity": "bad"}, "FILTER_INVALID"),
        ("/log", {"outcome": "exploded"}, "FILTER_INVALID"),
        ("/log", {"run": "x"}, "FILTER_INVALID"),
        ("/log", {"day": "yesterday"}, "FILTER_INVALID"),
        ("/log", {"unresolved": "maybe"}, "FILTER_INVALID"),
        ("/log", {"external_id": ""}, "FILTER_INVALID"),
        ("/log", {"tenant": "rival"}, "FILTER_UNKNOWN"),
        ("/log", {"limit": "1001"}, "LIMIT_INVALID"),
        ("/log", {"cursor": "?"}, "CURSOR_INVALID"),
        ("/runs", {"limit": "0"}, "LIMIT_INVALID"),
        ("/runs", {"all": "1"}, "FILTER_INVALID"),
        ("/runs/1", {"all": "true"}, "FILTER_UNKNOWN"),
        ("/employees", {"limit": "all"}, "LIMIT_INVALID"),
        ("/employees", {"name": "Ann"}, "FILTER_UNKNOWN"),
        ("/job-titles", {"cursor": "x"}, "CURSOR_INVALID"),
        ("/health", {"verbose": "true"}, "FILTER_UNKNOWN"),
    ],
)
def test_a_bad_question_is_400_with_a_sentence(scene: Scene, path: str, query: dict[str, str], code: str) -> None:
    answer = scene.gets(path, **query)
    assert answer.error == (400, code)
    assert answer.json["field"] == next(iter(query))


def test_a_log_of_a_run_that_is_not_there_is_404(scene: Scene) -> None:
    assert scene.gets("/log", run=7).error == (404, "RUN_UNKNOWN")


def test_7_3_the_log_can_be_had_as_csv_in_pages(loaded: Scene) -> None:
    rows, query = [], {"limit": "2"}
    while query:
        answer = loaded.asks("GET", "/log", query=query, headers={"Accept": "text/csv"})
        assert answer.headers["Content-Type"].startswith("text/csv")
        rows += list(csv.DictReader(io.StringIO(answer.body.removeprefix("\ufeff"), newline="")))
        link = answer.headers.get("Link", "")
        assert ("X-Next-Cursor" in answer.headers) == bool(link)
        query = {name: values[0] for name, values in parse_qs(link.removeprefix("<?").split(">")[0]).items()}
    assert [row["external_id"] for row in rows] == ["E1", "E4", "E2", "E3", ""]
    assert set(rows[0]) == set(ENTRY_KEYS)


def test_a_persons_story_is_told_newest_first(loaded: Scene) -> None:
    loaded.imports(PEOPLE.replace("Ann", "Anna"))
    story = loaded.gets("/employees/E1/story").json["entries"]
    assert [(entry["run"], entry["outcome"]) for entry in story] == [(4, "updated"), (2, "created")]
    assert story[0]["changes"] == {"first_name": ["Ann", "Anna"]}
    assert [entry["run"] for entry in loaded.every("/employees/E1/story", "entries", limit=1)] == [4, 2]


def test_someone_who_was_always_refused_has_a_story_and_someone_unknown_has_none(loaded: Scene) -> None:
    assert [entry["outcome"] for entry in loaded.gets("/employees/E3/story").json["entries"]] == ["rejected"]
    assert loaded.gets("/employees/E9/story").error == (404, "EMPLOYEE_UNKNOWN")


def test_the_directory_is_listed_by_name(loaded: Scene) -> None:
    people = loaded.every("/employees", "employees", limit=1)
    assert people[0] == {
        "external_id": "E1",
        "first_name": "Ann",
        "last_name": "Bee",
        "email": "ann@bee.example",
        "job_title": "Waiter",
        "department": None,
        "business_unit_id": None,
        "active": True,
        "start_date": None,
        "profile": "employee",
        "products": ["mapal-one"],
        "source": None,
    }
    assert [person["external_id"] for person in people] == ["E1", "E4"]


def test_one_employee_shows_their_delivery(loaded: Scene) -> None:
    person = loaded.gets("/employees/E1").json
    assert (person["external_id"], person["version"], person["delivery"]["pending"]) == ("E1", 1, False)
    assert loaded.gets("/employees/E2").error == (404, "EMPLOYEE_UNKNOWN"), "parked, so nobody yet"
    assert loaded.gets(f"/employees/{'x' * 5000}").error == (404, "EMPLOYEE_UNKNOWN")


def test_health_says_how_long_the_line_is(loaded: Scene) -> None:
    loaded.asks("PUT", "/employees/E1", body=ANN)
    line = loaded.gets("/health").json["line"]
    assert (line["waiting"], line["last_applied"], line["oldest"]["number"]) == (1, 3, 4)


def test_nothing_crosses_tenants(loaded: Scene) -> None:
    for path, noun in [
        ("/runs", "runs"),
        ("/log", "entries"),
        ("/employees", "employees"),
        ("/job-titles", "job_titles"),
    ]:
        assert loaded.sends(event("GET", path, tenant="rival")).json == {noun: [], "cursor": None}
    for path in ("/runs/2", "/employees/E1", "/employees/E1/story"):
        assert loaded.sends(event("GET", path, tenant="rival")).status == 404


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_token_that_names_no_tenant_is_403(scene: Scene, method: str) -> None:
    request = event(method, "/employees/E1", claims={"token_use": "access", "sub": "5f0c"}, body=ANN)
    assert scene.sends(request).error == (403, "TOKEN_REFUSED")


def test_routes_and_methods_that_are_not_there(scene: Scene) -> None:
    assert scene.gets("/nowhere").error == (404, "ROUTE_UNKNOWN")
    assert scene.asks("PATCH", "/employees/E1").error == (405, "METHOD_NOT_ALLOWED")
    assert scene.asks("POST", "/runs").error == (405, "METHOD_NOT_ALLOWED")


def test_1_8_a_record_is_a_feed_of_one_row(loaded: Scene) -> None:
    answer = loaded.asks("PUT", "/employees/E1", body=ANN | {"first_name": "Anna", "start_date": "2026-01-31"})
    assert (answer.status, answer.headers["Location"]) == (202, "/runs/4")
    run = answer.json["run"]
    assert (run["number"], run["source"], run["kind"], run["mode"]) == (4, "api", "employees", "changes")
    assert (run["state"], run["uploaded_by"]) == ("waiting", "5f0c")
    loaded.works_off()
    person = loaded.gets("/employees/E1").json
    assert (person["first_name"], person["start_date"]) == ("Anna", "2026-01-31")


def test_1_8_the_object_can_be_registered_again_by_its_notification(loaded: Scene) -> None:
    loaded.asks("PUT", "/employees/E1", body=ANN)
    run = find_run(loaded.deployment, TENANT, 4)
    assert run
    feed = feed_of_object(loaded.deployment, run.feed.key, run.feed.version_id)
    assert feed == run.feed
    assert register(loaded.deployment, feed, NOW) == 4
    assert (feed.kind, feed.mode, feed.source, feed.uploaded_by) == ("employees", "changes", "api", "5f0c")


def test_1_8_the_entry_itself_is_the_answer_for_those_who_wait(prompt: Scene) -> None:
    prompt.imports("Name\nWaiter\n", kind="job-titles")
    made = prompt.asks("PUT", "/employees/E1", body=ANN, headers=WAITING)
    assert (made.status, made.json["outcome"], made.json["run"]) == (201, "created", 2)
    changed = prompt.asks("PUT", "/employees/E1", body={"first_name": "Anna"}, headers=WAITING)
    assert (changed.status, changed.json["outcome"]) == (200, "updated")
    assert changed.json["changes"] == {"first_name": ["Ann", "Anna"]}
    same = prompt.asks("PUT", "/employees/E1", body={"first_name": "Anna"}, headers=WAITING)
    assert (same.status, same.json["outcome"], same.json["severity"]) == (200, "unchanged", "info")
    assert same.headers["Location"] == "/runs/4"
    assert same.headers["Preference-Applied"] == "wait"
    gone = prompt.asks("PUT", "/employees/E1", body={"active": False}, headers=WAITING)
    assert (gone.status, gone.json["outcome"], gone.json["code"]) == (200, "deactivated", None)


def test_a_profile_that_was_not_given_does_not_make_a_repeated_request_another_one(prompt: Scene) -> None:
    prompt.imports("Name\nWaiter\n", kind="job-titles")
    body = ANN | {"profile": "pilot", "job_title": "Waiter"}
    first = prompt.asks("PUT", "/employees/E1", body=body, headers=WAITING | {"idempotency-key": "k"})
    assert (first.status, first.json["code"]) == (201, "PROFILE_NOT_FOUND")
    again = prompt.asks("PUT", "/employees/E1", body=body, headers=WAITING | {"idempotency-key": "k"})
    assert (again.status, again.json["run"]) == (first.status, first.json["run"])


@pytest.mark.parametrize(
    ("body", "code", "field", "sentence"),
    [
        pytest.param({}, "FIELD_MISSING", None, "The body says nothing", id="it-says-nothing"),
        pytest.param(
            {"profile": "manager"}, "FIELD_INVALID", "profile", "there, as employee", id="5.2-another-profile"
        ),
    ],
)
def test_what_would_change_nothing_is_refused(
    prompt: Scene, body: dict[str, object], code: str, field: str | None, sentence: str
) -> None:
    prompt.imports("Name\nWaiter\n", kind="job-titles")
    prompt.asks("PUT", "/employees/E1", body=ANN, headers=WAITING)
    refused = prompt.asks("PUT", "/employees/E1", body=body)
    assert refused.error == (400, code)
    assert refused.json.get("field") == field
    assert sentence in refused.json["message"]
    same = prompt.asks("PUT", "/employees/E1", body={"profile": "employee"}, headers=WAITING)
    assert (same.status, same.json["outcome"]) == (200, "unchanged")


def test_the_worst_entry_comes_first_and_none_is_lost(prompt: Scene) -> None:
    prompt.imports("Name\nWaiter\n", kind="job-titles")
    body = ANN | {"department": "Bar", "business_unit_id": "U9"}
    made = prompt.asks("PUT", "/employees/E1", body=body, headers=WAITING).json
    codes = [made["code"], *(other["code"] for other in made["others"])]
    assert sorted(codes) == ["BUSINESS_UNIT_NOT_FOUND", "DEPARTMENT_NOT_FOUND"]


def test_what_the_rules_refuse_is_an_entry(prompt: Scene) -> None:
    refused = prompt.asks("PUT", "/employees/E1", body={"first_name": "Ann"}, headers=WAITING)
    assert (refused.status, refused.json["outcome"], refused.json["code"]) == (
        200,
        "rejected",
        "REQUIRED_FIELD_MISSING",
    )
    again = prompt.asks("PUT", "/employees/E1", body={"first_name": "Ann"}, headers=WAITING)
    assert (again.json["outcome"], again.json["occurrences"]) == ("rejected", 2), (
        "7.4: counted up, and shown all the same"
    )


@pytest.mark.parametrize("prefer", [None, "respond-async", "wait=0", "wait=-1", "wait=soon", "waits=10"])
def test_who_does_not_want_to_wait_is_not_made_to(prompt: Scene, prefer: str | None) -> None:
    answer = prompt.asks("PUT", "/employees/E1", body=ANN, headers={"Prefer": prefer} if prefer else {})
    assert answer.status == 202


def test_who_waits_too_long_gets_the_run(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: sum(slept), sleep=slept.append)
    monkeypatch.setattr(waiting, "time", clock)
    answer = scene.asks("PUT", "/employees/E1", body=ANN, headers={"Prefer": "respond-async, wait=600"})
    assert (answer.status, answer.json["run"]["state"]) == (202, "waiting")
    assert 9 <= sum(slept) <= 10


@pytest.mark.parametrize(
    ("path", "external_id"),
    [
        ("/employees/a%2Fb", "a/b"),
        ("/employees/%231%3F", "#1?"),
        ("/employees/Jos%C3%A9%20%22x%22", 'José "x"'),
        ("/employees/100%25", "100%"),
        ("/employees/E#U#1", "E#U#1"),
    ],
)
def test_any_external_id_can_be_put_shown_and_told(prompt: Scene, path: str, external_id: str) -> None:
    prompt.imports("Name\nWaiter\n", kind="job-titles")
    made = prompt.asks("PUT", path, body=ANN, headers=WAITING)
    assert (made.status, made.json["external_id"]) == (201, external_id)
    assert prompt.gets(path).json["external_id"] == external_id
    assert prompt.gets(f"{path}/story").json["entries"][0]["external_id"] == external_id
    assert prompt.gets("/log", external_id=external_id).json["entries"][0]["external_id"] == external_id


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "BODY_INVALID"),
        (None, 400, "BODY_INVALID"),
        ({"nickname": "A"}, 400, "FIELD_UNKNOWN"),
        ({"first_name": 1}, 400, "FIELD_INVALID"),
        ({"external_id": "E2"}, 400, "FIELD_INVALID"),
        (json.dumps({"first_name": "x" * 262_144}), 413, "BODY_TOO_LARGE"),
    ],
)
def test_a_bad_body_changes_nothing(scene: Scene, body: Any, status: int, code: str) -> None:
    assert scene.asks("PUT", "/employees/E1", body=body).error == (status, code)
    assert scene.gets("/runs").json["runs"] == []


def test_4_6_reference_data_are_made_one_by_one(prompt: Scene) -> None:
    for path, noun, body in [
        ("/job-titles", "job_titles", {"name": "Waiter "}),
        ("/departments", "departments", {"name": "Bar"}),
        ("/business-units", "business_units", {"feed_id": "U1", "name": "Soho"}),
    ]:
        made = prompt.asks("POST", path, body=body, headers=WAITING)
        assert (made.status, made.json["outcome"]) == (201, "created")
        aliases: dict[str, object] = {} if "feed_id" in body else {"aliases": []}
        assert prompt.gets(path).json == {noun: [body | aliases], "cursor": None}
        assert prompt.asks("POST", path, body={"nom": "x"}).error == (400, "FIELD_UNKNOWN")


def test_4_6_a_unit_is_renamed_by_sending_it_again(prompt: Scene) -> None:
    prompt.asks("POST", "/business-units", body={"feed_id": "U1", "name": "Soho"}, headers=WAITING)
    answer = prompt.asks("POST", "/business-units", body={"feed_id": "U1", "name": "Camden"}, headers=WAITING)
    assert (answer.status, answer.json["outcome"]) == (200, "updated")
    assert prompt.gets("/business-units").json["business_units"] == [{"feed_id": "U1", "name": "Camden"}]


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_reference_data_are_paged(scene: Scene, limit: int) -> None:
    scene.imports("Name\nWaiter\nChef\nBar\n", kind="job-titles")
    titles = scene.every("/job-titles", "job_titles", limit=limit)
    assert [title["name"] for title in titles] == ["Bar", "Chef", "Waiter"]


def test_sent_again_with_its_key_it_is_the_same_delivery(scene: Scene) -> None:
    key = {"Idempotency-Key": "order-1"}
    first = scene.asks("PUT", "/employees/E1", body=ANN, headers=key)
    again = scene.asks("PUT", "/employees/E1", body=ANN, headers=key)
    assert first.json["run"]["number"] == again.json["run"]["number"] == 1
    other = scene.asks("PUT", "/employees/E1", body=ANN | {"first_name": "Eve"}, headers=key)
    assert other.error == (422, "IDEMPOTENCY_KEY_REUSED")
    assert scene.asks("PUT", "/employees/E1", body=ANN).json["run"]["number"] == 2
    assert scene.asks("PUT", "/employees/E1", body=ANN, headers={"Idempotency-Key": "x" * 256}).error == (
        400,
        "HEADER_INVALID",
    )


def test_a_tenant_that_was_not_set_up_is_403_and_nothing_lands(scene: Scene) -> None:
    scene.deployment.names = replace(scene.deployment.names, open_tenants=False)
    assert scene.asks("PUT", "/employees/E1", body=ANN).error == (403, "TENANT_UNKNOWN")
    assert scene.world.s3.keys() == []


def test_a_feed_that_is_not_applied_is_422_for_those_who_wait(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(_: float) -> None:
        run = find_run(scene.deployment, TENANT, 1)
        assert run
        error = feed_error(Code.FEED_UNREADABLE, reason="it is gone.")
        close_refused(scene.deployment, run, FeedRefused(RunState.FAILED, error), NOW)

    monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=lambda: 0.0, sleep=give_up))
    answer = scene.asks("PUT", "/employees/E1", body=ANN, headers=WAITING)
    assert answer.error == (422, "FEED_UNREADABLE")
    assert answer.headers["Location"] == "/runs/1"


def test_the_sample_events_are_answered(prompt: Scene) -> None:
    asked = json.loads((EVENTS / "query_logs.json").read_text())
    assert prompt.sends(asked).error == (404, "RUN_UNKNOWN")
    sent = json.loads((EVENTS / "manage_directory.json").read_text())
    assert prompt.sends(sent).status in {200, 201}


@pytest.mark.usefixtures("on_aws")
def test_what_is_sent_to_aws_is_what_aws_takes() -> None:
    manage, ask = load_handler("manage_directory"), load_handler("query_logs")
    key = {"Idempotency-Key": "order-1"}
    for number, headers in [(1, {}), (2, key), (2, key)]:
        sent = manage(event("PUT", "/employees/E1", body=ANN, headers=headers), CONTEXT)
        assert (sent["statusCode"], json.loads(sent["body"])["run"]["number"]) == (202, number)
    for path in ("/runs", "/log", "/log?run", "/health"):
        query = {"run": 1} if "?" in path else {"limit": 1}
        asked = ask(event("GET", path.split("?")[0], query=query if path != "/health" else {}), CONTEXT)
        assert asked["statusCode"] == 200
    for path in ("/employees", "/job-titles", "/holds", "/settings"):
        assert manage(event("GET", path), CONTEXT)["statusCode"] == 200
    for method, path, body in [
        ("PATCH", "/settings", {"blanks": "keep"}),
        ("PATCH", "/job-titles/Chef", {"name": "Cook"}),
        ("DELETE", "/job-titles/Chef", None),
    ]:
        assert manage(event(method, path, body=body), CONTEXT)["statusCode"] == 202
    assert (
        here().sqs.receive_message(QueueUrl=here().names.import_queue_url)["Messages"][0]["Body"]
        == '{"tenant": "acme"}'
    )


def test_7_1_a_run_says_which_codes_its_rows_have(scene: Scene) -> None:
    header = "External Identifier,First Name,Last Name,Email,Job Title"
    rows = ["E1,Ana,Sol,no address,Chef", "E2,Ben,Rey,,Pilot", "E3,Cleo,Mar,,Pilot"]
    run = scene.imports("\n".join([header, *rows]))
    assert scene.gets(f"/runs/{run.number}").json["codes"] == {"EMAIL_INVALID": 1, "JOB_TITLE_NOT_FOUND": 2}
