"""2.5, 2.8: what holds for every table and for every kind of damage."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from peoplefeed.model import FeedError, FeedKind, Finding
from peoplefeed.readers import UnreadableFeed, limits
from peoplefeed.readers.columns import COLUMNS
from tests.unit.readers.feeds import HEADER, ids_and_codes, lines, people, read, reader_of, written

_NAMES = [column.name for column in COLUMNS[FeedKind.EMPLOYEES]]
_FIELDS = {column.name: column.field for column in COLUMNS[FeedKind.EMPLOYEES]}
_BLANK = " \t\r\n\x1a"

# In cp1252 no two of these letters are a character of UTF-8.
_cells = st.text(st.sampled_from("aB1 ,;|\t\"'=+-@\r\néñÿ"), max_size=6)
_headers = st.permutations(_NAMES).flatmap(
    lambda names: st.sampled_from([names, ["Shoes", *names], [*names, "x", "y"]])
)
_blocks = st.integers(1, 400) | st.just(limits.BLOCK)
_bodies = st.lists(st.sampled_from(["1,a,b,,c", '"', '""', ",", "\n", "\r\n", "\r", "x", " ", "\0", '2,"a\nb",c,,d\n']))


@contextmanager
def small(**values: int) -> Iterator[None]:
    """Read with other limits for a while."""
    with ExitStack() as patches:
        for name, value in values.items():
            patches.enter_context(patch.object(limits, name, value))
        yield


def without_our_prefix(cell: str) -> str:
    """Say what 2.8 says, in other words."""
    for prefix in ("\t'", "'"):
        if cell.startswith(prefix) and cell[len(prefix) :].startswith(tuple("=+-@")):
            return cell[len(prefix) :]
    return cell.removeprefix("\t")


@settings(max_examples=200)
@given(st.data())
def test_whatever_csv_writer_writes_is_read_back_the_same(data: st.DataObject) -> None:
    header = data.draw(_headers)
    table = data.draw(st.lists(st.lists(_cells, min_size=len(header), max_size=len(header)), max_size=8))
    text = written(
        table,
        header,
        delimiter=data.draw(st.sampled_from(",;\t|")),
        quoting=data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])),
        lineterminator=data.draw(st.sampled_from(["\n", "\r\n", "\r"])),
    )
    raw = text.encode(data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])))
    expected = [
        {_FIELDS[name]: without_our_prefix(cell) for name, cell in zip(header, row, strict=True) if name in _FIELDS}
        for row in table
        if any(cell.strip(_BLANK) for cell in row)
    ]
    with small(BLOCK=data.draw(_blocks)):
        assert read(gzip.compress(raw) if data.draw(st.booleans()) else raw) == expected


@settings(max_examples=200)
@given(
    row=st.integers(1, 30),
    kind=st.sampled_from(["flip", "drop", "cut", "insert"]),
    at=st.integers(0, 40),
    junk=st.binary(min_size=1, max_size=3).filter(lambda junk: b"\n" not in junk and b"\r" not in junk)
    | st.sampled_from([b'"', b'""', b"\0", b',"', b'",', b",,,", b"'", b"\xff"]),
)
def test_damage_to_one_line_never_reaches_its_neighbours(row: int, kind: str, at: int, junk: bytes) -> None:
    table = [line.encode() for line in lines(people(30))]
    line = table[row]
    at = min(at, len(line) - 1)
    kept = {"flip": 1, "drop": len(junk), "cut": len(line), "insert": 0}[kind]
    table[row] = line[:at] + (junk if kind in {"flip", "insert"} else b"") + line[at + kept :]
    found = read(b"\n".join(table))
    untouched = read("\n".join(lines(people(30))))
    if not table[row].strip(b" \t,\x1a"):
        found.insert(row - 1, untouched[row - 1])
    assert len(found) == 30
    assert [cells for number, cells in enumerate(found, 1) if number != row] == [
        cells for number, cells in enumerate(untouched, 1) if number != row
    ]


@settings(max_examples=200)
@given(_bodies, _blocks)
def test_every_line_below_the_header_is_in_exactly_one_row(body: list[str], block: int) -> None:
    text = "".join(body)
    with small(BLOCK=block):
        reader = reader_of(f"{HEADER}\n{text}")
        rows = list(reader.rows())
    found = [line for row in rows for line in row.raw.splitlines() if line.strip(b' \t,"')]
    assert found == [line for line in text.encode().splitlines() if line.strip(b' \t,"')]
    for row in rows:
        cells = reader.cells(row)
        assert isinstance(cells, Finding) or len(row.raw.splitlines()) == 1 or max(map(len, cells.values())) > 1


@settings(max_examples=200)
@given(_bodies, _blocks, _blocks)
def test_where_blocks_end_makes_no_difference(body: list[str], one: int, other: int) -> None:
    feed = f"{HEADER}\n{'  '.join(body)}"
    with small(BLOCK=one, LOOK_AHEAD=120, MAX_LINE=60):
        expected = ids_and_codes(feed)
    with small(BLOCK=other, LOOK_AHEAD=120, MAX_LINE=60):
        assert ids_and_codes(feed) == expected


_mutations = st.lists(st.tuples(st.integers(0, 2000), st.sampled_from(["flip", "drop", "insert", "cut"]), st.binary()))


@settings(max_examples=200)
@given(_mutations, st.sampled_from(["csv", "quoted", "json", "gzip", "utf-16"]), _blocks)
def test_a_mutated_feed_is_refused_or_read_to_its_end(
    mutations: list[tuple[int, str, bytes]], form: str, block: int
) -> None:
    feed = bytearray(_feed(form))
    for at, kind, junk in mutations:
        match kind:
            case "flip":
                feed[at : at + 1] = junk[:1]
            case "drop":
                del feed[at : at + len(junk)]
            case "insert":
                feed[at:at] = junk
            case _:
                del feed[-(at % 50) - 1 :]
    with small(BLOCK=block):
        for row in _read_or_refused(bytes(feed)):
            match row:
                case Finding():
                    assert row.code == "LINE_BROKEN"
                    assert row.message.isprintable()
                case FeedError():
                    assert row.code in {"FEED_UNREADABLE", "FEED_EMPTY", "COLUMN_MISSING", "FEED_TOO_LARGE"}
                    assert row.message.isprintable()
                case _:
                    assert not any("\0" in text for text in row.values())


def _read_or_refused(feed: bytes) -> Sequence[dict[str, str] | Finding | FeedError]:
    try:
        return read(feed)
    except UnreadableFeed as refused:
        return [refused.error]


def _feed(form: str) -> bytes:
    plain = written([*people(8), ["9", 'Ana "x"', "a\nb", "", "ñ"]])
    match form:
        case "quoted":
            return written(people(8), quoting=csv.QUOTE_ALL, delimiter=";").encode()
        case "json":
            keys = ("external_id", "first_name", "last_name", "email", "job_title")
            return "\n".join(f"{dict(zip(keys, row, strict=True))}".replace("'", '"') for row in people(8)).encode()
        case "gzip":
            return gzip.compress(plain.encode())
        case "utf-16":
            return plain.encode("utf-16")
        case _:
            return plain.encode()
