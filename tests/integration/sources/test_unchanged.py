"""A system that gives its one answer an ETag is asked only whether something changed."""

from __future__ import annotations

from typing import Any

import pytest

from peoplefeed.sources.fetching import Polled
from peoplefeed.sources.polling import Failed
from peoplefeed.times import stamp
from tests.integration.sources.conftest import BUCKET, Line
from tests.integration.sources.hr import PEOPLE, Asked, Reply, reply


def tagged(line: Line, document: object = PEOPLE, etag: str = '"v1"') -> None:
    """Let the HR system answer with an ETag, and with nothing to whom has it already."""

    def answer(asked: Asked) -> Reply:
        known = asked.headers.get("If-None-Match") == etag
        return Reply(b"", 304, {"ETag": etag}) if known else reply(document, ETag=etag)

    line.hr.answer = answer


def polled(line: Line) -> Polled:
    outcome = line.poll()
    assert isinstance(outcome, Polled)
    line.passes()
    line.later(minutes=15)
    return outcome


def asked_with(line: Line) -> list[str | None]:
    return [asked.headers.get("If-None-Match") for asked in line.hr.asked]


def test_1_4_what_has_not_changed_is_landed_again_as_old_as_the_poll(line: Line) -> None:
    tagged(line)
    line.connect()
    first = polled(line)
    began = line.now
    second = polled(line)
    assert asked_with(line) == [None, '"v1"']
    assert (first.unchanged, second.unchanged) == (False, True)
    assert len(line.feeds()) == 2
    assert line.landed(second.key) == line.landed(first.key) == PEOPLE
    assert line.source()["last_feed"] == second.key
    head = line.deployment.s3.head_object(Bucket=BUCKET, Key=str(second.key))
    assert (head["Metadata"], head["VersionId"]) == ({"age": stamp(began)}, second.version)


def test_what_has_changed_is_sent_and_has_another_etag(line: Line) -> None:
    tagged(line)
    line.connect()
    polled(line)
    tagged(line, PEOPLE[1:], '"v2"')
    polled(line)
    polled(line)
    assert asked_with(line) == [None, '"v1"', '"v2"']
    assert line.landed() == PEOPLE[1:]


def test_a_file_is_landed_again_too(line: Line) -> None:
    content = b"id,first,last,title\n1,Ana,Ruiz,Chef\n"
    line.hr.answers(Reply(content, headers={"ETag": 'W/"a"'}), Reply(b"", 304))
    line.connect(format="csv")
    polled(line)
    again = polled(line)
    assert asked_with(line) == [None, 'W/"a"']
    stored = line.deployment.s3.get_object(Bucket=BUCKET, Key=str(again.key))["Body"].read()
    assert stored == content
    assert line.source()["etag"] == 'W/"a"'


def test_once_a_day_everything_is_sent(line: Line) -> None:
    tagged(line)
    line.connect()
    polled(line)
    polled(line)
    line.later(hours=24)
    polled(line)
    assert asked_with(line) == [None, '"v1"', None]


@pytest.mark.parametrize(
    ("manifest", "document"),
    [
        ({"paginator": {"type": "page", "pages": "pages"}, "records": "employees"}, {"employees": PEOPLE, "pages": 1}),
        ({"details": {"path": "/{id}"}}, PEOPLE),
        ({"mode": "changes"}, PEOPLE),
    ],
    ids=["pages", "details", "changes"],
)
def test_one_answers_etag_says_nothing_about_others(line: Line, manifest: dict[str, Any], document: object) -> None:
    line.hr.answer = lambda asked: reply(document if len(asked.path) < 2 else {}, ETag='"v1"')
    line.connect(**manifest)
    polled(line)
    polled(line)
    assert set(asked_with(line)) == {None}


def test_a_corrected_manifest_gets_everything_again(line: Line) -> None:
    tagged(line)
    line.connect()
    polled(line)
    line.connect(filter="id != '1'")
    polled(line)
    assert asked_with(line) == [None, None]
    assert line.landed() == PEOPLE[1:]


def test_changes_in_between_are_not_taken_for_everybody(line: Line) -> None:
    tagged(line)
    line.connect(incremental={"query": {"since": "{since}"}, "full_every_hours": 1})
    for _ in range(5):
        polled(line)
    assert set(asked_with(line)) == {None}


def test_a_feed_that_is_gone_is_asked_for_again(line: Line) -> None:
    tagged(line)
    line.connect()
    first = polled(line)
    line.deployment.s3.delete_object(Bucket=BUCKET, Key=str(first.key), VersionId=str(first.version))
    assert isinstance(line.poll(), Failed)
    line.later(minutes=15)
    assert polled(line).unchanged is False
    assert line.landed() == PEOPLE


def test_a_system_that_calls_unchanged_what_nobody_asked_about_is_refused(line: Line) -> None:
    line.hr.answers(Reply(b"", 304))
    line.connect()
    assert isinstance(line.poll(), Failed)
    assert line.feeds() == []
