"""The columns of each kind of feed, and how the names in a file are matched with them (2.1, 2.2)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from peoplefeed.codes import Code
from peoplefeed.model import FeedKind
from peoplefeed.readers.refusal import listed, refused, unreadable
from peoplefeed.rules.fields import COLUMNS as EMPLOYEE_COLUMNS
from peoplefeed.rules.fields import REQUIRED

_INVISIBLE = "\ufeff\u200b"
_SHOWN_IGNORED = 100


class Column(NamedTuple):
    """One line of the table in 2.1."""

    name: str
    field: str
    required: bool = False


_NAME = Column("Name", "name", required=True)
_EMPLOYEES = tuple(
    Column(name, field, required=field == "external_id" or field in REQUIRED)
    for field, name in EMPLOYEE_COLUMNS.items()
)

COLUMNS: Mapping[FeedKind, tuple[Column, ...]] = MappingProxyType(
    {
        FeedKind.EMPLOYEES: _EMPLOYEES,
        FeedKind.JOB_TITLES: (_NAME,),
        FeedKind.DEPARTMENTS: (_NAME,),
        FeedKind.BUSINESS_UNITS: (Column("Feed ID", "feed_id", required=True), _NAME),
        FeedKind.SETTINGS: (_NAME, Column("Value", "value", required=True)),
    }
)
"""The columns of each kind's template (2.1)."""

DEEDS = (Column("Action", "action"), Column("New Name", "new_name"))
"""The columns by which administrators rename and delete reference data (4.6): in nobody else's list (4.8)."""


@dataclass(frozen=True, slots=True)
class Schema:
    """What a feed's columns may be called: matched name to field, and field to the name to tell people."""

    fields: Mapping[str, str]
    names: Mapping[str, str]
    required: tuple[str, ...]

    def field_of(self, name: str) -> str | None:
        """Return the field that a column or key of this name holds, None where nobody knows it."""
        return self.fields.get(_matched(name))


def schema_of(
    kind: FeedKind, mapping: Mapping[str, str] | None = None, *, as_keys: bool = False, with_deeds: bool = False
) -> Schema:
    """Return the names of a kind's columns.

    `mapping` gives the names that a source uses instead of the template's: its name to ours, or to the field
    (2.2). With `as_keys` the names of fields count as well, and `_` is a space: so keys of JSON are written.
    `with_deeds` says that it may be an administrator who renames and deletes.
    """
    columns = (*COLUMNS[kind], *(DEEDS if with_deeds else ()))
    own = _own_names(columns, mapping or {})
    fields = {_matched(name): field for name, field in own.items()}
    names: dict[str, str] = {}
    for column in columns:
        theirs = next((name for name, field in own.items() if field == column.field), None)
        names[column.field] = theirs or column.name
        aliases = () if theirs else (column.name,)
        for alias in (*aliases, *(_spellings(column) if as_keys else ())):
            fields.setdefault(_matched(alias), column.field)
    return Schema(fields, names, tuple(column.field for column in columns if column.required))


def place(schema: Schema, header: Sequence[str]) -> tuple[str | None, ...]:
    """Return the field of each column, None where it is unknown, or refuse the feed.

    Two columns for one field would leave it to chance which counts; two unknown ones harm nobody.
    """
    fields = tuple(schema.field_of(name) for name in header)
    twice = [field for field, count in Counter(fields).items() if field and count > 1]
    if twice:
        raise unreadable(f"its header names the column {schema.names[twice[0]]} more than once.")
    require(schema, {field for field in fields if field}, header)
    return fields


def require(schema: Schema, present: set[str], found: Sequence[str]) -> None:
    """Refuse a feed that has none of the columns, or lacks a required one."""
    expected = ", ".join(schema.names.values())
    if not present:
        raise unreadable(
            f"none of the expected columns is named in its first line, which has: {listed(found)}. "
            f"Expected are: {expected}."
        )
    missing = [schema.names[field] for field in schema.required if field not in present]
    if missing:
        raise refused(Code.COLUMN_MISSING, column=_enumerated(missing), value=listed(found), expected=expected)


def ignored(header: Sequence[str], fields: Sequence[str | None]) -> tuple[str, ...]:
    """Return the names of the unknown columns, once each (2.2)."""
    named = (
        " ".join(name.split())[:_SHOWN_IGNORED] or f"column {number}"
        for number, (name, field) in enumerate(zip(header, fields, strict=True), start=1)
        if field is None
    )
    return tuple(dict.fromkeys(named))


def _enumerated(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _own_names(columns: Sequence[Column], mapping: Mapping[str, str]) -> dict[str, str]:
    fields = {_matched(name): column.field for column in columns for name in (column.name, column.field)}
    return {name: fields[_matched(ours)] for name, ours in mapping.items() if _matched(ours) in fields}


def _spellings(column: Column) -> tuple[str, ...]:
    spelled = (column.name, column.field)
    return (*spelled, *(name.replace(" ", "_") for name in spelled), *(name.replace("_", " ") for name in spelled))


def _matched(name: str) -> str:
    """Return what counts of a name: neither case nor spaces around it, of whatever kind (2.1)."""
    return " ".join(name.strip(_INVISIBLE).split()).casefold()
