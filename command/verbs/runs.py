"""`peoplefeed runs`: what was delivered, and how far it has come."""

from __future__ import annotations

import argparse

from command import documents, options, tables
from command.connection import connect


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    parser = verbs.add_parser("runs", help="show the runs", description="Shows the runs of a tenant, newest first.")
    options.add_tenant(parser)
    parser.add_argument("--all", action="store_true", help="also runs that changed nothing (always there with --json)")
    options.add_json(parser)
    options.add_limit(parser)
    parser.set_defaults(verb=run)


def run(given: argparse.Namespace) -> int:
    """Show the runs."""
    with connect(given.tenant, given.stack) as connection:
        everything = "true" if given.all or given.json else None
        found = connection.api.every("runs", limit=given.limit if given.json else None, all=everything)
        if given.json:
            documents.print_json([documents.run_document(run, documents.LISTED_RUN_KEYS) for run in found])
        else:
            tables.show_list(tables.runs, found, given.limit)
    return 0
