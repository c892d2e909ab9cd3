"""The demo's HR system: a paged REST service with the people of people.py, in a process of its own.

`GET /employees?page=1&per_page=200` shows the people of the present edition, `POST /step` goes on to the next.
Both want the bearer token.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from command.local.install import PROJECT
from command.local.people import Edition, editions
from command.local.processes import (
    HOST,
    own_environment,
    require_free_port,
    running_program,
    wait_until_listening,
)

STARTS_WITHIN = 15.0
TOKEN = "PEOPLEFEED_HR_TOKEN"  # noqa: S105 - the name of a variable
MOST_PER_PAGE = 500

type Answer = tuple[HTTPStatus, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class HrServer:
    """A running HR system."""

    url: str
    token: str

    def step(self) -> int:
        """Go on to the next edition, if there is one, and return its number."""
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}/step", method="POST", headers={"Authorization": f"Bearer {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=STARTS_WITHIN) as answer:  # noqa: S310 - the same
            return int(json.load(answer)["edition"])


@contextmanager
def running_hr_server(*, seed: int = 7, size: int = 2000, log: Path | None = None) -> Iterator[HrServer]:
    """Run an HR system on a free port, and end it afterwards."""
    port, token = require_free_port(0), secrets.token_urlsafe(24)
    numbers = {"--port": port, "--seed": seed, "--size": size}
    arguments = [word for name, number in numbers.items() for word in (name, str(number))]
    command = [sys.executable, "-m", "command.local.hr_server", *arguments]
    env = own_environment() | {TOKEN: token}
    with tempfile.TemporaryDirectory(prefix="peoplefeed-hr-") as folder:
        output = log or Path(folder) / "hr.log"
        with running_program("The HR system", command, log=output, env=env, cwd=PROJECT) as program:
            wait_until_listening(program, port, within=STARTS_WITHIN)
            yield HrServer(f"http://{HOST}:{port}", token)


class HrSystem:
    """What the HR system answers, without the wire."""

    def __init__(self, token: str, days: tuple[Edition, ...]) -> None:
        """Begin with the first edition."""
        self._token, self._days, self._today = token, days, 0

    def answer(self, method: str, target: str, authorization: str) -> Answer:
        """Answer one request."""
        if not compare_digest(authorization.encode(), f"Bearer {self._token}".encode()):
            return _refusal(HTTPStatus.UNAUTHORIZED, "The bearer token is missing or wrong.")
        url = urlsplit(target)
        match method, url.path:
            case "GET", "/employees":
                return self._employees(parse_qs(url.query))
            case "POST", "/step":
                self._today = min(self._today + 1, len(self._days) - 1)
                return HTTPStatus.OK, {"edition": self._today}
        return _refusal(HTTPStatus.NOT_FOUND, f"There is no {method} {url.path} here.")

    def _employees(self, query: dict[str, list[str]]) -> Answer:
        try:
            page, size = int(query.get("page", ["1"])[-1]), int(query.get("per_page", ["100"])[-1])
        except ValueError:
            return _refusal(HTTPStatus.BAD_REQUEST, "page and per_page are numbers.")
        if page < 1 or not 1 <= size <= MOST_PER_PAGE:
            return _refusal(HTTPStatus.BAD_REQUEST, f"Pages begin with 1 and have up to {MOST_PER_PAGE} employees.")
        everyone = self._days[self._today].employees
        shown = everyone[(page - 1) * size : page * size]
        pages = -(-len(everyone) // size)
        return HTTPStatus.OK, {"employees": shown, "page": page, "pages": pages, "total": len(everyone)}


def _refusal(status: HTTPStatus, sentence: str) -> Answer:
    return status, {"error": sentence}


class Connection(BaseHTTPRequestHandler):
    """A connection to the HR system."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120
    system: HrSystem

    def serve(self) -> None:
        """Answer one request."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, document = self.system.answer(self.command, self.path, self.headers.get("Authorization") or "")
        body = json.dumps(document, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = serve  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser()
    for name in ("--port", "--seed", "--size"):
        parser.add_argument(name, type=int, required=True)
    given = parser.parse_args()
    Connection.system = HrSystem(os.environ[TOKEN], editions(given.seed, given.size))
    with ThreadingHTTPServer((HOST, given.port), Connection) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
