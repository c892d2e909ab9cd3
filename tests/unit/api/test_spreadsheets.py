from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from peoplefeed.api.media import wants_csv
from peoplefeed.api.spreadsheets import to_csv
from peoplefeed.feed_log.documents import ENTRY_KEYS
from peoplefeed.model import FeedKind, Finding
from peoplefeed.readers import open_feed


def entry(**given: Any) -> dict[str, Any]:
    return dict.fromkeys(ENTRY_KEYS) | {"changes": {}} | given


def cell(value: str) -> str:
    rows = list(csv.DictReader(io.StringIO(to_csv([entry(value=value)]).removeprefix("\ufeff"), newline="")))
    return rows[0]["value"]


@pytest.mark.parametrize("value", ["=1+1", "+1x", "-x", "@SUM(A1)", "=cmd|' /C calc'!A0", "-2+3"])
def test_7_3_a_formula_is_no_formula_any_more(value: str) -> None:
    assert cell(value) == f"\t'{value}"


@pytest.mark.parametrize("value", ["\t=1", "\r=1", "\n=1", "  =1", "%0A=1", "|calc", "＝1", "＠x"])  # noqa: RUF001 - the case
def test_7_3_what_only_some_spreadsheets_calculate_begins_with_a_tab(value: str) -> None:
    assert cell(value) == f"\t{value}"


@pytest.mark.parametrize("value", ["", "plain", "a=b", "'", "-5", "-1,234.50", 'say "hi", twice', "two\nlines"])
def test_what_is_harmless_stays_as_it_is(value: str) -> None:
    assert cell(value) == value


@pytest.mark.parametrize("value", ["=1+1", "+34 600", "-x", "@a", "|x", "%x", "plain"])
def test_2_8_readers_of_feeds_take_it_off_again(value: str) -> None:
    lines = list(csv.reader(io.StringIO(to_csv([entry(external_id="E1", name=value)]).removeprefix("\ufeff"))))
    external_id, name = (lines[1][lines[0].index(key)] for key in ("external_id", "name"))
    feed = io.StringIO(newline="")
    csv.writer(feed).writerows(
        [["External Identifier", "First Name", "Last Name", "Job Title"], [external_id, name, name, name]]
    )
    reader = open_feed(io.BytesIO(feed.getvalue().encode()), kind=FeedKind.EMPLOYEES)
    cells = reader.cells(next(reader.rows()))
    assert not isinstance(cells, Finding)
    assert cells["first_name"] == value


def test_changes_are_one_readable_cell() -> None:
    text = to_csv([entry(changes={"email": ["a@b.c", None], "active": [True, False]})])
    assert "email: a@b.c → –; active: True → False" in text  # noqa: RUF001 - a dash stands for nothing


def test_an_export_begins_so_that_spreadsheets_read_accents() -> None:
    text = to_csv([])
    assert text.startswith("\ufeffrow,external_id,outcome,code,")
    assert text.count("\n") == 1


@pytest.mark.parametrize(
    ("accept", "csv_wanted"),
    [
        (None, False),
        ("*/*", False),
        ("text/csv", True),
        ("TEXT/CSV; charset=utf-8", True),
        ("text/csv, application/json;q=0.5", True),
        ("application/json, text/csv;q=0.5", False),
        ("text/csv;q=0", False),
        ("text/csv;q=x", False),
        ("text/*", True),
        ("application/json, text/csv", False),
        ("text/html, */*;q=0.1", False),
    ],
)
def test_csv_is_what_the_caller_would_rather_have(accept: str | None, csv_wanted: bool) -> None:  # noqa: FBT001 - a case of the table
    from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

    headers = {"Accept": accept} if accept else {}
    assert wants_csv(APIGatewayProxyEvent({"headers": headers})) is csv_wanted
