"""HR systems that other people wrote, polled by manifest: nothing of them is made to fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from peoplefeed.sources.fetching import Polled
from peoplefeed.sources.mapping import record_mapping
from peoplefeed.sources.mistakes import parse_manifest
from peoplefeed.sources.polling import Failed
from peoplefeed.sources.store import put_source
from tests.integration.learning_platform.real_platform import TOKEN, running_real_platform
from tests.integration.sources import peers
from tests.integration.sources.conftest import Line
from tests.integration.sources.hr import PEOPLE

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SECRET = "peoplefeed/sources/acme/hr"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start a peer once for all tests of this module, or skip the test with the reason."""
    running: dict[str, str] = {}
    with ExitStack() as stack:

        def start(program: str) -> str:
            if reason := peers.why_not(program):
                pytest.skip(reason)
            if program not in running:
                running[program] = stack.enter_context(_peer(program, tmp_path_factory.mktemp(program)))
            return running[program]

        yield start


def _peer(program: str, folder: Path) -> Any:
    match program:
        case "json-server":
            return peers.json_server({"people": PEOPLE}, folder)
        case "mb":
            return peers.mountebank(folder)
        case _:
            document = peers.specification("bamboohr.yaml")
            if document is None:
                pytest.skip(f"there is no ../shared/specs/bamboohr.yaml beside this clone, and no {peers.SHARED}")
            return peers.prism(document, folder)


def ready(line: Line, name: str, url: str, **changes: Any) -> Any:
    """Connect a ready manifest of sources/ to a peer; only where it is and its secret change."""
    document = json.loads((peers.ROOT / "sources" / f"{name}.json").read_text())
    auth = document["auth"] | {"secret": SECRET}
    made = parse_manifest(json.dumps(document | {"name": "hr", "base_url": url, "auth": auth} | changes))
    put_source(line.deployment, line.tenant, made, line.now)
    return made


def poll(line: Line, **minutes: float) -> Polled:
    line.later(**minutes)
    line.passes()
    outcome = line.poll()
    assert isinstance(outcome, Polled), outcome
    return outcome


def keep(line: Line, secret: str) -> None:
    line.deployment.secrets.create_secret(Name=SECRET, SecretString=secret)


def test_ci_installs_the_very_peers_that_are_tested_against() -> None:
    gate = (peers.ROOT / ".ci" / "run").read_text()
    assert f"--prefix .peoplefeed/peers {' '.join(peers.PACKAGES)}\n" in gate


# scim2-server


def scim(url: str, method: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
    with urlopen(Request(url, json.dumps(body).encode(), headers, method=method)) as answer:  # noqa: S310 - ours
        found: dict[str, Any] = json.load(answer)
        return found


def user(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "userName": f"user-{number}",
        "name": {"givenName": "Ana", "familyName": f"Sol {number}"},
        "emails": [{"value": f"a{number}@hotel.es", "primary": True}],
        "title": "Chef",
        "active": True,
        ENTERPRISE: {"department": "Kitchen", "division": "BCN"},
        **changes,
    }


def test_scim2_server_is_an_hr_system_with_pages_filters_and_versions(line: Line) -> None:
    with running_real_platform() as platform:
        made = [scim(f"{platform.url}/Users", "POST", user(number)) for number in range(7)]
        keep(line, TOKEN)
        manifest = ready(line, "scim", platform.url, paginator={"type": "start-index", "size": 3})
        assert poll(line).records == 7
        landed = {record["id"]: record for record in line.landed()}
        assert landed.keys() == {each["id"] for each in made}
        assert all(record["meta"]["version"] for record in landed.values())  # its ETags come along as they are
        assert record_mapping(manifest)(landed[made[0]["id"]]) == {
            "external_id": made[0]["id"],
            "first_name": "Ana",
            "last_name": "Sol 0",
            "email": "a0@hotel.es",
            "job_title": "Chef",
            "department": "Kitchen",
            "business_unit_id": "BCN",
            "status": "Active",
        }


def test_scim2_server_is_asked_only_for_what_changed(line: Line) -> None:
    with running_real_platform() as platform:
        made = [scim(f"{platform.url}/Users", "POST", user(number)) for number in range(3)]
        keep(line, TOKEN)
        # The server's clock is this machine's, not the test's: begin where it is.
        from datetime import UTC, datetime

        line.now = datetime.now(UTC)
        query = {"filter": 'meta.lastModified gt "{since}"'}
        incremental = {"query": query, "cursor": "meta.lastModified", "overlap_minutes": 0}
        manifest = ready(line, "scim", platform.url, incremental=incremental)
        poll(line)
        line.deployment.dynamodb.update_item(  # as if it had been a little later
            TableName="directory",
            Key={"pk": {"S": "T#acme"}, "sk": {"S": "SOURCE#hr"}},
            UpdateExpression="SET since = :since",
            ExpressionAttributeValues={":since": {"S": _seconds_later(made[-1]["meta"]["lastModified"])}},
        )
        _wait_until(made[-1]["meta"]["lastModified"])
        scim(f"{platform.url}/Users/{made[1]['id']}", "PUT", user(1, active=False))
        polled = poll(line, minutes=15)
        assert (polled.mode, polled.records) == ("changes", 1)
        (record,) = line.landed()
        assert (record["id"], record_mapping(manifest)(record)["status"]) == (made[1]["id"], "Inactive")


def _seconds_later(stamp: str) -> str:
    from datetime import datetime, timedelta

    return (datetime.fromisoformat(stamp) + timedelta(seconds=1)).replace(microsecond=0).isoformat()


def _wait_until(stamp: str) -> None:
    import time
    from datetime import UTC, datetime, timedelta

    until = datetime.fromisoformat(stamp) + timedelta(seconds=1.1)
    while datetime.now(UTC) < until:
        time.sleep(0.05)


def test_scim2_server_answers_searches_by_post(line: Line) -> None:
    with running_real_platform() as platform:
        for number in range(5):
            scim(f"{platform.url}/Users", "POST", user(number, active=number != 3))
        keep(line, TOKEN)
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "active eq true"}
        request = {"method": "POST", "path": "/Users/.search", "body": body}
        ready(line, "scim", platform.url, request=request, paginator={"type": "start-index", "size": 2})
        assert poll(line).records == 4


def test_scim2_server_refuses_a_wrong_token(line: Line) -> None:
    with running_real_platform() as platform:
        keep(line, "wrong")
        ready(line, "scim", platform.url)
        outcome = line.poll()
        assert isinstance(outcome, Failed)
        assert outcome.code == "SOURCE_REFUSED"


# BambooHR's own specification, served by Prism


def test_bamboohr_sends_its_employees_as_its_specification_says(line: Line, started: Any) -> None:
    url = started("prism")
    keep(line, "a-token")
    # Prism's example says that there are 2,456 people and shows two: to a poll that is incomplete, as it should be.
    manifest = ready(line, "bamboohr", url)
    outcome = line.poll()
    assert isinstance(outcome, Failed)
    assert outcome.code == "SOURCE_INCOMPLETE"
    ready(line, "bamboohr", url, paginator={"type": "none"})
    assert poll(line, minutes=15).records == 2
    cells = [record_mapping(manifest)(record) for record in line.landed()]
    assert [(each["external_id"], each["first_name"], each["status"]) for each in cells] == [
        ("123", "Ava", "Active"),
        ("124", "Sam", "Active"),
    ]
    assert all({"email", "department", "business_unit_id", "start_date"} <= each.keys() for each in cells)


def test_bamboohrs_map_of_changes_is_read_and_completed_by_the_employees_themselves(line: Line, started: Any) -> None:
    url = started("prism")
    keep(line, "a-token")
    manifest = ready(line, "bamboohr", url, paginator={"type": "none"})
    poll(line)
    polled = poll(line, minutes=15)
    assert (polled.mode, polled.records) == ("changes", 2)
    record = line.landed()[0]
    assert (record["employeeId"], record["action"]) == ("property1", "Inserted")
    cells = record_mapping(manifest)(record)
    assert {"external_id", "first_name", "last_name", "job_title", "status", "start_date"} <= cells.keys()
    deleted = {"id": "7", "employeeId": "7", "action": "Deleted", "lastChanged": "2026-11-22T10:00:00Z"}
    assert record_mapping(manifest)(deleted) == {"external_id": "7", "status": "Inactive"}


def test_what_bamboohr_does_not_allow_is_refused(line: Line, started: Any) -> None:
    url = started("prism")
    keep(line, "me:x")
    basic = {"type": "basic", "secret": SECRET}  # its specification wants OAuth for the list of employees
    ready(line, "bamboohr", url, auth=basic)
    outcome = line.poll()
    assert isinstance(outcome, Failed)
    assert outcome.code == "SOURCE_REFUSED"


# json-server


def test_the_links_of_json_server_are_followed_to_the_end(line: Line, started: Any) -> None:
    url = started("json-server")
    line.connect(
        base_url=url,
        request={"path": "/people", "query": {"_page": 1, "_limit": 3}},
        paginator={"type": "link-header"},
    )
    assert poll(line).records == len(PEOPLE)
    assert line.landed() == PEOPLE


def test_json_servers_pages_and_offsets_are_counted(line: Line, started: Any) -> None:
    url = started("json-server")
    for paginator in (
        {"type": "page", "param": "_page", "size_param": "_limit", "size": 3},
        {"type": "offset", "param": "_start", "size_param": "_limit", "size": 2},
    ):
        line.connect(base_url=url, request={"path": "/people"}, paginator=paginator)
        assert poll(line, hours=2).records == len(PEOPLE)
        assert line.landed() == PEOPLE


# mountebank


def answers(*responses: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"responses": list(responses)}]


def says(document: object, status: int = 200, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = document if isinstance(document, str) else json.dumps(document)
    return {"is": {"statusCode": status, "headers": {"Content-Type": "application/json"} | named, "body": body}}


@pytest.mark.parametrize(
    "hiccups",
    [
        [says([], 429, Retry_After="1")],
        [says([], 503, Retry_After="1"), says([], 500)],
        [{"fault": "CONNECTION_RESET_BY_PEER"}],
        [{"fault": "RANDOM_DATA_THEN_CLOSE"}],
    ],
    ids=["429", "503 and 500", "reset", "rubbish"],
)
def test_a_hiccup_of_mountebank_is_survived(line: Line, started: Any, hiccups: list[dict[str, Any]]) -> None:
    line.connect(base_url=peers.impostor(started("mb"), answers(*hiccups, says(PEOPLE))))
    assert poll(line).records == len(PEOPLE)


@pytest.mark.parametrize(
    ("response", "code"),
    [
        ({"fault": "CONNECTION_RESET_BY_PEER"}, "SOURCE_UNREACHABLE"),
        ({"fault": "RANDOM_DATA_THEN_CLOSE"}, "SOURCE_UNREACHABLE"),
        (says("<html>Sign in</html>", Content_Type="text/html"), "SOURCE_MALFORMED"),
        (says('[{"id": "1", "fir'), "SOURCE_MALFORMED"),
        (says({"errors": ["quota"]}), "SOURCE_MALFORMED"),
        (says([], 401), "SOURCE_REFUSED"),
        (says([], 429, Retry_After="3600"), "SOURCE_THROTTLED"),
    ],
)
def test_a_fault_of_mountebank_is_told_for_what_it_is(
    line: Line, started: Any, response: dict[str, Any], code: str
) -> None:
    line.connect(base_url=peers.impostor(started("mb"), answers(response)))
    outcome = line.poll()
    assert isinstance(outcome, Failed)
    assert outcome.code == code, outcome.message
    assert line.feeds() == []
