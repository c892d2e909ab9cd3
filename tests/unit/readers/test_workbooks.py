"""2.8: the first sheet of a workbook is a feed like any other."""

import gzip
import io
import zipfile
from datetime import date, datetime
from unittest.mock import patch

import pytest

from peoplefeed.model import FeedKind, Finding
from peoplefeed.readers import limits, open_feed
from peoplefeed.rules.rows import Candidate, RowSettings, check_row
from tests.unit.readers.feeds import COLUMNS, HEADER, ids_and_codes, once, people, read, reader_of, refusal_of, written
from tests.unit.readers.workbooks import FILES, packed, parts, row, workbook

_HEADER = [*COLUMNS, "Start Date"]
_ANA = [7, "Ana", "García", "ana@hotel.example", "Chef", date(2024, 3, 1)]
_READ = {
    "external_id": "7",
    "first_name": "Ana",
    "last_name": "García",
    "email": "ana@hotel.example",
    "job_title": "Chef",
    "start_date": "01/03/2024",
}


def one(external_id: object) -> bytes:
    """Return a workbook of one employee with this ID."""
    return workbook([COLUMNS, [external_id, "Ana", "García", "", "Chef"]])


def test_2_8_a_workbook_is_read_like_the_csv_that_it_could_have_been() -> None:
    book = workbook([COLUMNS, *people(300)])
    assert read(book) == read(written(people(300)))
    assert reader_of(book).salt == reader_of(written(people(1))).salt
    assert [row.raw for row in reader_of(book).rows()] == [row.raw for row in reader_of(written(people(300))).rows()]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(workbook([_HEADER, _ANA]), id="2.8-xlsx"),
        pytest.param(gzip.compress(workbook([_HEADER, _ANA])), id="2.8-xlsx-in-gzip"),
        pytest.param(workbook([_HEADER, _ANA], [["another sheet"]]), id="2.8-only-the-first-sheet"),
        pytest.param(workbook([["lists"]], [_HEADER, _ANA], hidden=1), id="2.8-hidden-sheets-do-not-count"),
        pytest.param(workbook([[], [], _HEADER, [], _ANA, ["", " "]]), id="2.8-blank-rows-are-no-rows"),
        pytest.param(workbook([["", "", *_HEADER], ["", "", *_ANA]]), id="2.8-a-table-that-begins-further-right"),
        pytest.param(workbook([_HEADER, [*_ANA, "", "a note"]]), id="2.8-what-stands-right-of-the-table-is-a-note"),
        pytest.param(workbook([_HEADER, _ANA], date_1904=True), id="2.8-days-counted-from-1904"),
        pytest.param(workbook([_HEADER, [*_ANA[:5], datetime(2024, 3, 1, 18, 30)]]), id="2.8-a-date-with-a-time"),  # noqa: DTZ001 - as in the cell
    ],
)
def test_all_that_a_spreadsheet_does_around_a_table_is_left_out(data: bytes) -> None:
    assert read(data) == [_READ]
    assert len(list(open_feed(once([data]), kind=FeedKind.EMPLOYEES).rows())) == 1


@pytest.mark.parametrize("name", ["staff.xls", "staff.ods"])
def test_2_8_workbooks_of_other_programs_are_read_too(name: str) -> None:
    (only,) = read((FILES / name).read_bytes())
    assert only == _READ | {"last_name": "Sol", "email": "ana@hotel.es"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(1042, "1042", id="2.8-whole-numbers-lose-the-point"),
        pytest.param(1042.0, "1042", id="2.8-whole-numbers-that-are-decimal"),
        pytest.param("0042", "0042", id="2.8-text-keeps-its-zeros"),
        pytest.param(-7, "-7", id="2.8-negative"),
        pytest.param(0.1 + 0.2, "0.3", id="2.8-decimals-as-a-spreadsheet-shows-them"),
        pytest.param(123456789012345, "123456789012345", id="2.8-fifteen-digits"),
        pytest.param(True, "TRUE", id="2.8-true"),
        pytest.param("a,b;c\td|e", "a,b;c\td|e", id="2.8-delimiters-in-a-cell"),
        pytest.param('José "Pepe"', 'José "Pepe"', id="2.8-quotation-marks"),
        pytest.param('"', '"', id="2.8-a-lone-quotation-mark"),
        pytest.param("two\nlines", "two\nlines", id="2.8-a-line-break-in-a-cell"),
        pytest.param("'=1+1", "=1+1", id="2.8-the-apostrophe-of-our-export"),
        pytest.param("日本 🎉", "日本 🎉", id="2.8-any-alphabet"),
    ],
)
def test_a_cell_holds_what_a_spreadsheet_shows(value: object, expected: str) -> None:
    (cells,) = read(one(value))
    assert not isinstance(cells, Finding)
    assert cells["external_id"] == expected


@pytest.mark.parametrize("form", ["DD/MM/YYYY", "MM-DD-YYYY", "YYYY.MM.DD"])
def test_2_1_a_date_that_is_one_already_is_understood_however_the_source_writes_dates(form: str) -> None:
    (cells,) = read(workbook([_HEADER, _ANA]), date_format=form)
    assert not isinstance(cells, Finding)
    judged = check_row(1, cells, RowSettings(form))
    assert isinstance(judged, Candidate)
    assert judged.given["start_date"] == "2024-03-01"


def test_2_1_a_date_written_as_text_has_to_be_in_the_form_of_its_source() -> None:
    (cells,) = read(workbook([_HEADER, [*_ANA[:5], "03/13/2024"]]))
    assert not isinstance(cells, Finding)
    assert check_row(1, cells, RowSettings()).finding.code == "DATE_INVALID"  # type: ignore[union-attr] # it is one


def test_the_value_that_a_formula_had_when_the_workbook_was_saved_counts() -> None:
    formula = '<row r="2"><c r="A2" t="str"><f>CONCAT(1,2)</f><v>12</v></c><c r="B2"><f>3+4</f><v>7</v></c></row>'
    ((cells),) = read(packed(parts(row(1, *COLUMNS) + formula)))
    assert not isinstance(cells, Finding)
    assert (cells["external_id"], cells["first_name"]) == ("12", "7")


def _failing(column: str, first: int = 1) -> bytes:
    """Return a workbook in which the formula of one column has failed; its header is in the row `first`."""
    place = f'<c r="{column}{first + 1}"'
    error = f'{place} t="e"><f>VLOOKUP(1,2)</f><v>#N/A</v></c>'
    cells = row(first + 1, "7", "Ana", "García", "a@b.es", "Chef", "Bar")
    at = cells.index(place)
    after = cells.index("</c>", at) + len("</c>")
    return packed(parts(row(first, *COLUMNS, "Department") + cells[:at] + error + cells[after:]))


@pytest.mark.parametrize(
    ("column", "code"),
    [
        pytest.param("A", "EXTERNAL_ID_MISSING", id="2.5-no-id-is-called-N/A"),
        pytest.param("B", "REQUIRED_FIELD_MISSING", id="2.5-nobody-is-called-N/A"),
        pytest.param("D", "EMAIL_INVALID", id="2.3-a-failed-formula-clears-no-address"),
    ],
)
def test_a_failed_formula_is_neither_a_value_nor_a_blank_cell(column: str, code: str) -> None:
    (cells,) = read(_failing(column))
    assert not isinstance(cells, Finding)
    assert check_row(1, cells, RowSettings()).finding.code == code  # type: ignore[union-attr] # it is rejected


@pytest.mark.parametrize("first", [1, 5])
def test_2_3_a_failed_formula_stays_where_it_would_clear_a_department(first: int) -> None:
    (cells,) = read(_failing("F", first))
    assert not isinstance(cells, Finding)
    assert cells["department"] == "#N/A"


@pytest.mark.parametrize("shown", ["#N/A", "#N/D", " #REF!", "#¡VALOR!"])
def test_2_5_the_same_holds_for_a_csv_that_was_saved_with_failed_formulas(shown: str) -> None:
    assert ids_and_codes(f"{HEADER}\n{shown},Ana,García,,Chef\n#7,Ana,García,,Chef") == ["", "#7"]


def test_2_5_a_nul_that_hides_in_a_cell_costs_its_row() -> None:
    book = packed(parts(row(1, *COLUMNS) + row(2, "7", "A_x0000_na", "x", "", "Chef") + row(3, "8", "a", "b", "", "c")))
    assert ids_and_codes(book) == ["LINE_BROKEN", "8"]


def _lying() -> bytes:
    """Return a workbook whose sheet is not what its archive says it is."""
    data = bytearray(workbook([_HEADER, *([_ANA] * 50)]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        at = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 100
    data[at : at + 20] = bytes(20)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        pytest.param((FILES / "protected.xlsx").read_bytes(), "FEED_UNREADABLE", "a password", id="1.7-protected"),
        pytest.param(workbook([_HEADER, _ANA])[:-200], "FEED_UNREADABLE", "damaged", id="1.7-cut-off"),
        pytest.param(_lying(), "FEED_UNREADABLE", "damaged", id="1.7-damaged-within"),
        pytest.param(packed(parts("<row><c></row>")), "FEED_UNREADABLE", "damaged", id="1.7-broken-xml"),
        pytest.param(packed({"feed.csv": HEADER}), "FEED_UNREADABLE", "ZIP archive", id="1.7-a-zip-of-something-else"),
        pytest.param(packed({}), "FEED_UNREADABLE", "ZIP archive", id="1.7-an-empty-zip"),
        pytest.param(workbook([[]]), "FEED_EMPTY", "not even a header", id="1.7-empty-sheet"),
        pytest.param(workbook([["Código", "Nombre"]]), "FEED_UNREADABLE", "Código, Nombre", id="1.7-other-columns"),
        pytest.param(
            packed(parts(row(1, *COLUMNS) + '<row r="2"><c r="A2"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>')),
            "FEED_TOO_LARGE",
            "more memory than a workbook may",
            id="6.5-two-cells-at-both-ends-of-the-sheet",
        ),
    ],
)
def test_a_workbook_that_cannot_be_read_fails_with_a_code_and_a_sentence(data: bytes, code: str, said: str) -> None:
    error = refusal_of(data)
    assert (error.code, said in error.message) == (code, True), error.message
    assert error.message.isprintable()


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        pytest.param("MAX_WORKBOOK", 40 << 10, id="6.5-unpacks-to-too-much"),
        pytest.param("MAX_WORKBOOK", 4 << 10, id="6.5-too-large-as-it-comes"),
        pytest.param("SHEET_MEMORY", 100 << 20, id="6.5-takes-too-much-memory"),
        pytest.param("SHEET_SECONDS", 0, id="6.5-takes-too-long"),
    ],
)
def test_what_a_workbook_may_take_is_limited(limit: str, value: int) -> None:
    book = packed(parts(row(1, *COLUMNS) + '<row r="2">' + '<c t="s"><v>0</v></c>' * 5000 + "</row>", ["x" * 32_000]))
    assert len(book) < 4000 or limit == "MAX_WORKBOOK"
    with patch.object(limits, limit, value):
        assert refusal_of(book).code == "FEED_TOO_LARGE"


def test_6_5_a_workbook_whose_sheet_is_longer_as_csv_than_it_may_be_is_refused() -> None:
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 2000))
    with patch.object(limits, "MAX_WORKBOOK", 4 << 20):
        assert refusal_of(packed(parts(row(1, *COLUMNS) + cells, ["x" * 32_000]))).code == "FEED_TOO_LARGE"


def test_reading_a_workbook_hands_on_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    with patch("subprocess.run", side_effect=RuntimeError) as run, pytest.raises(RuntimeError):
        read(one(7))
    assert "made-up" not in run.call_args.kwargs["env"].values()
