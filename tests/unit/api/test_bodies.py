from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from peoplefeed.api.bodies import employee_row, read_object, reference_row
from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.model import FeedKind


def body_of(content: str | None, *, encoded: bool = False) -> dict[str, object]:
    return read_object(APIGatewayProxyEvent({"body": content, "isBase64Encoded": encoded}))


def refused(call: object) -> tuple[Reason, str | None]:
    with pytest.raises(Refusal) as refusal:
        call()  # type: ignore[operator]
    assert refusal.value.message.endswith(".")
    return refusal.value.reason, refusal.value.field


@pytest.mark.parametrize(
    "content", [None, "", "{", "[]", "null", '"text"', "{'a': 1}", '{"a": 1, "a": 2}', "[" * 50_000, "\ud800"]
)
def test_a_body_is_one_json_object(content: str | None) -> None:
    assert refused(lambda: body_of(content)) == (Reason.BODY_INVALID, None)


def test_a_body_of_256_kilobytes_is_taken_and_one_byte_more_is_not() -> None:
    edge = json.dumps({"name": "x" * (256 * 1024 - len('{"name": ""}'))})
    assert len(edge) == 256 * 1024
    assert body_of(edge)["name"]
    assert refused(lambda: body_of(edge + " ")) == (Reason.BODY_TOO_LARGE, None)


def test_a_body_that_the_gateway_encoded_is_read_too() -> None:
    assert body_of(base64.b64encode('{"name": "é"}'.encode()).decode(), encoded=True) == {"name": "é"}
    assert refused(lambda: body_of("=a", encoded=True)) == (Reason.BODY_INVALID, None)


def test_1_8_an_employee_becomes_a_row_of_the_users_list() -> None:
    row = employee_row({"first_name": "Ann", "email": None, "business_unit_id": "U1", "status": "Active"}, "E1")
    assert row == {
        "External Identifier": "E1",
        "First Name": "Ann",
        "Email": "",
        "Business Unit ID": "U1",
        "Status": "Active",
    }


@pytest.mark.parametrize(("active", "status"), [(True, "Active"), (False, "Inactive")])
def test_an_employee_may_be_sent_as_they_are_shown(active: bool, status: str) -> None:  # noqa: FBT001 - a case of the table
    assert employee_row({"active": active}, "E1")["Status"] == status


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("2026-01-31", "31/01/2026"),
        ("0026-01-31", "31/01/0026"),
        ("31/01/2026", "31/01/2026"),
        ("2026-W05-6", "2026-W05-6"),
        ("20260131", "20260131"),
        ("2026-02-30", "2026-02-30"),
        ("soon", "soon"),
    ],
)
def test_2_1_a_start_date_is_taken_as_it_is_shown_and_never_guessed(given: str, sent: str) -> None:
    assert employee_row({"start_date": given}, "E1")["Start Date"] == sent


@pytest.mark.parametrize(
    ("body", "reason", "field"),
    [
        ({"nickname": "A"}, Reason.FIELD_UNKNOWN, "nickname"),
        ({"products": []}, Reason.FIELD_UNKNOWN, "products"),
        ({"first_name": 7}, Reason.FIELD_INVALID, "first_name"),
        ({"first_name": ["A"]}, Reason.FIELD_INVALID, "first_name"),
        ({"first_name": "\ud800"}, Reason.FIELD_INVALID, "first_name"),
        ({"active": "true"}, Reason.FIELD_INVALID, "active"),
        ({"active": None}, Reason.FIELD_INVALID, "active"),
        ({"active": True, "status": "Active"}, Reason.FIELD_INVALID, "active"),
        ({"external_id": "E2"}, Reason.FIELD_INVALID, "external_id"),
        ({"external_id": ""}, Reason.FIELD_INVALID, "external_id"),
        ({"external_id": 1}, Reason.FIELD_INVALID, "external_id"),
    ],
)
def test_what_is_wrong_with_an_employee_is_said_of_the_field(body: Any, reason: Reason, field: str) -> None:
    assert refused(lambda: employee_row(body, "E1")) == (reason, field)


def test_the_external_id_may_stand_in_the_body_too() -> None:
    assert employee_row({"external_id": " E1 "}, "E1") == {"External Identifier": "E1"}


@pytest.mark.parametrize(
    ("kind", "body", "row"),
    [
        (FeedKind.JOB_TITLES, {"name": "Waiter"}, {"Name": "Waiter"}),
        (FeedKind.DEPARTMENTS, {"name": " Bar "}, {"Name": " Bar "}),
        (FeedKind.BUSINESS_UNITS, {"feed_id": "U1", "name": "Soho"}, {"Feed ID": "U1", "Name": "Soho"}),
    ],
)
def test_4_6_reference_data_become_rows_and_their_spaces_count(kind: FeedKind, body: Any, row: dict[str, str]) -> None:
    assert reference_row(kind, body) == row


@pytest.mark.parametrize(
    ("kind", "body", "reason", "field"),
    [
        (FeedKind.JOB_TITLES, {}, Reason.FIELD_MISSING, "name"),
        (FeedKind.JOB_TITLES, {"name": None}, Reason.FIELD_MISSING, "name"),
        (FeedKind.JOB_TITLES, {"name": "  "}, Reason.FIELD_MISSING, "name"),
        (FeedKind.JOB_TITLES, {"name": 1}, Reason.FIELD_INVALID, "name"),
        (FeedKind.JOB_TITLES, {"feed_id": "1", "name": "A"}, Reason.FIELD_UNKNOWN, "feed_id"),
        (FeedKind.BUSINESS_UNITS, {"name": "Soho"}, Reason.FIELD_MISSING, "feed_id"),
    ],
)
def test_what_is_wrong_with_reference_data_is_said(kind: FeedKind, body: Any, reason: Reason, field: str) -> None:
    assert refused(lambda: reference_row(kind, body)) == (reason, field)
