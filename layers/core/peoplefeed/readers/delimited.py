"""CSV that resynchronises: a stray quotation mark costs its own row and no other (2.5).

A line with an even number of quotation marks is one record, well-formed or not. A line with an odd number opens
a cell that goes on over the next lines, or it is broken. It is taken to go on only if the lines up to the one
that makes the number even are, together, a well-formed record as wide as the header. Else the line alone is
broken and reading goes on at the next one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from peoplefeed.codes import Code
from peoplefeed.model import FeedKind, Finding
from peoplefeed.readers import limits
from peoplefeed.readers.columns import Schema, ignored, place, schema_of
from peoplefeed.readers.contents import not_text
from peoplefeed.readers.grammar import DELIMITERS, Grammar, grammar
from peoplefeed.readers.lines import BLANK, RawRow, whole_lines
from peoplefeed.readers.refusal import broken, refused, too_long, unreadable

_ENDS = b"\r\n"
_ASTRAY = "{} quotation marks do not enclose whole cells; one is missing or too many."
_OUR_PREFIX = re.compile(r"\A\t?'(?=[=+\-@])|\A\t")
_FORMULA_ERROR = re.compile(r"#(?:N/[AD]|NV|[¡¿]?[A-ZÀ-Ü/0]+[!?])")
"""What a spreadsheet shows where a formula failed: `#N/A`, `#REF!`, `#¿NOMBRE?`, in its own language."""
_UNIQUE = frozenset({"external_id", "email"})
_MOST_TEXTS = 100_000
"""So many texts that come again and again (titles, names) are kept once: a third of what a row takes."""


class Delimited:
    """A CSV file's header, and how to read the rows below it."""

    def __init__(self, grammar: Grammar, header: Sequence[str], schema: Schema, start: int) -> None:
        """Match the header with the schema. `start` is where the first row begins."""
        fields = place(schema, header)
        self.columns = tuple(field for field in fields if field)
        self.ignored = ignored(header, fields)
        self.meaning = ("csv", grammar.delimiter, fields)
        self.header = tuple(" ".join(name.split()) for name in header)
        self.delimiter = grammar.delimiter
        self.start = start
        self._grammar = grammar
        self._width = len(fields)
        self._whole = grammar.record_of(self._width)
        self._places = tuple((field, at, field not in _UNIQUE) for at, field in enumerate(fields) if field)
        self._texts: dict[str, str] = {}
        self._required = schema.required
        self._blank = BLANK + grammar.delimiter.encode()
        self._hollow = self._blank + b'"' + _ENDS

    def take(self, data: bytes, *, last: bool) -> tuple[list[bytes], bytes]:
        """Take the records off the front of `data`. Lines that hold nothing are no records."""
        if b'"' not in data:
            lines, rest = whole_lines(data, last=last)
            return [line for line in lines if line.strip(self._blank)], rest
        lines, rest = whole_lines(data, last=last, ends=True)
        found, undecided = self._assembled(lines, last=last)
        records = [record for line in found if (record := line.rstrip(_ENDS)).strip(self._hollow) or self._says(record)]
        return records, undecided + rest

    def cells(self, row: RawRow) -> dict[str, str] | Finding:
        """Return the cells of a row by field, or why it cannot be read."""
        if len(row.raw) > limits.MAX_LINE:
            return broken(row.number, row.raw, too_long())
        text = row.raw.decode("utf-8", "replace")
        cells = self._told_apart(text)
        if isinstance(cells, str):
            return broken(row.number, row.raw, cells)
        if len(self._texts) > _MOST_TEXTS:
            self._texts.clear()
        once = self._texts.setdefault
        by_field = {field: once(cells[at], cells[at]) if repeats else cells[at] for field, at, repeats in self._places}
        return self._without_errors(by_field) if "#" in text else by_field

    def received(self, row: RawRow) -> list[str] | None:
        """Return the cells of a row below the header's, those of unknown columns too; None if it cannot be read."""
        cells = too_long() if len(row.raw) > limits.MAX_LINE else self._told_apart(row.raw.decode("utf-8", "replace"))
        return None if isinstance(cells, str) else cells[: self._width]

    def _told_apart(self, text: str) -> list[str] | str:
        """Return the cells of a record, or why they cannot be told."""
        if "\0" in text:
            return "it holds a NUL, an invisible character that no text has."
        cells = self._grammar.split(text)
        if cells is None:
            return _ASTRAY.format("its")
        if len(cells) != self._width and (misfit := self._misfit(cells)):
            return misfit
        return _without_our_prefix(cells) if "'" in text or "\t" in text else cells

    def _without_errors(self, cells: dict[str, str]) -> dict[str, str]:
        """Take a failed formula for nothing where something is required: nobody's ID or name is #N/A (2.5).

        In the other columns it stays, as something that is not an address, a date or a department, and clears none.
        """
        return {
            field: "" if field in self._required and _FORMULA_ERROR.fullmatch(text.strip()) else text
            for field, text in cells.items()
        }

    def _assembled(self, lines: list[bytes], *, last: bool) -> tuple[list[bytes], bytes]:
        """Return the records that lines make, and what cannot be told before more has been read."""
        odd = [at for at, line in enumerate(lines) if line.count(b'"') & 1]
        records: list[bytes] = []
        done = 0
        for opens, closes in zip_longest(odd, odd[1:]):
            if opens < done:
                continue
            records += lines[done:opens]
            if closes is None and not last and sum(map(len, lines[opens:])) <= limits.LOOK_AHEAD:
                return records, b"".join(lines[opens:])
            record = b"".join(lines[opens : closes + 1]) if closes else b""
            goes_on = bool(record) and self._is_record(record)
            records.append(record if goes_on else lines[opens])
            done = closes + 1 if goes_on else opens + 1
        return records + lines[done:], b""

    def _is_record(self, lines: bytes) -> bool:
        """Whether lines are one well-formed record with cells of several lines."""
        return len(lines) <= limits.LOOK_AHEAD and self._whole.fullmatch(lines) is not None

    def _says(self, record: bytes) -> bool:
        """Whether a record of quotation marks and delimiters only has anything in its cells."""
        if b'"' not in record:
            return False
        cells = self._grammar.split(record.decode("utf-8", "replace"))
        return cells is None or any(cell.strip() for cell in cells)

    def _misfit(self, cells: Sequence[str]) -> str | None:
        """Return why a row does not fit below the header. Empty cells beyond it are a spreadsheet's habit."""
        if len(cells) > limits.MAX_COLUMNS:
            return f"it has {len(cells)} cells; {limits.MAX_COLUMNS} are allowed."
        if len(cells) < self._width or any(cell.strip() for cell in cells[self._width :]):
            return f"its number of cells is {len(cells)}, the header's is {self._width}."
        return None


def read_header(head: bytes, kind: FeedKind, mapping: Mapping[str, str] | None, start: int) -> Delimited:
    """Return how to read a CSV file that begins with `head`, or refuse it."""
    schema = schema_of(kind, mapping)
    record, length = _header_record(head)
    if reason := not_text(record):  # a NUL below the header costs its row only
        raise unreadable(reason)
    if len(record) > limits.MAX_LINE:
        raise refused(Code.FEED_TOO_LARGE, reason=f"its first line is longer than {limits.MAX_LINE // limits.KIB} KiB.")
    text = record.decode("utf-8", "replace")
    by_delimiter = grammar(_delimiter(text, schema))
    names = by_delimiter.split(text)
    if not any(map(schema.field_of, names or ())) and (reason := not_text(head[: limits.SAMPLE])):
        raise unreadable(reason)
    if names is None:
        raise unreadable(_ASTRAY.format("its header's"))
    while names and not names[-1].strip():
        names.pop()
    if len(names) > limits.MAX_COLUMNS:
        raise refused(Code.FEED_TOO_LARGE, reason=f"it has {len(names)} columns; {limits.MAX_COLUMNS} are allowed.")
    return Delimited(by_delimiter, names, schema, start + length)


def _header_record(head: bytes) -> tuple[bytes, int]:
    """Return the first record that holds anything, and where the one after it begins.

    A name may be quoted and go on over several lines.
    """
    lines = head.splitlines(keepends=True)
    first = next((at for at, line in enumerate(lines) if line.strip(_ENDS + BLANK)), None)
    if first is None:
        raise unreadable("it does not begin with a header line.")
    after = first + 1
    quotes = lines[first].count(b'"')
    while quotes % 2 and after < len(lines):
        quotes += lines[after].count(b'"')
        after += 1
    if quotes % 2:
        after = first + 1
    return b"".join(lines[first:after]).rstrip(_ENDS), sum(map(len, lines[:after]))


def _delimiter(header: str, schema: Schema) -> str:
    """Return the delimiter that makes most sense of the header; else the one that stands there most often."""

    def sense(delimiter: str) -> tuple[int, int]:
        names = grammar(delimiter).split(header) or []
        return sum(schema.field_of(name) is not None for name in names), header.count(delimiter)

    return max(DELIMITERS, key=sense)


def _without_our_prefix(cells: Iterable[str]) -> list[str]:
    """Take off what our own exports put before cells, so that no spreadsheet takes them for formulas (2.8)."""
    return [_OUR_PREFIX.sub("", cell) if cell[:1] in {"'", "\t"} else cell for cell in cells]
