"""1.7, 2.5: whatever is put in front of us gets a code and a sentence, and costs as little as it can."""

import gzip
import os
import random

import pytest

from peoplefeed.model import FeedKind, Finding
from tests.unit.readers.feeds import COLUMNS, HEADER, ids_and_codes, lines, people, read, refusal_of

_FEED = "\r\n".join(lines(people(3)))
_NOISE = random.Random(7).randbytes(5000)  # noqa: S311 - noise, not a secret


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        pytest.param(b"", "FEED_EMPTY", "not even a header", id="1.7-empty"),
        pytest.param(b" \r\n\t\n  ", "FEED_EMPTY", "not even a header", id="1.7-only-white-space"),
        pytest.param(b"\xef\xbb\xbf\r\n", "FEED_EMPTY", "not even a header", id="1.7-only-a-byte-order-mark"),
        pytest.param(gzip.compress(b""), "FEED_EMPTY", "not even a header", id="1.7-gzip-of-nothing"),
        pytest.param(b"\n" * (3 << 20), "FEED_EMPTY", "not even a header", id="1.7-megabytes-of-blank-lines"),
        pytest.param(b"\n" * (3 << 20) + b"x", "FEED_UNREADABLE", "begin with a header", id="1.7-late-beginning"),
        pytest.param(b"x", "FEED_UNREADABLE", "none of the expected columns", id="1.7-one-letter"),
        pytest.param(_NOISE, "FEED_UNREADABLE", "it is not text", id="1.7-not-text"),
        pytest.param(gzip.compress(_NOISE), "FEED_UNREADABLE", "it is not text", id="1.7-gzip-of-garbage"),
        pytest.param(b"\x1f\x8b" + _NOISE, "FEED_UNREADABLE", "damaged gzip archive", id="1.7-garbage-like-gzip"),
        pytest.param(gzip.compress(_FEED.encode())[:-12], "FEED_UNREADABLE", "ends too early", id="1.7-gzip-cut-off"),
        pytest.param(
            gzip.compress(_FEED.encode()) + b"tail", "FEED_UNREADABLE", "damaged gzip", id="1.7-gzip-and-more"
        ),
        pytest.param(
            gzip.compress(gzip.compress(_FEED.encode())), "FEED_UNREADABLE", "inside a gzip", id="1.7-gzip-in-gzip"
        ),
        pytest.param(_FEED.encode("utf-16-le"), "FEED_UNREADABLE", "UTF-16 without", id="1.7-utf-16-le-without-mark"),
        pytest.param(_FEED.encode("utf-16-be"), "FEED_UNREADABLE", "UTF-16 without", id="1.7-utf-16-be-without-mark"),
        pytest.param(_FEED.encode("utf-32"), "FEED_UNREADABLE", "UTF-32", id="1.7-utf-32"),
        pytest.param(b"PK\x03\x04..xl/workbook.xml", "FEED_UNREADABLE", "Excel workbook (XLSX)", id="1.7-xlsx"),
        pytest.param(b"PK\x03\x04..feed.csv", "FEED_UNREADABLE", "ZIP archive", id="1.7-zip"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "FEED_UNREADABLE", "old Excel workbook", id="1.7-old-excel"
        ),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "FEED_UNREADABLE", "PDF document", id="1.7-pdf"),
        pytest.param(b"\n<!DOCTYPE html><html>", "FEED_UNREADABLE", "web page", id="1.7-sign-in-page"),
        pytest.param(b"\xef\xbb\xbf<html>", "FEED_UNREADABLE", "web page", id="1.7-sign-in-page-with-mark"),
        pytest.param(b"\0\1\2" * 300, "FEED_UNREADABLE", "it is not text", id="1.7-more-than-nuls"),
        pytest.param(b'<?xml version="1.0"?>', "FEED_UNREADABLE", "XML document", id="1.7-xml"),
        pytest.param(b'[{"external_id": "1"}]', "FEED_UNREADABLE", "JSON list", id="1.7-json-list"),
        pytest.param(b'{\n "external_id": "1"\n}', "FEED_UNREADABLE", "JSON document", id="1.7-json-document"),
        pytest.param(
            "\n".join(lines(people(3))[1:]), "FEED_UNREADABLE", "none of the expected columns", id="1.7-no-header"
        ),
        pytest.param("Código,Nombre,Puesto\n1,Ana,Chef", "FEED_UNREADABLE", "Nombre", id="1.7-header-in-spanish"),
        pytest.param(
            "Código,Nombre,Email\n1,Ana,a@b.es", "COLUMN_MISSING", "External Identifier", id="1.7-header-half-spanish"
        ),
        pytest.param(
            _FEED.replace("Job Title", "Position"), "COLUMN_MISSING", "column Job Title", id="1.7-column-missing"
        ),
        pytest.param(",,,\n1,2,3,4", "FEED_UNREADABLE", "has: no names", id="1.7-header-without-names"),
        pytest.param(
            _FEED.replace("Email", "JOB TITLE"), "FEED_UNREADABLE", "Job Title more than once", id="2.1-column-twice"
        ),
        pytest.param(
            _FEED.replace("Email", '"Email'), "FEED_UNREADABLE", "its header's quotation", id="1.7-header-quote"
        ),
        pytest.param(
            HEADER.replace("Email", '"Email') + "\n1,a,b,c,d" * 9000,
            "FEED_UNREADABLE",
            "its header's quotation",
            id="1.7-header-quote-in-a-large-file",
        ),
        pytest.param(
            HEADER + ",Extra" * 196 + "\n1", "FEED_TOO_LARGE", "it has 201 columns; 200 are", id="6.5-columns"
        ),
        pytest.param(HEADER + "," + "x" * 66_000, "FEED_TOO_LARGE", "longer than 64 KiB", id="6.5-endless-header"),
        pytest.param("x" * 3_000_000, "FEED_TOO_LARGE", "longer than 64 KiB", id="6.5-one-endless-line"),
    ],
)
def test_a_file_that_cannot_be_read_fails_with_a_code_and_a_sentence(data: bytes | str, code: str, said: str) -> None:
    error = refusal_of(data)
    assert error.code == code
    assert said in error.message
    assert error.message.isprintable()


def test_whoever_sends_a_header_in_spanish_is_told_what_was_found_and_what_is_expected() -> None:
    message = refusal_of("Código;Nombre;Puesto\n1;Ana;Chef").message
    assert "Código, Nombre, Puesto" in message
    assert all(name in message for name in COLUMNS)


def test_all_the_missing_columns_are_named_at_once() -> None:
    message = refusal_of("External Identifier,Email\n1,").message
    assert "column First Name, Last Name and Job Title." in message
    assert "External Identifier, Email." in message


def test_a_hundred_columns_too_many_do_not_make_an_endless_sentence() -> None:
    message = refusal_of(",".join(f"Column {number} {'x' * 300}" for number in range(190))).message
    assert "and 170 more" in message
    assert len(message) < 1500


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("3,A\0na,García,,Chef", "NUL", id="2.5-nul"),
        pytest.param(f"3,{'x' * 100_000},García,,Chef", "longer than 64 KiB", id="6.5-100-KB"),
        pytest.param(",".join(["x"] * 300), "300 cells; 200", id="6.5-300-columns"),
        pytest.param("3,Ana,García,,Chef" + "," * 295, "300 cells; 200", id="6.5-300-columns-most-empty"),
        pytest.param('3,"Ana,García,,Chef', "quotation marks", id="2.5-stray-quote-opens"),
        pytest.param('3,Ana,García,,Chef"', "quotation marks", id="2.5-stray-quote-closes"),
        pytest.param('3,An"a,García,,Chef', "quotation marks", id="2.5-stray-quote-inside"),
        pytest.param('3,"An"a",García,,Chef', "quotation marks", id="2.5-quote-not-doubled"),
        pytest.param('3,"Ana" María,García,,Chef', "quotation marks", id="2.5-text-after-quote"),
        pytest.param('"3,Ana,García,,Chef', "quotation marks", id="2.5-stray-quote-first"),
        pytest.param("3,Ana,García,,Chef,more", "cells is 6", id="2.5-too-many-fields"),
        pytest.param("3,Ana,García", "cells is 3", id="2.5-too-few-fields"),
        pytest.param("\0\0\0", "NUL", id="2.5-only-nuls"),
    ],
)
def test_a_broken_line_costs_its_own_row_and_never_its_neighbours(line: str, said: str) -> None:
    table = lines(people(2000))
    table[3] = line
    rows = read("\n".join(table))
    (broken,) = (row for row in rows if isinstance(row, Finding))
    assert rows.index(broken) == 2
    assert broken.code == "LINE_BROKEN"
    assert broken.message.startswith("Row 3 cannot be read: ")
    assert said in broken.message
    assert broken.message.isprintable()
    assert [row["external_id"] for row in rows if not isinstance(row, Finding)] == ["1", "2", *map(str, range(4, 2001))]


def test_any_number_of_broken_lines_cost_only_themselves() -> None:
    table = lines(people(600))
    for row, line in {3: '3,"Ana', 4: '4,"Ana', 9: 'x"', 10: "\0", 300: '"', 301: '""",', 600: '600,"Ana,,'}.items():
        table[row] = line
    codes = ids_and_codes("\n".join(table))
    assert [row for row, code in enumerate(codes, 1) if code == "LINE_BROKEN"] == [3, 4, 9, 10, 300, 301, 600]
    assert codes.count("LINE_BROKEN") + len(set(codes)) - 1 == 600


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_refused_as_a_file_and_broken_as_rows(seed: int) -> None:
    noise = random.Random(seed).randbytes(3000)  # noqa: S311 - noise, not a secret
    assert "it is not text" in refusal_of(noise).message
    assert set(ids_and_codes(HEADER.encode() + b"\n" + noise)) == {"LINE_BROKEN"}


@pytest.mark.parametrize("kind", list(FeedKind))
def test_every_kind_of_feed_refuses_what_is_none(kind: FeedKind) -> None:
    assert refusal_of(os.urandom(500), kind=kind).code == "FEED_UNREADABLE"
    assert refusal_of(b"", kind=kind).code == "FEED_EMPTY"
