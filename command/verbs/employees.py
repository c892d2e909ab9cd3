"""`peoplefeed employees`: the directory."""

from __future__ import annotations

import argparse

from command import documents, options, tables
from command.connection import connect


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    parser = verbs.add_parser("employees", help="show the directory", description="Shows the employees of a tenant.")
    options.add_tenant(parser)
    options.add_json(parser)
    options.add_limit(parser)
    parser.set_defaults(verb=run)


def run(given: argparse.Namespace) -> int:
    """Show the directory."""
    with connect(given.tenant, given.stack) as connection:
        if given.json:
            found = connection.api.every("employees", limit=given.limit)
            documents.print_json([documents.employee_document(person) for person in found])
        else:
            tables.show_list(tables.employees, connection.api.every("employees"), given.limit)
    return 0
