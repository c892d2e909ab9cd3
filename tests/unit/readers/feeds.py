"""What the tests of the readers share: writing feeds and reading them."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, cast

import pytest

from peoplefeed.model import FeedError, FeedKind, Finding
from peoplefeed.readers import FeedReader, UnreadableFeed, open_feed

COLUMNS = ("External Identifier", "First Name", "Last Name", "Email", "Job Title")
FIELDS = ("external_id", "first_name", "last_name", "email", "job_title")
HEADER = ",".join(COLUMNS)


def reader_of(data: bytes | str, **options: Any) -> FeedReader:
    """Open a feed of employees, unless told otherwise."""
    raw = data if isinstance(data, bytes) else data.encode()
    return open_feed(io.BytesIO(raw), **({"kind": FeedKind.EMPLOYEES} | options))


def read(data: bytes | str, **options: Any) -> list[dict[str, str] | Finding]:
    """Return what every row of a feed says."""
    reader = reader_of(data, **options)
    rows = list(reader.rows())
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    return [reader.cells(row) for row in rows]


def refusal_of(data: bytes | str, **options: Any) -> FeedError:
    """Return why a feed is refused. That it is refused is part of the test."""
    with pytest.raises(UnreadableFeed) as caught:
        read(data, **options)
    return caught.value.error


def ids_and_codes(data: bytes | str, **options: Any) -> list[str]:
    """Return the external ID of each row, or the code of what is wrong with it."""
    return [row.code if isinstance(row, Finding) else row["external_id"] for row in read(data, **options)]


def people(count: int) -> list[list[str]]:
    """Return rows of made-up employees."""
    return [
        [str(number), f"Ana {number}", "García", f"ana{number}@hotel.example", "Chef"] for number in range(1, count + 1)
    ]


def lines(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return rows as lines of a CSV file, header first, nothing quoted."""
    return [HEADER, *(",".join(row) for row in rows)]


def written(rows: Iterable[Sequence[str]], header: Sequence[str] = COLUMNS, **dialect: Any) -> str:
    """Return a CSV file as `csv.writer` writes it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, **dialect)
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()


class Stream(io.RawIOBase):
    """A stream that can be read once, from front to end, as S3 gives it: blocks of any size, made as needed."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        """Take what to give."""
        self._blocks = iter(blocks)
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        """Give at most `size` bytes of the next block; nothing at the end."""
        self._left = self._left or next(self._blocks, b"")
        given = self._left[: size if size >= 0 else None]
        self._left = self._left[len(given) :]
        return given


def once(blocks: Iterable[bytes]) -> BinaryIO:
    """Return a stream that cannot be wound back."""
    return cast("BinaryIO", Stream(blocks))
