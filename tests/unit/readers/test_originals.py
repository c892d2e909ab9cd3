"""Rows as they were received, of whatever a feed is."""

import json

import pytest

from peoplefeed.model import FeedKind
from peoplefeed.readers import Original, Originals
from tests.unit.readers.feeds import reader_of


def originals(data: str, **known: object) -> Originals:
    options = {"record_mapping": known.pop("record_mapping")} if "record_mapping" in known else {}
    return Originals(reader_of(data, **options), FeedKind.EMPLOYEES, **known)  # type: ignore[arg-type] # as given


_TABLE = (
    "First Name| external identifier |Comment|Last Name|Job Title\n"
    'Ana|1|"a|b"|Sol|Chef\nBea|2|\'=x|Sol|Chef\nC"|3||Sol|Chef\nDora|4'
)


def test_2_8_a_table_keeps_its_header_and_unknown_columns() -> None:
    mine = originals(_TABLE)
    assert (mine.header, mine.delimiter) == (
        ("First Name", "external identifier", "Comment", "Last Name", "Job Title"),
        "|",
    )
    assert list(mine.rows({1, 2})) == [
        Original(1, ["Ana", "1", "a|b", "Sol", "Chef"], 'Ana|1|"a|b"|Sol|Chef'),
        Original(2, ["Bea", "2", "=x", "Sol", "Chef"], "Bea|2|'=x|Sol|Chef"),
    ]


def test_2_5_a_broken_line_is_there_as_a_whole() -> None:
    assert list(originals(_TABLE).rows({3, 4})) == [Original(3, None, 'C"|3||Sol|Chef'), Original(4, None, "Dora|4")]


def test_rows_that_are_not_there_are_not_made_up() -> None:
    assert list(originals(_TABLE).rows({9})) == []
    assert list(originals(_TABLE).rows(())) == []


@pytest.mark.parametrize("times", [1, 2])
def test_rows_can_be_asked_for_as_often_as_needed(times: int) -> None:
    mine = originals(_TABLE)
    assert [[row.number for row in mine.rows({2})] for _ in range(times)] == [[2]] * times


def test_2_8_records_of_a_source_come_as_their_mapping_has_them_and_dates_as_lists_have_them() -> None:
    records = "\n".join(json.dumps({"id": number, "start": "2026-01-31"}) for number in (7, 8))
    mine = originals(
        records,
        record_mapping=lambda record: {"external_id": str(record["id"]), "start_date": record["start"]},
        fields=("start_date", "external_id", "job_title"),
        date_format="YYYY-MM-DD",
    )
    assert mine.header == ("External Identifier", "Job Title", "Start Date")
    assert [row.cells for row in mine.rows({1, 2})] == [["7", "", "31/01/2026"], ["8", "", "31/01/2026"]]
