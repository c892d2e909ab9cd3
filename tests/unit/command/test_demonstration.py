"""The demo's figures and its comparison; the demo itself is a system test."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from command.demonstration import comparison
from command.demonstration.comparison import Difference
from command.demonstration.figures import Lag, figures
from tests.unit.command.fakes import entry_of, run_of

AGE = "2026-11-22T13:20:39.000Z"


def _delivered(row: int, after: int, external_id: str | None = None) -> dict[str, Any]:
    at = f"2026-11-22T13:{20 + (39 + after) // 60}:{(39 + after) % 60:02d}.000Z"
    return entry_of(row, delivered_at=at, external_id=external_id or f"E{row}")


def test_lag_is_from_the_age_of_the_feed_to_each_person_s_arrival() -> None:
    entries = [_delivered(row, after=row) for row in range(1, 101)]

    assert figures(run_of(1) | {"age": AGE}, entries).lag == Lag(p50=50.0, p99=99.0, max=100.0)


def test_a_person_with_two_entries_arrives_once() -> None:
    entries = [_delivered(1, 10, "E1"), _delivered(1, 10, "E1"), _delivered(2, 20, "E2"), _delivered(3, 30, "E3")]

    assert figures(run_of(1) | {"age": AGE}, entries).lag == Lag(p50=20.0, p99=30.0, max=30.0)


def test_a_poll_that_changed_nobody_has_no_lag() -> None:
    nothing = figures(run_of(1) | {"age": AGE}, [entry_of(1)])

    assert nothing.document()["lag_seconds"] == {"p50": None, "p99": None, "max": None}


def test_problems_are_counted_by_code() -> None:
    entries = [
        entry_of(1, code="JOB_TITLE_NOT_FOUND", message="No title."),
        entry_of(2, code="JOB_TITLE_NOT_FOUND", message="No title."),
        entry_of(3, code="EMAIL_REUSED", message="Reused."),
        entry_of(4),
    ]

    made = figures(run_of(1, received=4) | {"age": AGE}, entries)

    assert made.problems == {"EMAIL_REUSED": 1, "JOB_TITLE_NOT_FOUND": 2}
    assert made.document()["counts"]["received"] == 4
    assert made.examples["EMAIL_REUSED"] == "Reused."


def test_who_is_missing_or_too_many_is_a_difference() -> None:
    ann, bee = {"active": True}, {"active": False}

    found = comparison.compare({"E1": ann, "E2": bee}, {"E2": bee, "E3": ann}, never_active=frozenset())

    assert found == [Difference("E1", "person", "E1", None), Difference("E3", "person", None, "E3")]


def test_each_field_that_differs_is_a_difference() -> None:
    ours = {"E1": {"active": True, "email": None, "job_title": "Chef"}}
    theirs = {"E1": {"active": True, "email": "a@b.example", "job_title": "Cook"}}

    assert comparison.compare(ours, theirs, never_active=frozenset()) == [
        Difference("E1", "email", None, "a@b.example"),
        Difference("E1", "job_title", "Chef", "Cook"),
    ]


def test_someone_who_was_never_active_must_not_be_on_the_platform() -> None:
    person = {"E1": {"active": False}}

    assert comparison.compare(person, {}, never_active=frozenset({"E1"})) == []
    assert comparison.compare(person, person, never_active=frozenset({"E1"})) == [
        Difference("E1", "person", None, "E1")
    ]


def test_the_same_person_in_both_words_is_the_same() -> None:
    employee = {
        "external_id": "E1", "first_name": "Ann", "last_name": "Bee", "email": None, "job_title": "Chef",
        "department": "Bar", "business_unit_id": "U1", "active": False, "start_date": "2026-01-01",
    }  # fmt: skip
    user = {
        "id": "7",
        "externalId": "E1",
        "userName": "E1",
        "name": {"givenName": "Ann", "familyName": "Bee"},
        "title": "Chef",
        "active": False,
        comparison.ENTERPRISE: {"department": "Bar", "organization": "U1"},
    }

    ours, theirs = comparison.of_directory([employee]), comparison.of_platform([user])

    assert comparison.compare(ours, theirs, never_active=frozenset()) == []
    assert comparison.compare(ours, comparison.of_platform([user | {"userName": "x"}]), never_active=frozenset()) == [
        Difference("E1", "userName", "E1", "x")
    ]


def test_who_left_need_not_go_by_an_address_that_another_has_now() -> None:
    nothing = dict.fromkeys(("first_name", "last_name", "job_title", "department", "business_unit_id"))
    left = {**nothing, "external_id": "E1", "email": "Ann@example.com", "active": False}
    heir = {**nothing, "external_id": "E2", "email": "ann@example.com", "active": True}
    accounts = [
        {
            "externalId": "E1",
            "userName": "x@placeholder.invalid",
            "active": False,
            "emails": [{"value": left["email"]}],
        },
        {"externalId": "E2", "userName": "ann@example.com", "active": True, "emails": [{"value": heir["email"]}]},
    ]
    platform = comparison.of_platform(accounts)

    assert comparison.compare(comparison.of_directory([left, heir]), platform, never_active=frozenset()) == []
    [alone] = comparison.compare(comparison.of_directory([left]), platform, never_active=frozenset())[:1]
    assert alone == Difference("E1", "userName", "Ann@example.com", "x@placeholder.invalid")


def test_an_account_without_an_external_id_is_nobody_s() -> None:
    [person] = comparison.of_platform([{"id": "7", "userName": "x"}])

    assert "7" in person


class _Scim(BaseHTTPRequestHandler):
    """A SCIM service that hands out at most two users at a time, whatever it is asked for."""

    def do_GET(self) -> None:
        start = int(parse_qs(urlsplit(self.path).query)["startIndex"][0])
        users = [{"id": str(number)} for number in range(start, min(start + 2, 6))]
        body = json.dumps({"totalResults": 5, "startIndex": start, "Resources": users}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""


@pytest.fixture
def scim(socket_enabled: None) -> Iterator[str]:
    del socket_enabled
    with ThreadingHTTPServer(("127.0.0.1", 0), _Scim) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_platform_that_sends_fewer_than_asked_for_is_read_to_the_end(scim: str) -> None:
    assert [user["id"] for user in comparison.users_of(scim)] == ["1", "2", "3", "4", "5"]
