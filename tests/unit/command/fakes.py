"""A tiny API and bucket on this machine: what the command does is seen in what it asks for and what it prints."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from peoplefeed.model import empty_counts

type Shell = Callable[..., tuple[int, str, str]]

PAGE = 2  # the fake's pages are small, so that everything has to be paged through


def id_token(tenant: str, email: str = "ann@example.com") -> str:
    """A token that says whose it is; its signature is for the API to check."""
    claims = json.dumps({"custom:tenant": tenant, "email": email, "cognito:username": "u-1"}).encode()
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.signature"


def run_of(number: int, state: str = "finished", **counts: int) -> dict[str, Any]:
    return {
        "number": number,
        "tenant": "default",
        "source": "upload",
        "kind": "employees",
        "mode": "changes",
        "state": state,
        "counts": empty_counts() | counts,
        "error": None,
        "age": "2026-11-22T13:20:39.123Z",
        "registered_at": "2026-11-22T13:20:39.123Z",
        "finished_at": None,
        "progress": {"chunks": 2, "done": 1},
        "ignored_columns": [],
        "codes": {"EMAIL_INVALID": 100},
        "purpose": "delivery",
        "of": None,
        "simulate": False,
    }


def hold_of(**facts: Any) -> dict[str, Any]:
    what = {"source": "payroll", "safeguard": "leavers", "code": "LEAVERS_HELD", "message": "11 of 50 would leave."}
    known = {"since": "2026-11-22T13:20:39.123Z", "version": 2, "runs": [7], "would": {"leavers": 11}}
    return {"id": "payroll.leavers.7", **what, **known, "examples": ["E1: Ana Sol"], **facts}


def entry_of(row: int, **facts: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(
        ("code", "severity", "message", "field", "value", "suggestion", "resolved_at", "delivered_at", "occurrences")
    )
    seen = dict.fromkeys(("first_seen", "last_seen"))
    at = {"run": 1, "at": "2026-11-22T13:20:39.123Z", "row": row, "external_id": f"E{row}", "name": "Ann Bee"}
    return {**nothing, **seen, **at, "outcome": "created", "changes": {}, **facts}


@dataclass
class FakeStack:
    """What the fake API answers, and what it was asked."""

    url: str
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    states: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    document: dict[str, Any] | None = None
    holds: list[dict[str, Any]] = field(default_factory=list)
    settings: list[dict[str, Any]] = field(default_factory=list)
    sent: list[tuple[str, str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    truncated: bool = False
    pages: list[bytes] = field(default_factory=list)
    objects: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append((path, query))
        if self.refusals:
            return self.refusals.pop(0)
        if path.startswith(("/holds", "/settings")):
            return 200, self._hold_or_setting(path)
        if self.document is not None:
            return 200, self.document
        if path == "/runs" and "version_id" in query:
            return 200, {"runs": self.states[:1], "cursor": None}
        if path.startswith("/runs/"):
            return 200, self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return 200, self._page(path.strip("/"), query)

    def _hold_or_setting(self, path: str) -> dict[str, Any]:
        if path.startswith("/holds/"):
            return next(hold for hold in self.holds if path.endswith(hold["id"]))
        return {"holds": self.holds} if path == "/holds" else {"settings": self.settings}

    def _page(self, noun: str, query: dict[str, str]) -> dict[str, Any]:
        items, start = self._filtered(noun, query), int(query.get("cursor", 0))
        end = start + min(PAGE, int(query["limit"]))
        name = {"log": "entries"}.get(noun, noun)
        page = {name: items[start:end], "cursor": str(end) if end < len(items) else None}
        return page | ({"looked_at": 100_000, "truncated": self.truncated} if noun == "problems" else {})

    def _filtered(self, noun: str, query: dict[str, str]) -> list[dict[str, Any]]:
        items = self.lists.get(noun, [])
        return [item for item in items if query.get("severity") in {None, item.get("severity")}]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stack: ClassVar[FakeStack]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.stack.tokens.append(self.headers["Authorization"])
        if self.stack.pages:
            number = int(dict(parse_qsl(url.query)).get("cursor", 0))
            self.stack.asked.append((url.path.removeprefix("/api"), {"Accept": self.headers["Accept"]}))
            following = {"X-Next-Cursor": str(number + 1)} if number + 1 < len(self.stack.pages) else {}
            self._send(200, self.stack.pages[number], **following)
            return
        status, document = self.stack.answer(url.path.removeprefix("/api"), dict(parse_qsl(url.query)))
        self._send(status, json.dumps(document).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path.removeprefix("/api")
        self.stack.sent.append((self.command, path, json.loads(body or b"null")))
        if self.stack.document is not None and not self.stack.refusals:
            self._send(200, json.dumps(self.stack.document).encode())
            return
        status, document = self.stack.answer(path, {})
        self._send(status, json.dumps(document).encode())

    do_DELETE = do_PATCH = do_POST  # noqa: N815 - the library's names

    def do_PUT(self) -> None:
        if self.path.startswith("/api/"):
            return self.do_POST()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        metadata = {
            name.lower(): value for name, value in self.headers.items() if name.lower().startswith("x-amz-meta")
        }
        self.stack.objects[urlsplit(self.path).path] = (body, metadata)
        return self._send(200, b"", ETag='"1"')

    def do_HEAD(self) -> None:
        found = urlsplit(self.path).path in self.stack.objects
        self._send(200 if found else 404, b"", **{"x-amz-version-id": "v1"})

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""
