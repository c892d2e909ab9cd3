"""6.5: limits against abuse, and how little of a feed is in memory at any time."""

import gzip
import tracemalloc
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat

import pytest

from peoplefeed.model import FeedKind, Finding
from peoplefeed.readers import FeedReader, UnreadableFeed, limits, open_feed
from tests.unit.readers.feeds import HEADER, ids_and_codes, once, people, reader_of, written

_MIB = 1 << 20


def peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return held


def opened(blocks: Iterable[bytes]) -> FeedReader:
    return open_feed(once(blocks), kind=FeedKind.EMPLOYEES)


def codes(reader: FeedReader) -> list[str]:
    cells = [reader.cells(row) for row in reader.rows()]
    return [cell.code if isinstance(cell, Finding) else cell["external_id"] for cell in cells]


def test_a_stream_that_can_be_read_only_once_is_read() -> None:
    feed = written(people(2000)).encode()
    assert codes(opened([feed[:10], feed[10:11], feed[11:]])) == [str(number) for number in range(1, 2001)]
    assert codes(opened([gzip.compress(feed)])) == [str(number) for number in range(1, 2001)]


def test_a_large_stream_goes_to_a_file_that_is_closed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SPOOL_IN_MEMORY", 100)
    feed = written(people(500)).encode()
    assert len(codes(opened([feed]))) == 500
    with pytest.raises(UnreadableFeed):
        opened([b"%PDF" + feed])
    with pytest.raises(UnreadableFeed):
        opened([gzip.compress(feed)[:-1]])


def test_a_stream_is_read_from_where_it_stands(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("feed") / "feed.csv"
    path.write_bytes(b"something else\n" + written(people(3)).encode())
    with path.open("rb") as stream:
        stream.readline()
        assert codes(open_feed(stream, kind=FeedKind.EMPLOYEES)) == ["1", "2", "3"]


def test_6_5_a_line_of_64_kib_is_read_and_one_byte_more_is_not() -> None:
    line = "2,{},García,,Chef"
    fits = line.format("x" * (limits.MAX_LINE - len(line.encode()) + 2))
    assert len(fits.encode()) == 64 * 1024
    feed = "\n".join([HEADER, "1,a,b,,c", fits, fits.replace("x", "xx", 1), "4,a,b,,c"])
    assert ids_and_codes(feed) == ["1", "2", "LINE_BROKEN", "4"]


def test_6_5_a_line_of_100_mb_costs_its_row_and_is_not_held() -> None:
    def blocks() -> Iterator[bytes]:
        yield f"{HEADER}\n1,a,b,,c\n2,".encode()
        for _ in range(100):
            yield b'x"' * (_MIB // 2)
        yield b",b,,c\n3,a,b,,c\n"

    def work() -> None:
        assert codes(opened(blocks())) == ["1", "LINE_BROKEN", "3"]

    assert peak(work) < 20 * _MIB


def test_6_5_a_hundred_mb_without_a_line_end_are_one_row() -> None:
    def blocks() -> Iterator[bytes]:
        yield f'{HEADER}\n1,a,b,,c\n2,"'.encode()
        for _ in range(100):
            yield b"x" * _MIB

    def work() -> None:
        assert codes(opened(blocks())) == ["1", "LINE_BROKEN"]

    assert peak(work) < 20 * _MIB


def test_6_5_a_feed_of_30_mb_is_never_held_as_a_whole() -> None:
    row = '{},"Ana\nMaría",García,{},Chef\n'

    def blocks() -> Iterator[bytes]:
        yield f"{HEADER}\n".encode()
        for number in range(30):
            yield "".join(row.format(number, "x" * 1000) for _ in range(1000)).encode("cp1252")

    def work() -> None:
        assert sum(1 for _ in opened(blocks()).rows()) == 30_000

    assert peak(work) < 20 * _MIB


def test_6_5_a_bomb_stops_at_2_gib_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.MAX_UNPACKED == 2 * 1024**3
    monkeypatch.setattr(limits, "MAX_UNPACKED", 64 * _MIB)
    unpacked = 0

    def blocks() -> Iterator[bytes]:
        nonlocal unpacked
        packer = zlib.compressobj(wbits=31)
        yield packer.compress(f"{HEADER}\n".encode())
        while True:
            unpacked += _MIB
            if packed := packer.compress(bytes(_MIB)):
                yield packed
            if unpacked == 80 * _MIB:
                yield packer.flush()
                return

    def work() -> None:
        with pytest.raises(UnreadableFeed) as caught:
            opened(blocks())
        assert caught.value.error.code == "FEED_TOO_LARGE"

    assert peak(work) < 20 * _MIB


def test_6_5_a_stream_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_UNPACKED", 4 * _MIB)
    with pytest.raises(UnreadableFeed) as caught:
        opened(repeat(f"{HEADER}\n".encode()))
    assert caught.value.error.code == "FEED_TOO_LARGE"
    assert "GiB of text" in caught.value.error.message


def test_6_5_one_row_too_many_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.MAX_ROWS == 2_000_000
    monkeypatch.setattr(limits, "MAX_ROWS", 3)
    assert ids_and_codes(written(people(3))) == ["1", "2", "3"]
    rows = reader_of(written(people(4))).rows()
    with pytest.raises(UnreadableFeed, match="more than 3 rows") as caught:
        next(rows)
    assert caught.value.error.code == "FEED_TOO_LARGE"


def packed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    yield packer.compress(f"{HEADER}\n".encode())
    for block in blocks:
        if some := packer.compress(block):
            yield some
    yield packer.flush()


def test_6_5_two_million_rows_are_read_and_one_more_is_too_large() -> None:
    row = b"1,A,B,,C\n"
    assert sum(1 for _ in opened(packed([row * 1000] * 2_000)).rows()) == 2_000_000
    rows = opened(packed([row * 1000] * 2_000 + [row])).rows()
    with pytest.raises(UnreadableFeed, match="it has more than 2,000,000 rows") as caught:
        deque(rows, maxlen=0)
    assert caught.value.error.code == "FEED_TOO_LARGE"


def text_of(size: int) -> Iterator[bytes]:
    """So much text, packed: a header, and lines of blanks, which are no rows."""
    rest = size - len(HEADER) - 1
    return packed([(b" " * 1023 + b"\n") * 1024] * (rest // _MIB) + [b" " * (rest % _MIB - 1) + b"\n"])


def test_6_5_more_than_two_gib_of_text_are_too_large() -> None:
    with pytest.raises(UnreadableFeed, match="it has more than 2 GiB of text") as caught:
        opened(text_of(2 * 1024**3 + 1))
    assert caught.value.error.code == "FEED_TOO_LARGE"


def test_6_5_not_a_byte_more_is_unpacked_than_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_UNPACKED", 4 * _MIB)
    assert list(opened(text_of(4 * _MIB)).rows()) == []
    with pytest.raises(UnreadableFeed, match="GiB of text"):
        opened(text_of(4 * _MIB + 1))


def test_gzip_archives_in_a_row_are_one_feed() -> None:
    feed = written(people(4)).encode()
    assert ids_and_codes(gzip.compress(feed[:100]) + gzip.compress(feed[100:])) == ["1", "2", "3", "4"]


def test_a_damaged_byte_in_an_archive_is_noticed_before_the_first_row() -> None:
    packed = gzip.compress(written(people(50)).encode())
    for at in range(10, len(packed), 5):
        with pytest.raises(UnreadableFeed) as caught:
            reader_of(packed[:at] + bytes([packed[at] ^ 0xFF]) + packed[at + 1 :])
        assert caught.value.error.code == "FEED_UNREADABLE"
        assert "gzip archive" in caught.value.error.message
