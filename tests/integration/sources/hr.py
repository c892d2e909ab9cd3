"""An HR system in a thread, which answers as a test wants it to."""

from __future__ import annotations

import gzip
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PEOPLE: list[dict[str, Any]] = [
    {"id": str(number), "first": f"First {number}", "last": "Last", "title": "Waiter"} for number in range(1, 8)
]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    method: str = "GET"
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `promised` is a length beyond the body's; `hang_up` closes the connection instead."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    promised: int = 0
    hang_up: bool = False


def reply(document: object, status: int = 200, **headers: str) -> Reply:
    """An answer of JSON; the names of headers with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(json.dumps(document).encode(), status, {"Content-Type": "application/json"} | named)


def zipped(document: object) -> Reply:
    """An answer of JSON, compressed on its way."""
    return Reply(gzip.compress(json.dumps(document).encode()), headers={"Content-Encoding": "gzip"})


@dataclass(slots=True)
class HrSystem:
    """What it answers, what it was asked, and where it is."""

    answer: Callable[[Asked], Reply] = lambda _asked: reply(PEOPLE)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    port: int = 0

    def answers(self, *replies: Reply) -> None:
        """Answer one after the other; the last one stays."""
        waiting = list(replies)
        self.answer = lambda _asked: waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def pages(self, records: list[dict[str, Any]], size: int) -> None:
        """Answer with numbered pages like the demo's HR system."""

        def answer(asked: Asked) -> Reply:
            page = int(asked.query["page"])
            some = records[(page - 1) * size : page * size]
            return reply({"employees": some, "page": page, "pages": -(-len(records) // size)})

        self.answer = answer


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that hang up are what the tests are about."""


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[HrSystem]:
    """Run an HR system on a port of its own."""
    system = HrSystem()
    server = _Server(("127.0.0.1", 0), _handler(system))
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    system.port = server.server_address[1]
    system.url = f"http://127.0.0.1:{system.port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield system
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(system: HrSystem) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(parts.path, dict(parse_qsl(parts.query)), dict(self.headers), self.command, body)
            system.asked.append(asked)
            answer = system.answer(asked)
            if answer.hang_up:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + answer.promised))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = bool(answer.promised)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
