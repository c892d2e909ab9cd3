"""`peoplefeed status`: whether everything has arrived, and if not, who waits and why."""

from __future__ import annotations

import argparse

from command import documents, options, tables
from command.api import Item
from command.connection import connect


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    parser = verbs.add_parser(
        "status",
        help="show whether everyone is delivered",
        description="Shows whether feeds or people wait, who and why. Exit code 1 if something takes too long.",
    )
    options.add_tenant(parser)
    options.add_json(parser)
    parser.set_defaults(verb=run)


def run(given: argparse.Namespace) -> int:
    """Show what waits."""
    with connect(given.tenant, given.stack) as connection:
        health = connection.api.get("/health")
    if given.json:
        documents.print_json(health)
    else:
        _show(health)
    return 0 if health["status"] == "ok" else 1


def _show(health: Item) -> None:
    console = tables.output()
    line, delivery = health["line"], health["delivery"]
    if oldest := line["oldest"]:
        waited = f"the oldest, run {oldest['number']}, is {oldest['state']} and waits for {oldest['waited_seconds']} s"
        console.print(f"{line['waiting']} feeds wait: {waited}.")
    else:
        console.print("No feed waits.")
    console.print(tables.cell(delivery["message"]))
    if delivery["examples"]:
        console.print(tables.waiting(delivery["examples"]))
