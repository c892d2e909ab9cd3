"""`peoplefeed employee`: what an administrator asks for about one person."""

from __future__ import annotations

import argparse
import sys

from command import edits, options
from command.api import segment
from command.connection import connect
from command.errors import UsageError


def add_to(verbs: options.Verbs) -> None:
    """Add the verb and its actions to the command."""
    parser = verbs.add_parser("employee", help="let go of one person, or erase them")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    let_go = actions.add_parser(
        "let-go",
        help="take the source off somebody, so that another source may change them",
        description="Takes the source off somebody who moves to another HR system: any source may change them then.",
    )
    let_go.set_defaults(verb=_let_go)
    erase = actions.add_parser(
        "erase",
        help="erase somebody who has left, for ever",
        description="Erases all that directory and feed log say of somebody who has left, but the External Identifier, "
        "which is refused from then on. The learning platform is sent them inactive and without a name.",
    )
    erase.add_argument("--yes", action="store_true", help="do not ask")
    erase.set_defaults(verb=_erase)
    for action in (let_go, erase):
        action.add_argument("external_id", metavar="EXTERNAL_ID", help="whom")
        options.add_tenant(action)
        options.add_json(action)


def _let_go(given: argparse.Namespace) -> int:
    with connect(given.tenant, given.stack) as connection:
        return edits.ask(connection, "DELETE", f"{_place(given)}/source", as_json=given.json)


def _erase(given: argparse.Namespace) -> int:
    if not given.yes and not _is_meant(given.external_id):
        raise UsageError("Nobody is erased.")
    with connect(given.tenant, given.stack) as connection:
        return edits.ask(connection, "DELETE", _place(given), as_json=given.json)


def _is_meant(external_id: str) -> bool:
    """Have the External Identifier repeated: there is no way back."""
    if not sys.stdin.isatty():
        raise UsageError("Erasing cannot be undone. Say --yes if it is meant.")
    return input(f"This cannot be undone. Type {external_id} again to erase: ").strip() == external_id


def _place(given: argparse.Namespace) -> str:
    return f"/employees/{segment(given.external_id)}"
