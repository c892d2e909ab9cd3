"""`peoplefeed platform`: the tenant's learning platform, its settings, and its comparison with the directory."""

from __future__ import annotations

import argparse
import json
from typing import Any

from command import documents, options
from command.connection import connect
from command.errors import UsageError


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    parser = verbs.add_parser("platform", help="the learning platform of a tenant")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    show = actions.add_parser("show", help="show its settings, and what the last comparison found")
    put = actions.add_parser("set", help="give the tenant a platform, or other settings")
    put.add_argument(
        "file", metavar="FILE", type=options.readable_file, help="settings as JSON (docs/learning-platform.md)"
    )
    forget = actions.add_parser("forget", help="use the deployment's platform again")
    compare = actions.add_parser("compare", help="compare the platform with the directory now")
    for action, verb in ((show, _show), (put, _set), (forget, _forget), (compare, _compare)):
        options.add_tenant(action)
        action.set_defaults(verb=verb)


def _show(given: argparse.Namespace) -> int:
    with connect(given.tenant, given.stack) as connection:
        documents.print_json(connection.api.get("/platform"))
    return 0


def _set(given: argparse.Namespace) -> int:
    settings = _settings(given)
    with connect(given.tenant, given.stack) as connection:
        documents.print_json(connection.api.put("/platform", settings))
    return 0


def _forget(given: argparse.Namespace) -> int:
    with connect(given.tenant, given.stack) as connection:
        documents.print_json(connection.api.delete("/platform"))
    return 0


def _compare(given: argparse.Namespace) -> int:
    with connect(given.tenant, given.stack) as connection:
        connection.api.post("/platform/compare", {})
    print("The comparison has begun; `peoplefeed platform show` says what it finds.")
    return 0


def _settings(given: argparse.Namespace) -> dict[str, Any]:
    try:
        found = json.loads(given.file.read_bytes())
    except ValueError as error:
        raise UsageError(f"'{given.file}' is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise UsageError(f"'{given.file}' does not hold a JSON object.")
    return found
