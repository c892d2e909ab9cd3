"""How a method of a fake becomes an operation of a client: parameters by name, one at a time, botocore's errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Any, Protocol

from tests.worlds.errors import Refused, client_error, malformed

type Request = dict[str, Any]
type Answer = dict[str, Any]


class Service(Protocol):
    """What every fake has: a lock, under which each of its operations happens."""

    lock: RLock


def operation[S: Service](required: str = "", optional: str = "") -> Callable[..., Callable[..., Any]]:
    """Make a method that takes one request into an operation that takes its parameters by name.

    `required` and `optional` are the parameters that the fake knows, separated by blanks. Any other is
    refused, as botocore refuses what it does not know: what a fake ignores in silence is not tested.
    """
    needed = frozenset(required.split())
    known = needed | frozenset(optional.split())

    def decorate(method: Callable[[S, Request], Answer]) -> Callable[..., Answer]:
        name = "".join(word.title() for word in method.__name__.split("_"))

        @wraps(method)
        def call(self: S, **request: Any) -> Answer:
            if not needed <= request.keys() <= known:
                _complain(name, needed, known, request)
            with self.lock:
                try:
                    answer = method(self, request)
                except Refused as refused:
                    raise client_error(refused, name) from None
            answer["ResponseMetadata"] = {"HTTPStatusCode": 200, "RetryAttempts": 0, "HTTPHeaders": {}}
            return answer

        return call

    return decorate


def _complain(name: str, needed: frozenset[str], known: frozenset[str], request: Request) -> None:
    missing = [f'Missing required parameter in input: "{parameter}"' for parameter in sorted(needed - request.keys())]
    unknown = [f'Unknown parameter in input of {name}: "{parameter}"' for parameter in sorted(request.keys() - known)]
    raise malformed("\n".join(missing + unknown))
