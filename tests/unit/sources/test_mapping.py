from __future__ import annotations

from typing import Any

import pytest

from peoplefeed.sources.mapping import cell_mapping, record_mapping
from tests.unit.sources.examples import FIELDS, manifest

RECORD: dict[str, Any] = {"id": "7", "first": "Ana", "last": "Ruiz", "title": "Chef"}
PLAIN = {"external_id": "7", "first_name": "Ana", "last_name": "Ruiz", "job_title": "Chef"}


def cells(record: dict[str, Any], **fields: Any) -> dict[str, str]:
    """The cells that a record makes with more fields mapped."""
    return record_mapping(manifest(fields=FIELDS | fields))(record)


def test_plain_names_become_fields() -> None:
    assert cells(RECORD | {"unknown": 1}) == PLAIN


@pytest.mark.parametrize(
    "path", ["mail", "contact.mail", '"urn:x".mail', "contacts[0].mail", "contacts[?primary].mail | [0]"]
)
def test_2_3_a_null_is_a_blank_cell_wherever_it_stands(path: str) -> None:
    record = RECORD | {
        "mail": None,
        "contact": {"mail": None},
        "urn:x": None,
        "contacts": [{"mail": None, "primary": True}],
    }
    assert cells(record, email=path)["email"] == ""


@pytest.mark.parametrize("path", ["mail", "contact.mail", "id.mail", "contact.work.mail", "contact.mail.first.text"])
def test_2_3_a_missing_key_is_a_missing_column(path: str) -> None:
    assert "email" not in cells(RECORD | {"contact": {}}, email=path)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ana", "Ana"),
        ("Zoë", "Zoë"),
        ("", ""),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (-0.0, "0"),
        (12345678901234567890, "12345678901234567890"),
        (True, "true"),
        (False, "false"),
        ([1, "é"], '[1, "é"]'),
        ({"label": "x"}, '{"label": "x"}'),
        ("half\ud83d", "half\ufffd"),
        ("whole\ud83d\ude00", "whole😀"),
    ],
)
def test_every_value_becomes_text(value: object, text: str) -> None:
    assert cells(RECORD | {"mail": value}, email="mail")["email"] == text


def test_a_wrapped_value_is_unwrapped_by_its_path() -> None:
    assert cells(RECORD | {"mail": {"label": "E-mail", "value": "a@b.es"}}, email="mail.value")["email"] == "a@b.es"


def test_an_expression_may_join_and_choose() -> None:
    record = RECORD | {"emails": [{"value": "x@b.es"}, {"value": "a@b.es", "primary": True}]}
    assert cells(record, email="emails[?primary].value | [0]")["email"] == "a@b.es"
    assert cells(record, department="join(' ', [first, last])")["department"] == "Ana Ruiz"


def test_an_expression_that_does_not_fit_the_record_leaves_the_field_as_it_is() -> None:
    assert "department" not in cells(RECORD | {"last": 5}, department="join(' ', [first, last])")


def test_a_constant_is_the_same_for_everybody() -> None:
    assert cells(RECORD, department={"constant": "Kitchen"})["department"] == "Kitchen"


def test_a_default_stands_for_null_and_for_what_is_missing() -> None:
    rule = {"path": "site", "default": "HQ"}
    assert cells(RECORD, department=rule)["department"] == "HQ"
    assert cells(RECORD | {"site": None}, department=rule)["department"] == "HQ"
    assert cells(RECORD | {"site": "Bar"}, department=rule)["department"] == "Bar"


@pytest.mark.parametrize(
    ("value", "status"), [("Employed", "Active"), (True, "Active"), ("Suspended", "Suspended"), (None, "")]
)
def test_words_of_the_hr_system_become_ours_and_unknown_ones_stay(value: object, status: str) -> None:
    rule = {"path": "state", "values": {"Employed": "Active", "true": "Active"}}
    assert cells(RECORD | {"state": value}, status=rule)["status"] == status


def test_a_mapped_word_may_have_a_default() -> None:
    rule = {"path": "state", "values": {"0": "Inactive"}, "default": "Active"}
    assert cells(RECORD, status=rule)["status"] == "Active"
    assert cells(RECORD | {"state": 0}, status=rule)["status"] == "Inactive"
    assert "status" not in cells(RECORD, status={"path": "state", "values": {"0": "Inactive"}})


def test_2_6_of_someone_deleted_only_the_external_id_counts() -> None:
    mapped = record_mapping(manifest(deleted="action == 'Deleted'"))
    assert mapped(RECORD | {"action": "Deleted"}) == {"external_id": "7", "status": "Inactive"}
    assert mapped(RECORD | {"action": "Updated"}) == PLAIN
    assert mapped(RECORD) == PLAIN


def test_a_delete_rule_that_does_not_fit_a_record_deletes_nobody() -> None:
    mapped = record_mapping(manifest(deleted="starts_with(gone, 'y')"))
    assert mapped(RECORD | {"gone": 5}) == PLAIN
    assert mapped(RECORD | {"gone": "yes"})["status"] == "Inactive"


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("YYYY-MM-DD", "2024-03-01T00:00:00Z", "2024-03-01"),
        ("YYYY-MM-DD", "2024-03-01 10:30", "2024-03-01"),
        ("YYYY-MM-DD", "2024-03-01", "2024-03-01"),
        ("YYYY-MM-DD", None, ""),
        ("DD/MM/YYYY", "2024-03-01T00:00:00Z", "2024-03-01T00:00:00Z"),
    ],
)
def test_2_1_a_date_with_a_time_behind_it_is_that_date(form: str, value: object, text: str) -> None:
    mapped = record_mapping(manifest(date_format=form, fields=FIELDS | {"start_date": "since"}))
    assert mapped(RECORD | {"since": value})["start_date"] == text


def test_the_cells_of_a_file_are_put_into_our_words() -> None:
    status = {"column": "S", "values": {"N": "Active", "Y": "Inactive"}, "default": "Active"}
    fields = FIELDS | {"status": status, "department": {"constant": "Kitchen"}}
    mapped = cell_mapping(manifest(format="csv", fields=fields))
    assert mapped({"external_id": "7", "status": " Y "})["status"] == "Inactive"
    assert mapped({"external_id": "7", "status": ""})["status"] == "Active"
    assert mapped({"external_id": "7"}) == {"external_id": "7", "status": "Active", "department": "Kitchen"}


@pytest.mark.parametrize(
    ("part", "by", "text", "found"),
    [
        ("first", " ", "Ana María Ruiz", "Ana"),
        ("rest", " ", "Ana María Ruiz", "María Ruiz"),
        ("before-last", " ", "Ana María Ruiz", "Ana María"),
        ("last", " ", " Ana María Ruiz ", "Ruiz"),
        ("first", ",", "Ruiz Sol, Ana", "Ruiz Sol"),
        ("rest", ",", "Ruiz Sol, Ana", "Ana"),
        ("first", " ", "Cher", "Cher"),
        ("rest", " ", "Cher", ""),
        ("last", " ", "Cher", "Cher"),
        ("before-last", " ", "Cher", ""),
    ],
)
def test_a_part_of_a_text_can_be_a_field(part: str, by: str, text: str, found: str) -> None:
    rule = {"split": {"by": by, "part": part}}
    assert cells(RECORD | {"name": text}, department=rule | {"path": "name"})["department"] == found
    made = manifest(format="csv", fields=FIELDS | {"department": rule | {"column": "Name"}})
    assert cell_mapping(made)({"department": text})["department"] == found


def test_a_part_is_taken_before_words_are_translated_and_a_null_stays_blank() -> None:
    rule = {"path": "name", "split": {"part": "last"}, "values": {"K": "Kitchen"}}
    assert cells(RECORD | {"name": "7 K"}, department=rule)["department"] == "Kitchen"
    assert cells(RECORD | {"name": None}, department=rule)["department"] == ""
    assert "department" not in cells(RECORD, department=rule)


@pytest.mark.parametrize(
    ("form", "text", "found"),
    [
        ("YYYY-MM-DD", "2024-03-01T00:00:00+01:00", "2024-03-01"),
        ("YYYY-MM-DD", "2024-03-01 00:00", "2024-03-01"),
        ("YYYY-MM-DD", "2024-03-01-08:00", "2024-03-01"),
        ("YYYY-MM-DD", "2024-03-01Z", "2024-03-01"),
        ("YYYY-MM-DD", "2024-03-01-08", "2024-03-01-08"),
        ("DD-MMM-YYYY", "01-Mar-2024", "2024-03-01"),
        ("DD-MMM-YYYY", " 1-MAR-2024", "2024-03-01"),
        ("MMM DD YYYY", "Mar 01 2024", "2024-03-01"),
        ("DD-MMM-YYYY", "01-03-2024", "01-03-2024"),
        ("DD-MMM-YYYY", "31-Feb-2024", "31-Feb-2024"),
        ("DD-MMM-YYYY", "01-Foo-2024", "01-Foo-2024"),
        ("epoch", "1709251200", "2024-03-01"),
        ("epoch", "-86400", "1969-12-31"),
        ("epoch-ms", "1709251200000", "2024-03-01"),
        ("epoch-ms", "/Date(1709251200000)/", "2024-03-01"),
        ("epoch-ms", "/Date(1709251200000+0000)/", "2024-03-01"),
        ("epoch-ms", "99999999999999999", "99999999999999999"),
        ("epoch", "99999999999999", "99999999999999"),
        ("epoch", "yesterday", "yesterday"),
        ("DD/MM/YYYY", "01/03/2024", "01/03/2024"),
    ],
)
def test_2_1_a_date_is_read_as_the_manifest_says_and_never_guessed(form: str, text: str, found: str) -> None:
    made = manifest(date_format=form, fields=FIELDS | {"start_date": "since"})
    assert record_mapping(made)(RECORD | {"since": text})["start_date"] == found
    in_file = manifest(format="csv", date_format=form, fields=FIELDS | {"start_date": {"column": "Since"}})
    assert cell_mapping(in_file)({"start_date": text})["start_date"] == found


@pytest.mark.parametrize("form", ["DD-MMM-YYYY", "epoch", "epoch-ms"])
def test_2_1_what_rows_do_not_know_is_iso_in_a_row(form: str) -> None:
    assert manifest(date_format=form).row_date_format == "YYYY-MM-DD"
    assert manifest(date_format="DD.MM.YYYY").row_date_format == "DD.MM.YYYY"
