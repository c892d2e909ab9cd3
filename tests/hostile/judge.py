"""What must hold for every file; see the package."""

import io
from dataclasses import dataclass
from hashlib import blake2b

from peoplefeed.codes import TABLE, Code
from peoplefeed.model import FeedKind, Finding, RunState
from peoplefeed.readers import FeedReader, UnreadableFeed, limits, open_feed
from peoplefeed.rules.rows import Candidate, Rejection, RowSettings, check_row
from tests.hostile.cases import Case, Cells

_UNCOUNTED = b" \t\r\n\x1a\"',;|\x0b\x0c"
_SETTINGS = RowSettings()


class Fault(AssertionError):
    """Something that must hold does not."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a file: how many rows it had and how many of them are refused, or why it is refused."""

    rows: int = 0
    rejected: int = 0
    refusal: str | None = None


def judge(case: Case) -> Judgement:
    """Read a file and judge its rows.

    Raises:
        Fault: something does not hold.
    """
    try:
        reader = open_feed(io.BytesIO(case.data), kind=FeedKind.EMPLOYEES, **case.options)
        return _read(case, reader)
    except UnreadableFeed as refused:
        return _refused(case, refused)


def _read(case: Case, reader: FeedReader) -> Judgement:
    """Read the rows one by one: the process that does is measured."""
    number = rejected = 0
    content = blake2b()
    read: list[Cells | Finding] = []
    for number, row in enumerate(reader.rows(), 1):
        if row.number != number:
            raise Fault(f"row {number} says that it is row {row.number}")
        content.update(row.raw.translate(None, _UNCOUNTED))
        cells = reader.cells(row)
        rejected += _is_rejected(reader, number, cells)
        if case.expected is not None:
            read.append(cells)
    if _content(reader) not in {content.digest(), None}:
        raise Fault("the rows do not hold what the text holds, in order")
    if case.expected is not None:
        _compare(case, read)
    return Judgement(number, rejected)


def _content(reader: FeedReader) -> bytes | None:
    """Return a digest of all that counts below the header, None where a line is so long that its end is dropped."""
    content, longest = blake2b(), 0
    for block in reader._text.blocks(after=reader._form.start):
        content.update(block.translate(None, _UNCOUNTED))
        longest = max(longest, *map(len, block.splitlines()))
    return None if longest > limits.LOOK_AHEAD // 2 else content.digest()


def _refused(case: Case, refused: UnreadableFeed) -> Judgement:
    error = refused.error
    if TABLE[Code(error.code)].effect is not RunState.FAILED:
        raise Fault(f"{error.code} is not a code of a failed feed")
    if not error.message.isprintable():
        raise Fault(f"its sentence cannot be printed: {error.message!r}")
    if case.expected is not None:
        raise Fault(f"one damaged line cost the whole feed: {error.message}")
    return Judgement(refusal=error.code)


def _is_rejected(reader: FeedReader, number: int, cells: Cells | Finding) -> bool:
    if isinstance(cells, Finding):
        if not cells.message.isprintable():
            raise Fault(f"row {number}: what is said of it cannot be printed")
        return True
    if set(cells) - set(reader.columns):
        raise Fault(f"row {number} has cells of no column")
    match check_row(number, cells, _SETTINGS):
        case Candidate():
            return False
        case Rejection():
            return True


def _compare(case: Case, read: list[Cells | Finding]) -> None:
    expected = list(case.expected or ())
    if case.damaged is None:
        if read != expected:
            raise Fault("a sound file is not read as it was written")
        return
    after = len(expected) - case.damaged - 1
    if read[: case.damaged] != expected[: case.damaged]:
        raise Fault(f"rows before the damaged one, {case.damaged + 1}, are harmed")
    if after and read[-after:] != expected[-after:]:
        raise Fault(f"rows behind the damaged one, {case.damaged + 1}, are harmed")
    if not len(expected) - 1 <= len(read) <= len(expected) - 1 + case.pieces:
        raise Fault(f"{len(expected)} rows became {len(read)}")
