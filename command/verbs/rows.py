"""`peoplefeed rows`: the refused rows of a run, to be mended and imported again."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from command import options, tables
from command.connection import connect
from command.errors import CommandError


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    parser = verbs.add_parser(
        "rows",
        help="get the refused rows of a run, to mend and import them again",
        description="Prints the rows that run RUN rejected, parked or held and that nobody has mended since, as they "
        "were received, as CSV with the columns Error and Remedy. Mended, the file can be imported as it is.",
    )
    parser.add_argument("number", metavar="RUN", type=options.positive, help="the number of the run")
    parser.add_argument("--output", metavar="FILE", type=Path, help="write to FILE, not on standard output")
    options.add_tenant(parser)
    parser.set_defaults(verb=run)


def run(given: argparse.Namespace) -> int:
    """Write the rows."""
    with connect(given.tenant, given.stack) as connection:
        content = b"".join(connection.api.text(f"/runs/{given.number}/rows", accept="text/csv"))
    if given.output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return 0
    _write(given.output, content)
    tables.notes().print(tables.cell(f"The refused rows of run {given.number} are in {given.output}."))
    return 0


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise CommandError(f"The file '{file}' cannot be written: {error.strerror}.") from error
