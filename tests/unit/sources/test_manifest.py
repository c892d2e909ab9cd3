from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from command.schema_page import schema_page
from peoplefeed.model import FeedKind
from peoplefeed.rules.fields import COLUMNS, REQUIRED
from peoplefeed.sources.manifest import OPTIONAL_FIELDS, REQUIRED_FIELDS
from peoplefeed.sources.mistakes import ManifestError, check_place, check_tenant, parse_manifest
from tests.unit.sources.examples import FIELDS, document, manifest

ROOT = Path(__file__).parents[3]
READY = sorted((ROOT / "sources").glob("*.json"))
SCHEMA = ROOT / "docs" / "source-manifest.schema.json"

SECRET = "peoplefeed/sources/acme/hr"

DEMO: dict[str, Any] = {
    "name": "hr",
    "kind": "employees",
    "mode": "full",
    "base_url": "http://127.0.0.1:8123",
    "auth": {"type": "bearer", "secret": "peoplefeed/sources/default/hr"},
    "request": {"path": "/employees"},
    "paginator": {"type": "page", "param": "page", "size_param": "per_page", "size": 200, "pages": "pages"},
    "records": "employees",
    "fields": {
        "external_id": "id",
        "first_name": "givenName",
        "last_name": "familyName",
        "email": "workEmail",
        "job_title": "jobTitle",
        "department": "department",
        "business_unit_id": "businessUnit",
        "status": "status",
        "start_date": "hiredOn",
    },
    "date_format": "DD/MM/YYYY",
    "poll_every_minutes": 5,
}


def mistakes_in(**changes: Any) -> dict[str, str]:
    """The mistakes that a changed manifest has, by place."""
    with pytest.raises(ManifestError) as caught:
        manifest(**changes)
    return {mistake.place: mistake.message for mistake in caught.value.mistakes}


def test_the_demos_manifest_is_read_with_the_defaults_of_the_rules() -> None:
    demo = parse_manifest(json.dumps(DEMO))
    assert (demo.leavers, demo.blanks, demo.encoding) == ("keep", "clear", "cp1252")
    assert demo.secret == "peoplefeed/sources/default/hr"


def test_a_manifest_survives_being_stored() -> None:
    demo = parse_manifest(json.dumps(DEMO))
    assert parse_manifest(demo.model_dump_json()) == demo


@pytest.mark.parametrize("path", READY, ids=lambda path: path.stem)
def test_every_ready_manifest_is_a_manifest(path: Path) -> None:
    assert parse_manifest(path.read_bytes()).fields


def test_the_ready_manifests_are_there() -> None:
    assert {path.stem for path in READY} >= {"plain-json-list", "paged-rest"}


def test_2_1_a_source_of_employees_fills_every_column_but_the_profile() -> None:
    fields = (*REQUIRED_FIELDS[FeedKind.EMPLOYEES], *OPTIONAL_FIELDS[FeedKind.EMPLOYEES])
    assert set(fields) == set(COLUMNS) - {"profile"}
    assert set(REQUIRED_FIELDS[FeedKind.EMPLOYEES]) == {"external_id", *REQUIRED}


@pytest.mark.parametrize(
    ("changes", "place", "remedy"),
    [
        ({"recods": "@"}, "recods", "did you mean 'records'?"),
        ({"nonsense": 1}, "nonsense", "there are name, kind, mode, transport"),
        ({"request": {"pth": "/x"}}, "request.pth", "did you mean 'path'?"),
        ({"paginator": {"type": "page", "sise": 5}}, "paginator.sise", "did you mean 'size'?"),
        ({"paginator": {"type": "pages"}}, "paginator", "must be one of none, link-header, cursor, page, offset"),
        ({"paginator": {"size": 5}}, "paginator", "must be one of none, link-header"),
        ({"paginator": {"type": "cursor"}}, "paginator.next", "missing. Where the page holds the token"),
        ({"paginator": {"type": "cursor", "next": "a", "header": "b"}}, "paginator.header", "leave one of them out"),
        (
            {"incremental": {"query": {"since": "{since}"}, "paginator": {"type": "cursor"}}},
            "incremental.paginator.next",
            "it is missing. Where the page holds the token",
        ),
        ({"paginator": {"type": "page", "total": "a["}}, "paginator.total", "not a JMESPath expression"),
        ({"records": "a b"}, "records", "at character 3"),
        ({"name": None}, "name", "missing. What the source is called"),
        ({"name": "Our HR"}, "name", "small letters, digits and hyphens"),
        ({"name": "upload"}, "name", "is taken"),
        ({"auth": {"type": "bearer", "secret": "s3cr3t"}}, "auth.secret", "called peoplefeed/sources/TENANT/NAME"),
        ({"auth": {"type": "oauth"}}, "auth", "must be one of none, bearer, basic, api_key"),
        ({"request": {"headers": {"Cookie": "a"}}}, "request.headers.Cookie", "leave it out"),
        ({"request": {"headers": {"X-A": "a\nb"}}}, "request.headers.X-A", "printable ASCII"),
        ({"base_url": "http://hr.example.com"}, "base_url", "only https is allowed"),
        ({"base_url": "ftp://hr.example.com"}, "base_url", "https://api.example.com/v1"),
        ({"base_url": "hr.example.com"}, "base_url", "https://api.example.com/v1"),
        ({"base_url": "https://hr.example.com?key=1"}, "base_url", "request.query"),
        ({"poll_every_minutes": 4}, "poll_every_minutes", "greater than or equal to 5"),
        ({"date_format": "MM/YYYY"}, "date_format", "DD, MM and YYYY once each"),
        ({"date_format": "DD of MM YYYY"}, "date_format", "only separators"),
        ({"encoding": "cp1253000"}, "encoding", "common ones are cp1252"),
        ({"encoding": "base64"}, "encoding", "not an encoding"),
        ({"fields": FIELDS | {"emial": "x"}}, "fields.emial", "did you mean 'email'?"),
        ({"fields": FIELDS | {"shoe": "x"}}, "fields.shoe", "there are external_id, first_name"),
        ({"filter": "status = 'A'"}, "filter", "compare with ==, and put texts in single quotes"),
        ({"filter": "level > 1"}, "filter", "put numbers in backticks: level > `1`."),
        ({"filter": "a and b == 'x'"}, "filter", "written &&, || and !."),
        ({"filter": 'status == "A"'}, "filter", "not with a text; write 'A' in single quotes."),
        ({"records": "rows[?active == true].x"}, "records", "not with the value; write `true` in backticks."),
        ({"deleted": "left != null"}, "deleted", "not with the value; write `null` in backticks."),
        ({"fields": {"external_id": "id"}}, "fields.first_name", "required"),
        ({"fields": FIELDS | {"email": {}}}, "fields.email", "either a path or a constant"),
        ({"fields": FIELDS | {"email": {"path": "x", "contant": "y"}}}, "fields.email.contant", "did you mean"),
        ({"fields": FIELDS | {"profile": "role"}}, "fields.profile", "never sets a profile (5.2)"),
        ({"mode": "changes", "leavers": "deactivate"}, "leavers", "only a full feed"),
        ({"kind": "settings"}, "kind", "'employees', 'job-titles', 'departments' or 'business-units'"),
        ({"rate_limit": {}}, "rate_limit.requests_per_minute", "missing"),
        ({"auth": {"type": "oauth2", "secret": SECRET}}, "auth.token_url", "missing. Where tokens are given out"),
        ({"auth": {"type": "oauth2", "secret": SECRET, "token_url": "http://x.y"}}, "auth.token_url", "only https"),
        ({"auth": {"type": "api_key", "secret": SECRET, "header": "A", "query": "b"}}, "auth", "either a header or"),
        ({"auth": {"type": "api_key", "secret": SECRET, "qery": "b"}}, "auth.qery", "did you mean 'query'?"),
        ({"request": {"method": "PUT"}}, "request.method", "'GET' or 'POST'"),
        ({"request": {"body": {"a": 1}}}, "request", "use the method POST"),
        ({"paginator": {"type": "content-range", "unit": "a b"}}, "paginator.unit", "pattern"),
        ({"filter": "a ==="}, "filter", "not a JMESPath expression"),
        ({"deleted": "["}, "deleted", "not a JMESPath expression"),
        ({"incremental": {"query": {"since": "yesterday"}}}, "incremental", "put {since} where"),
        ({"incremental": {"qery": {}}}, "incremental.qery", "did you mean 'query'?"),
        ({"incremental": {"request": {"pth": "{since}"}}}, "incremental.request.pth", "did you mean 'path'?"),
        (
            {"incremental": {"query": {"a": "{since}"}, "paginator": {"type": "page", "sise": 1}}},
            "incremental.paginator.sise",
            "did you mean 'size'?",
        ),
        ({"incremental": {"query": {"a": "{since}"}, "full_every_hours": 0}}, "incremental.full_every_hours", "1"),
        ({"mode": "changes", "incremental": {"query": {"a": "{since}"}}}, "mode", "'full'"),
        ({"thresholds": {"leavers": 5}}, "thresholds.leavers", "did you mean 'leavers_percent'?"),
        ({"thresholds": {"rows_percent": 101}}, "thresholds.rows_percent", "less than or equal to 100"),
        ({"base_url": None}, "base_url", "missing. Say where the HR system is"),
        ({"transport": "drop"}, "base_url", "leave it out, or use transport 'poll'"),
        ({"transport": "drop", "base_url": None, "filter": "a"}, "filter", "leave it out"),
        ({"format": "csv", "paginator": {"type": "page"}}, "paginator", "use format 'json'"),
        ({"format": "csv", "fields": FIELDS | {"email": {"path": "x"}}}, "fields.email.path", "use column"),
        ({"fields": FIELDS | {"email": {"column": "x"}}}, "fields.email.column", "use path"),
        ({"details": {"pth": "x"}}, "details.pth", "did you mean 'path'?"),
        ({"auth": {"type": "bearer", "scheme": "SSWS x", "secret": SECRET}}, "auth.scheme", "without the token"),
        ({"auth": {"type": "api_key", "body": "a.b", "secret": SECRET}}, "auth.body", "request.method 'POST'"),
        ({"auth": {"type": "api_key", "body": "a", "query": "b", "secret": SECRET}}, "auth", "either a header or"),
        ({"date_format": "DD-MON-YYYY"}, "date_format", "DD-MMM-YYYY (31-Jan-2026), or epoch"),
        ({"date_format": "MM/MMM/YYYY"}, "date_format", "DD, MM and YYYY once each"),
        ({"fields": FIELDS | {"email": {"path": "x", "split": {}}}}, "fields.email.split.part", "missing"),
        ({"fields": FIELDS | {"email": {"path": "x", "split": {"prt": "x"}}}}, "fields.email.split.prt", "'part'?"),
        ({"empty": "a ="}, "empty", "not a JMESPath expression"),
        ({"format": "csv", "empty": "a"}, "empty", "use format 'json'"),
        ({"auth": "bearer"}, "auth", 'write an object, like {"type": "bearer"'),
        ({"paginator": "page"}, "paginator", 'like {"type": "page"'),
        ({"fields": ["id"]}, "fields", 'like {"external_id": "id"'),
        ({"fields": FIELDS | {"email": ["a"]}}, "fields.email", 'or only the path: "workEmail"'),
        (
            {"fields": FIELDS | {"status": {"path": "s", "values": ["a"]}}},
            "fields.status.values",
            '{"Employed": "Active"',
        ),
        (
            {"fields": FIELDS | {"status": {"path": "s", "values": {"A": "on"}}}},
            "fields.status.values.A",
            "Active or Inact",
        ),
        ({"fields": FIELDS | {"status": {"constant": "yes"}}}, "fields.status.constant", "use Active or Inactive"),
        ({"fields": FIELDS | {"status": {"path": "s", "default": "yes"}}}, "fields.status.default", "use Active"),
        ({"fields": FIELDS | {"email": "work-email"}}, "fields.email.path", 'as "\\"work-email\\""'),
        ({"fields": FIELDS | {"email": "a.b-c"}}, "fields.email.path", 'as "a.\\"b-c\\""'),
        ({"paginator": {"type": "cursor", "next": "@odata.nextLink"}}, "paginator.next", 'as "\\"@odata.nextLink\\""'),
        ({"records": "$.data[*]"}, "records", "try 'data[]'"),
        ({"filter": "length(a) > `1` && start_with(b, 'c')"}, "filter", "did you mean 'starts_with'?"),
        ({"deleted": "a[?lower(b) == 'c']"}, "deleted", "no function 'lower'; there are abs, avg"),
        ({"request": {"query": {"a": None}}}, "request.query.a", "a text, a number, true or false, or a list"),
        ({"request": {"query": {"a": {"b": 1}}}}, "request.query.a", "a text, a number, true or false, or a list"),
        ({"request": {"path": "https://x.y/z"}}, "request.path", "base_url has its beginning"),
        ({"request": {"path": "/x?a=1"}}, "request.path", "query parameters go to query"),
        ({"details": {"path": "/x"}}, "details", "put {id} where"),
        (
            {"incremental": {"query": {"a": "{since}"}, "details": {"path": "/x"}}},
            "incremental.details",
            "put {id} where",
        ),
    ],
)
def test_a_mistake_is_reported_at_its_place_with_what_would_be_right(
    changes: dict[str, Any], place: str, remedy: str
) -> None:
    found = mistakes_in(**changes)
    assert remedy in found[place]


@pytest.mark.parametrize(
    "right",
    ["a == 'true'", "a == `true`", 'a == "b".c', "a == b", "a == 'it said \"x\"'", "not_null(a, b)", "a == true_name"],
)
def test_what_only_looks_like_a_mistake_is_none(right: str) -> None:
    assert manifest(filter=right).filter == right


def test_every_mistake_is_reported_at_once() -> None:
    assert set(mistakes_in(name="X", encoding="x", records="[")) == {"name", "encoding", "records"}
    contradictions = mistakes_in(fields={"external_id": "id", "nick": "n"}, mode="changes", leavers="deactivate")
    assert set(contradictions) == {
        *("leavers", "fields.nick", "fields.first_name", "fields.last_name", "fields.job_title"),
    }


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"name": "\\ud800"}', "\x00"])
def test_what_is_not_an_object_of_json_is_a_mistake_too(text: str) -> None:
    with pytest.raises(ManifestError) as caught:
        parse_manifest(text)
    assert caught.value.mistakes


def test_a_password_in_an_address_is_refused_without_being_repeated() -> None:
    assert "hunter2" not in mistakes_in(base_url="https://me:hunter2@hr.example.com")["base_url"]


def test_a_secret_in_the_place_of_its_name_is_refused_without_being_repeated() -> None:
    assert "hunter2" not in mistakes_in(auth={"type": "bearer", "secret": "hunter2"})["auth.secret"]


def test_no_tenant_uses_the_secret_of_another() -> None:
    thief = manifest(auth={"type": "bearer", "secret": "peoplefeed/sources/victim/hr"})
    with pytest.raises(ManifestError, match=r"auth\.secret: .*peoplefeed/sources/thief/NAME"):
        check_tenant(thief, "thief")
    check_tenant(thief, "victim")


def test_reference_data_have_fields_of_their_own() -> None:
    units = manifest(kind="business-units", fields={"feed_id": "code", "name": "label"})
    assert set(units.fields) == {"feed_id", "name"}
    assert "fields.email" in mistakes_in(kind="job-titles", fields={"name": "name", "email": "x"})


def test_only_what_changes_the_meaning_of_records_changes_their_meaning() -> None:
    before = manifest()
    assert manifest(poll_every_minutes=60, request={"path": "/v2"}).meaning == before.meaning
    assert manifest(blanks="keep").meaning != before.meaning
    assert manifest(fields=FIELDS | {"email": "mail"}).meaning != before.meaning


def test_editors_get_a_schema_with_descriptions() -> None:
    schema = json.loads(SCHEMA.read_text())
    assert schema["properties"]["base_url"]["description"].startswith("Where the HR system is")
    assert schema["additionalProperties"] is False
    assert "$schema" in schema["properties"]


def test_the_published_schema_is_what_the_code_says() -> None:
    assert SCHEMA.read_text() == schema_page(), "run: uv run python -m command.schema_page"


@pytest.mark.parametrize("path", READY, ids=lambda path: path.stem)
def test_every_ready_manifest_names_the_schema_and_fits_it(path: Path) -> None:
    document = json.loads(path.read_text())
    assert (path.parent / document["$schema"]).resolve() == SCHEMA.resolve()
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)


def test_numbers_and_booleans_may_stand_in_a_query() -> None:
    asked = manifest(request={"path": "", "query": {"limit": 5, "active": True}}).request.query
    assert asked == {"limit": "5", "active": "true"}


def test_in_a_file_a_field_names_a_column_whatever_it_is_called() -> None:
    names = {"external_id": "Pers.-Nr.", "first_name": "First Name", "last_name": "Last", "job_title": "Job[0]"}
    read = manifest(format="csv", fields=names)
    assert {field: rule.column for field, rule in read.fields.items()} == names
    assert parse_manifest(read.model_dump_json()) == read


def test_a_drop_needs_no_address_and_survives_being_stored() -> None:
    dropped = manifest(transport="drop", base_url=None)
    assert not dropped.is_polled
    assert parse_manifest(dropped.model_dump_json()) == dropped


def test_a_threshold_that_is_not_given_is_the_tenants() -> None:
    assert manifest().thresholds.given == {}
    assert manifest(thresholds={"leavers_percent": 0}).thresholds.given == {"leavers_percent": 0}


def test_a_manifest_that_an_editor_began_with_a_byte_order_mark_is_read() -> None:
    text = json.dumps(document())
    assert parse_manifest(f"\ufeff{text}") == parse_manifest(text)


@pytest.mark.parametrize("text", ["", "name: hr", '{"name": "hr",}'])
def test_what_is_no_json_is_told_so(text: str) -> None:
    with pytest.raises(ManifestError, match="manifest: it is not JSON: "):
        parse_manifest(text)


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[::1]", "localhost", "hr"])
def test_an_address_inside_is_a_mistake_as_soon_as_it_is_connected(host: str) -> None:
    with pytest.raises(ManifestError, match=r"base_url: .* is not on the public internet"):
        check_place(parse_manifest(json.dumps(document(base_url=f"https://{host}/x"))), "acme", (), local=False)


@pytest.mark.parametrize(
    ("whole", "doubled", "place"),
    [('"name": "hr"', '"name": "hr", "name": "other"', "name"), ('"id"', '"id", "email": "a", "email": "b"', "email")],
)
def test_a_key_that_stands_twice_is_a_mistake(whole: str, doubled: str, place: str) -> None:
    with pytest.raises(ManifestError, match=f"{place}: it stands twice"):
        parse_manifest(json.dumps(document()).replace(whole, doubled, 1))
