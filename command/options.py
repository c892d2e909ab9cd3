"""Options that several verbs share, and the checks of their values."""

import argparse
import re
from pathlib import Path
from urllib.parse import urlsplit

type Verbs = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no public name
"""Where a verb adds its parser."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def add_place(parser: argparse.ArgumentParser) -> None:
    """Add the option that names a deployed stack."""
    parser.add_argument(
        "--stack",
        metavar="NAME",
        help="a deployed CloudFormation stack, reached with your AWS credentials (default: the running local stack)",
    )


def add_tenant(parser: argparse.ArgumentParser) -> None:
    """Add the options that say whose data are meant, and where."""
    parser.add_argument(
        "--tenant",
        metavar="T",
        type=slug,
        help="whose data (default: 'default'; on a deployed stack the tenant of who signs in)",
    )
    add_place(parser)


def add_json(parser: argparse._ActionsContainer) -> None:
    """Add the option for programs."""
    parser.add_argument("--json", action="store_true", help="print JSON on standard output, and nothing else there")


def add_limit(parser: argparse.ArgumentParser) -> None:
    """Add the option that shortens lists."""
    parser.add_argument(
        "--limit", metavar="N", type=positive, help="show at most N (default: 200 in tables, all with --json)"
    )


def slug(text: str) -> str:
    """Return a tenant's name."""
    if not _SLUG.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a tenant's name: small letters, digits and hyphens, at most 63, no hyphen in front"
        )
    return text


def positive(text: str) -> int:
    """Return a whole number from 1 on."""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 on")
    return int(text)


def port(text: str) -> int:
    """Return a TCP port; 0 stands for any that is free."""
    if not (text.isascii() and text.isdigit() and int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: a number from 0 to 65535")
    return int(text)


def web_address(text: str) -> str:
    """Return the URL of a service."""
    url = urlsplit(text)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise argparse.ArgumentTypeError(f"'{text}' is not a URL like https://learning.example.com/scim/v2")
    return text


def readable_file(text: str) -> Path:
    """Return the path of a file that can be read."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"'{text}' is a folder; name a file in it")
    try:
        with path.open("rb"):
            return path
    except FileNotFoundError as error:
        raise argparse.ArgumentTypeError(f"there is no file '{text}'") from error
    except OSError as error:
        raise argparse.ArgumentTypeError(f"the file '{text}' cannot be read: {error.strerror}") from error
