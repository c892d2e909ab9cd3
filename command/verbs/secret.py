"""`peoplefeed secret`: what a source or a learning platform is shown, put where the functions read it.

The secret comes from a file, a pipe or the keyboard, never from the command line: everybody on a machine can read that.
"""

from __future__ import annotations

import argparse
import re
import sys
from getpass import getpass
from typing import Any

from command import options
from command.connection import find_place
from command.errors import UsageError
from peoplefeed.sources.credentials import can_be_sent

_NAME = re.compile(r"peoplefeed/[A-Za-z0-9/_+=.@-]{1,400}")


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    parser = verbs.add_parser(
        "secret",
        help="store what an HR system or a learning platform is shown",
        description="Stores a secret in Secrets Manager, or a new one in its place: from a file, a pipe, or typed "
        "unseen. Each poll reads it anew. On the local stack it lasts until that ends.",
    )
    parser.add_argument("name", metavar="NAME", type=_name, help="as a manifest has it: peoplefeed/sources/TENANT/NAME")
    parser.add_argument("--file", metavar="FILE", type=options.readable_file, help="where the secret is")
    options.add_place(parser)
    parser.set_defaults(verb=run)


def run(given: argparse.Namespace) -> int:
    """Store a secret."""
    place = find_place(given.stack)
    _store(place.client("secretsmanager"), given.name, _read(given))
    print(f"{place.name} has the secret '{given.name}'.")
    return 0


def _read(given: argparse.Namespace) -> str:
    if given.file:
        text = given.file.read_text(encoding="utf-8", errors="replace")
    elif sys.stdin.isatty():
        text = getpass(f"{given.name} (not shown): ")
    else:
        text = sys.stdin.read()
    secret: str = text.removeprefix("\ufeff").strip()
    if not can_be_sent(secret):
        raise UsageError("A secret is one line of ASCII, and not empty. Nothing was stored.")
    return secret


def _store(manager: Any, name: str, secret: str) -> None:  # noqa: ANN401 - a client of boto3
    try:
        manager.put_secret_value(SecretId=name, SecretString=secret)
    except manager.exceptions.ResourceNotFoundException:
        manager.create_secret(Name=name, SecretString=secret)


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError("name it as the manifest does, like peoplefeed/sources/TENANT/NAME")
    return text
