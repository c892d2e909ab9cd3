"""`peoplefeed holds`, `release`, `discard`: what safeguards hold back, and what an administrator says to it (6.3)."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from command import documents, edits, held, options, tables
from command.api import segment
from command.connection import Connection, connect
from command.errors import ApiRefused, UsageError

if TYPE_CHECKING:
    from command.api import Item

_AS_SEEN = (
    "What counts is what you saw: ID/VERSION, as `peoplefeed holds` shows it. If a later feed has changed the hold "
    "meanwhile, nothing is done, and the hold is shown as it is now."
)
_ANSWERS = {"release": "apply what is held", "discard": "let go of what is held"}


def add_to(verbs: options.Verbs) -> None:
    """Add the three verbs to the command."""
    parser = verbs.add_parser(
        "holds",
        help="show what safeguards hold back",
        description="Shows what is held, why, since when, what it would do, and how to release or discard it.",
    )
    options.add_tenant(parser)
    options.add_json(parser)
    parser.set_defaults(verb=run)
    for name, does in _ANSWERS.items():
        answer = verbs.add_parser(name, help=does, description=f"To {does}. {_AS_SEEN}")
        answer.add_argument("id", metavar="ID[/VERSION]", help="which hold, and which version of it you saw")
        answer.add_argument("--yes", action="store_true", help="without VERSION: whatever it holds now")
        options.add_tenant(answer)
        options.add_json(answer)
        answer.set_defaults(verb=_answer, does=name)


def run(given: argparse.Namespace) -> int:
    """Show all holds."""
    with connect(given.tenant, given.stack) as connection:
        found = [documents.hold_document(hold) for hold in connection.api.get("/holds")["holds"]]
        if given.json:
            documents.print_json(found)
        elif found:
            held.show(connection, found)
        else:
            tables.output().print("Nothing is held.")
    return 0


def _answer(given: argparse.Namespace) -> int:
    with connect(given.tenant, given.stack) as connection:
        hold_id, version = _seen(connection, given)
        path = f"/holds/{segment(hold_id)}/{given.does}"
        try:
            return edits.ask(connection, "POST", path, {"version": version}, as_json=given.json)
        except ApiRefused as refused:
            now = refused.document.get("hold")
            if now is None:
                raise
            tables.notes().print(tables.cell(held.sentence(now)), soft_wrap=True)
            sentence = f"It changed after you saw it; nothing is done. {held.how_to_end(connection, now)}"
            raise ApiRefused(refused.status, refused.code, sentence, refused.document) from refused


def _seen(connection: Connection, given: argparse.Namespace) -> tuple[str, int]:
    """Return which hold is meant, and which version of it somebody saw."""
    hold_id, slash, version = given.id.rpartition("/")
    if slash:
        if not (version.isascii() and version.isdigit()):
            raise UsageError(f"'{version}' is not a version: a number, as `peoplefeed holds` shows it behind the ID.")
        return hold_id, int(version)
    hold = connection.api.get(f"/holds/{segment(given.id)}")
    if not given.yes and not _is_meant(hold, given.does):
        raise UsageError("Nothing is done.")
    return given.id, int(hold["version"])


def _is_meant(hold: Item, does: str) -> bool:
    """Show the hold and have the answer confirmed: it may have grown since somebody looked."""
    if not sys.stdin.isatty():
        raise UsageError(f"Say which version you saw, or --yes. Now it is {held.sentence(hold)}")
    tables.notes().print(tables.cell(held.sentence(hold)), soft_wrap=True)
    return input(f"{does.capitalize()} this? [y/N] ").strip().casefold() in {"y", "yes"}
