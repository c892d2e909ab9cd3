"""The way to one learning platform: a pool of connections, and what can go wrong on it, translated once.

https only, no redirects, no proxy from the environment, no more time or bytes than a delivery may take. An address
that a tenant gave must be on the public internet. The token never leaves the Authorization header, not even when a
platform says it back.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, Protocol
from urllib.parse import urlencode, urlsplit

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout, connection_from_url
from urllib3.exceptions import HTTPError, ProtocolError
from urllib3.exceptions import TimeoutError as TimedOut

from peoplefeed.learning_platform.trouble import HoldUp, Refused, Unavailable, trouble_of

MEDIA_TYPE: Final = "application/scim+json"
AT_ONCE: Final = 10

_CONNECT_SECONDS, _READ_SECONDS = 3.0, 10.0
_ANSWER_BYTES = 8 * 1024 * 1024
_PIECE = 64 * 1024
_REPEATABLE = frozenset({"GET", "PUT"})


class Secret(Protocol):
    """Where the bearer token comes from."""

    def value(self) -> str | None:
        """Return the token, None for a platform that wants none."""

    def renewed(self) -> bool:
        """Read the token again; whether it is another one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A success, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> dict[str, Any]:
        """Return the answer's JSON object, an empty one where there is no body.

        Raises:
            Unavailable: it is something else, a proxy's page for instance.
        """
        try:
            found = json.loads(self.body or b"{}")
        except ValueError as error:
            raise Unavailable(HoldUp.OUTAGE, "its answer is not JSON") from error
        if not isinstance(found, dict):
            raise Unavailable(HoldUp.OUTAGE, "its answer is not a JSON object")
        return found


class Connection:
    """Connections to one platform, for all threads of this process."""

    def __init__(self, base_url: str, secret: Secret, *, public_only: bool = False, local: bool = False) -> None:
        """Take the address of the SCIM root, `https://…/scim/v2`; `local` lets it be on 127.0.0.1."""
        self._base_url, self._public_only, self._local = base_url, public_only, local
        self._pool: HTTPConnectionPool | None = None
        self._path = urlsplit(base_url).path.rstrip("/")
        self._host = urlsplit(base_url).netloc
        self._secret = secret

    def ask(
        self,
        method: str,
        path: str,
        *,
        deadline: float,
        query: Mapping[str, str | int] | None = None,
        document: Mapping[str, Any] | None = None,
        if_match: str | None = None,
    ) -> Answer:
        """Return what the platform answers; `deadline` is on the monotonic clock.

        Raises:
            PlatformTrouble: anything but a success.
        """
        url = f"{self._path}{path}{f'?{urlencode(query)}' if query else ''}"
        body = None if document is None else json.dumps(document).encode()
        answer = self._answered(method, url, body, if_match, deadline)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._secret.renewed():
            answer = self._answered(method, url, body, if_match, deadline)
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return answer
        trouble = trouble_of(answer.status, answer.headers, _error_in(answer), datetime.now(UTC))
        if isinstance(trouble, Refused) and (token := self._secret.value()):
            trouble.words = trouble.words.replace(token, "…")
        raise trouble

    def _answered(self, method: str, url: str, body: bytes | None, if_match: str | None, deadline: float) -> Answer:
        headers = self._headers(if_match, has_body=body is not None)
        try:
            return self._once(method, url, body, headers, deadline)
        except TimedOut as error:
            raise Unavailable(HoldUp.OUTAGE, "it does not answer in time") from error
        except ProtocolError as error:
            if method not in _REPEATABLE:  # whether a POST arrived is found out by looking the person up
                raise Unavailable(HoldUp.OUTAGE, "it broke the connection off") from error
        except HTTPError as error:
            self._pool = None  # its name may stand for another address by now
            raise Unavailable(HoldUp.OUTAGE, f"it cannot be reached ({type(error).__name__})") from error
        try:  # a connection that was kept open and is not any more
            return self._once(method, url, body, headers, deadline)
        except HTTPError as error:
            raise Unavailable(HoldUp.OUTAGE, f"it breaks connections off ({type(error).__name__})") from error

    def _connections(self) -> HTTPConnectionPool:
        pool = self._pool
        if pool is None:
            open_ = _pinned if self._public_only else _unpinned
            pool = self._pool = open_(self._base_url, local=self._local)
        return pool

    def _headers(self, if_match: str | None, *, has_body: bool) -> dict[str, str]:
        headers = {"Host": self._host, "Accept": f"{MEDIA_TYPE}, application/json"}
        if has_body:
            headers["Content-Type"] = MEDIA_TYPE
        if if_match is not None:
            headers["If-Match"] = if_match
        if token := self._secret.value():
            headers["Authorization"] = f"Bearer {token}"
        return headers

    def _once(self, method: str, url: str, body: bytes | None, headers: dict[str, str], deadline: float) -> Answer:
        left = _left(deadline)
        response = self._connections().urlopen(
            method,
            url,
            body=body,
            headers=headers,
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            timeout=Timeout(connect=min(_CONNECT_SECONDS, left), read=min(_READ_SECONDS, left)),
        )
        return Answer(response.status, response.headers, _body_of(response, deadline))


def _unpinned(base_url: str, *, local: bool) -> HTTPConnectionPool:  # noqa: ARG001 - the operator chose the address
    return connection_from_url(base_url, maxsize=AT_ONCE, retries=False)


def _pinned(base_url: str, *, local: bool) -> HTTPConnectionPool:
    """Return connections to the one address that a name stands for now, which must be a public one.

    Raises:
        Unavailable: it is not, or there is none.
    """
    from peoplefeed.sources.addresses import safe_address  # noqa: PLC0415 - the deployment's platform does without
    from peoplefeed.sources.trouble import SourceTrouble  # noqa: PLC0415 - the same

    base = urlsplit(base_url)
    host, https = base.hostname or "", base.scheme == "https"
    port = base.port or (443 if https else 80)
    try:
        address = safe_address(host, port, local=local)
    except SourceTrouble as error:
        raise Unavailable(HoldUp.MISCONFIGURED, error.reason.rstrip(".")) from error
    if not https:
        return HTTPConnectionPool(address, port, maxsize=AT_ONCE, retries=False)
    return HTTPSConnectionPool(
        address,
        port,
        maxsize=AT_ONCE,
        retries=False,
        cert_reqs="CERT_REQUIRED",
        server_hostname=host,
        assert_hostname=host,
    )


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Unavailable(HoldUp.OUTAGE, "it took all the time that a delivery has")
    return left


def _check(size: int, deadline: float) -> None:
    if size > _ANSWER_BYTES:
        raise Unavailable(HoldUp.OUTAGE, "its answer is too large")
    _left(deadline)


def _body_of(response: BaseHTTPResponse, deadline: float) -> bytes:
    """Read an answer in pieces, so that neither its size nor its time gets out of hand."""
    body = bytearray()
    try:
        while piece := response.read1(_PIECE):
            body += piece
            _check(len(body), deadline)
    except (HTTPError, Unavailable):
        response.close()
        raise
    response.release_conn()
    return bytes(body)


def _error_in(answer: Answer) -> object:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None
