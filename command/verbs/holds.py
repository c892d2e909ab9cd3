"""`peoplefeed holds`, `release`, `discard`: what safeguards hold back, and what an administrator says to it (6.3)."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

from command import documents, edits, options, tables
from command.connection import Connection, connect
from command.errors import UsageError

if TYPE_CHECKING:
    from command.api import Item

_AS_SEEN = (
    "What is released is what you saw: ID/VERSION, as `peoplefeed holds` shows it. If a later feed has changed the "
    "hold meanwhile, it is refused and shown as it is now."
)


def add_to(verbs: options.Verbs) -> None:
    """Add the three verbs to the command."""
    parser = verbs.add_parser(
        "holds", help="show what safeguards hold back", description="Shows what is held, and why."
    )
    options.add_tenant(parser)
    options.add_json(parser)
    parser.set_defaults(verb=run)
    for name, does in (("release", "apply what is held"), ("discard", "let go of what is held")):
        answer = verbs.add_parser(name, help=does, description=f"To {does}. {_AS_SEEN}")
        answer.add_argument("id", metavar="ID[/VERSION]", help="which hold, and which version of it you saw")
        answer.add_argument("--yes", action="store_true", help="without VERSION: whatever it holds now")
        options.add_tenant(answer)
        answer.set_defaults(verb=_answer, does=name)


def run(given: argparse.Namespace) -> int:
    """Show all holds."""
    with connect(given.tenant, given.stack) as connection:
        found = connection.api.get("/holds")["holds"]
        if given.json:
            documents.print_json(found)
            return 0
        console = tables.output()
        console.print(tables.holds(found) if found else "Nothing is held.")
        if found:
            console.print(tables.cell(_what_to_do(found[0], connection.tenant)), soft_wrap=True)
    return 0


def show_of_run(connection: Connection, number: int) -> None:
    """Show what is held of a run, with the commands that end it."""
    found = [hold for hold in connection.api.get("/holds")["holds"] if number in hold["runs"]]
    console = tables.output()
    for hold in found:
        console.print(tables.cell(hold["message"]), soft_wrap=True)
        console.print(tables.cell(_what_to_do(hold, connection.tenant)), soft_wrap=True)


def _what_to_do(hold: Item, tenant: str) -> str:
    which = f"{hold['id']}/{hold['version']} --tenant {tenant}"
    return f"To apply it: peoplefeed release {which}. To let go of it: peoplefeed discard {which}."


def _answer(given: argparse.Namespace) -> int:
    with connect(given.tenant, given.stack) as connection:
        hold_id, version = _seen(connection, given)
        path = f"/holds/{quote(hold_id, safe='')}/{given.does}"
        return edits.ask(connection, "POST", path, {"version": version})


def _seen(connection: Connection, given: argparse.Namespace) -> tuple[str, int]:
    hold_id, slash, version = given.id.rpartition("/")
    if slash:
        if not (version.isascii() and version.isdigit()):
            raise UsageError(f"'{version}' is not a version: a number, as `peoplefeed holds` shows it behind the ID.")
        return hold_id, int(version)
    hold = connection.api.get(f"/holds/{quote(given.id, safe='')}")
    if not given.yes and not _is_meant(hold, given.does):
        raise UsageError("Nothing is done.")
    return given.id, int(hold["version"])


def _is_meant(hold: Item, does: str) -> bool:
    """Show the hold and have the answer confirmed: it may have grown since somebody looked."""
    if not sys.stdin.isatty():
        raise UsageError(f"Say which version you saw, {hold['id']}/{hold['version']} now, or --yes: {hold['message']}")
    tables.output().print(tables.holds([hold]))
    return input(f"{does.capitalize()} this? [y/N] ").strip().casefold() in {"y", "yes"}
