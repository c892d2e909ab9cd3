"""Bodies of requests: JSON objects with known fields, checked before anything is done with them."""

import base64
import json
from collections.abc import Mapping
from datetime import date

from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent

from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.model import FeedKind
from peoplefeed.planner.renaming import Action
from peoplefeed.readers.columns import COLUMNS, DEEDS
from peoplefeed.rules.fields import COLUMNS as EMPLOYEE_COLUMNS
from peoplefeed.rules.fields import clean

type Row = dict[str, str]

_MOST_BYTES = 256 * 1024
_NOT_SETTABLE = frozenset({"products", "source", "version", "delivery"})


def read_object(event: BaseProxyEvent) -> dict[str, object]:
    """Return the JSON object that a request carries.

    Raises:
        Refusal: it is too large, no JSON, no object, or says something twice.
    """
    content = _content(event)
    if len(content) > _MOST_BYTES:
        raise Refusal(Reason.BODY_TOO_LARGE, f"The body has {len(content)} bytes; {_MOST_BYTES} are allowed.")
    try:
        body = json.loads(content, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise Refusal(Reason.BODY_INVALID, "The body is not JSON in UTF-8.") from error
    if not isinstance(body, dict):
        raise Refusal(Reason.BODY_INVALID, "The body is not a JSON object.")
    return body


def employee_row(body: Mapping[str, object], external_id: str) -> Row:
    """Return the row of the users list (2.1) that a body stands for. What it lacks stays as it is; null clears.

    Raises:
        Refusal: there is none, or one is unknown, cannot be set, has the wrong type, or names somebody else.
    """
    if not body:
        sentence = "The body says nothing: give at least one field, null to clear it."
        raise Refusal(Reason.FIELD_MISSING, sentence)
    row = _row(FeedKind.EMPLOYEES, _with_status(body))
    if clean(row.get(EMPLOYEE_COLUMNS["external_id"], external_id)) != external_id:
        sentence = "external_id is not the one in the address. An employee's External Identifier never changes."
        raise Refusal(Reason.FIELD_INVALID, sentence, field="external_id")
    start_date = EMPLOYEE_COLUMNS["start_date"]
    if start_date in row:
        row[start_date] = _as_in_feeds(row[start_date])
    return row | {EMPLOYEE_COLUMNS["external_id"]: external_id}


def reference_row(kind: FeedKind, body: Mapping[str, object]) -> Row:
    """Return the row of a feed of reference data that a body stands for.

    Raises:
        Refusal: a field is unknown, missing, or has the wrong type.
    """
    row = _row(kind, body)
    for column in COLUMNS[kind]:
        if not row.get(column.name, "").strip():
            raise Refusal(Reason.FIELD_MISSING, f"{column.field} is missing.", field=column.field)
    return row


def action_row(kind: FeedKind, key: str, action: Action, new_name: str) -> Row:
    """Return the row that renames or deletes a reference, or takes the alias `new_name` from it (4.6)."""
    key_column = "feed_id" if kind is FeedKind.BUSINESS_UNITS else "name"
    cells = {"name": key, key_column: key, "action": action.value, "new_name": new_name}
    columns = {column.field: column.name for column in (*COLUMNS[kind], *DEEDS)}
    return {columns[field]: text for field, text in cells.items()}


def new_name_in(body: Mapping[str, object]) -> str:
    """Return the new name that a body gives to a reference.

    Raises:
        Refusal: it gives none, or something else too.
    """
    for field in body:
        if field != "name":
            raise _unknown(field, {"name": "Name"})
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise Refusal(Reason.FIELD_MISSING, "name is missing: the new name, as text.", field="name")
    return _storable("name", name)


def _content(event: BaseProxyEvent) -> bytes:
    body = event.body or ""
    try:
        return base64.b64decode(body) if event.is_base64_encoded else body.encode()
    except ValueError as error:
        raise Refusal(Reason.BODY_INVALID, "The body is not JSON in UTF-8.") from error


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Refusal(Reason.BODY_INVALID, "The body names a field twice.")
    return found


def _row(kind: FeedKind, body: Mapping[str, object]) -> Row:
    columns = {column.field: column.name for column in COLUMNS[kind]}
    row: Row = {}
    for field, value in body.items():
        if field not in columns:
            raise _unknown(field, columns)
        if not isinstance(value, str | None):
            raise Refusal(Reason.FIELD_INVALID, f"{field} is text or null.", field=field)
        row[columns[field]] = _storable(field, value or "")
    return row


def _unknown(field: str, known: Mapping[str, str]) -> Refusal:
    shown = field[:100]
    if field in _NOT_SETTABLE:
        return Refusal(Reason.FIELD_UNKNOWN, f"{shown} is shown, but cannot be set.", field=shown)
    return Refusal(Reason.FIELD_UNKNOWN, f"There is no field {shown}; there are {', '.join(known)}.", field=shown)


def _storable(field: str, value: str) -> str:
    """Return text that can be stored: JSON may hold halves of characters."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Refusal(Reason.FIELD_INVALID, f"{field} holds half a character.", field=field) from error
    return value


def _with_status(body: Mapping[str, object]) -> Mapping[str, object]:
    """Return the body with `active`, as employees are shown, in the words of a feed."""
    if "active" not in body:
        return body
    active = body["active"]
    if not isinstance(active, bool):
        raise Refusal(Reason.FIELD_INVALID, "active is true or false.", field="active")
    if "status" in body:
        raise Refusal(Reason.FIELD_INVALID, "active and status say the same; send one of them.", field="active")
    rest = {field: value for field, value in body.items() if field != "active"}
    return rest | {"status": "Active" if active else "Inactive"}


def _as_in_feeds(text: str) -> str:
    """Return a date as feeds write it (2.1), if it is one as employees are shown; else the rules will judge it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}" if day.isoformat() == text else text
