"""`peoplefeed deliver`: send somebody to the learning platform again."""

from __future__ import annotations

import argparse

from command import options
from command.api import segment
from command.connection import connect


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    parser = verbs.add_parser(
        "deliver",
        help="send employees to the learning platform again",
        description="Sends the current state of employees to the learning platform again, whether it has it or not.",
    )
    parser.add_argument("external_ids", metavar="EXTERNAL_ID", nargs="+", help="whom")
    options.add_tenant(parser)
    parser.set_defaults(verb=run)


def run(given: argparse.Namespace) -> int:
    """Ask for the deliveries; the first one that cannot be ends it."""
    with connect(given.tenant, given.stack) as connection:
        for external_id in given.external_ids:
            connection.api.post(f"/employees/{segment(external_id)}/deliver", {})
            print(f"{external_id} is being sent again; `peoplefeed status` says if it has to wait.")
    return 0
