"""2.2: a source, or an uploaded list, can use names of its own for the columns, whatever the format."""

import json

import pytest

from peoplefeed.model import FeedKind
from tests.unit.readers.feeds import read, reader_of, refusal_of
from tests.unit.readers.workbooks import workbook

_MAPPING = {"Personalnummer": "External Identifier", "Vorname": "First Name", "Position": "job_title"}
_NAMES = ["PERSONALNUMMER", " Vorname ", "Last Name", "Position", "Schuhgröße"]
_ANA = ["7", "Ana", "Sol", "Chef", "42"]
_CELLS = {"external_id": "7", "first_name": "Ana", "last_name": "Sol", "job_title": "Chef"}
_CSV = ";".join(_NAMES) + "\n" + ";".join(_ANA)
_JSON = json.dumps(dict(zip(_NAMES, _ANA, strict=True)))
_FORMATS = [
    pytest.param(_CSV, id="2.2-csv"),
    pytest.param(_CSV.encode("utf-16"), id="2.2-csv-in-utf-16"),
    pytest.param(_JSON, id="2.2-json-lines"),
    pytest.param(workbook([_NAMES, _ANA]), id="2.2-xlsx"),
]


@pytest.mark.parametrize("data", _FORMATS)
def test_a_mapping_gives_a_meaning_to_names_of_columns(data: bytes | str) -> None:
    assert read(data, mapping=_MAPPING) == [_CELLS]
    assert reader_of(data, mapping=_MAPPING).ignored == ("Schuhgröße",)


@pytest.mark.parametrize("data", _FORMATS)
def test_without_the_mapping_the_missing_columns_are_told(data: bytes | str) -> None:
    error = refusal_of(data)
    assert error.code == "COLUMN_MISSING"
    assert "column External Identifier, First Name and Job Title." in error.message


def test_2_2_what_is_told_to_be_missing_has_the_name_that_the_mapping_gives() -> None:
    assert "column Personalnummer." in refusal_of("Vorname,Last Name,Position\nAna,Sol,Chef", mapping=_MAPPING).message


def test_2_2_the_templates_names_hold_for_what_the_mapping_does_not_mention() -> None:
    template = "External Identifier,First Name,Last Name,Job Title\n7,Ana,Sol,Chef"
    assert read(template, mapping={"Standort": "Business Unit ID"}) == [_CELLS]


def test_2_2_reference_data_is_mapped_too() -> None:
    data = "Kostenstelle,Bezeichnung\n1,Bar"
    mapping = {"Kostenstelle": "Feed ID", "Bezeichnung": "Name"}
    assert read(data, kind=FeedKind.BUSINESS_UNITS, mapping=mapping) == [{"feed_id": "1", "name": "Bar"}]
