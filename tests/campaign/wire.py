"""A queue and a bucket for other processes: calls go over a pipe to the process that has them.

What a worker asks for is done or not, but never half; one that is killed while it waits never learns which.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from tests.worlds.errors import Exceptions, error_class


class Remote:
    """Stands in for a client whose service is in another process."""

    exceptions = Exceptions()

    def __init__(self, service: str, pipe: Connection) -> None:
        self._service, self._pipe = service, pipe

    def __getattr__(self, operation: str) -> Any:
        def call(**request: Any) -> Any:
            if hasattr(request.get("Body"), "read"):
                request["Body"] = request["Body"].read()
            answer = ask(self._pipe, self._service, operation, request)
            if isinstance(answer.get("Body"), bytes):
                answer["Body"] = StreamingBody(io.BytesIO(answer["Body"]), len(answer["Body"]))
            return answer

        return call


def ask(pipe: Connection, service: str, operation: str, request: Mapping[str, Any]) -> Any:
    """Have something done in the other process.

    Raises:
        ClientError: the service refused.
    """
    pipe.send((service, operation, dict(request)))
    answer, refusal = pipe.recv()
    if refusal is not None:
        response, name = refusal
        raise error_class(response["Error"]["Code"])(response, name)
    return answer


def serve(pipe: Connection, services: Mapping[str, Any]) -> Thread:
    """Answer whoever is at the other end, until nobody is."""
    thread = Thread(target=_serve, args=(pipe, services), daemon=True)
    thread.start()
    return thread


def _serve(pipe: Connection, services: Mapping[str, Any]) -> None:
    while True:
        try:
            service, operation, request = pipe.recv()
            pipe.send(_answer(services[service], operation, request))
        except (EOFError, OSError):
            return


def _answer(service: Any, operation: str, request: dict[str, Any]) -> tuple[Any, Any]:
    try:
        answer = getattr(service, operation)(**request)
    except ClientError as error:
        return None, (error.response, error.operation_name)
    if isinstance(answer, dict) and "Body" in answer:
        answer = {**answer, "Body": answer["Body"].read()}
    return answer, None
