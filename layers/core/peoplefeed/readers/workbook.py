"""Workbooks (2.8): the first sheet becomes CSV, in a process of its own, and is read like any other CSV.

So a workbook has the rows, the columns and the fingerprints that it would have if it had been saved as CSV.
"""

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast

from peoplefeed.codes import Code
from peoplefeed.readers import limits, sheet
from peoplefeed.readers.contents import not_a_feed
from peoplefeed.readers.refusal import UnreadableFeed, refused, unreadable
from peoplefeed.readers.sheet import Order, Verdict

_PROGRAM = Path(sheet.__file__)
_KILLED = frozenset({-signal.SIGABRT, -signal.SIGKILL, -signal.SIGXCPU})
_KEPT = ("LD_LIBRARY_PATH", "TMPDIR")


def sheet_as_csv(blocks: Iterator[bytes], date_format: str, spools: ExitStack) -> BinaryIO:
    """Return the first sheet of a workbook as CSV in UTF-8; `spools` closes it.

    Raises:
        UnreadableFeed: it is no workbook, damaged, protected, or too large.
    """
    table = spools.enter_context(TemporaryFile())  # noqa: SIM115 - the stack sees to its end
    with TemporaryFile() as packed:
        head = _store(blocks, packed)
        verdict = _converted(packed, table, date_format)
    if verdict is not Verdict.DONE:
        raise _refusal(verdict, head)
    table.seek(0)
    return cast("BinaryIO", table)


def _store(blocks: Iterator[bytes], packed: IO[bytes]) -> bytes:
    """Put a workbook into a file, and return how it begins."""
    head = b""
    for block in blocks:
        head = head or block[: limits.SAMPLE]
        packed.write(block)
        if packed.tell() > limits.MAX_WORKBOOK:
            raise _refusal(Verdict.TOO_LARGE, head)
    packed.seek(0)
    return head


def _converted(packed: IO[bytes], table: IO[bytes], date_format: str) -> Verdict:
    library = importlib.util.find_spec("python_calamine")
    if library is None or library.origin is None:
        raise LookupError("python-calamine is not installed")
    where = str(Path(library.origin).parent.parent)
    order = Order(date_format, where, limits.MAX_WORKBOOK, limits.SHEET_MEMORY, limits.SHEET_SECONDS)
    done = subprocess.run(  # noqa: S603 - our own program; the workbook is not among its arguments
        [sys.executable, "-I", "-S", "-B", str(_PROGRAM), *map(str, order)],
        stdin=packed,
        stdout=table,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _KEPT if name in os.environ},  # no credentials
        check=False,
    )
    return _verdict(done.returncode)


def _verdict(code: int) -> Verdict:
    """Return what an exit code means. Native code that gets no memory aborts; what takes too long is killed."""
    if code in set(Verdict):
        return Verdict(code)
    return Verdict.TOO_LARGE if code in _KILLED else Verdict.DAMAGED


def _refusal(verdict: Verdict, head: bytes) -> UnreadableFeed:
    match verdict:
        case Verdict.TOO_LARGE:
            most = limits.MAX_WORKBOOK // limits.MIB
            return refused(
                Code.FEED_TOO_LARGE,
                reason=f"its sheets take more than {most} MiB when they are unpacked, or more memory than a workbook "
                "may. Saved as CSV it may be larger.",
            )
        case Verdict.PROTECTED:
            return unreadable("it is protected by a password.")
        case Verdict.NO_SHEET:
            return unreadable("it is a workbook without any visible sheet of cells.")
        case Verdict.NO_WORKBOOK:
            return unreadable(f"it is {not_a_feed(head) or 'no workbook'}.")
        case _:
            return unreadable("it is a damaged workbook; perhaps its upload was cut off.")
