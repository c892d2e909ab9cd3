"""`peoplefeed settings`: limits of safeguards, shared addresses, how uploads are written (6.6)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from command import documents, edits, options, tables
from command.connection import connect
from command.errors import UsageError


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    parser = verbs.add_parser(
        "settings",
        help="show or change the settings of a tenant",
        description="Shows all settings, or changes some of them, all or none. `KEY=` gives a setting its default. "
        "Lists have commas (shared_addresses=desk@example.com,bar@example.com), columns are pairs "
        "(columns=Mail:Email,Nr:External Identifier); both may be JSON.",
    )
    parser.add_argument("changes", metavar="KEY=VALUE", nargs="*", help="what to change")
    options.add_tenant(parser)
    options.add_json(parser)
    parser.set_defaults(verb=run)


def run(given: argparse.Namespace) -> int:
    """Show the settings, or change them."""
    with connect(given.tenant, given.stack) as connection:
        known = connection.api.get("/settings")["settings"]
        if given.changes:
            defaults = {one["name"]: one["default"] for one in known}
            wanted = _wanted(given.changes, defaults)
            return edits.ask(connection, "PATCH", "/settings", wanted, as_json=given.json)
        if given.json:
            documents.print_json([documents.setting_document(setting) for setting in known])
        else:
            tables.output().print(tables.settings(known))
    return 0


def _wanted(changes: list[str], defaults: Mapping[str, object]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals:
            raise UsageError(f"'{change}' is not KEY=VALUE. `peoplefeed settings` shows the keys.")
        if name in wanted:
            raise UsageError(f"{name} is given twice.")
        wanted[name] = _value(text, defaults.get(name))
    return wanted


def _value(text: str, default: object) -> object:
    """Return what was written as a value like the default; whether it may be is for the API to say."""
    if not text:
        return None
    match default:
        case int():
            return int(text) if text.isascii() and text.isdigit() else text
        case list():
            return _json(text) if text.startswith("[") else [part.strip() for part in text.split(",")]
        case dict():
            return _json(text) if text.startswith("{") else dict(_pair(part) for part in text.split(","))
    return text


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"'{text}' is not JSON: {error}") from error


def _pair(text: str) -> tuple[str, str]:
    theirs, colon, ours = text.partition(":")
    if not colon:
        raise UsageError(f"'{text}' is not THEIRS:OURS, like Mail:Email.")
    return theirs.strip(), ours.strip()
