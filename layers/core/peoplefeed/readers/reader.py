"""One way in for every format: a stream of bytes becomes numbered rows, and a row becomes cells."""

import codecs
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import count
from typing import BinaryIO

from peoplefeed.codes import Code
from peoplefeed.model import FeedKind, Finding
from peoplefeed.readers import limits
from peoplefeed.readers.delimited import Delimited, read_header
from peoplefeed.readers.json_lines import JsonLines, RecordMapping, read_objects, read_records
from peoplefeed.readers.lines import RawRow, batches, without_endless_lines
from peoplefeed.readers.refusal import refused
from peoplefeed.readers.text import Text, text_of

_SALT = 16
_JSON_NAMES = (".jsonl", ".ndjson", ".jsonlines")


def open_feed(  # noqa: PLR0913 - what there is to know of a source's files
    stream: BinaryIO,
    *,
    kind: FeedKind,
    encoding: str = "cp1252",
    date_format: str = "DD/MM/YYYY",
    mapping: Mapping[str, str] | None = None,
    record_mapping: RecordMapping | None = None,
    name: str = "",
    with_deeds: bool = False,
) -> "FeedReader":
    """Return a reader of a feed, or raise `UnreadableFeed` (1.7).

    All of the stream is looked at before this returns, none of it is kept in memory; a stream that can be wound
    back must stay open while rows are read. `encoding` is that of files which do not show theirs, `date_format` how
    the source writes dates: so a workbook's, which need no reading, are written too (2.1). `mapping` are a source's
    own names of columns (theirs to ours, 2.2), `record_mapping` makes cells of the records which a poll landed,
    `name` is what the file is called; `with_deeds` says that what the API wrote may rename and delete (4.8).
    """
    text = text_of(stream, encoding, date_format)
    head = _head(text)
    start = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    head = head[start:]
    if record_mapping:
        return FeedReader(text, read_records(record_mapping, head, start))
    if _is_empty(text, head):
        raise refused(Code.FEED_EMPTY, reason="it is empty, there is not even a header.")
    if head.lstrip().startswith(b"{") or name.lower().removesuffix(".gz").endswith(_JSON_NAMES):
        objects = read_objects(_first_lines(text, start), kind, mapping, start, with_deeds=with_deeds)
        return FeedReader(text, objects)
    return FeedReader(text, read_header(head, kind, mapping, start))


class FeedReader:
    """A feed that is known to be readable.

    `columns` are the fields that it has columns for (none if a record mapping decides row by row), `ignored` the
    names of unknown columns (2.2). `salt` belongs in front of a row when it is fingerprinted: equal rows below
    different headers do not mean the same.
    """

    def __init__(self, text: Text, form: Delimited | JsonLines) -> None:
        """Take the text, and how its rows are read."""
        self.columns = form.columns
        self.ignored = form.ignored
        self.salt = blake2b(repr(form.meaning).encode(), digest_size=_SALT).digest()
        self._text = text
        self._form = form

    def rows(self) -> Iterator[RawRow]:
        """Yield every record of the feed from its first on, broken ones too."""
        number = 0
        for batch in batches(self._text.blocks(after=self._form.start), self._form.take):
            if number + len(batch) > limits.MAX_ROWS:
                raise refused(Code.FEED_TOO_LARGE, reason=f"it has more than {limits.MAX_ROWS:,} rows.")
            yield from map(RawRow, count(number + 1), batch)
            number += len(batch)

    def cells(self, row: RawRow) -> dict[str, str] | Finding:
        """Return a row's cells by field (2.1) as they stand in the feed, or why it cannot be read (2.5)."""
        return self._form.cells(row)

    @property
    def table(self) -> Delimited | None:
        """The feed's header and rows as they were received, None where it is no table."""
        return self._form if isinstance(self._form, Delimited) else None


def _head(text: Text) -> bytes:
    """Return the beginning of a text."""
    head = b""
    for block in text.blocks():
        head += block
        if len(head) >= limits.LOOK_AHEAD:
            break
    return head


def _first_lines(text: Text, start: int) -> bytes:
    """Return the beginning of a text, past lines that are so long that they cost their rows (6.5)."""
    head = b""
    for block in without_endless_lines(text.blocks(after=start)):
        head += block
        if len(head) >= limits.FIRST_LINES or head.count(b"\n") > limits.JSON_SAMPLE:
            break
    return head


def _is_empty(text: Text, head: bytes) -> bool:
    return not head.strip() and not any(block.strip() for block in text.blocks(after=len(codecs.BOM_UTF8)))
