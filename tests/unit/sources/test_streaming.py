from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peoplefeed.sources import streaming
from peoplefeed.sources.selection import Selection
from peoplefeed.sources.streaming import Document, encoding_of
from peoplefeed.sources.trouble import SourceTrouble

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), max_size=6)
BLANKS = st.sampled_from([None, 1, "\t"])


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every document is cut in many pieces."""
    monkeypatch.setattr(streaming, "_PIECE", 7)


def read(content: bytes, *path: str, keyed: bool = False, encoding: str = "utf-8") -> tuple[list[Any], Any]:
    document = Document(BytesIO(content), encoding, Selection(path))
    found = list(document.members(keyed=keyed))
    return (found if keyed else [record for _, record in found]), document.rest


def is_refused(load: Callable[[bytes], object], content: bytes) -> bool:
    try:
        load(content)
    except ValueError:
        return True
    return False


@given(records=RECORDS, before=VALUES, after=VALUES, blanks=BLANKS, escaped=st.booleans())
def test_records_are_what_the_library_reads_and_the_rest_is_what_stands_around_them(
    records: list[Any], before: Any, after: Any, blanks: Any, *, escaped: bool
) -> None:
    document = {"before": before, "data": {"x": before, "list": records, "y": after}, "after": after}
    content = json.dumps(document, indent=blanks, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    found, rest = read(content, "data", "list")
    assert found == records
    assert rest == document | {"data": {"x": before, "list": [], "y": after}}


@given(RECORDS, BLANKS)
def test_a_list_may_be_the_whole_document(records: list[Any], blanks: Any) -> None:
    assert read(json.dumps(records, indent=blanks).encode()) == (records, [])


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=5))
def test_a_map_of_records_comes_with_its_keys(records: dict[str, Any]) -> None:
    found, rest = read(json.dumps({"people": records}).encode(), "people", keyed=True)
    assert dict(found) == records
    assert rest == {"people": {}}


@given(records=RECORDS, place=st.integers(min_value=0), doubled=st.booleans())
def test_what_the_library_does_not_read_is_not_read_here_either(
    records: list[Any], place: int, *, doubled: bool
) -> None:
    whole = json.dumps({"list": records}).encode()
    at = place % len(whole)
    broken = whole + whole[at:] if doubled else whole[:at]
    assert is_refused(json.loads, broken)
    assert is_refused(lambda content: read(content, "list"), broken)


@pytest.mark.parametrize(
    "content",
    [
        "",
        " ",
        "<html>",
        "[1,]",
        "[,1]",
        "[1 2]",
        '{"a" 1}',
        "{1: 2}",
        '{"a": 1,}',
        "[1] x",
        "[tru]",
        '["\x01"]',
        "[1",
        '["a',
    ],
)
def test_what_is_no_json_is_not_read(content: str) -> None:
    assert is_refused(json.loads, content.encode())
    assert is_refused(read, content.encode())


def test_where_there_is_no_list_the_rest_is_the_whole_document() -> None:
    for whole in ({"error": "no"}, {"data": {"list": {"a": 1}}}, {"data": None}, 7, None, "text"):
        assert read(json.dumps(whole).encode(), "data", "list") == ([], whole)


def test_a_mistake_early_in_a_large_document_is_found_without_reading_the_rest() -> None:
    file = BytesIO(b"[{} {}" + b" " * 1_000_000)
    with pytest.raises(ValueError, match="there is no ','"):
        list(Document(file, "utf-8", Selection()).members())
    assert file.tell() < 1_000


def test_a_value_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "_MOST_CHARACTERS", 1_000)
    with pytest.raises(SourceTrouble, match="one value in it"):
        read(b'["' + b"x" * 5_000)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ('["ñandú and more"]'.encode(), "utf-8"),
        ('["ñ"]'.encode("utf-8-sig"), "utf-8-sig"),
        ('["ñ"]'.encode("utf-16"), "utf-16"),
        ('["a long beginning, and ñ"]'.encode("cp1252"), "cp1252"),
        ('["cut ñ'.encode()[:-1], "cp1252"),
    ],
)
def test_2_8_what_is_no_unicode_is_read_as_the_source_says(content: bytes, encoding: str) -> None:
    assert encoding_of(BytesIO(content), "cp1252") == encoding
