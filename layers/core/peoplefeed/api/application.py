"""The application: routers, the way from an event to an answer, and what happens to everything that is raised."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from peoplefeed import telemetry
from peoplefeed.api.errors import STATUSES, Reason, Refusal
from peoplefeed.dynamo.writes import Contention

type Event = dict[str, Any]
type Answer = dict[str, Any]

_ENCODED = "/%-._~!$&'()*+,;=:@"
_THROTTLED = frozenset(
    {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "SlowDown"}
)
_RETRY_SECONDS = "2"


def make_router() -> Router:
    """Return a router for the routes of one noun."""
    return Router()  # type: ignore[no-untyped-call] # the library does not say what it returns


def make_handler(*routers: Router) -> Callable[[Event, LambdaContext], Answer]:
    """Return a Lambda handler that answers the routes of some routers."""
    app = APIGatewayRestResolver()
    for router in routers:
        app.include_router(router)
    app.not_found(lambda _: _no_such_route(app))
    app.exception_handler(Refusal)(_refused)
    app.exception_handler(Contention)(lambda _: _busy())
    app.exception_handler(Exception)(lambda error: _our_fault(app, error))

    def handler(event: Event, context: LambdaContext) -> Answer:
        return app.resolve(event | {"path": quote(event["path"], safe=_ENCODED)}, context)

    return handler


def to_json(document: object, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response[str]:
    """Return a JSON answer."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(int(status), "application/json", body, {"Cache-Control": "no-store", **(headers or {})})


def _refused(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response[str]:
    return to_json(refusal.document, STATUSES[refusal.reason], headers)


def _busy() -> Response[str]:
    sentence = "Too much is going on at this moment. Try again in a few seconds."
    return _refused(Refusal(Reason.BUSY, sentence), {"Retry-After": _RETRY_SECONDS})


def _no_such_route(app: APIGatewayRestResolver) -> Response[str]:
    method, path = app.current_event.http_method.upper(), app.current_event.path
    routes = app._static_routes + app._dynamic_routes  # noqa: SLF001 - it tells nobody else which methods a path has
    methods = sorted({route.method for route in routes if route.rule.match(path)})
    if not methods:
        return _refused(Refusal(Reason.ROUTE_UNKNOWN, f"There is nothing at {path[:200]}."))
    sentence = f"{method} is not possible here, only {', '.join(methods)}."
    return _refused(Refusal(Reason.METHOD_NOT_ALLOWED, sentence), {"Allow": ", ".join(methods)})


def _our_fault(app: APIGatewayRestResolver, error: Exception) -> Response[str]:
    """Answer with nothing but a request ID, and log what happened without values: they are personal data (7.5)."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else None
    if code in _THROTTLED:
        return _busy()
    request_id = getattr(app.lambda_context, "aws_request_id", "unknown")
    telemetry.logger.error("a request failed", extra=_traces(error) | {"request_id": request_id, "aws_code": code})
    sentence = f"Something went wrong on our side. Tell the operator the request ID {request_id}."
    return _refused(Refusal(Reason.INTERNAL_ERROR, sentence), {"X-Request-Id": request_id})


def _traces(error: Exception) -> dict[str, Any]:
    frames, trace = [], error.__traceback__
    while trace:
        frames.append(f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}")
        trace = trace.tb_next
    return {"raised": type(error).__name__, "at": frames[-8:]}
