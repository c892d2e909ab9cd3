"""`/sources`: connecting HR systems through the API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from peoplefeed.api import sources
from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.writes import Update, assignments, write
from tests.integration.api.scene import Scene
from tests.integration.sources.hr import PEOPLE, HrSystem, Reply, reply, running
from tests.unit.sources.examples import FIELDS

SECRET = "peoplefeed/sources/acme/hr"


@pytest.fixture
def hr() -> Iterator[HrSystem]:
    with running() as system:
        yield system


def body(**changes: Any) -> dict[str, Any]:
    return {"base_url": "https://hr.example.com", "fields": FIELDS} | changes


def as_deployed(scene: Scene, monkeypatch: pytest.MonkeyPatch, **names: Any) -> None:
    deployment = scene.deployment
    changed = Deployment(replace(deployment.names, **names), deployment._client)
    monkeypatch.setattr(sources, "here", lambda: changed)


def test_a_source_is_connected_shown_corrected_and_removed(scene: Scene) -> None:
    made = scene.asks("PUT", "/sources/hr", body=body())
    assert made.status == 201
    assert made.json["state"] == "waits for its turn"
    assert made.json["manifest"] == {"name": "hr"} | body(
        fields={name: {"path": path} for name, path in FIELDS.items()}
    )
    corrected = scene.asks("PUT", "/sources/hr", body=body(name="hr", poll_every_minutes=60))
    assert (corrected.status, corrected.json["poll_every_minutes"]) == (200, 60)
    assert scene.gets("/sources/hr").json == corrected.json
    removed = scene.asks("DELETE", "/sources/hr")
    assert (removed.status, removed.json) == (200, {"name": "hr", "removed": True})
    assert scene.gets("/sources/hr").error == (404, "SOURCE_UNKNOWN")
    assert scene.gets("/sources").json["sources"] == []


def test_6_3_a_source_of_which_something_is_held_stays(scene: Scene) -> None:
    manifest = {"transport": "drop", "format": "csv", "fields": {name: {"column": name} for name in FIELDS}}
    assert scene.asks("PUT", "/sources/hr", body=manifest | {"leavers": "deactivate"}).status == 201
    scene.imports("Name\nChef\n", kind="job-titles")
    staff = [
        ",".join(FIELDS),
        *(",".join("Chef" if name == "job_title" else f"x{n}" for name in FIELDS) for n in range(9)),
    ]
    scene.imports("\n".join(staff), source="hr", mode="full")
    scene.imports("\n".join(staff[:2]), source="hr", mode="full")
    [hold] = scene.gets("/holds").json["holds"]
    refused = scene.asks("DELETE", "/sources/hr")
    assert refused.error == (409, "SOURCE_HELD")
    assert f"release or discard {hold['id']} first" in refused.json["message"]
    assert scene.gets("/sources/hr").status == 200
    scene.asks("POST", f"/holds/{hold['id']}/discard", body={"version": hold["version"]})
    scene.works_off()
    assert scene.asks("DELETE", "/sources/hr").status == 200


def test_a_manifest_that_was_shown_can_be_sent_again(scene: Scene) -> None:
    auth = {"type": "bearer", "secret": SECRET}
    paginator = {"type": "page", "size": 5, "pages": "pages"}
    scene.asks("PUT", "/sources/hr", body=body(auth=auth, paginator=paginator, deleted="gone"))
    shown = scene.gets("/sources/hr").json["manifest"]
    assert scene.asks("PUT", "/sources/hr", body=shown).json["manifest"] == shown


def test_a_source_is_paused_and_resumed(scene: Scene) -> None:
    scene.asks("PUT", "/sources/hr", body=body())
    paused = scene.asks("POST", "/sources/hr/pause")
    assert (paused.status, paused.json["state"], paused.json["next_poll"]) == (200, "paused", None)
    resumed = scene.asks("POST", "/sources/hr/resume")
    assert (resumed.json["state"], resumed.json["next_poll"] is None) == ("waits for its turn", False)


def test_what_is_not_there_cannot_be_changed(scene: Scene) -> None:
    for method, path in (("POST", "/sources/x/pause"), ("POST", "/sources/x/resume"), ("DELETE", "/sources/x")):
        assert scene.asks(method, path).error == (404, "SOURCE_UNKNOWN")
    scene.asks("PUT", "/sources/x", body=body())
    scene.asks("DELETE", "/sources/x")
    assert scene.asks("POST", "/sources/x/resume").error == (404, "SOURCE_UNKNOWN")


def test_sources_are_listed_page_by_page_for_their_own_tenant_only(scene: Scene) -> None:
    for name in ("c", "a", "b"):
        scene.asks("PUT", f"/sources/{name}", body=body())
    scene.asks("PUT", "/sources/z", body=body(), tenant="other")
    assert [source["name"] for source in scene.every("/sources", "sources", limit=2)] == ["a", "b", "c"]
    assert scene.asks("GET", "/sources/z").error == (404, "SOURCE_UNKNOWN")


def test_mistakes_are_told_at_their_places(scene: Scene) -> None:
    refused = scene.asks("PUT", "/sources/hr", body=body(recods="@", paginator={"type": "page", "sise": 1}))
    assert refused.error == (400, "MANIFEST_INVALID")
    assert "did you mean 'records'?" in refused.json["message"]
    assert "paginator.sise: there is no such key; did you mean 'size'?" in refused.json["message"]
    assert scene.asks("PUT", "/sources/hr", body=body(name="other")).json["field"] == "name"
    assert scene.gets("/sources").json["sources"] == []


def test_no_tenant_uses_the_secret_of_another(scene: Scene) -> None:
    theft = body(auth={"type": "bearer", "secret": "peoplefeed/sources/victim/hr"})
    refused = scene.asks("PUT", "/sources/hr", body=theft)
    assert (refused.error, refused.json["field"]) == ((400, "MANIFEST_INVALID"), "auth.secret")
    assert (
        scene.asks("POST", "/sources/check", body={"manifest": theft | {"name": "hr"}}).json["field"] == "auth.secret"
    )


def test_a_deployment_asks_only_the_hosts_that_it_may(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    as_deployed(scene, monkeypatch, stage="prod", source_hosts=("*.example.com", "login.example.org"))
    assert scene.asks("PUT", "/sources/hr", body=body()).status == 201
    for url, field in (("https://evil.example.net", "base_url"), ("https://example.com", "base_url")):
        refused = scene.asks("PUT", "/sources/hr", body=body(base_url=url))
        assert (refused.error, refused.json["field"]) == ((400, "MANIFEST_INVALID"), field)
    oauth = {"type": "oauth2", "secret": SECRET, "token_url": "https://login.example.net/token"}
    assert scene.asks("PUT", "/sources/hr", body=body(auth=oauth)).json["field"] == "auth.token_url"
    here = scene.asks("PUT", "/sources/hr", body=body(base_url="http://127.0.0.1:9000"))
    assert "local stage" in here.json["message"]


def test_a_source_in_trouble_says_so(scene: Scene) -> None:
    scene.asks("PUT", "/sources/hr", body=body())
    for failures, state in ((1, "in trouble"), (3, "circuit open")):
        values: dict[str, Value] = {"failures": failures, "trouble": "SOURCE_REFUSED", "troubled_since": "then"}
        table = scene.deployment.names.directory_table
        write(scene.deployment.dynamodb, Update(table, keys.source("acme", "hr"), assignments(values), values))
        (shown,) = scene.gets("/sources").json["sources"]
        assert shown["state"] == state
        assert shown["trouble"] == {"code": "SOURCE_REFUSED", "since": "then", "failures": failures}


def checked(scene: Scene, hr: HrSystem, *, limit: int = 20, **changes: Any) -> Any:
    manifest = body(name="hr", base_url=hr.url) | changes
    answer = scene.asks("POST", "/sources/check", body={"manifest": manifest, "limit": limit})
    assert answer.status == 200, answer.body
    return answer.json


def test_a_manifest_is_tried_on_a_few_records_and_nothing_is_written(scene: Scene, hr: HrSystem) -> None:
    hr.answers(reply([*PEOPLE[:2], {"id": "9", "first": "Ana", "last": "Sol", "title": None}]))
    before = scene.world.items("directory"), scene.world.s3.keys()
    shown = checked(scene, hr, fields=FIELDS | {"email": "mail", "status": {"constant": "Active"}})
    assert (shown["good"], shown["trouble"]) == (False, None)
    assert shown["missing"] == ["email: none of the 3 records has anything at 'mail'."]
    first, _, third = shown["records"]
    assert first["raw"] == PEOPLE[0]
    assert first["mapped"]["first_name"] == "First 1"
    assert (first["valid"], first["problems"]) == (True, [])
    assert (third["valid"], third["problems"][0]["code"]) == (False, "REQUIRED_FIELD_MISSING")
    assert (scene.world.items("directory"), scene.world.s3.keys()) == before


def test_only_as_many_pages_are_asked_for_as_it_takes(scene: Scene, hr: HrSystem) -> None:
    hr.pages(PEOPLE, 2)
    paginator = {"type": "page", "pages": "pages"}
    shown = checked(scene, hr, limit=3, paginator=paginator, records="employees")
    assert [record["row"] for record in shown["records"]] == [1, 2, 3]
    assert len(hr.asked) == 2


def test_what_is_wrong_with_the_system_is_told_like_in_the_feed_log(scene: Scene, hr: HrSystem) -> None:
    hr.answers(reply([], 403))
    trouble = checked(scene, hr)["trouble"]
    assert trouble["code"] == "SOURCE_REFUSED"
    assert "it answers with status 403." in trouble["message"]


def test_a_file_is_tried_without_fetching_all_of_it(scene: Scene, hr: HrSystem) -> None:
    hr.answers(Reply(b"Nr,F,L,T,Pay\n" + b"1,Ana,Sol,Chef,9\n" * 60_000))
    columns = {"external_id": "Nr", "first_name": "F", "last_name": "L", "job_title": "T"}
    shown = checked(scene, hr, limit=2, format="csv", fields=columns)
    assert (shown["good"], len(shown["records"]), shown["ignored_columns"]) == (True, 2, ["Pay"])
    assert shown["records"][0]["raw"] == "1,Ana,Sol,Chef,9"


def test_a_list_of_everybody_in_one_large_answer_is_tried_on_its_beginning(scene: Scene, hr: HrSystem) -> None:
    hr.answers(reply({"rows": [PEOPLE[0] | {"note": "x" * 20_000}] * 1_000}))  # 20 MB, as a poll would read it
    shown = checked(scene, hr, limit=2, records="rows[?id]")
    assert (shown["trouble"], len(shown["records"])) == (None, 2)


def test_the_secret_is_used_and_not_shown(scene: Scene, hr: HrSystem) -> None:
    scene.world.secrets.secrets[SECRET] = "hunter2hunter2"
    hr.answer = lambda asked: reply([PEOPLE[0] | {"echo": asked.headers["Authorization"]}])
    shown = checked(scene, hr, auth={"type": "bearer", "secret": SECRET})
    assert hr.asked[0].headers["Authorization"] == "Bearer hunter2hunter2"
    assert "hunter2" not in str(shown)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "manifest"),
        ({"manifest": 5}, "manifest"),
        ({"manifest": {}, "extra": 1}, "manifest"),
        ({"manifest": body(name="hr"), "limit": 0}, "limit"),
        ({"manifest": body(name="hr"), "limit": "5"}, "limit"),
        ({"manifest": {"name": "hr", "transport": "drop", "fields": FIELDS}}, "transport"),
    ],
)
def test_what_cannot_be_tried_is_refused(scene: Scene, sent: dict[str, Any], field: str) -> None:
    refused = scene.asks("POST", "/sources/check", body=sent)
    assert (refused.status, refused.json["field"]) == (400, field)
