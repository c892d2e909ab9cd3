"""From a stream of bytes to blocks of UTF-8: unpacked, bounded, in one encoding whatever it was.

A feed is read twice. The first pass sees all of it (so that a damaged archive, a bomb or a wrong encoding is
known before the first row), the second gives the rows. A stream that cannot be wound back, as S3 gives it, is
put in a temporary file first, as it came: packed feeds stay packed there. Nothing is ever held as a whole.
"""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast
from weakref import finalize

from peoplefeed.codes import Code
from peoplefeed.readers import limits
from peoplefeed.readers.contents import is_workbook, not_a_feed
from peoplefeed.readers.refusal import UnreadableFeed, refused, unreadable

_GZIP = b"\x1f\x8b"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WIDE = ("utf-16", "utf-32")


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Text:
    """A feed's text, to be read as often as needed. `encoding` is None where it is faultless UTF-8 already."""

    stream: BinaryIO
    start: int
    packed: bool
    encoding: str | None

    def blocks(self, after: int = 0) -> Iterator[bytes]:
        """Yield the text as UTF-8, without the first bytes of it."""
        for block in self._blocks():
            kept = block[after:] if after else block
            after = max(0, after - len(block))
            if kept:
                yield kept

    def _blocks(self) -> Iterator[bytes]:
        unpacked = _unpacked(self.stream, self.start, packed=self.packed)
        return transcoded(unpacked, self.encoding) if self.encoding else unpacked


def text_of(stream: BinaryIO, encoding: str, date_format: str) -> Text:
    """Return the text of a stream, or refuse it. `encoding` is what a file is in that does not show it (2.8).

    A workbook's text is its first sheet as CSV, dates in `date_format`.
    """
    with ExitStack() as spools:
        rewindable = stream if stream.seekable() else _spooled(stream, spools)
        start = rewindable.tell()
        packed = rewindable.read(len(_GZIP)) == _GZIP
        if is_workbook(_beginning(rewindable, start, packed=packed)):
            # What only workbooks need is loaded only for them.
            from peoplefeed.readers.workbook import sheet_as_csv  # noqa: PLC0415

            unpacked = _unpacked(rewindable, start, packed=packed)
            text = Text(sheet_as_csv(unpacked, date_format, spools), 0, packed=False, encoding=None)
            finalize(text, spools.pop_all().close)
            return text
        found = encoding_of(_unpacked(rewindable, start, packed=packed), encoding)
        text = Text(rewindable, start, packed, found)
        finalize(text, spools.pop_all().close)
        return text


def _beginning(stream: BinaryIO, start: int, *, packed: bool) -> bytes:
    """Return what a text begins with; nothing if its archive is damaged, which whoever reads it will find out."""
    stream.seek(start)
    if not packed:
        return stream.read(limits.SIGNATURE)
    try:
        with gzip.GzipFile(fileobj=stream, mode="rb") as archive:
            return archive.read(limits.SIGNATURE)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return b""


def encoding_of(blocks: Iterator[bytes], given: str) -> str | None:
    """Return the encoding of a text, None for faultless UTF-8; all of it is looked at.

    UTF-8 with a few broken characters stays UTF-8: a damaged byte in one row must not turn everybody's accents
    into rubbish. What is mostly not UTF-8 is in the encoding given.
    """
    first = b""
    while len(first) < limits.SAMPLE and (block := next(blocks, b"")):
        first += block
    if what := not_a_feed(first):
        raise unreadable(f"it is {what}.")
    sound, broken = _tally(first, blocks)
    if first.startswith(_UTF16):
        return "utf-16"
    if b"\0" in first and _known(given).startswith(_WIDE):
        return given
    if not broken:
        return None
    return "utf-8" if sound > broken or first.startswith(codecs.BOM_UTF8) else _known(given)


def transcoded(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Yield text as UTF-8. What cannot be read is U+FFFD, for the rules to warn of (`CHARACTERS_REPLACED`)."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _tally(first: bytes, blocks: Iterator[bytes]) -> tuple[int, int]:
    """Count the bytes that make sense only as UTF-8, and the places that do not as UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    sound = broken = 0
    block = first
    while block:
        text = decoder.decode(block)
        sound += len(block) - len(text)
        broken += text.count("\ufffd")
        block = next(blocks, b"")
    return sound, broken + len(decoder.decode(b"", final=True))


def _known(encoding: str) -> str:
    try:
        "".encode(encoding)
        codecs.getincrementaldecoder(encoding)
    except LookupError as error:
        raise unreadable(f"its source names the encoding '{encoding}', which does not exist.") from error
    return codecs.lookup(encoding).name


def _spooled(stream: BinaryIO, spools: ExitStack) -> BinaryIO:
    """Return a copy of a stream that can be wound back, in memory if it is small. `spools` closes it."""
    file = SpooledTemporaryFile(max_size=limits.SPOOL_IN_MEMORY)  # noqa: SIM115 - the next line sees to its end
    spool = cast("BinaryIO", spools.enter_context(file))
    for block in _bounded(stream):
        spool.write(block)
    spool.seek(0)
    return spool


def _unpacked(stream: BinaryIO, start: int, *, packed: bool) -> Iterator[bytes]:
    stream.seek(start)
    if not packed:
        yield from _bounded(stream)
        return
    try:
        with gzip.GzipFile(fileobj=stream, mode="rb") as archive:
            yield from _bounded(archive)
    except EOFError as error:
        raise unreadable("it is a gzip archive that ends too early; perhaps its upload was cut off.") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise unreadable("it is a damaged gzip archive.") from error


def _bounded(stream: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    size = 0
    while block := stream.read(limits.BLOCK):
        size += len(block)
        if size > limits.MAX_UNPACKED:
            raise _too_large()
        yield block


def _too_large() -> UnreadableFeed:
    return refused(Code.FEED_TOO_LARGE, reason=f"it has more than {limits.MAX_UNPACKED / (1 << 30):g} GiB of text.")
