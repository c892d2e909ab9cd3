"""`peoplefeed rename` and `remove`: what only an administrator does to reference data (4.6, 4.8)."""

from __future__ import annotations

import argparse

from command import edits, options
from command.api import segment
from command.connection import connect
from peoplefeed.model import RECEIVED_KINDS, FeedKind

_KINDS = tuple(kind for kind in RECEIVED_KINDS if kind is not FeedKind.EMPLOYEES)


def add_to(verbs: options.Verbs) -> None:
    """Add both verbs to the command."""
    rename = verbs.add_parser(
        "rename",
        help="rename a job title, department or business unit",
        description="Renames it, also for everybody who has it. Feeds may go on using the old name, as an alias.",
    )
    _add_whose(rename)
    rename.add_argument("new", metavar="NEW", help="what it is called from now on")
    rename.set_defaults(verb=_rename)
    remove = verbs.add_parser(
        "remove",
        help="remove a job title, department or business unit, or an alias",
        description="Removes what no active employee has.",
    )
    _add_whose(remove)
    remove.add_argument("--alias", metavar="OLD", help="remove this alias of it instead")
    remove.set_defaults(verb=_remove)


def _add_whose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=[kind.value for kind in _KINDS])
    parser.add_argument("name", metavar="NAME", help="its name, or the feed ID of a business unit")
    options.add_tenant(parser)
    options.add_json(parser)


def _rename(given: argparse.Namespace) -> int:
    with connect(given.tenant, given.stack) as connection:
        return edits.ask(connection, "PATCH", _path(given), {"name": given.new}, as_json=given.json)


def _remove(given: argparse.Namespace) -> int:
    alias = f"/aliases/{segment(given.alias)}" if given.alias is not None else ""
    with connect(given.tenant, given.stack) as connection:
        return edits.ask(connection, "DELETE", f"{_path(given)}{alias}", as_json=given.json)


def _path(given: argparse.Namespace) -> str:
    return f"/{given.kind}/{segment(given.name)}"
