"""What can go wrong in the command, each a sentence for people.

CommandError          exit 1
├── NotReachable      the stack or its API does not answer
├── ApiRefused        the API answered with a code and a sentence
└── UsageError        exit 2
"""

from collections.abc import Mapping
from typing import Any


class CommandError(Exception):
    """Something went wrong; the text is the sentence that the user reads."""

    exit_code = 1


class NotReachable(CommandError):
    """There is no stack, or it does not answer."""


class ApiRefused(CommandError):
    """The API answered with an error of its own."""

    def __init__(self, status: int, code: str, message: str, document: Mapping[str, Any] | None = None) -> None:
        """Take the HTTP status, the code and the sentence of the answer, and the answer itself."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.document = document or {}


class UsageError(CommandError):
    """The command was called in a way that cannot work."""

    exit_code = 2
