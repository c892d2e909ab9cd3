"""`events/` holds one real event for each function; here they are held against the template."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import unquote_plus

import pytest

from peoplefeed.runs.register import place_of
from tests.unit.template.test_api import ROUTES
from tests.unit.template.translation import PROJECT

QUEUE_OF = {"import_batch": "ImportQueue", "upsert_record": "UpsertQueue", "deliver_employee": "DeliveryQueue"}


def event(function: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PROJECT / "events" / f"{function}.json").read_text(encoding="utf-8"))
    return found


def test_every_function_has_an_event() -> None:
    functions = {path.name for path in (PROJECT / "functions").iterdir() if path.is_dir()}
    assert {path.stem for path in (PROJECT / "events").glob("*.json")} == functions


@pytest.mark.parametrize(("function", "queue"), QUEUE_OF.items())
def test_a_message_comes_from_the_functions_queue_unharmed(function: str, queue: str) -> None:
    for record in event(function)["Records"]:
        assert record["eventSourceARN"].split(":")[5].startswith(f"peoplefeed-prod-{queue}-")
        assert record["md5OfBody"] == hashlib.md5(record["body"].encode(), usedforsecurity=False).hexdigest()


def test_a_feed_arrives_by_version_under_a_key_that_is_url_encoded() -> None:
    [record] = event("import_batch")["Records"]
    [arrival] = json.loads(record["body"])["Records"]
    written = arrival["s3"]["object"]
    assert written["versionId"]
    assert written["key"] != unquote_plus(written["key"])
    place = place_of(unquote_plus(written["key"]))
    assert (place.tenant, place.source, place.kind, place.mode) == ("grand-hotel", "upload", "employees", "full")


def test_deliveries_of_one_person_are_one_group_and_each_version_gets_through() -> None:
    records = event("deliver_employee")["Records"]
    bodies = [json.loads(record["body"]) for record in records]
    groups = [record["attributes"]["MessageGroupId"] for record in records]
    assert groups == [f"{body['tenant']}#{body['external_id']}" for body in bodies]
    assert len(set(groups)) == 2 < len(records)
    assert len({record["attributes"]["MessageDeduplicationId"] for record in records}) == len(records)


def test_the_schedule_says_when_it_was() -> None:
    scheduled = event("poll_source")
    assert (scheduled["detail-type"], scheduled["source"]) == ("Scheduled Event", "aws.events")
    assert "PollSourceEveryFiveMinutes" in scheduled["resources"][0]


@pytest.mark.parametrize(("function", "owner"), [("query_logs", "QueryLogs"), ("manage_directory", "ManageDirectory")])
def test_a_request_is_for_a_route_of_the_function_with_the_claims_of_an_id_token(function: str, owner: str) -> None:
    request = event(function)
    claims = request["requestContext"]["authorizer"]["claims"]
    assert ROUTES[request["httpMethod"].lower(), request["resource"]] == owner
    assert request["path"] == request["resource"].format(**request["pathParameters"] or {})
    assert (claims["token_use"], claims["custom:tenant"]) == ("id", "grand-hotel")
