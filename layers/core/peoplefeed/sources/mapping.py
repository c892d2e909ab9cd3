"""From a record as the HR system sent it to the cells of a row.

It happens when the feed is read, not when it lands, so that a corrected manifest can be tried on a stored feed.
A null is a blank cell; a key that is not there is a column that is not there (2.3).
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import jmespath

from peoplefeed.sources.dates import converter
from peoplefeed.sources.manifest import FieldRule, SourceManifest, Split
from peoplefeed.sources.parts import names_of
from peoplefeed.sources.selection import UNFIT

type Reader = Callable[[Mapping[str, Any]], Any]

GONE = "Inactive"
"""The status of whom a record declares deleted."""

_MISSING = object()
_FALSE = (None, False, "", _MISSING)


def record_mapping(manifest: SourceManifest) -> Callable[[dict[str, Any]], dict[str, str]]:
    """Return the function that makes cells of records. Expressions are compiled once."""
    mapped = _mapping_of_fields(manifest)
    if manifest.deleted is None:
        return mapped
    is_gone = _reader_of_path(manifest.deleted)

    def mapped_or_gone(record: dict[str, Any]) -> dict[str, str]:
        cells = mapped(record)
        if is_gone(record) in _FALSE:
            return cells
        return {"external_id": cells.get("external_id", ""), "status": GONE}  # 2.6: nothing else counts any more

    return mapped_or_gone


def column_names(manifest: SourceManifest) -> dict[str, str]:
    """Return the names of a file's columns, each with the field that it is (2.2)."""
    return {rule.column: field for field, rule in manifest.fields.items() if rule.column is not None}


def cell_mapping(manifest: SourceManifest) -> Callable[[dict[str, str]], dict[str, str]]:
    """Return the function that puts a file's cells into our words: constants, defaults, value maps."""
    constants = {field: rule.constant for field, rule in manifest.fields.items() if rule.constant is not None}
    rules = {field: rule for field, rule in manifest.fields.items() if rule.changes}
    as_date = converter(manifest.date_format)

    def mapped(cells: dict[str, str]) -> dict[str, str]:
        for field, rule in rules.items():
            text = cells.get(field)
            if text is not None:
                text = rule.split.of(text) if rule.split else text
                cells[field] = text = rule.values.get(text.strip(), text)
            if rule.default is not None and not (text or "").strip():
                cells[field] = rule.default
        if as_date and (date := cells.get("start_date")):
            cells["start_date"] = as_date(date)
        return cells | constants

    return mapped


def _mapping_of_fields(manifest: SourceManifest) -> Callable[[dict[str, Any]], dict[str, str]]:
    constants = {field: rule.constant for field, rule in manifest.fields.items() if rule.constant is not None}
    rules = {field: rule for field, rule in manifest.fields.items() if rule.path is not None}
    plain = [(field, name) for field, rule in rules.items() if (name := _plain_name(rule))]
    others = [(field, _reader(rule)) for field, rule in rules.items() if not _plain_name(rule)]
    as_date = converter(manifest.date_format) if "start_date" in rules else None

    def mapped(record: dict[str, Any]) -> dict[str, str]:
        cells = constants.copy()
        for field, name in plain:  # most fields of most sources: no call for any of them
            value = record.get(name, _MISSING)
            if type(value) is str and value.isascii():
                cells[field] = value
            elif value is not _MISSING:
                cells[field] = _text(value)
        for field, read in others:
            value = read(record)
            if value is not _MISSING:
                cells[field] = _text(value)
        if as_date and (date := cells.get("start_date")):
            cells["start_date"] = as_date(date)
        return cells

    return mapped


def _plain_name(rule: FieldRule) -> str | None:
    """Return the one key that a rule looks up, None if it does anything else."""
    names = names_of(rule.path or "@")
    return names[0] if names and len(names) == 1 and not rule.changes else None


def _reader(rule: FieldRule) -> Reader:
    read = _reader_of_path(rule.path or "@")
    if rule.split:
        read = _divided(read, rule.split)
    if rule.values:
        read = _translated(read, rule.values)
    return read if rule.default is None else _defaulted(read, rule.default)


def _reader_of_path(path: str) -> Reader:
    """Plain names, alone or in a chain, need no interpreter: it takes a hundred times as long."""
    names = names_of(path)
    return _walked(names) if names else _searched(jmespath.compile(path).search)


def _walked(names: list[str]) -> Reader:
    def read(record: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON holds
        value: Any = record
        for name in names:
            if value is None:
                return None
            if not isinstance(value, dict):
                return _MISSING
            value = value.get(name, _MISSING)
        return value

    return read


def _searched(search: Callable[[Any], Any]) -> Reader:
    def read(record: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON holds
        try:
            return search(record)
        except UNFIT:  # a function was given what it does not take: nothing is known, nothing is cleared
            return _MISSING

    return read


def _divided(read: Reader, split: Split) -> Reader:
    def divided(record: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON holds
        value = read(record)
        return value if value is None or value is _MISSING else split.of(_text(value))

    return divided


def _translated(read: Reader, values: Mapping[str, str]) -> Reader:
    def translated(record: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON holds
        value = read(record)
        return value if value is None or value is _MISSING else values.get(text := _text(value), text)

    return translated


def _defaulted(read: Reader, default: str) -> Reader:
    def defaulted(record: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON holds
        value = read(record)
        return default if value is None or value is _MISSING else value

    return defaulted


def _text(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    match value:
        case str():
            # Half of a surrogate pair is no character and cannot be stored; `\ufffd` is reported by the rules.
            return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False)
