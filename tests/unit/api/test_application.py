from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import Response
from botocore.exceptions import ClientError

from peoplefeed.api.application import make_handler, make_router, to_json
from peoplefeed.api.errors import STATUSES, Reason, Refusal
from peoplefeed.api.tenant import caller_of
from peoplefeed.dynamo.writes import Contention

CONTEXT = SimpleNamespace(aws_request_id="request-1")
SECRET = "ann@example.org"


def raising(error: Exception) -> Any:
    router = make_router()

    @router.get("/things/<name>")
    def show(name: str) -> Response[str]:
        if error.args:
            raise error
        return to_json({"name": name, "tenant": caller_of(router.current_event).tenant})

    @router.put("/things/<name>")
    def put(name: str) -> Response[str]:
        return to_json({"name": name})

    return make_handler(router)


def ask(handler: Any, method: str = "GET", path: str = "/things/a", claims: Any = None) -> tuple[int, Any, Any]:
    authorizer = {"authorizer": {"claims": claims}} if claims is not None else {}
    answer = handler({"httpMethod": method, "path": path, "headers": {}, "requestContext": authorizer}, CONTEXT)
    return answer["statusCode"], json.loads(answer["body"]), answer["multiValueHeaders"]


@pytest.mark.parametrize("reason", list(Reason))
def test_every_refusal_has_a_status_and_one_shape(reason: Reason) -> None:
    status, document, _ = ask(raising(Refusal(reason, "So it is.", field="name")))
    assert (status, document) == (STATUSES[reason], {"code": reason.value, "message": "So it is.", "field": "name"})


def test_what_nobody_expected_is_500_with_a_request_id_and_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    status, document, _ = ask(raising(RuntimeError(f"secret of {SECRET}")))
    assert (status, document["code"]) == (500, "INTERNAL_ERROR")
    assert "request-1" in document["message"]
    assert "RuntimeError" not in json.dumps(document)
    (record,) = caplog.records
    logged = str(record.__dict__)
    assert "RuntimeError" in logged
    assert "request-1" in logged
    assert "raising.<locals>.show" in logged
    assert SECRET not in logged + json.dumps(document), "7.5: values stay out of log lines"


@pytest.mark.parametrize(
    "error",
    [Contention("x"), ClientError({"Error": {"Code": "ThrottlingException", "Message": "slower"}}, "Query")],
    ids=["contention", "throttling"],
)
def test_what_passes_by_itself_is_503_and_says_when_to_come_back(error: Exception) -> None:
    status, document, headers = ask(raising(error))
    assert (status, document["code"], headers["Retry-After"]) == (503, "BUSY", ["2"])


def test_another_error_of_aws_is_our_fault() -> None:
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Query")
    assert ask(raising(error))[:1] == (500,)


@pytest.mark.parametrize("path", ["/", "/nothing", "/things", "/things/a/b", "//", "/thïngs/a"])
def test_an_unknown_route_is_404(path: str) -> None:
    status, document, _ = ask(raising(RuntimeError()), path=path)
    assert (status, document["code"]) == (404, "ROUTE_UNKNOWN")


def test_a_wrong_method_is_405_and_says_which_are_right() -> None:
    status, document, headers = ask(raising(RuntimeError()), method="DELETE")
    assert (status, document["code"], headers["Allow"]) == (405, "METHOD_NOT_ALLOWED", ["GET, PUT"])


@pytest.mark.parametrize("name", ["a%2Fb", "a%22b", "é", "a b", "%", "a+b", "€#?", "a;b,c"])
def test_any_external_id_finds_its_route(name: str) -> None:
    assert ask(raising(RuntimeError()), method="PUT", path=f"/things/{name}")[0] == 200


def test_the_tenant_comes_from_the_id_token() -> None:
    claims = {"token_use": "id", "custom:tenant": "acme", "sub": "5f0c"}
    assert ask(raising(RuntimeError()), claims=claims)[1] == {"name": "a", "tenant": "acme"}


@pytest.mark.parametrize(
    "claims",
    [
        None,
        {},
        {"token_use": "access", "custom:tenant": "acme"},
        {"custom:tenant": "acme"},
        {"token_use": "id"},
        {"token_use": "id", "custom:tenant": ""},
        {"token_use": "id", "custom:tenant": "acme#U#E1"},
        {"token_use": "id", "custom:tenant": "../rival"},
        {"token_use": "id", "custom:tenant": "ACME"},
        {"token_use": "id", "custom:tenant": ["acme"]},
        "text",
    ],
)
def test_any_other_token_is_403(claims: Any) -> None:
    status, document, _ = ask(raising(RuntimeError()), claims=claims)
    assert (status, document["code"]) == (403, "TOKEN_REFUSED")
