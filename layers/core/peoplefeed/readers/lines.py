"""From blocks of bytes to whole lines, however the blocks were cut."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from peoplefeed.readers import limits

NEWLINES = (b"\n", b"\r")
BLANK = b" \t\x1a"
"""What a line that holds nothing may consist of; the last is the end of a file as DOS marked it."""


class RawRow(NamedTuple):
    """One record as it stands in the feed, in UTF-8, without the end of its line. Row 1 is the first of data."""

    number: int
    raw: bytes


class Take(Protocol):
    """Takes the records off the front of what was read, and says what of it is left for later."""

    def __call__(self, data: bytes, *, last: bool) -> tuple[list[bytes], bytes]:
        """Return records and rest. With `last` nothing follows."""


def batches(blocks: Iterator[bytes], take: Take) -> Iterator[list[bytes]]:
    """Yield the records of a text, block by block."""
    rest = b""
    for block in without_endless_lines(blocks):
        records, rest = take(rest + block if rest else block, last=False)
        yield records
    records, _ = take(rest, last=True)
    yield records


def whole_lines(data: bytes, *, last: bool, ends: bool = False) -> tuple[list[bytes], bytes]:
    """Return the lines of `data` and the beginning of a line that is still to come.

    Lines end with LF, CRLF or CR. With `ends` they keep their ends.
    """
    lines = data.splitlines(keepends=ends)
    if last or not lines or data.endswith(NEWLINES):
        return lines, b""
    return lines, lines.pop()


def without_endless_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Drop what goes on after `LOOK_AHEAD` bytes of a line: it costs its row, not our memory (6.5)."""
    length = 0
    for block in blocks:
        kept = block
        if length > limits.LOOK_AHEAD:
            kept = block[_next_line(block) :]
            length = 0 if kept else length
        if kept:
            yield kept
            ended = max(kept.rfind(newline) for newline in NEWLINES)
            length = len(kept) - ended - 1 if ended >= 0 else length + len(kept)


def _next_line(block: bytes) -> int:
    """Return where the line ends that the block begins with, its length if it does not end there."""
    return min((at for newline in NEWLINES if (at := block.find(newline)) >= 0), default=len(block))
