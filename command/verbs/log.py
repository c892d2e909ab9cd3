"""`peoplefeed log`: what became of every row, newest first."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from command import documents, options, tables
from command.api import Item
from command.connection import Connection, connect
from peoplefeed.model import Severity


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    parser = verbs.add_parser(
        "log", help="show the feed log", description="Shows the entries of the feed log, newest first."
    )
    options.add_tenant(parser)
    parser.add_argument("--run", metavar="N", type=options.positive, help="only entries of run N")
    parser.add_argument("--severity", choices=[severity.value for severity in Severity], help="only entries this bad")
    parser.add_argument("--external-id", metavar="X", help="only entries about one person")
    parser.add_argument("--unresolved", action="store_true", help="only problems that someone still has to mend")
    options.add_json(parser)
    options.add_limit(parser)
    parser.set_defaults(verb=run)


def run(given: argparse.Namespace) -> int:
    """Show the entries that the filters leave."""
    with connect(given.tenant, given.stack) as connection:
        if given.json:
            documents.print_json([documents.log_document(entry) for entry in _entries(connection, given, given.limit)])
        else:
            entries = map(documents.log_document, _entries(connection, given, None))
            tables.show_list(tables.log, entries, given.limit)
            if given.run and connection.api.get(f"/runs/{given.run}")["simulate"]:
                print(f"Run {given.run} was only simulated: nothing of this happened.")
            if not (given.run or given.severity or given.external_id or given.unresolved):
                _name_troubles(connection)
    return 0


def _name_troubles(connection: Connection) -> None:
    """Say which sources are in trouble (1.13): that is an entry of no run, and runs are what was asked for."""
    for source in connection.api.every("sources"):
        if trouble := source["trouble"]:
            print(
                f"The source '{source['name']}' is in trouble ({trouble['code']}): "
                f"peoplefeed log --unresolved {connection.options}"
            )


def _entries(connection: Connection, given: argparse.Namespace, limit: int | None) -> Iterator[Item]:
    return connection.api.every(
        "log",
        limit=limit,
        run=given.run,
        severity=given.severity,
        external_id=given.external_id,
        unresolved="true" if given.unresolved else None,
    )
