"""2.1 to 2.3, 2.8: files of comma-separated values as people really write them."""

import csv

import pytest

from peoplefeed.model import FeedKind, Finding
from peoplefeed.readers import limits
from tests.unit.readers.feeds import FIELDS, HEADER, ids_and_codes, people, read, reader_of, written

_ANA = {"external_id": "1", "first_name": "Ana", "last_name": "García", "email": "a@b.es", "job_title": "Chef"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_2_8_a_table_is_read_back_whatever_delimiter_quoting_and_line_end_it_has(
    delimiter: str, quoting: int, end: str
) -> None:
    table = [
        *people(30),
        ["31", "José; Mª, | \t", 'García "Pepe"', "", "Head\nWaiter"],
        ["32", "'", '"', " x ", ",;|\t"],
    ]
    feed = written(table, delimiter=delimiter, quoting=quoting, lineterminator=end)
    assert [tuple(row.values()) for row in read(feed) if isinstance(row, dict)] == [tuple(row) for row in table]


@pytest.mark.parametrize(
    "header",
    [
        "EXTERNAL IDENTIFIER,first name,Last name,eMail,JOB title",
        " External Identifier ,First Name\u00a0,\u00a0Last Name,\tEmail,Job  Title",
        "\ufeffExternal Identifier,First Name,Last Name,Email,Job Title",
        "\ufeff\ufeffExternal Identifier,First Name,Last Name,Email,\u200bJob Title",
        '"External Identifier","First Name","Last Name","Email","Job Title"',
        '\ufeff"External\nIdentifier","First Name",Last Name,Email,"Job\r\nTitle"',
        "\n  \n External Identifier,First Name,Last Name,Email,Job Title",
        "External Identifier,First Name,Last Name,Email,Job Title,,,",
    ],
)
def test_2_1_case_and_surrounding_spaces_of_a_header_do_not_matter(header: str) -> None:
    reader = reader_of(f"{header}\n1,Ana,García,a@b.es,Chef\n")
    assert reader.columns == FIELDS
    assert reader.ignored == ()
    assert [reader.cells(row) for row in reader.rows()] == [_ANA]


def test_2_1_the_order_of_columns_does_not_matter() -> None:
    reader = reader_of("Job Title,Email,Last Name,First Name,External Identifier\nChef,a@b.es,García,Ana,1")
    assert reader.columns == FIELDS[::-1]
    assert [reader.cells(row) for row in reader.rows()] == [_ANA]


def test_2_1_all_ten_columns_have_their_fields() -> None:
    header = f"{HEADER},Department,Business Unit ID,Status,Start Date,User Profile"
    (row,) = read(f"{header}\n1,Ana,García,a@b.es,Chef,Kitchen,BU-1,Active,24/03/2019,manager")
    assert row == _ANA | {
        "department": "Kitchen",
        "business_unit_id": "BU-1",
        "status": "Active",
        "start_date": "24/03/2019",
        "profile": "manager",
    }


@pytest.mark.parametrize(
    ("kind", "feed", "cells"),
    [
        (FeedKind.JOB_TITLES, 'Name\n"Chef, senior"\nWaiter\n', [{"name": "Chef, senior"}, {"name": "Waiter"}]),
        (FeedKind.DEPARTMENTS, "name;Code\nKitchen;7\n", [{"name": "Kitchen"}]),
        (FeedKind.BUSINESS_UNITS, "Name,Feed ID\nHotel Sol,BU-1\n", [{"name": "Hotel Sol", "feed_id": "BU-1"}]),
    ],
)
def test_reference_data_have_columns_of_their_own(kind: FeedKind, feed: str, cells: list[dict[str, str]]) -> None:
    assert read(feed, kind=kind) == cells


def test_2_2_unknown_columns_are_named_once_and_ignored() -> None:
    reader = reader_of(f"Shoe  size,{HEADER},,Shoe size, Notes \n42,1,Ana,García,a@b.es,Chef,x,43,y\n")
    assert reader.ignored == ("Shoe size", "column 7", "Notes")
    assert [reader.cells(row) for row in reader.rows()] == [_ANA]


def test_2_2_a_source_can_map_other_names() -> None:
    mapping = {"Código": "external_id", "NOMBRE": "First Name", "apellido": "last_name", "Puesto": "Job Title"}
    reader = reader_of(" código;Nombre;Apellido;Puesto;Email\n1;Ana;García;Chef;a@b.es\n", mapping=mapping)
    assert [reader.cells(row) for row in reader.rows()] == [_ANA]
    assert reader.ignored == ()


def test_2_2_a_mapped_name_takes_the_place_of_the_templates() -> None:
    mapping = {"Code": "external_id", "Shoe size": "no such field"}
    reader = reader_of(f"{HEADER},Code,Shoe size\nx,Ana,García,a@b.es,Chef,1,42\n", mapping=mapping)
    assert reader.ignored == ("External Identifier", "Shoe size")
    assert [reader.cells(row) for row in reader.rows()] == [_ANA]


def test_2_3_a_missing_column_is_no_field_and_a_blank_cell_is_an_empty_one() -> None:
    reader = reader_of("External Identifier,First Name,Last Name,Job Title,Status\n1,Ana,García,Chef,\n")
    assert "email" not in reader.columns
    (row,) = reader.rows()
    assert reader.cells(row) == {
        "external_id": "1",
        "first_name": "Ana",
        "last_name": "García",
        "job_title": "Chef",
        "status": "",
    }


@pytest.mark.parametrize("blank", ["", "   ", "\t", ",,,,", " , , ", ',"",,', "\x1a"])
def test_lines_that_hold_nothing_are_no_rows(blank: str) -> None:
    rows = [",".join(row) for row in people(3)]
    assert ids_and_codes("\r\n".join([HEADER, blank, rows[0], blank, blank, *rows[1:], blank])) == ["1", "2", "3"]
    assert ids_and_codes("\n".join([HEADER, rows[0], blank, '2,"x",y,,', blank])) == ["1", "2"]


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("1,Ana,García,a@b.es,Chef,,,", "Chef"),
        ('1,Ana,García,a@b.es,Chef," ",""', "Chef"),
        ('1,Ana,García,a@b.es, "Chef" ', "Chef"),
        ('1,Ana,García,a@b.es,"Chef, ""senior"""', 'Chef, "senior"'),
        ('1,Ana,García,a@b.es,Chef "senior" x', 'Chef "senior" x'),
        ('1,Ana,García,a@b.es,Chef"senior"', 'Chef"senior"'),
        ('1,"Ana",García,"a@b.es",Chef"senior"', 'Chef"senior"'),
        ("1,Ana,García,a@b.es,  Chef ", "  Chef "),
        ('1,Ana,García,a@b.es," Chef "', " Chef "),
        ('1,Ana,García,a@b.es,""', ""),
        ("1,Ana,García,a@b.es,O'Chef", "O'Chef"),
    ],
)
def test_a_cell_says_what_is_meant(line: str, title: str) -> None:
    assert read(f"{HEADER}\n{line}\n") == [_ANA | {"job_title": title}]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("'=1+1", "=1+1"),
        ("'+34 600", "+34 600"),
        ("'-x", "-x"),
        ("'@hotel", "@hotel"),
        ("\t'=1+1", "=1+1"),
        ("\t=1+1", "=1+1"),
        ("\tChef", "Chef"),
        ("''=1", "''=1"),
        ("'s-Gravenhage", "'s-Gravenhage"),
        ("'", "'"),
        ("Chef'=", "Chef'="),
    ],
)
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_2_8_what_our_own_export_put_before_a_cell_is_taken_off_again(cell: str, meant: str, quoting: int) -> None:
    feed = written([["1", "Ana", "García", "a@b.es", cell]], quoting=quoting)
    assert read(feed) == [_ANA | {"job_title": meant}]


@pytest.mark.parametrize(
    "header",
    [
        '"External Identifier";"First Name";"Last Name";"Email";"Job Title"',
        "External Identifier;First Name;Last Name;Email;Job Title;Notes (a, b, c, d, e, f)",
    ],
)
def test_the_delimiter_is_the_one_that_tells_the_columns_apart(header: str) -> None:
    (row,) = read(f"{header}\n1;Ana;García;a@b.es;Chef{';x' * header.count('Notes')}")
    assert row == _ANA


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_it_does_not_matter_where_blocks_end(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = written(people(9), lineterminator=end)
    whole = list(reader_of(feed).rows())
    for block in range(1, 100):
        monkeypatch.setattr(limits, "BLOCK", block)
        assert list(reader_of(feed).rows()) == whole


def test_a_file_with_a_header_only_has_no_rows() -> None:
    assert read(HEADER) == []
    assert read(HEADER + "\r\n\r\n") == []


def test_equal_rows_below_different_headers_have_different_salts() -> None:
    swapped = HEADER.replace("First Name,Last Name", "Last Name,First Name")
    salts = {reader_of(header).salt for header in (HEADER, swapped, HEADER.replace(",", ";"), f"{HEADER},Status")}
    assert len(salts) == 4
    assert reader_of(HEADER.upper() + "\n").salt == reader_of(HEADER).salt
    assert reader_of(f"{HEADER},Shoes").salt == reader_of(f"{HEADER},Notes").salt


def test_a_row_keeps_its_bytes_wherever_it_stands_and_however_lines_end() -> None:
    unix, dos = (list(reader_of(written(people(3), lineterminator=end)).rows()) for end in ("\n", "\r\n"))
    assert unix == dos
    assert next(reader_of(written(people(9)[1:4])).rows()).raw == unix[1].raw


def test_rows_can_be_read_again() -> None:
    reader = reader_of(written(people(3)))
    assert list(reader.rows()) == list(reader.rows())


def test_a_row_of_which_a_cell_would_be_half_read_is_not_read_at_all() -> None:
    (row,) = read(f"{HEADER}\n1,Ana,García Pérez, María,a@b.es,Chef")
    assert isinstance(row, Finding)
    assert row.message == (
        "Row 1 cannot be read: its number of cells is 6, the header's is 5. It begins '1,Ana,García Pérez, "
        "María,a@b.es,Chef'. Correct this line of the file; the other lines are not affected."
    )
