"""The command `peoplefeed`: one verb, one module of `command.verbs`."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from botocore.exceptions import BotoCoreError, ClientError

from command.errors import CommandError
from command.verbs import (
    deliver,
    demo,
    employee,
    employees,
    holds,
    import_,
    log,
    platform,
    problems,
    reference,
    rows,
    runs,
    secret,
    settings,
    source,
    status,
    tenant,
    up,
)

_VERBS = (
    *(up, demo, import_, employees, employee, log, problems, holds, runs, rows),
    *(settings, reference, status, deliver, source, secret, platform, tenant),
)
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code: 0 done, 1 not done, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.verb(options))
    except CommandError as error:
        return _fail(str(error), error.exit_code)
    except (BotoCoreError, ClientError) as error:
        return _fail(f"AWS did not do it: {error}", CommandError.exit_code)
    except BrokenPipeError:  # `peoplefeed log | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _fail("Stopped.", _INTERRUPTED)


def _fail(sentence: str, code: int) -> int:
    print(f"peoplefeed: {sentence}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="peoplefeed",
        description="Keeps a user directory and a learning platform in step with HR systems.",
        epilog="Start with `peoplefeed demo`.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"peoplefeed {version('peoplefeed')}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for module in _VERBS:
        module.add_to(verbs)
    return parser
