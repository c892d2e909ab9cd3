"""A client for one HR system that trusts it with nothing.

One resolution pinned for the poll, https only, no other host, no more time, bytes or requests than allowed. What
passes by itself is tried again with growing pauses; what does not becomes a `SourceTrouble`.
"""

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode, urljoin

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Retry, Timeout
from urllib3.exceptions import DecodeError, HTTPError, MaxRetryError, ProtocolError, ReadTimeoutError, SSLError
from urllib3.util import Url, parse_url

from peoplefeed.sources import addresses
from peoplefeed.sources.trouble import SourceTrouble, incomplete, malformed, refused, unreachable
from peoplefeed.sources.verdicts import BrokenOff, pause_asked_for, trouble_of_error, trouble_of_status

_MIB: Final = 1024 * 1024
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 30.0
_PIECE = 64 * 1024
_REDIRECTS = 5
_PORTS = {"https": 443, "http": 80}
_WHOLE, _PARTIAL = 200, 206
_MOVED = frozenset({301, 302, 303, 307, 308})
_PATIENCE = Retry(
    total=4,
    allowed_methods=("GET",),
    status_forcelist=(429, 500, 502, 503, 504),
    backoff_factor=1,
    backoff_max=30,
    backoff_jitter=1,
    retry_after_max=60,  # the default is six hours
)


@dataclass(frozen=True, slots=True)
class Safety:
    """What a poll may do and take: the caps of a deployment. `local` lets HR systems be at 127.0.0.1."""

    local: bool = False
    seconds: float = 570
    answer_bytes: int = 64 * _MIB
    poll_bytes: int = 2048 * _MIB


@dataclass(frozen=True, slots=True)
class World:
    """What tests replace: time, sleep, name resolution, trusted certificates."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    resolve: addresses.Resolve = addresses.resolve
    certificates: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A page as it came. `url` is where links in it start from."""

    url: str
    body: bytes
    content_type: str
    link: str | None
    partial: bool


@dataclass(frozen=True, slots=True)
class _Failed:
    """An attempt without an answer: what it means, and what came instead."""

    cause: SourceTrouble
    response: BaseHTTPResponse | None = None
    error: HTTPError | None = None


@dataclass(slots=True)
class Client:
    """The connection of one poll to its HR system. `headers` hold the credentials: never shown, never logged."""

    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    safety: Safety
    requests_per_minute: int | None = None
    world: World = field(default_factory=World, repr=False)
    _base: Url = field(init=False, repr=False)
    _pool: HTTPConnectionPool = field(init=False, repr=False)
    _deadline: float = field(init=False, repr=False)
    _next_turn: float = field(default=0, init=False, repr=False)
    _received: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        """Resolve the host, once."""
        self._deadline = self.world.clock() + self.safety.seconds
        self._base = parse_url(self.base_url)
        self._pool = _pinned(self._base, self.safety, self.world)

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()

    def address(self, path: str, query: Mapping[str, str]) -> str:
        """Return the address of a path below the base URL."""
        address = f"{self.base_url}/{path.lstrip('/')}" if path else self.base_url
        return f"{address}?{urlencode(query)}" if query else address

    def same_origin(self, url: str, link: str) -> str:
        """Return the address that a link on a page leads to, which must not leave the HR system."""
        try:
            target = parse_url(urljoin(url, link))
        except (HTTPError, ValueError) as error:
            raise malformed("it holds a link that is not an address.") from error
        if _origin(target) != _origin(self._base):
            raise refused(f"it leads to another host, '{target.host}'; if it has moved, correct base_url.")
        return target._replace(auth=None, fragment=None).url

    def get(self, url: str) -> Answer:
        """Return what the HR system answers, after as many attempts as it takes and is allowed.

        Raises:
            SourceTrouble: no whole answer within the caps.
        """
        retry = _PATIENCE
        while isinstance(outcome := self._attempt(url), _Failed):
            retry = self._again(retry, outcome)
        return outcome

    def _attempt(self, url: str) -> Answer | _Failed:
        self._take_turn()
        try:
            url, response = self._followed(url)
            if response.status not in {_WHOLE, _PARTIAL}:
                response.close()
                return _Failed(trouble_of_status(response, begun=self._received > 0), response=response)
            body = self._body(response)
        except HTTPError as error:
            return _Failed(trouble_of_error(error), error=error)
        headers = response.headers
        partial = response.status == _PARTIAL
        return Answer(url, body, headers.get("Content-Type", ""), headers.get("Link"), partial)

    def _again(self, retry: Retry, failed: _Failed) -> Retry:
        """Wait for the next attempt, unless there is none."""
        response, asked = failed.response, None
        if response is not None:
            asked = pause_asked_for(retry, response)
            passing = retry.is_retry("GET", response.status, has_retry_after=asked is not None)
        else:
            passing = not isinstance(failed.error, SSLError)
        if not passing:
            raise failed.cause from failed.error
        try:
            retry = retry.increment("GET", response=response, error=failed.error)
        except MaxRetryError:
            raise failed.cause from failed.error
        self._pause(asked or retry.get_backoff_time(), failed.cause)
        return retry

    def _take_turn(self) -> None:
        """Keep to the rate limit."""
        if self.requests_per_minute is None:
            return
        now = self.world.clock()
        wait = max(0.0, self._next_turn - now)
        if wait:
            self._pause(wait, incomplete("its rate limit leaves no time for the rest."))
        self._next_turn = now + wait + 60 / self.requests_per_minute

    def _pause(self, seconds: float, cause: SourceTrouble) -> None:
        if seconds >= self._deadline - self.world.clock():
            raise cause
        if seconds:
            self.world.sleep(seconds)

    def _left(self) -> float:
        left = self._deadline - self.world.clock()
        if left <= 0:
            raise incomplete(f"the poll took longer than {self.safety.seconds:.0f} seconds.")
        return left

    def _followed(self, url: str) -> tuple[str, BaseHTTPResponse]:
        """Ask, and follow where the HR system moved the answer within itself."""
        for _ in range(_REDIRECTS):
            response = self._asked(url)
            location = response.headers.get("Location")
            if response.status not in _MOVED or not location:
                return url, response
            response.close()
            url = self.same_origin(url, location)
        raise refused("it redirects in circles.")

    def _asked(self, url: str) -> BaseHTTPResponse:
        left = self._left()
        return self._pool.urlopen(
            "GET",
            parse_url(url).request_uri,
            headers={"Host": self._base.netloc or "", "Accept-Encoding": "gzip", **self.headers},
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            timeout=Timeout(connect=min(_CONNECT_SECONDS, left), read=min(_READ_SECONDS, left)),
        )

    def _body(self, response: BaseHTTPResponse) -> bytes:
        """Read an answer in pieces, so that neither size nor time gets out of hand."""
        body = bytearray()
        try:
            while piece := response.read1(_PIECE):
                body += piece
                self._received += len(piece)
                self._check_size(len(body))
                self._left()
        except (ProtocolError, ReadTimeoutError, DecodeError) as error:
            raise BrokenOff("an answer broke off") from error
        finally:
            response.close()
        return bytes(body)

    def _check_size(self, size: int) -> None:
        if size > self.safety.answer_bytes:
            raise malformed(f"one answer has more than {self.safety.answer_bytes // _MIB} MiB; ask for smaller pages.")
        if self._received > self.safety.poll_bytes:
            raise malformed(f"one poll has more than {self.safety.poll_bytes // _MIB} MiB.")


def _origin(url: Url) -> tuple[str | None, str | None, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme or "")


def _pinned(base: Url, safety: Safety, world: World) -> HTTPConnectionPool:
    """Return a pool that connects to one address, whatever the name stands for later."""
    scheme, host = base.scheme or "", (base.host or "").strip("[]")
    if scheme != "https" and not (safety.local and host == addresses.LOCAL_HOST):
        raise unreachable("only https is allowed.")
    port = base.port or _PORTS[scheme]
    address = addresses.safe_address(host, port, local=safety.local, resolve=world.resolve)
    if scheme == "http":
        return HTTPConnectionPool(address, port)
    return HTTPSConnectionPool(
        address,
        port,
        cert_reqs="CERT_REQUIRED",
        server_hostname=host,
        assert_hostname=host,
        ssl_context=world.certificates,
    )
