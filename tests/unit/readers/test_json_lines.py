"""2.8: JSON lines, from files that people send and from polls."""

import gzip
import json
from typing import Any

import pytest

from peoplefeed.model import FeedKind, Finding
from tests.unit.readers.feeds import FIELDS, ids_and_codes, read, reader_of, refusal_of

_ANA = {"external_id": "1", "first_name": "Ana", "last_name": "García", "email": "a@b.es", "job_title": "Chef"}


def json_lines(*records: Any) -> str:
    return "\n".join(json.dumps(record, ensure_ascii=False) for record in records)


@pytest.mark.parametrize(
    "record",
    [
        _ANA,
        dict(reversed(_ANA.items())),
        {field.replace("_", " ").title(): value for field, value in _ANA.items()},
        {
            "External Identifier": "1",
            "FIRST_NAME": "Ana",
            "last name ": "García",
            "Email": "a@b.es",
            "Job_Title": "Chef",
        },
        {
            "External_Identifier": "1",
            "first_name": "Ana",
            "last_name": "García",
            "EMAIL": "a@b.es",
            "job title": "Chef",
        },
    ],
)
def test_keys_are_names_of_fields_or_columns(record: dict[str, str]) -> None:
    assert read(json_lines(record)) == [_ANA]


def test_every_field_of_every_kind_is_known_by_its_name() -> None:
    record = _ANA | dict.fromkeys(("department", "business_unit_id", "status", "start_date", "profile"), "x")
    assert read(json_lines(record)) == [record]
    assert read(json_lines({"feed_id": 7, "name": "Sol"}), kind=FeedKind.BUSINESS_UNITS) == [
        {"feed_id": "7", "name": "Sol"}
    ]


def test_each_row_has_the_columns_that_its_keys_name() -> None:
    reader = reader_of(json_lines(_ANA, {**_ANA, "status": "Active", "shoe size": 42}, {"external_id": "3", "x": 1}))
    assert reader.columns == (*FIELDS, "status")
    assert reader.ignored == ("shoe size", "x")
    assert [reader.cells(row) for row in reader.rows()] == [_ANA, _ANA | {"status": "Active"}, {"external_id": "3"}]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007", '"007"'),
        ("7", "7"),
        ("7.0", "7.0"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("9" * 5000, "9" * 5000),
        ("1e3", "1e3"),
        ("NaN", "NaN"),
        ("", "null"),
        ("true", "true"),
        ("\ufffd", '"\\ud800"'),
        ("😀", '"\\ud83d\\ude00"'),
        ("a\nb", '"a\\nb"'),
        ("\\u0000", '"\\\\u0000"'),
        ("'=1", '"\'=1"'),
    ],
)
def test_a_value_stays_as_it_was_written(value: str, text: str) -> None:
    (row,) = read(json_lines(_ANA).replace('"Chef"', text))
    assert row == _ANA | {"job_title": value}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param('{"external_id": "2", "first_', "not a JSON object", id="2.5-cut-off"),
        pytest.param("[1, 2]", "not a JSON object", id="2.5-a-list"),
        pytest.param('"2"', "not a JSON object", id="2.5-a-text"),
        pytest.param("null", "not a JSON object", id="2.5-null"),
        pytest.param('{"external_id": "2"} {}', "not a JSON object", id="2.5-two-objects"),
        pytest.param("[" * 20_000, "not a JSON object", id="2.5-deep-lists"),
        pytest.param('{"a":' * 9000, "not a JSON object", id="2.5-deep-objects"),
        pytest.param('{"external_id": "2\0"}', "not a JSON object", id="2.5-nul"),
        pytest.param('{"external_id": "2\\u0000"}', "NUL", id="2.5-hidden-nul"),
        pytest.param('{"external_id": ["2"]}', "External Identifier is a list or an object", id="2.5-list-as-value"),
        pytest.param('{"external_id": "2", "Email": {}}', "Email is a list or an object", id="2.5-object-as-value"),
        pytest.param('{"email": "2", "E-mail": "", "Email": "3"}', "Email more than once", id="2.5-key-twice"),
        pytest.param(json.dumps({str(key): 1 for key in range(201)}), "201 keys; 200", id="6.5-keys"),
        pytest.param(json.dumps({"first_name": "x" * 70_000}), "longer than 64 KiB", id="6.5-long-line"),
        pytest.param("External Identifier,First Name", "not a JSON object", id="2.5-CSV"),
    ],
)
def test_2_5_a_broken_line_costs_its_own_row(line: str, said: str) -> None:
    first, broken, last = read(f"{json_lines(_ANA)}\n\n{line}\r\n{json_lines(_ANA)}\n")
    assert first == last == _ANA
    assert isinstance(broken, Finding)
    assert broken.code == "LINE_BROKEN"
    assert broken.message.startswith("Row 2 cannot be read: ")
    assert said in broken.message


def test_1_7_a_required_key_that_no_line_has_is_a_missing_column() -> None:
    error = refusal_of(json_lines({"external_id": "1", "first_name": "Ana"}, {"last_name": "X"}))
    assert error.code == "COLUMN_MISSING"
    assert "column Job Title." in error.message


def test_1_7_lines_with_no_known_key_are_no_feed() -> None:
    error = refusal_of(json_lines({"código": "1", "nombre": "Ana"}))
    assert error.code == "FEED_UNREADABLE"
    assert "código, nombre" in error.message


def test_one_line_without_a_required_key_is_a_matter_of_that_row() -> None:
    assert read(json_lines({"external_id": "1"}, _ANA)) == [{"external_id": "1"}, _ANA]
    assert ids_and_codes("{broken\n" + json_lines(_ANA)) == ["LINE_BROKEN", "1"]


def test_the_name_of_a_file_tells_json_lines_whose_first_line_is_broken() -> None:
    feed = "oops\n" + json_lines(_ANA)
    assert ids_and_codes(feed, name="feeds/t/upload/employees/full/People.JSONL") == ["LINE_BROKEN", "1"]
    assert ids_and_codes(gzip.compress(feed.encode()), name="people.ndjson.gz") == ["LINE_BROKEN", "1"]
    assert refusal_of(feed).code == "FEED_UNREADABLE"
    assert "no" in refusal_of("oops\n1\n", name="x.jsonl").message


def test_2_2_a_source_can_map_other_names_of_keys() -> None:
    feed = json_lines({"code": 1, "nombre": "Ana", "Last Name": "García", "email": "a@b.es", "job_title": "Chef"})
    assert read(feed, mapping={"Code": "External Identifier", "Nombre": "first_name"}) == [_ANA]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_2_8_encodings_are_those_of_other_files(encoding: str) -> None:
    assert read((json_lines(_ANA) + "\n").encode(encoding)) == [_ANA]


def test_1_7_utf_16_without_a_mark_is_refused_as_a_whole() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        for options in ({}, {"record_mapping": dict}, {"name": "x.jsonl"}):
            assert refusal_of(json_lines(_ANA).encode(encoding), **options).code == "FEED_UNREADABLE"


def test_records_of_a_poll_are_mapped_one_by_one_as_the_system_sent_them() -> None:
    seen: list[dict[str, Any]] = []

    def mapping(record: dict[str, Any]) -> dict[str, str]:
        seen.append(record)
        return {"external_id": str(record["id"]["value"]), "status": "Active"}

    feed = json_lines({"id": {"value": 7}, "on": True}, {"id": {"value": 8}}, {"name": "x"}, {"id": None}, [1])
    assert ids_and_codes(feed, record_mapping=mapping) == ["7", "8", "LINE_BROKEN", "LINE_BROKEN", "LINE_BROKEN"]
    assert seen[0] == {"id": {"value": 7}, "on": True}
    reader = reader_of(feed, record_mapping=mapping)
    assert (reader.columns, reader.ignored) == ((), ())


def test_9_2_a_record_that_the_mapping_did_not_foresee_costs_its_row() -> None:
    def mapping(record: dict[str, Any]) -> dict[str, str]:
        return {"external_id": record["a"]["b"].upper()}

    (row, good) = read(json_lines({"a": {"b": 7}}, {"a": {"b": "x"}}), record_mapping=mapping)
    assert isinstance(row, Finding)
    assert "the form that the source's mapping expects" in row.message
    assert good == {"external_id": "X"}


def test_a_poll_that_found_nothing_has_no_rows() -> None:
    assert read(b"", record_mapping=dict) == []
    assert read(gzip.compress(b"\n\n"), record_mapping=dict) == []


def test_salts_tell_what_rows_mean() -> None:
    feed = json_lines(_ANA)
    salts = {reader_of(feed).salt, reader_of(feed, mapping={"x": "email"}).salt}
    salts |= {
        reader_of(feed, record_mapping=dict).salt,
        reader_of(json_lines({"name": "x"}), kind=FeedKind.DEPARTMENTS).salt,
    }
    assert len(salts) == 4


def test_2_5_a_first_line_without_end_costs_its_row_and_not_the_feed() -> None:
    endless = json_lines({"external_id": "x" * 3_000_000})
    assert ids_and_codes(endless + "\n" + json_lines(_ANA)) == ["LINE_BROKEN", "1"]


@pytest.mark.parametrize("broken", ["{", "{}{", '{"'])
def test_2_5_a_first_line_that_is_cut_off_costs_its_row_and_not_the_feed(broken: str) -> None:
    assert ids_and_codes(f"{broken}\n{json_lines(_ANA)}", name="staff.jsonl") == ["LINE_BROKEN", "1"]
