"""A learning platform that is not quite SCIM: every oddity is a switch. HTTP is real, the accounts are in memory."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import RLock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.integration.learning_platform.odd_accounts import Account, Accounts, patched

_CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
_CONFIGURATION = "/ServiceProviderConfig"


@dataclass(frozen=True, slots=True)
class Script:
    """An answer to give instead of the right one, to the next request of this method."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"detail": "scripted"}'
    method: str = ""


@dataclass(slots=True)
class OddPlatform:
    """The switches, what is on the platform, and what it was asked."""

    url: str = ""
    token: str | None = None
    page: int = 20
    filters: bool = True
    says_no_to_filters: bool = False
    compares_capitals: bool = False
    stores_external_ids: bool = True
    tells_ids: bool = True
    sends_location: bool = True
    has_put: bool = True
    has_patch: bool = True
    patch_status: int = 200
    demands_version: bool = False
    knows: frozenset[str] | None = None
    says_of_itself: dict[str, Any] | None = None
    unique_names: bool = True
    unique_addresses: bool = False
    ignores_start: bool = False
    is_down: bool = False
    per_second: int | None = None
    times: deque[float] = field(default_factory=deque)
    delay: float = 0.0
    echoes: str = ""
    accounts: Accounts = field(default_factory=Accounts)
    described: int = 0
    asked: list[str] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock)
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def add(self, **attributes: Any) -> str:
        """Put an account there that is not ours."""
        account_id = f"id {next(self.ids)}"
        self.accounts[account_id] = {"id": account_id, **attributes}
        return account_id

    def named(self, user_name: str) -> Account:
        """The one account that goes by a name."""
        (found,) = [account for account in self.accounts.values() if account["userName"] == user_name]
        return found

    def of(self, external_id: str) -> Account:
        """The one account of a person."""
        (found,) = [account for account in self.accounts.values() if account.get("externalId") == external_id]
        return found

    def clashes(self, body: dict[str, Any], account_id: str) -> bool:
        """Whether there may not be this beside another account."""
        unique = {"userName": self.unique_names, "emails.value": self.unique_addresses}
        return any(other["id"] != account_id for other in self.accounts.clashing(body, unique))

    def count_of(self, method: str) -> int:
        """How many requests of a method were made."""
        return sum(request.startswith(f"{method} ") for request in self.asked)

    def readings(self) -> int:
        """How often somebody began to read all accounts."""
        return sum(request.endswith("startIndex=1") for request in self.asked)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # a response in one packet
    platform: OddPlatform

    def log_message(self, *_: object) -> None:
        """Be quiet."""

    def _handled(self) -> None:
        platform = self.platform
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        time.sleep(platform.delay)
        with platform.lock:
            described = self.path.endswith(_CONFIGURATION)
            platform.asked += [] if described else [f"{self.command} {self.path}"]
            script = next((s for s in platform.scripts if s.method in {"", self.command} and not described), None)
            if described and not platform.is_down:
                self._describe()
            elif script:
                platform.scripts.remove(script)
                self._send(script.status, script.body, script.headers)
            elif platform.is_down:
                self._send_error(503, "we are improving for you")
            elif self._is_too_much():
                self._send_error(429, "slow down")
            elif platform.token is not None and self.headers.get("Authorization") != f"Bearer {platform.token}":
                self._send_error(401, "who are you?")
            else:
                self._routed(body)

    def _is_too_much(self) -> bool:
        """Whether more came in the last second than the platform allows."""
        platform, now = self.platform, time.monotonic()
        if platform.per_second is None:
            return False
        platform.times.append(now)
        while platform.times[0] < now - 1:
            platform.times.popleft()
        return len(platform.times) > platform.per_second

    def _describe(self) -> None:
        """Say what it can; that is asked once by each process, and does not count as a request of a delivery."""
        platform = self.platform
        platform.described += 1
        if platform.says_of_itself is None:
            self._send_error(404, "no such endpoint")
        else:
            self._send_json(200, platform.says_of_itself)

    do_GET = do_POST = do_PUT = do_PATCH = _handled  # noqa: N815 - their names are given

    def _routed(self, body: dict[str, Any]) -> None:
        path = urlsplit(self.path).path.removeprefix("/scim")
        account_id = unquote(path.removeprefix("/Users").lstrip("/"))
        if path == "/Schemas" and self.platform.knows is not None:
            names = [{"name": name} for name in self.platform.knows]
            self._send_json(200, {"Resources": [{"id": _CORE, "attributes": names}]})
        elif not path.startswith("/Users"):
            self._send_error(404, "no such endpoint")
        elif self.command == "POST":
            self._create(body)
        elif not account_id:
            self._list()
        elif account_id not in self.platform.accounts:
            self._send_error(404, "no such account")
        elif self.command == "GET":
            self._show(account_id)
        else:
            self._change(account_id, body)

    def _list(self) -> None:
        platform = self.platform
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if "filter" in query and platform.says_no_to_filters:
            return self._send_error(400, "no filters here", "invalidFilter")
        if "filter" in query and platform.filters:
            found = platform.accounts.filtered(query["filter"], minds_capitals=platform.compares_capitals)
        else:
            found = list(platform.accounts.values())
        start = 0 if platform.ignores_start else int(query.get("startIndex", 1)) - 1
        size = min(int(query.get("count", platform.page)), platform.page)
        return self._send_json(200, {"totalResults": len(found), "Resources": found[start : start + size]})

    def _refusal(self, body: dict[str, Any], account_id: str = "") -> tuple[int, str, str] | None:
        """Why a person is not wanted: status, words, SCIM type."""
        platform = self.platform
        unknown = sorted(set(body) - platform.knows - {"schemas"}) if platform.knows is not None else []
        if unknown:
            return 400, f"unknown attributes: {unknown}", "invalidSyntax"
        if platform.clashes(body, account_id):
            return 409, f"{body['userName']} is taken {platform.echoes}", "uniqueness"
        return None

    def _create(self, body: dict[str, Any]) -> None:
        platform = self.platform
        if refusal := self._refusal(body):
            return self._send_error(*refusal)
        account_id = platform.add(**self._stored(body))
        headers = {"Location": f"{platform.url}/Users/{account_id.replace(' ', '%20')}"}
        shown = dict(platform.accounts[account_id])
        if not platform.tells_ids:
            del shown["id"]
        return self._send_json(201, shown, headers if platform.sends_location else {})

    def _stored(self, body: dict[str, Any]) -> dict[str, Any]:
        dropped = set() if self.platform.stores_external_ids else {"externalId"}
        return {name: value for name, value in body.items() if name not in {"id", *dropped}}

    def _version(self, account_id: str) -> str:
        return f'W/"{hash(json.dumps(self.platform.accounts[account_id], sort_keys=True))}"'

    def _show(self, account_id: str) -> None:
        self._send_json(200, self.platform.accounts[account_id], {"ETag": self._version(account_id)})

    def _change(self, account_id: str, body: dict[str, Any]) -> None:
        platform = self.platform
        if not (platform.has_put if self.command == "PUT" else platform.has_patch):
            return self._send_error(405, f"no {self.command} here")
        if platform.demands_version and self.headers.get("If-Match") != self._version(account_id):
            return self._send_error(412 if "If-Match" in self.headers else 428, "which version?")
        current = platform.accounts[account_id]
        after = {"id": account_id, **self._stored(body)} if self.command == "PUT" else patched(current, body)
        if refusal := self._refusal(after, account_id):
            return self._send_error(*refusal)
        platform.accounts[account_id] = after
        if self.command == "PATCH" and platform.patch_status == 204:
            return self._send(204, b"", {})
        return self._send_json(200, after)

    def _send_error(self, status: int, detail: str, scim_type: str | None = None) -> None:
        error = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(status), "detail": detail}
        self._send_json(status, error | ({"scimType": scim_type} if scim_type else {}))

    def _send_json(self, status: int, document: object, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(document).encode(), headers or {})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)


@contextmanager
def running_odd_platform() -> Iterator[OddPlatform]:
    """Run the platform in a thread of its own."""
    platform = OddPlatform()
    handler = type("Handler", (_Handler,), {"platform": platform})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    platform.url = f"http://127.0.0.1:{server.server_port}/scim"
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
