"""CSV over HTTPS lands as it came; what is dropped is not polled."""

from __future__ import annotations

import gzip
import json
from io import BytesIO
from random import Random
from typing import Any

import pytest

from peoplefeed.model import FeedKind
from peoplefeed.runs.reading import open_feed_of
from peoplefeed.sources.fetching import Polled
from peoplefeed.sources.polling import Failed, NotPolled
from peoplefeed.sources.schedule import enqueue_due
from tests.integration.sources.conftest import BUCKET, Line
from tests.integration.sources.hr import PEOPLE, Reply, reply

FIELDS = {"external_id": "Nr", "first_name": "First Name", "last_name": "Name", "job_title": "Job"}
CSV = "Nr;First Name;Name;Job\r\n1;Zoë;Núñez;Chef\r\n2;Ana;Sol;Chef\r\n".encode("cp1252")


def connect(line: Line, **changes: Any) -> Any:
    return line.connect(format="csv", fields=FIELDS, paginator=None, **changes)


def content(line: Line) -> bytes:
    return line.deployment.s3.get_object(Bucket=BUCKET, Key=line.feeds()[0])["Body"].read()


def csv(body: bytes = CSV, **headers: str) -> Reply:
    return Reply(body, headers={"Content-Type": "text/csv"} | headers)


def test_a_csv_lands_as_it_came_and_is_read_as_its_manifest_says(line: Line) -> None:
    line.hr.answers(csv())
    manifest = connect(line)
    outcome = line.poll()
    assert isinstance(outcome, Polled)
    assert (outcome.records, content(line)) == (2, CSV)
    assert line.feeds() == ["feeds/acme/hr/employees/full/20261122T132039.123Z-id.csv"]
    reader = open_feed_of(manifest, BytesIO(content(line)), FeedKind.EMPLOYEES, "x.csv")
    cells = [reader.cells(row) for row in reader.rows()]
    assert cells[0] == {"external_id": "1", "first_name": "Zoë", "last_name": "Núñez", "job_title": "Chef"}


def test_a_packed_csv_is_unpacked_on_its_way_if_the_wire_packed_it(line: Line) -> None:
    line.hr.answers(csv(gzip.compress(CSV), **{"Content-Encoding": "gzip"}))
    connect(line)
    line.poll()
    assert content(line) == CSV


def test_json_lines_are_a_file_and_whoever_takes_them_for_json_is_told_so(line: Line) -> None:
    lines = "".join(json.dumps(person) + "\n" for person in PEOPLE).encode()
    line.hr.answers(Reply(lines, headers={"Content-Type": "application/x-ndjson"}))
    line.connect()
    outcome = line.poll()
    assert isinstance(outcome, Failed)
    assert "'application/x-ndjson' that is not JSON; files, also of JSON lines, want format 'csv'." in outcome.message
    manifest = line.connect(format="csv", paginator=None)
    assert isinstance(line.poll(), Polled)
    reader = open_feed_of(manifest, BytesIO(content(line)), FeedKind.EMPLOYEES, "x.csv")
    cells = [reader.cells(row) for row in reader.rows()]
    assert len(cells) == len(PEOPLE)
    assert cells[0] == {"external_id": "1", "first_name": "First 1", "last_name": "Last", "job_title": "Waiter"}


def test_a_large_csv_lands_in_parts(line: Line) -> None:
    large = b"Nr;Name\n" + Random(7).randbytes(12_000_000).hex().encode()  # noqa: S311 - what does not compress
    line.hr.answers(csv(large))
    connect(line)
    assert isinstance(line.poll(), Polled)
    assert content(line) == large
    assert line.deployment.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []


@pytest.mark.parametrize(
    ("answer", "code", "reason"),
    [
        (csv(b""), "SOURCE_MALFORMED", "an empty file"),
        (csv(b"\r\n"), "SOURCE_MALFORMED", "an empty file"),
        (csv(b" <!DOCTYPE html><html>"), "SOURCE_MALFORMED", "a web page instead of a file"),
        (reply({"Error": "quota"}), "SOURCE_MALFORMED", "an error in JSON"),
        (Reply(CSV, promised=9), "SOURCE_INCOMPLETE", "broke off in the middle"),
        (csv(b"xx", **{"Content-Encoding": "gzip"}), "SOURCE_INCOMPLETE", "broke off"),
        (reply([], 401), "SOURCE_REFUSED", "status 401"),
    ],
)
def test_what_is_no_whole_file_is_not_landed(line: Line, answer: Reply, code: str, reason: str) -> None:
    line.hr.answers(answer)
    connect(line)
    outcome = line.poll()
    assert isinstance(outcome, Failed)
    assert outcome.code == code
    assert reason in outcome.message
    assert line.feeds() == []
    assert line.deployment.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []


def test_a_hiccup_before_the_file_begins_is_tried_again(line: Line) -> None:
    line.hr.answers(reply([], 503), csv())
    connect(line)
    assert isinstance(line.poll(), Polled)


def test_what_is_dropped_is_never_due_and_never_polled(line: Line) -> None:
    line.connect(transport="drop", format="csv", base_url=None, paginator=None, fields=FIELDS)
    assert "due_at" not in line.source()
    assert enqueue_due(line.deployment, line.now) == 0
    assert line.poll() == NotPolled("it is not polled, its files are dropped")
