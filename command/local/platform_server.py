"""The local learning platform: a SCIM 2.0 service that keeps everything in memory, in a process of its own.

scim2-server does the protocol and the storage (it finds `externalId eq` and `userName eq` by index: 3 ms
at 50,000 people); each tenant has one of its own, made by its first request. What is ours is a server
around it that keeps connections open: its own opens one, and a thread, for each request.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import IO, TYPE_CHECKING, cast
from wsgiref.handlers import SimpleHandler
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from command.local.install import PROJECT
from command.local.processes import (
    HOST,
    Program,
    own_environment,
    require_free_port,
    running_program,
    wait_until_listening,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

STARTS_WITHIN = 15.0
TOKEN = "PEOPLEFEED_PLATFORM_TOKEN"  # noqa: S105 - the name of a variable


@contextmanager
def running_platform(log: Path, *, token: str = "") -> Iterator[str]:
    """Run a learning platform, and yield its URL with `{tenant}` for the tenant."""
    with starting_platform(log, token=token) as (program, port):
        wait_until_ready(program, port)
        yield url_of(port)


@contextmanager
def starting_platform(log: Path, *, token: str = "") -> Iterator[tuple[Program, int]]:
    """Start a learning platform on a free port; it does not answer at once."""
    port = require_free_port(0)
    command = [sys.executable, "-m", "command.local.platform_server", "--port", str(port)]
    env = own_environment() | {TOKEN: token}
    with running_program("The learning platform", command, log=log, env=env, cwd=PROJECT) as program:
        yield program, port


def wait_until_ready(program: Program, port: int) -> None:
    """Wait until the platform accepts connections."""
    wait_until_listening(program, port, within=STARTS_WITHIN)


def url_of(port: int) -> str:
    """Return the base URL of a tenant's SCIM service."""
    return f"http://{HOST}:{port}/{{tenant}}/v2"


def application(token: str = "") -> WSGIApplication:
    """Return the WSGI application: for each tenant a storage that no other tenant can reach."""
    # Half a second of imports that whoever only starts the server need not wait for.
    from scim2_server.applications.wsgi import TenantDispatcher  # noqa: PLC0415
    from scim2_server.memory import InMemoryStorage  # noqa: PLC0415
    from scim2_server.service import ScimService  # noqa: PLC0415
    from scim2_server.testserver.application import BearerTokenApplication  # noqa: PLC0415
    from scim2_server.utils import load_default_provider  # noqa: PLC0415

    provider = load_default_provider()
    service = ScimService(provider)
    tokens = [token] if token else []

    def of_tenant(_tenant: str) -> BearerTokenApplication:
        return BearerTokenApplication(InMemoryStorage(), provider, service=service, bearer_tokens=tokens)

    return TenantDispatcher(of_tenant)


class Server(ThreadingMixIn, WSGIServer):
    """One thread for each connection."""

    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        """Bind, without the look-up of our own name that takes seconds in some networks."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = HOST, self.server_address[1]
        self.setup_environ()


class Connection(WSGIRequestHandler):
    """A connection that stays open for one request after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # a response in one packet
    timeout = 120
    handle = BaseHTTPRequestHandler.handle

    def serve(self) -> None:
        """Answer one request; its whole body is read whether the application wants it or not."""
        length = int(self.headers.get("Content-Length") or 0)
        body = io.BytesIO(self.rfile.read(length))
        output = cast("IO[bytes]", self.wfile)
        handler = SimpleHandler(body, output, sys.stderr, self.get_environ(), multithread=True)
        handler.http_version = "1.1"
        handler.run(self.server.get_app())  # type: ignore[attr-defined]  # a WSGIServer has it

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Say nothing: paths hold external IDs."""


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    logging.disable(logging.INFO)
    with Server((HOST, port), Connection) as server:
        server.set_app(application(os.environ.get(TOKEN, "")))
        server.serve_forever()


if __name__ == "__main__":
    main()
