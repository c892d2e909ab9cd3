"""`peoplefeed up`: the whole system on this machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import sys

import command.local.stack as local
from command import options, tables
from command.errors import CommandError
from command.local.stack import LocalStackError, Stack

_PORT = 4566


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    parser = verbs.add_parser(
        "up",
        help="start the local stack",
        description="Starts the whole system on this machine and runs until Ctrl-C. Nothing is kept.",
    )
    parser.add_argument(
        "--port", metavar="N", type=options.port, default=_PORT, help="of the local AWS (default: 4566; 0: any)"
    )
    parser.add_argument(
        "--learning-platform",
        metavar="URL",
        type=options.web_address,
        help="a SCIM 2.0 service of your own ({tenant} in it stands for the tenant); without it one is started",
    )
    parser.set_defaults(verb=run)


def run(given: argparse.Namespace) -> int:
    """Start the stack, say what is where, and wait."""
    try:
        with local.running(port=given.port, learning_platform=given.learning_platform or "", say=_say) as stack:
            _show(stack)
            local.wait(stack)
    except LocalStackError as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        _say("Stopped while starting.")
    return 0


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _show(stack: Stack) -> None:
    places = (
        ("local AWS", stack.aws_endpoint),
        ("API", stack.api_url),
        ("feed bucket", stack.bucket),
        ("learning platform", stack.learning_platform),
        ("directory", stack.tables["directory"]),
        ("feed log", stack.tables["feed_log"]),
        ("all of it, for programs", f"{stack.directory}/stack.json"),
    )
    console = tables.output()
    console.print(tables.table("The local stack is running", ("what", "where"), places))
    console.print("Try `peoplefeed import FILE` in another terminal. Ctrl-C ends everything.")
    sys.stdout.flush()
