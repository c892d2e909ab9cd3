"""How a source shows who it is, and that what it shows appears nowhere else."""

from __future__ import annotations

import json
import logging
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from peoplefeed.sources import signing
from peoplefeed.sources.fetching import Polled
from peoplefeed.sources.polling import Failed, Suspended
from tests.integration.sources.conftest import Line
from tests.integration.sources.hr import PEOPLE, Asked, Reply, reply

SECRET = "peoplefeed/sources/acme/hr"
CLIENT = '{"client_id": "me:1", "client_secret": "geheim geheim"}'


@pytest.fixture(autouse=True)
def _no_tokens_yet() -> Iterator[None]:
    signing._tokens.clear()
    yield
    signing._tokens.clear()


def keep(line: Line, secret: str) -> None:
    line.deployment.secrets.create_secret(Name=SECRET, SecretString=secret)


class Oauth:
    """An HR system that gives out tokens, each good for some requests."""

    def __init__(self, line: Line, *, good_for: int = 99) -> None:
        self.given, self.left, self.good_for = 0, 0, good_for
        self.line = line
        line.hr.answer = self.answer

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            self.given, self.left = self.given + 1, self.good_for
            return reply({"access_token": f"token-{self.given}", "token_type": "Bearer", "expires_in": 3600})
        if asked.headers.get("Authorization") != f"Bearer token-{self.given}" or not self.left:
            return reply({"error": "expired"}, 401)
        self.left -= 1
        number = int(asked.query["page"])
        return reply({"employees": PEOPLE[number - 1 : number], "pages": len(PEOPLE)})

    def connect(self, **auth: Any) -> None:
        oauth = {"type": "oauth2", "secret": SECRET, "token_url": f"{self.line.hr.url}/token"} | auth
        self.line.connect(auth=oauth, paginator={"type": "page", "pages": "pages"}, records="employees")


def test_a_client_gets_a_token_and_uses_it_for_every_page_and_every_poll(line: Line) -> None:
    oauth = Oauth(line)
    keep(line, CLIENT)
    oauth.connect(scope="people.read", parameters={"audience": "hr"})
    for _ in range(2):
        assert isinstance(line.poll(), Polled)
        line.later(hours=2)
    assert oauth.given == 1
    asked = line.hr.asked[0]
    assert (asked.method, asked.path) == ("POST", "/token")
    form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
    assert form == {"grant_type": "client_credentials", "scope": "people.read", "audience": "hr"}
    # RFC 6749, 2.3.1: encoded like a form before they are joined
    assert b64decode(asked.headers["Authorization"].removeprefix("Basic ")) == b"me%3A1:geheim+geheim"


def test_a_client_with_a_refresh_token_gets_its_tokens_with_that(line: Line) -> None:
    oauth = Oauth(line)
    keep(line, '{"client_id": "me", "client_secret": "geheim", "refresh_token": "1000.long.and.secret"}')
    oauth.connect()
    assert isinstance(line.poll(), Polled)
    asked = next(each for each in line.hr.asked if each.path == "/token")
    form = {"grant_type": ["refresh_token"], "refresh_token": ["1000.long.and.secret"]}
    assert parse_qs(asked.body.decode()) == form


def test_a_refresh_token_that_the_system_repeats_does_not_come_into_the_feed(line: Line) -> None:
    keep(line, '{"client_id": "me", "client_secret": "geheim", "refresh_token": "1000.long.and.secret"}')
    person = PEOPLE[0] | {"note": "1000.long.and.secret"}
    line.hr.answer = lambda asked: reply({"access_token": "a-token"} if asked.path == "/token" else [person])
    line.connect(auth={"type": "oauth2", "secret": SECRET, "token_url": f"{line.hr.url}/token"})
    line.poll()
    assert line.landed() == [person | {"note": "[secret]"}]


def test_a_client_may_show_itself_in_the_body(line: Line) -> None:
    oauth = Oauth(line)
    keep(line, "me:geheim geheim")
    oauth.connect(client_in="body")
    assert isinstance(line.poll(), Polled)
    form = parse_qs(line.hr.asked[0].body.decode())
    assert (form["client_id"], form["client_secret"]) == (["me"], ["geheim geheim"])
    assert "Authorization" not in line.hr.asked[0].headers


def test_a_token_that_expires_in_the_middle_is_renewed_and_no_page_is_lost(line: Line) -> None:
    oauth = Oauth(line, good_for=3)
    keep(line, CLIENT)
    oauth.connect()
    assert isinstance(line.poll(), Polled)
    assert (oauth.given, line.landed()) == (3, PEOPLE)


def test_a_token_that_is_never_accepted_is_renewed_once(line: Line) -> None:
    oauth = Oauth(line, good_for=0)
    keep(line, CLIENT)
    oauth.connect()
    outcome = line.poll()
    assert isinstance(outcome, Failed)
    assert (outcome.code, oauth.given) == ("SOURCE_REFUSED", 2)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (reply({"error": "invalid_client"}, 401), "SOURCE_REFUSED"),
        (reply({"error": "invalid_client"}), "SOURCE_REFUSED"),
        (reply({"access_token": "two\nlines"}), "SOURCE_REFUSED"),
        (reply({"access_token": 5}), "SOURCE_REFUSED"),
        (reply([]), "SOURCE_REFUSED"),
        (Reply(b"<html>"), "SOURCE_REFUSED"),
        (reply([], 503), "SOURCE_UNREACHABLE"),
        (reply([], 302, Location="https://login.example.com/"), "SOURCE_REFUSED"),
    ],
)
def test_where_no_token_is_given_the_feed_log_says_so(line: Line, answer: Reply, code: str) -> None:
    oauth = Oauth(line)
    keep(line, CLIENT)
    oauth.connect()
    line.hr.answers(answer)
    outcome = line.poll()
    assert isinstance(outcome, Failed)
    assert outcome.code == code
    assert "token" in outcome.message
    assert "geheim" not in f"{outcome} {line.problem()}"


def test_a_key_may_stand_in_the_query_and_stays_out_of_logs_and_checkpoints(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "urllib3")

    def answer(asked: Asked) -> Reply:
        at = int(asked.query.get("at", "0"))
        link = f'<{line.hr.url}/?at={at + 1}&key={asked.query["key"]}>; rel="next"'  # as many systems do
        return reply([PEOPLE[at]], 200, **({"Link": link} if at < 2 else {}))

    line.hr.answer = answer
    keep(line, "hunter2hunter2")
    line.connect(auth={"type": "api_key", "query": "key", "secret": SECRET}, paginator={"type": "link-header"})
    assert isinstance(line.poll(seconds=0.9), Suspended | Polled)
    assert {asked.query["key"] for asked in line.hr.asked} == {"hunter2hunter2"}
    assert "hunter2" not in f"{caplog.text} {line.source()}"


def test_a_system_that_repeats_our_secret_does_not_bring_it_into_the_feed(line: Line) -> None:
    line.hr.answer = lambda asked: reply([PEOPLE[0] | {"debug": dict(asked.headers)}])
    keep(line, "hunter2hunter2")
    line.connect(auth={"type": "bearer", "secret": SECRET})
    assert isinstance(line.poll(), Polled)
    assert "hunter2" not in json.dumps(line.landed())
    assert line.landed()[0]["first"] == PEOPLE[0]["first"]


def test_a_post_carries_the_search_and_the_paging_in_its_body(line: Line) -> None:
    def answer(asked: Asked) -> Reply:
        start, count = asked.json["startIndex"], asked.json["page"]["size"]
        return reply({"totalResults": len(PEOPLE), "Resources": PEOPLE[start - 1 : start - 1 + count]})

    line.hr.answer = answer
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "page": {"sort": "id"}}
    line.connect(
        request={"method": "POST", "path": "/Users/.search", "body": body, "query": {"a": "b"}},
        paginator={"type": "start-index", "size": 3, "size_param": "page.size"},
        records="Resources",
    )
    assert isinstance(line.poll(), Polled)
    assert line.landed() == PEOPLE
    first = line.hr.asked[0]
    assert first.json == body | {"startIndex": 1, "page": {"sort": "id", "size": 3}}
    assert (first.method, first.query, first.headers["Content-Type"]) == ("POST", {"a": "b"}, "application/json")


def test_a_post_is_tried_again_and_not_turned_into_something_else(line: Line) -> None:
    line.hr.answers(reply([], 503), reply(PEOPLE))
    line.connect(request={"method": "POST"})
    assert isinstance(line.poll(), Polled)
    line.later(hours=2)
    line.hr.answers(reply([], 303, Location="/elsewhere"))
    outcome = line.poll()
    assert isinstance(outcome, Failed)
    assert "it redirects a POST with status 303" in outcome.message
