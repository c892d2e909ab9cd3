from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable
from io import BytesIO
from string import ascii_letters
from typing import Any

import pytest

from peoplefeed.attention import NotTaken
from peoplefeed.feed_log.queries import LogFilter, log_page
from peoplefeed.readers import open_feed
from peoplefeed.sources.fetching import Polled
from peoplefeed.sources.mapping import record_mapping
from peoplefeed.sources.polling import Failed
from peoplefeed.times import stamp
from tests.integration.sources.conftest import BUCKET, NOW, Line
from tests.integration.sources.hr import PEOPLE, Asked, Reply, reply

SECRET = "peoplefeed/sources/acme/hr"


def landed(line: Line, key: str) -> list[dict[str, Any]]:
    """The records of a feed."""
    body = line.deployment.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return [json.loads(text) for text in gzip.decompress(body).splitlines()]


def code_of(outcome: object) -> str:
    assert isinstance(outcome, Failed), outcome
    return outcome.code


def test_1_4_a_poll_lands_the_records_as_they_came_and_as_old_as_its_start(line: Line) -> None:
    people = [*PEOPLE, {"id": "ñ", "first": None, "nested": {"deep": [1, 2.5, True]}, "emoji": "😀", "half": "\ud83d"}]
    line.hr.answers(reply(people))
    line.connect()
    outcome = line.poll()
    key = "feeds/acme/hr/employees/full/20261122T132039.123Z-id.jsonl.gz"
    assert isinstance(outcome, Polled)
    assert (outcome.records, outcome.key, line.feeds()) == (8, key, [key])
    assert landed(line, key) == people
    metadata = line.deployment.s3.head_object(Bucket=BUCKET, Key=key)["Metadata"]
    assert metadata == {"age": "2026-11-22T13:20:39.123Z"}


def test_a_paged_system_is_seen_whole(line: Line) -> None:
    line.hr.pages(PEOPLE, 3)
    line.connect(
        request={"path": "/employees", "query": {"active": "all"}},
        paginator={"type": "page", "size_param": "per_page", "size": 3, "pages": "pages"},
        records="employees",
    )
    assert isinstance(line.poll(), Polled)
    assert landed(line, line.feeds()[0]) == PEOPLE
    assert [asked.path for asked in line.hr.asked] == ["/employees"] * 3
    assert line.hr.asked[2].query == {"active": "all", "page": "3", "per_page": "3"}


def test_links_are_followed_within_the_system(line: Line) -> None:
    def answer(asked: Asked) -> Reply:
        match asked.query.get("after"):
            case None:
                return reply(PEOPLE[:3], Link=f'<{line.hr.url}/people?after=3>; rel="next"')
            case "3":
                return reply(PEOPLE[3:5], Link='</people?after=5>; rel="next"')
            case _:
                return reply(PEOPLE[5:], Link='</people>; rel="first"')

    line.hr.answer = answer
    line.connect(request={"path": "people"}, paginator={"type": "link-header"})
    assert isinstance(line.poll(), Polled)
    assert landed(line, line.feeds()[0]) == PEOPLE


@pytest.mark.parametrize("param", ["after", None])
def test_the_next_page_may_be_named_in_a_header(line: Line, param: str | None) -> None:
    def answer(asked: Asked) -> Reply:
        at = int(asked.query.get("after", "0"))
        following = f"{at + 3}" if param else f"/people?after={at + 3}"
        return reply(PEOPLE[at : at + 3], X_Next_Cursor=following if at + 3 < len(PEOPLE) else "")

    line.hr.answer = answer
    line.connect(paginator={"type": "cursor", "header": "x-next-cursor"} | ({"param": param} if param else {}))
    assert isinstance(line.poll(), Polled)
    assert line.landed() == PEOPLE


def test_a_scim_service_provider_without_people_has_an_empty_feed(line: Line) -> None:
    line.hr.answers(reply({"totalResults": 0}))
    line.connect(paginator={"type": "start-index"}, records="Resources")
    outcome = line.poll()
    assert isinstance(outcome, Polled)
    assert (outcome.records, outcome.key, outcome.version) == (0, line.feeds()[0], line.source()["last_version"])


def test_a_feed_of_changes_without_any_is_not_landed(line: Line) -> None:
    line.hr.answers(reply([]))
    line.connect(mode="changes")
    outcome = line.poll()
    assert isinstance(outcome, Polled)
    assert (outcome.records, outcome.key) == (0, None)
    assert line.feeds() == []


def test_the_secret_is_sent_and_appears_nowhere(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "urllib3")
    line.deployment.secrets.create_secret(Name=SECRET, SecretString=" hunter2\n")
    line.connect(auth={"type": "bearer", "secret": SECRET})
    line.poll()
    assert line.hr.asked[0].headers["Authorization"] == "Bearer hunter2"
    line.hr.answers(Reply(b"hunter2 is wrong", 401))
    line.later(hours=2)
    outcome = line.poll()
    assert code_of(outcome) == "SOURCE_REFUSED"
    stored = [line.source(), line.problem(), landed(line, line.feeds()[0])]
    assert "GET" in caplog.text
    assert "hunter2" not in f"{outcome} {stored} {caplog.text}"


@pytest.mark.parametrize(
    ("auth", "secret", "header", "value"),
    [
        ({"type": "basic"}, "me:pass", "Authorization", "Basic bWU6cGFzcw=="),
        ({"type": "basic"}, '{"username": "me", "password": "pass"}', "Authorization", "Basic bWU6cGFzcw=="),
        ({"type": "api_key"}, "k", "X-API-Key", "k"),
        ({"type": "api_key", "header": "X-Token"}, "k", "X-Token", "k"),
    ],
)
def test_every_way_to_show_who_we_are(line: Line, auth: dict[str, str], secret: str, header: str, value: str) -> None:
    line.deployment.secrets.create_secret(Name=SECRET, SecretString=secret)
    line.connect(auth=auth | {"secret": SECRET})
    assert isinstance(line.poll(), Polled)
    assert line.hr.asked[0].headers[header] == value


@pytest.mark.parametrize("secret", ["two\nlines", "ñ", " ", '{"username": "me"}'])
def test_a_secret_that_fits_into_no_header_is_refused_without_being_repeated(line: Line, secret: str) -> None:
    line.deployment.secrets.create_secret(Name=SECRET, SecretString=secret)
    line.connect(auth={"type": "basic", "secret": SECRET})
    outcome = line.poll()
    assert code_of(outcome) == "SOURCE_REFUSED"
    assert secret.strip() not in str(outcome) or not secret.strip()
    assert line.hr.asked == []


def test_a_secret_that_is_not_there_is_a_trouble_that_names_it(line: Line) -> None:
    line.connect(auth={"type": "bearer", "secret": SECRET})
    outcome = line.poll()
    assert isinstance(outcome, Failed)
    assert f"auth.secret: there is no secret '{SECRET}' in Secrets Manager." in outcome.message
    assert f"Store it: peoplefeed secret {SECRET} (on AWS with --stack NAME)." in outcome.message


PAGED: dict[str, Any] = {"paginator": {"type": "page", "pages": "pages"}, "records": "employees"}
COUNTED = {"type": "none", "total": "total"}
PAGE = reply({"employees": PEOPLE[:3], "pages": 3})


@pytest.mark.parametrize(
    ("manifest", "replies", "code"),
    [
        ({}, [Reply(b"<html>", headers={"Content-Type": "text/html; charset=x"})], "SOURCE_MALFORMED"),
        ({}, [Reply(b"")], "SOURCE_MALFORMED"),
        ({}, [Reply(b"[" * 100_000)], "SOURCE_MALFORMED"),
        ({}, [Reply(b"[" + b"9" * 5000 + b"]")], "SOURCE_MALFORMED"),
        ({}, [reply({"error": "quota"})], "SOURCE_MALFORMED"),
        ({"records": "data"}, [reply({"error": "quota"})], "SOURCE_MALFORMED"),
        ({"records": "data"}, [reply({"data": {"id": 1}})], "SOURCE_MALFORMED"),
        ({"records": "join(',', data)"}, [reply({"data": [1]})], "SOURCE_MALFORMED"),
        ({"records": "data[?length(@) > `1`]"}, [reply({"data": [1]})], "SOURCE_MALFORMED"),
        ({"records": "data[?id > `1`]"}, [reply({"data": PEOPLE})], "SOURCE_MALFORMED"),
        ({"filter": "id > `1`"}, [reply(PEOPLE)], "SOURCE_MALFORMED"),
        ({"records": "data[].first"}, [reply({"data": PEOPLE})], "SOURCE_MALFORMED"),
        ({"records": "data[?id]"}, [reply({"data": {"id": 1}})], "SOURCE_MALFORMED"),
        ({"records": "data[?id]"}, [reply({"data": PEOPLE, "error": "not all of them"})], "SOURCE_MALFORMED"),
        ({"records": "data[?id]", "paginator": COUNTED}, [reply({"data": PEOPLE, "total": 8})], "SOURCE_INCOMPLETE"),
        ({}, [reply(["a", "b"])], "SOURCE_MALFORMED"),
        ({}, [reply([*PEOPLE, "a"])], "SOURCE_MALFORMED"),
        ({}, [Reply(json.dumps(PEOPLE).encode() + b"]")], "SOURCE_MALFORMED"),
        ({}, [Reply(json.dumps(PEOPLE).encode()[:-1])], "SOURCE_MALFORMED"),
        ({"records": "data"}, [reply({"data": PEOPLE, "error": "not all of them"})], "SOURCE_MALFORMED"),
        ({"records": "data", "paginator": COUNTED}, [reply({"data": PEOPLE, "total": 8})], "SOURCE_INCOMPLETE"),
        ({"records": "data", "paginator": COUNTED}, [reply({"data": PEOPLE})], "SOURCE_MALFORMED"),
        ({}, [reply(PEOPLE, Link="</2>; rel=next")], "SOURCE_INCOMPLETE"),
        ({}, [reply([], 401)], "SOURCE_REFUSED"),
        ({}, [reply([], 403)], "SOURCE_REFUSED"),
        ({}, [reply([], 404)], "SOURCE_REFUSED"),
        ({}, [reply([], 302, Location="https://elsewhere.example.com/login")], "SOURCE_REFUSED"),
        ({}, [reply([], 302, Location="/again")], "SOURCE_REFUSED"),
        ({}, [reply([], 500)], "SOURCE_UNREACHABLE"),
        ({}, [reply([], 503)], "SOURCE_UNREACHABLE"),
        ({}, [Reply(b"", hang_up=True)], "SOURCE_UNREACHABLE"),
        ({}, [reply([], 429)], "SOURCE_THROTTLED"),
        ({}, [reply([], 503, Retry_After="7")], "SOURCE_THROTTLED"),
        ({}, [Reply(b"[", promised=1)], "SOURCE_INCOMPLETE"),
        ({}, [Reply(b"[]", headers={"Content-Encoding": "gzip"})], "SOURCE_INCOMPLETE"),
        (PAGED, [PAGE, reply([], 410)], "SOURCE_INCOMPLETE"),
        (PAGED, [PAGE, reply([], 401)], "SOURCE_REFUSED"),
        (PAGED, [PAGE, PAGE], "SOURCE_INCOMPLETE"),
        (PAGED, [PAGE, reply({"employees": PEOPLE[3:], "pages": 2})], "SOURCE_INCOMPLETE"),
        (PAGED, [PAGE, Reply(b"", hang_up=True)], "SOURCE_UNREACHABLE"),
        ({"paginator": {"type": "link-header"}}, [reply([], Link="<//evil.example.com/>; rel=next")], "SOURCE_REFUSED"),
        ({"paginator": {"type": "link-header"}}, [reply([], Link="<http://[>; rel=next")], "SOURCE_MALFORMED"),
    ],
)
def test_1_12_what_was_not_seen_whole_is_not_landed(
    line: Line, manifest: dict[str, Any], replies: list[Reply], code: str
) -> None:
    line.hr.answers(*replies)
    line.connect(**manifest)
    assert code_of(line.poll()) == code
    assert line.feeds() == []
    assert line.deployment.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []
    assert (line.problem()["code"], line.problem()["severity"]) == (code, "error")


@pytest.mark.parametrize(
    ("records", "document"),
    [
        ("data[?title=='Waiter']", {"data": [*PEOPLE, {"id": "8", "title": "Robot"}], "total": 7}),
        ("units[].staff[]", {"units": [{"staff": PEOPLE[:3]}, {"staff": None}, {"staff": PEOPLE[3:]}]}),
        ("edges[*].node", {"edges": [{"node": person} for person in PEOPLE]}),
        ("values(staff)", {"staff": {person["id"]: person for person in PEOPLE}}),
        ("staff.*", {"staff": {person["id"]: person for person in PEOPLE}}),
        ("[1]", [{"page": 1}, PEOPLE]),
        ("[1:].{id: [0], first: [1], last: [2], title: [3]}", [["Nr"], *(list(one.values()) for one in PEOPLE)]),
        ("sort_by(data, &id)", {"data": PEOPLE[::-1]}),
    ],
)
def test_records_stand_wherever_an_expression_finds_them(line: Line, records: str, document: object) -> None:
    line.hr.answers(reply(document))
    line.connect(records=records)
    assert isinstance(line.poll(), Polled)
    assert line.landed() == PEOPLE


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"items": PEOPLE}, "at 'data'; there is one at 'items'."),
        ({"result": {"rows": PEOPLE, "links": []}, "x": [1]}, "at 'data'; there is one at 'result.rows'."),
        ({"a": PEOPLE, "b": {"c": PEOPLE}}, "at 'data'; there is one at 'a' and at 'b.c'."),
        (PEOPLE, "at 'data'; there is one at '@'."),
        ({"by_name": {"Ana Sol": PEOPLE}, "data": 7}, "at 'data'."),
        ({"by_name": dict.fromkeys(ascii_letters, PEOPLE)}, "at 'data'."),
    ],
)
def test_where_there_is_no_list_the_trouble_says_where_there_are_some(line: Line, document: object, said: str) -> None:
    line.hr.answers(reply(document))
    for paginator in ({"type": "none"}, {"type": "page"}):
        line.connect(records="data", paginator=paginator)
        outcome = line.poll()
        assert isinstance(outcome, Failed)
        assert f"there is no list of records {said}" in outcome.message


def test_an_expression_that_needs_the_whole_answer_says_so_when_that_is_too_large(line: Line) -> None:
    line.hr.answers(reply({"data": PEOPLE}))
    line.connect(records="sort_by(data, &id)")
    outcome = line.poll(answer_bytes=100)
    assert isinstance(outcome, Failed)
    assert "'sort_by(data, &id)' needs the whole answer in memory" in outcome.message
    assert "rows[?active]" in outcome.message
    line.connect(records="data[?id]")
    assert isinstance(line.poll(answer_bytes=100), Polled)


def test_an_answer_in_the_sources_own_encoding_is_read_as_such(line: Line) -> None:
    line.hr.answers(Reply('[{"id": "1", "first": "Zoë"}]'.encode("cp1252")))
    line.connect()
    line.poll()
    assert landed(line, line.feeds()[0])[0]["first"] == "Zoë"


def test_the_feed_is_mapped_when_it_is_read(line: Line) -> None:
    manifest = line.connect()
    line.poll()
    body = line.deployment.s3.get_object(Bucket=BUCKET, Key=line.feeds()[0])["Body"].read()
    reader = open_feed(BytesIO(body), kind=manifest.kind, record_mapping=record_mapping(manifest))
    cells = [reader.cells(row) for row in reader.rows()]
    assert cells[0] == {"external_id": "1", "first_name": "First 1", "last_name": "Last", "job_title": "Waiter"}
    assert len(cells) == len(PEOPLE)


def test_7_4_a_trouble_is_one_problem_that_counts_up_until_it_heals(
    line: Line, events: Callable[[], list[dict[str, Any]]]
) -> None:
    line.connect()
    line.hr.answers(reply([], 500))
    line.poll()
    began = line.problem()
    assert line.unresolved() == ["source:hr"]
    assert (began["first_seen"], began["occurrences"]) == ("2026-11-22T13:20:39.123Z", 1)
    assert "HR system of source hr cannot be reached: it answers with status 500." in began["message"]
    line.later(minutes=5)
    line.hr.answers(reply([], 502))
    line.poll()
    lasting = line.problem()
    assert (lasting["first_seen"], lasting["last_seen"]) == ("2026-11-22T13:20:39.123Z", "2026-11-22T13:25:39.123Z")
    assert (lasting["occurrences"], line.source()["failures"]) == (2, 2)
    line.later(minutes=5)
    line.hr.answers(reply(PEOPLE))
    line.poll()
    healed = line.problem()
    assert (healed["resolved_at"], line.unresolved()) == ("2026-11-22T13:30:39.123Z", [])
    assert "failures" not in line.source()
    assert [event["detail-type"] for event in events()] == ["AttentionNeeded"]


def test_the_feed_log_shows_the_trouble_of_a_source(line: Line) -> None:
    line.connect()
    line.hr.answers(reply([], 401))
    line.poll()
    (shown,) = log_page(line.deployment, "acme", LogFilter(unresolved=True), 10, None).entries
    assert (shown["code"], shown["severity"], shown["mender"]) == ("SOURCE_REFUSED", "error", "operator")
    assert "Access to the HR system of source hr is refused: it answers with status 401." in shown["message"]
    assert (shown["occurrences"], shown["external_id"], shown["run"]) == (1, None, None)


def test_a_trouble_whose_event_was_not_taken_begins_again(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.connect()
    line.hr.answers(reply([], 401))
    with monkeypatch.context() as patched:
        refusal = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}
        patched.setattr(line.deployment.events, "put_events", lambda **_: refusal)
        with pytest.raises(NotTaken, match="InternalFailure"):
            line.poll()
    assert line.problem() == {}
    line.later(minutes=5)
    line.poll()
    assert line.problem()["occurrences"] == 1


def test_troubles_in_turns_are_one_problem_that_says_what_is_wrong_now_and_calls_for_attention_once(
    line: Line, events: Callable[[], list[dict[str, Any]]]
) -> None:
    line.connect()
    for status in (500, 429, 500, 401):
        line.hr.answers(reply([], status))
        line.poll()
        line.later(minutes=5)
    assert line.unresolved() == ["source:hr"]
    problem = line.problem()
    assert (problem["code"], problem["occurrences"], problem["first_seen"]) == ("SOURCE_REFUSED", 4, stamp(NOW))
    line.hr.answers(reply(PEOPLE))
    line.poll()
    assert line.unresolved() == []
    (event,) = events()
    assert (event["detail"]["tenant"], event["detail"]["source"]) == ("acme", "hr")


def test_a_trouble_that_comes_back_begins_anew(line: Line) -> None:
    line.connect()
    for status in (500, 200, 500):
        line.hr.answers(reply(PEOPLE, status))
        line.poll()
        line.later(hours=2)
    again = line.problem()
    assert (again["first_seen"], again["occurrences"]) == ("2026-11-22T17:20:39.123Z", 1)
    assert "resolved_at" not in again
