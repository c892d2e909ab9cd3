"""An HR system by manifest on the local stack: tried, given its secret, polled, in trouble, and well again."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command.local.clients import aws
from command.main import main
from tests.integration.sources.hr import Asked, HrSystem, Reply, reply, running
from tests.system.office import Office

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

TOKEN = "a-token-that-nobody-may-see"
PEOPLE = [{"nr": f"N{n}", "given": "Ana", "family": "Sol", "job": "Chef", "echo": f"Bearer {TOKEN}"} for n in range(5)]
FIELDS = {"external_id": "nr", "first_name": "given", "last_name": "family", "job_title": "job"}


@pytest.fixture
def hr() -> Iterator[HrSystem]:
    """An HR system that wants a token, and whose pages lead to the next one."""
    with running() as system:

        def answer(asked: Asked) -> Reply:
            if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
                return reply({}, 401)
            at = int(asked.query.get("after", 0))
            return reply({"items": PEOPLE[at : at + 2], "next": at + 2 if at + 2 < len(PEOPLE) else None})

        system.answer = answer
        yield system


def manifest(office: Office, hr: HrSystem, **changes: Any) -> str:
    file = office.folder / "hr.json"
    auth = {"type": "bearer", "secret": f"peoplefeed/sources/{office.tenant}/hr"}
    paginator = {"type": "cursor", "next": "next", "param": "after"}
    whole = {"name": "hr", "base_url": hr.url, "auth": auth, "paginator": paginator, "records": "items"}
    file.write_text(json.dumps(whole | {"fields": FIELDS} | changes))
    return str(file)


def polled(office: Office) -> None:
    """Ask for a poll now; the schedule would within five minutes."""
    body = json.dumps({"tenant": office.tenant, "source": "hr"})
    aws(office.stack, "sqs").send_message(QueueUrl=office.stack.queues["poll"], MessageBody=body)


def stores_the_token(office: Office) -> None:
    file = office.folder / "token.txt"
    file.write_text(f"{TOKEN}\n")
    assert main(["secret", f"peoplefeed/sources/{office.tenant}/hr", "--file", str(file)]) == 0


def source(office: Office) -> dict[str, Any]:
    [found] = office.asks("source", "list")
    return dict(found)


def test_a_source_is_given_its_secret_and_polled_and_the_secret_is_seen_nowhere(office: Office, hr: HrSystem) -> None:
    file = manifest(office, hr)
    code, _, err = office.types("source", "check", file)
    assert (code, f"peoplefeed secret peoplefeed/sources/{office.tenant}/hr" in err) == (1, True)
    stores_the_token(office)
    assert "5 of 5 records are valid." in office.says("source", "check", file)
    office.says("source", "add", file)
    polled(office)
    office.comes("everybody is there", lambda: len(office.employees()) == len(PEOPLE))
    stored = _feed(office)
    assert b"[secret]" in stored
    log = (Path(office.stack.directory) / "ministack.log").read_bytes()
    for shown in (stored, log, office.says("log", "--json").encode(), office.says("source", "list", "--json").encode()):
        assert TOKEN.encode() not in shown


def test_1_13_a_missing_secret_is_one_entry_that_says_how_to_store_it_and_heals(office: Office, hr: HrSystem) -> None:
    office.says("source", "add", manifest(office, hr))
    polled(office)
    [entry] = office.comes("the trouble", lambda: office.asks("log", "--unresolved"))
    assert (entry["code"], entry["occurrences"]) == ("SOURCE_REFUSED", 1)
    assert f"Store it: peoplefeed secret peoplefeed/sources/{office.tenant}/hr" in entry["message"]
    assert source(office)["trouble"]["code"] == "SOURCE_REFUSED"
    assert "The source 'hr' is in trouble (SOURCE_REFUSED)" in office.says("log")
    stores_the_token(office)
    polled(office)
    office.settled()
    assert (source(office)["trouble"], len(office.active())) == (None, len(PEOPLE))


def test_a_paused_source_is_not_polled_and_a_removed_one_leaves_its_people(office: Office, hr: HrSystem) -> None:
    stores_the_token(office)
    office.says("source", "add", manifest(office, hr))
    office.says("source", "pause", "hr")
    polled(office)
    office.comes("the message is taken", lambda: _waiting(office) == "0")
    assert (hr.asked, source(office)["state"]) == ([], "paused")
    office.says("source", "resume", "hr")
    polled(office)
    office.comes("everybody is there", lambda: len(office.employees()) == len(PEOPLE))
    office.says("source", "remove", "hr")
    assert (office.asks("source", "list"), len(office.active())) == ([], len(PEOPLE))


def _feed(office: Office) -> bytes:
    s3, bucket = aws(office.stack, "s3"), office.stack.bucket
    [found] = s3.list_objects_v2(Bucket=bucket, Prefix=f"feeds/{office.tenant}/hr/")["Contents"]
    return gzip.decompress(s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read())


def _waiting(office: Office) -> str:
    wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = aws(office.stack, "sqs").get_queue_attributes(QueueUrl=office.stack.queues["poll"], AttributeNames=wanted)
    return "0" if set(found["Attributes"].values()) == {"0"} else "some"
