"""An API in this process: two handlers, a deployment on moto, and requests as API Gateway hands them over."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.model import Purpose, Run
from peoplefeed.storage.runs import find_run
from peoplefeed.storage.tenants import find_tenant
from tests.worlds.world import World

TENANT = "acme"
NOW = datetime(2026, 11, 22, 13, 20, 39, 123000, UTC)

EVENTS = Path(__file__).parents[3] / "events"

_FUNCTIONS = Path(__file__).parents[3] / "functions"
CONTEXT = SimpleNamespace(
    function_name="api", aws_request_id="request-1", memory_limit_in_mb=128, invoked_function_arn="arn:x"
)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str]:
        """The status and the code; the shape is checked on the way."""
        document = self.json
        assert set(document) in ({"code", "message"}, {"code", "message", "field"})
        assert document["message"].endswith(".")
        return self.status, document["code"]


def event(  # noqa: PLR0913 - a request has many parts
    method: str,
    path: str,
    *,
    query: Mapping[str, object] | None = None,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    tenant: str = TENANT,
    claims: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A request as a REST API with a Cognito authorizer sends it on."""
    given = {name: str(value) for name, value in (query or {}).items()}
    if claims is None:
        claims = {"token_use": "id", "custom:tenant": tenant, "sub": "5f0c"}
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": dict(headers or {}),
        "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()},
        "queryStringParameters": given or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in given.items()} or None,
        "pathParameters": None,
        "requestContext": {"requestId": "gateway-1", "authorizer": {"claims": dict(claims)}},
        "body": body if isinstance(body, str | None) else json.dumps(body),
        "isBase64Encoded": False,
    }


def load_handler(function: str) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    spec = importlib.util.spec_from_file_location(f"{function}_app", _FUNCTIONS / function / "app.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Callable[[dict[str, Any], Any], dict[str, Any]] = module.handler
    return handler


@dataclass(slots=True)
class Scene:
    """A tenant's deployment, and those who ask it."""

    world: World
    handlers: dict[str, Callable[[dict[str, Any], Any], dict[str, Any]]] = field(default_factory=dict)

    @property
    def deployment(self) -> Deployment:
        return self.world.deployment

    def asks(self, method: str, path: str, **request: Any) -> Answer:
        return self.sends(event(method, path, **request))

    def gets(self, path: str, **query: object) -> Answer:
        return self.asks("GET", path, query=query)

    def sends(self, request: dict[str, Any]) -> Answer:
        path = request["path"]
        questions = path.startswith(("/runs", "/log", "/health", "/problems")) or path.endswith("/story")
        name = "query_logs" if questions else "manage_directory"
        handler = self.handlers.setdefault(name, load_handler(name))
        answer = handler(request, CONTEXT)
        headers = {key: values[0] for key, values in answer["multiValueHeaders"].items()}
        return Answer(answer["statusCode"], headers, answer["body"])

    def every(self, path: str, noun: str, **query: object) -> list[Any]:
        """All items of a list, page after page, each cursor used once."""
        items, cursor, pages = [], None, 0
        while pages == 0 or cursor:
            page = self.gets(path, **query, **({"cursor": cursor} if cursor else {})).json
            items += page[noun]
            cursor, pages = page["cursor"], pages + 1
        return items

    def imports(self, text: str, **how: str) -> Run:
        """Upload a feed of changes, or what else is said, and see it through."""
        self.world.put_feed(TENANT, text, **{"mode": "changes", **how})
        return self.works_off()

    def works_off(self) -> Run:
        """See all feeds through; return the last run that somebody asked for, not what followed from it (4.7)."""
        self.world.run_until_quiet()
        tenant = find_tenant(self.deployment, TENANT)
        assert tenant
        runs = (find_run(self.deployment, TENANT, number) for number in range(tenant.applied, 0, -1))
        return next(run for run in runs if run and run.feed.purpose is not Purpose.RETRY)


class PromptTime:
    """What `time` is for someone who waits while the world goes on."""

    def __init__(self, world: World) -> None:
        self._world, self._slept = world, 0.0

    def monotonic(self) -> float:
        return self._slept

    def sleep(self, seconds: float) -> None:
        self._slept += seconds
        self._world.run_until_quiet()
