"""Refusals of the services, and their translation into what botocore raises.

Exception
├── Refused                   a service says no; only ever seen inside the fakes
└── ClientError (botocore)    what callers see, of the class that `client.exceptions` names
"""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError


class Refused(Exception):
    """A service refuses a request. `more` are the members of the answer beside code and message."""

    def __init__(self, code: str, message: str, status: int = 400, **more: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.more = code, message, status, more


def invalid(message: str) -> Refused:
    return Refused("ValidationException", message)


def malformed(report: str) -> ParamValidationError:
    """What botocore raises before it sends anything, because a parameter has the wrong shape."""
    return ParamValidationError(report=report)


@cache
def error_class(code: str) -> type[ClientError]:
    """The class of `client.exceptions` for a code. One per code, so that `except` works across clients."""
    return type(code, (ClientError,), {})


def client_error(refused: Refused, operation: str) -> ClientError:
    response: Any = {
        "Error": {"Code": refused.code, "Message": refused.message},
        "ResponseMetadata": {"HTTPStatusCode": refused.status, "RetryAttempts": 0, "HTTPHeaders": {}},
        **refused.more,
    }
    return error_class(refused.code)(response, operation)


class Exceptions:
    """`client.exceptions`: every code's class by name."""

    def __getattr__(self, code: str) -> type[ClientError]:
        return error_class(code)
