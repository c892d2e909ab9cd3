"""2.8: UTF-8, a byte-order mark, else what the source says; nothing is guessed, nothing gets lost silently."""

import codecs
import gzip

import pytest

from peoplefeed.readers import limits
from tests.unit.readers.feeds import HEADER, ids_and_codes, people, read, reader_of, refusal_of, written

_NAMES = ["José", "Müller", "Åse", "Nuñez", "Çelik", "€uro"]
_FEED = written([[str(number), name, "X", "", "Chef"] for number, name in enumerate(_NAMES)])


def first_names(data: bytes, encoding: str = "cp1252") -> list[str]:
    return [row["first_name"] for row in read(data, encoding=encoding) if isinstance(row, dict)]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(_FEED.encode(), id="2.8-utf-8"),
        pytest.param(codecs.BOM_UTF8 + _FEED.encode(), id="2.8-utf-8-marked"),
        pytest.param(codecs.BOM_UTF16_LE + _FEED.encode("utf-16-le"), id="2.8-utf-16-le"),
        pytest.param(codecs.BOM_UTF16_BE + _FEED.encode("utf-16-be"), id="2.8-utf-16-be"),
        pytest.param(_FEED.encode("cp1252"), id="2.8-cp1252"),
        pytest.param(gzip.compress(_FEED.encode("utf-16")), id="2.8-utf-16-packed"),
    ],
)
@pytest.mark.parametrize("block", [1, 2, 3, 50, limits.BLOCK])
def test_every_encoding_of_the_rules_is_read(data: bytes, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BLOCK", block)
    assert first_names(data) == _NAMES


@pytest.mark.parametrize("encoding", ["iso-8859-15", "cp850", "mac_roman"])
def test_2_8_a_source_can_say_what_its_files_are_in(encoding: str) -> None:
    names = ["José", "Müller", "Åse", "Nuñez"]
    data = written([["1", name, "X", "", "Chef"] for name in names]).encode(encoding)
    assert first_names(data, encoding) == names


@pytest.mark.parametrize("encoding", ["shift_jis", "gb18030", "utf-16-le", "cp500"])
def test_2_8_encodings_of_several_bytes_or_without_ascii_are_read_too(encoding: str) -> None:
    names = ["José" if encoding == "cp500" else "ソ能表", "x"]
    data = written([["1", name, "X", "", "Chef"] for name in names], delimiter="|").encode(encoding)
    assert first_names(data, encoding) == names


def test_2_8_utf_8_counts_before_what_the_source_says() -> None:
    assert first_names(_FEED.encode(), "iso-8859-1") == _NAMES
    assert first_names(written(people(2)).encode(), "utf-16-le") == ["Ana 1", "Ana 2"]


def test_2_8_utf_16_without_a_mark_is_read_if_the_source_says_so() -> None:
    assert first_names(HEADER.encode("utf-16-be") + "\n1,Ana,X,,Chef".encode("utf-16-be"), "utf-16-be") == ["Ana"]


def test_2_8_characters_that_cannot_be_read_are_replaced_visibly() -> None:
    data = _FEED.encode("cp1252").replace(b"Nu\xf1ez", b"Nu\x81\x9dez")
    assert first_names(data)[3] == "Nu\ufffd\ufffdez"
    assert first_names(codecs.BOM_UTF8 + _FEED.encode("cp1252"))[:3] == ["Jos\ufffd", "M\ufffdller", "\ufffdse"]
    marked = codecs.BOM_UTF8 + _FEED.encode().replace("ñ".encode(), b"\xf1")
    assert first_names(marked)[3] == "Nu\ufffdez"


def test_2_8_a_few_broken_characters_do_not_turn_a_file_in_utf_8_into_rubbish() -> None:
    data = _FEED.encode().replace("ñ".encode(), b"\xf1")
    assert first_names(data) == [name.replace("ñ", "\ufffd") for name in _NAMES]


def test_2_8_a_file_that_is_hardly_utf_8_is_in_the_encoding_of_its_source() -> None:
    data = _FEED.encode("cp1252").replace(b"Jos\xe9", "José".encode())
    assert first_names(data) == ["JosÃ©", *_NAMES[1:]]


def test_the_last_character_may_be_cut_off() -> None:
    *_, last = reader_of(_FEED.encode() + b"9,x,x,,Jos\xc3").rows()
    assert last.raw.decode() == "9,x,x,,Jos\ufffd"
    assert ids_and_codes(_FEED.rstrip().encode("utf-16")[:-1]) == list("012345")
    assert ids_and_codes(_FEED.encode("utf-16") + b"x") == [*"012345", "LINE_BROKEN"]


def test_a_row_says_the_same_in_every_encoding() -> None:
    readers = [reader_of(_FEED.encode(encoding)) for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252")]
    assert len({(reader.salt, tuple(reader.rows())) for reader in readers}) == 1


@pytest.mark.parametrize("encoding", ["no-such-code", "rot13", "hex"])
def test_a_source_with_an_encoding_that_does_not_exist_is_told(encoding: str) -> None:
    error = refusal_of(_FEED.encode("cp1252"), encoding=encoding)
    assert error.code == "FEED_UNREADABLE"
    assert f"'{encoding}', which does not exist" in error.message


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\x0b", "\x0c", "\x1c"])
def test_only_line_ends_end_lines(character: str) -> None:
    (row,) = read(f"{HEADER}\n1,a{character}b,García,,Chef")
    assert isinstance(row, dict)
    assert row["first_name"] == f"a{character}b"
