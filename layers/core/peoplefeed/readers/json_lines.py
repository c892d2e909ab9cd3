"""JSON lines: one object on each line, its keys the names of fields or columns, or whatever a mapping takes.

A line that lacks a key says nothing of that field (2.3), so columns are a matter of each row. Whether the file as
a whole lacks a required one is judged by its first lines.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

from peoplefeed.model import FeedKind, Finding
from peoplefeed.readers import limits
from peoplefeed.readers.columns import Schema, ignored, require, schema_of
from peoplefeed.readers.contents import looks_wide, not_text
from peoplefeed.readers.lines import BLANK, RawRow, whole_lines
from peoplefeed.readers.refusal import broken, too_long, unreadable

type RecordMapping = Callable[[dict[str, Any]], dict[str, str]]

_AS_WRITTEN = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_AS_MEANT = json.JSONDecoder()
_MISTAKES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class _UnfitRecord(Exception):
    """An object that is no row, with the reason."""


class JsonLines:
    """A file of JSON objects, and how to make cells of each."""

    def __init__(self, to_cells: RecordMapping, decoder: json.JSONDecoder, start: int) -> None:
        """Take what makes cells of an object. `start` is where the first line begins."""
        self.columns: tuple[str, ...] = ()
        self.ignored: tuple[str, ...] = ()
        self.meaning: tuple[object, ...] = ("json",)
        self.start = start
        self._to_cells = to_cells
        self._decoder = decoder

    def take(self, data: bytes, *, last: bool) -> tuple[list[bytes], bytes]:
        """Take the lines off the front of `data`. Blank ones are no records."""
        lines, rest = whole_lines(data, last=last)
        return [line for line in lines if line.strip(BLANK)], rest

    def cells(self, row: RawRow) -> dict[str, str] | Finding:
        """Return the cells of a row by field, or why it cannot be read."""
        if len(row.raw) > limits.MAX_LINE:
            return broken(row.number, row.raw, too_long())
        try:
            cells = self._to_cells(_object(row.raw, self._decoder))
            return _sound(cells) if b"\\u" in row.raw else cells
        except _UnfitRecord as error:
            return broken(row.number, row.raw, str(error))
        except _MISTAKES:  # 9.2: a record of a shape that its source's mapping did not foresee
            return broken(row.number, row.raw, "it does not have the form that the source's mapping expects.")


def read_records(record_mapping: RecordMapping, head: bytes, start: int) -> JsonLines:
    """Return how to read what a source's poll landed: no columns, each record is mapped by itself."""
    if reason := looks_wide(head):
        raise unreadable(reason)
    return JsonLines(record_mapping, _AS_MEANT, start)


def read_objects(
    head: bytes, kind: FeedKind, mapping: Mapping[str, str] | None, start: int, *, with_deeds: bool = False
) -> JsonLines:
    """Return how to read a file of JSON lines that begins with `head`, or refuse it."""
    schema = schema_of(kind, mapping, as_keys=True, with_deeds=with_deeds)
    keys = _keys(head)
    fields = [schema.field_of(key) for key in keys]
    require(schema, {field for field in fields if field}, keys)
    reader = JsonLines(_by_key(schema), _AS_WRITTEN, start)
    reader.columns = tuple(field for field in schema.names if field in fields)
    reader.ignored = ignored(keys, fields)[: limits.MAX_COLUMNS]
    reader.meaning = ("json", kind.value, tuple(sorted(schema.fields.items())))
    return reader


def _keys(head: bytes) -> list[str]:
    """Return the keys of the first lines, in the order in which they appear."""
    lines = [line for line in head.splitlines() if line.strip(BLANK)]
    keys: dict[str, None] = {}
    for line in lines[: limits.JSON_SAMPLE]:
        try:
            keys.update(dict.fromkeys(_object(line, _AS_WRITTEN)))
        except _UnfitRecord:
            continue
    if not keys:
        raise unreadable(not_text(head[: limits.SAMPLE]) or "none of its first lines is a JSON object with keys.")
    return list(keys)


def _object(raw: bytes, decoder: json.JSONDecoder) -> dict[str, Any]:
    try:
        record = decoder.decode(raw.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise _UnfitRecord("it is not a JSON object.") from error
    if not isinstance(record, dict):
        raise _UnfitRecord("it is not a JSON object.")
    return cast("dict[str, Any]", record)


def _by_key(schema: Schema) -> RecordMapping:
    """Return what makes cells of objects whose keys are names of fields or columns."""
    field_of = lru_cache(maxsize=1024)(schema.field_of)

    def to_cells(record: dict[str, Any]) -> dict[str, str]:
        if len(record) > limits.MAX_COLUMNS:
            raise _UnfitRecord(f"it has {len(record)} keys; {limits.MAX_COLUMNS} are allowed.")
        cells: dict[str, str] = {}
        for key, value in record.items():
            field = field_of(key)
            if field in cells:
                raise _UnfitRecord(f"it names {schema.names[field]} more than once.")
            if field:
                cells[field] = _text(value, schema.names[field])
        return cells

    return to_cells


def _text(value: object, name: str) -> str:
    """Return a value as a cell would hold it. Numbers stay as they were written."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            raise _UnfitRecord(f"its {name} is a list or an object, where a text is expected.")


def _sound(cells: dict[str, str]) -> dict[str, str]:
    r"""Refuse a NUL that hid behind `\u0000`, and make U+FFFD of half characters, which nobody can store."""
    if any("\0" in text for text in cells.values()):
        raise _UnfitRecord("it holds a NUL, an invisible character that no text has.")
    return {field: text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for field, text in cells.items()}
