"""`peoplefeed problems`: what should be mended, at a glance, and what is missing as a file to import."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice

from command import documents, options, tables
from command.api import PAGE, Filters, Item
from command.connection import Connection, connect
from command.errors import UsageError
from peoplefeed.codes import Code, Mender
from peoplefeed.model import FeedKind, Severity
from peoplefeed.readers.columns import COLUMNS

_MISSING = {
    FeedKind.JOB_TITLES: Code.JOB_TITLE_NOT_FOUND,
    FeedKind.DEPARTMENTS: Code.DEPARTMENT_NOT_FOUND,
    FeedKind.BUSINESS_UNITS: Code.BUSINESS_UNIT_NOT_FOUND,
}


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    parser = verbs.add_parser(
        "problems",
        help="show what should be mended",
        description="Shows open problems, one line for each code and value found, worst first.",
    )
    options.add_tenant(parser)
    parser.add_argument("--severity", choices=[severity.value for severity in Severity], help="only problems this bad")
    parser.add_argument("--mender", choices=[mender.value for mender in Mender], help="only what these can mend")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--code", choices=[code.value for code in Code], metavar="CODE", help="only this code")
    only.add_argument(
        "--missing", choices=[kind.value for kind in _MISSING], help="only reference data that does not exist"
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--csv", action="store_true", help="with --missing: print a file that `import --kind` takes")
    options.add_json(shape)
    options.add_limit(parser)
    parser.set_defaults(verb=run)


def run(given: argparse.Namespace) -> int:
    """Show the lines that the filters leave."""
    if given.csv and not given.missing:
        raise UsageError("--csv prints what is missing: add --missing job-titles, departments or business-units.")
    with connect(given.tenant, given.stack) as connection:
        lines = _lines(connection, given)
        if given.csv:
            _print_csv(FeedKind(given.missing), list(islice(lines, given.limit)))
        elif given.json:
            documents.print_json([documents.problem_document(line) for line in islice(lines, given.limit)])
        else:
            tables.show_list(tables.glance, lines, given.limit)
    return 0


def _lines(connection: Connection, given: argparse.Namespace) -> Iterator[Item]:
    """Yield the lines, and say if there are more problems than the API looks at."""
    code = _MISSING[FeedKind(given.missing)].value if given.missing else given.code
    filters: Filters = {"code": code, "mender": given.mender, "severity": given.severity}
    page: Item = {}
    for page in connection.api.pages("problems", PAGE, filters):
        yield from page["problems"]
    if page["truncated"]:
        tables.notes().print(
            f"There are more problems than these: {page['looked_at']:,} were looked at, the newest of each part. "
            "Mend what concerns most people, then look again.",
            soft_wrap=True,
        )


def _print_csv(kind: FeedKind, lines: list[Item]) -> None:
    """Print what is missing as a feed of its kind; a unit's feed ID stands for its name, which nobody knows yet."""
    header = [column.name for column in COLUMNS[kind]]
    documents.print_csv(header, ([line["value"]] * len(header) for line in lines))
    for line in lines:
        if line["suggestion"]:
            _doubt(line["value"], line["suggestion"])


def _doubt(value: str, suggestion: str) -> None:
    sentence = f"'{value}' looks like '{suggestion}': correct it in the HR system rather than import it."
    tables.notes().print(tables.cell(sentence), soft_wrap=True)
