"""A client for one HR system that trusts it with nothing.

No other host, no more time, bytes or requests than allowed. What passes by itself is tried again with growing
pauses; what does not becomes a `SourceTrouble`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import IO
from urllib.parse import urlencode

from urllib3 import BaseHTTPResponse, Retry, Timeout, exceptions
from urllib3.exceptions import (
    DecodeError,
    HTTPError,
    MaxRetryError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import Url, parse_url

from peoplefeed.sources.allowance import Allowance
from peoplefeed.sources.connection import MIB, Safety, World, pinned
from peoplefeed.sources.credentials import Credentials
from peoplefeed.sources.exchange import IF_NONE_MATCH, NOT_MODIFIED, NOTHING, PARTIAL, WHOLE, Answer, Call, answer_of
from peoplefeed.sources.interruption import Pool, ending_after
from peoplefeed.sources.links import within, without
from peoplefeed.sources.trouble import SourceTrouble, incomplete, malformed, refused
from peoplefeed.sources.verdicts import BrokenOff, pause_asked_for, trouble_of_error, trouble_of_status

_CONNECT_SECONDS, _READ_SECONDS = 5.0, 30.0
_GRACE_SECONDS = 1.0  # so that a timeout comes first where it says more
_PIECE = 64 * 1024
_REDIRECTS = 5
_UNAUTHORIZED, _NO_SUCH_RANGE = 401, 416
_MOVED = frozenset({301, 302, 303, 307, 308})
_KEEPING_THE_METHOD = frozenset({307, 308})

PATIENT = Retry(
    total=4,
    allowed_methods=("GET",),
    status_forcelist=(429, 500, 502, 503, 504),
    backoff_factor=1,
    backoff_max=30,
    backoff_jitter=1,
    retry_after_max=60,  # the default is six hours
)
ONE_ATTEMPT = PATIENT.new(total=0)
"""For a system that has been down for a while: finding out whether it is up again must not delay others."""

type Sink = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class _Failed:
    """An attempt without an answer: what it means, and what came instead."""

    cause: SourceTrouble
    response: BaseHTTPResponse | None = None
    error: HTTPError | None = None


@dataclass(slots=True)
class Client:
    """The connection of one poll to its HR system. `began` is when the poll did, by the world's clock."""

    base_url: str
    credentials: Credentials = field(repr=False)
    safety: Safety
    requests_per_minute: int | None = None
    world: World = field(default_factory=World, repr=False)
    patience: Retry = PATIENT
    received: int = 0
    answered: Answer | None = field(default=None, init=False, repr=False)
    """The last answer, without its body."""
    began: float | None = None
    _base: Url = field(init=False, repr=False)
    _pool: Pool = field(init=False, repr=False)
    _time: Allowance = field(init=False, repr=False)
    _is_renewed: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        """Resolve the host, once."""
        began = self.world.clock() if self.began is None else self.began
        self._time = Allowance(self.safety.seconds, self.world, began, self.requests_per_minute)
        self._base = parse_url(self.base_url)
        self._pool = pinned(self._base, self.safety, self.world)

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()

    @property
    def seconds(self) -> float:
        """How long the poll has taken so far."""
        return self._time.taken

    @property
    def seconds_left(self) -> float:
        """How much of the poll's time is left."""
        return self._time.left

    def address(self, path: str, query: Mapping[str, str | list[str]]) -> str:
        """Return the address of a path below the base URL."""
        address = f"{self.base_url}/{path.lstrip('/')}" if path else self.base_url
        return f"{address}?{urlencode(query, doseq=True)}" if query else address

    def same_origin(self, url: str, link: str) -> str:
        """Return the address that a link on a page leads to, without a key that it repeats.

        Raises:
            SourceTrouble: it leaves the HR system.
        """
        target = within(self._base, url, link)
        return target._replace(query=without(target.query, self.credentials.query)).url

    def send(self, call: Call, sink: Sink | None = None, file: IO[bytes] | None = None) -> Answer:
        """Return what the HR system answers, after as many attempts as it takes and is allowed.

        A body goes to the sink piece by piece, if there is one; what has begun to go there is not tried again. Or it
        goes to a file, which each attempt begins anew.

        Raises:
            SourceTrouble: no whole answer within the caps.
        """
        retry = self.patience
        while isinstance(outcome := self._attempt(call, sink, file), _Failed):
            if not self._has_new_credentials(outcome):
                retry = self._again(retry, outcome)
        self._is_renewed = False
        self.answered = replace(outcome, body=b"")
        return outcome

    def _attempt(self, call: Call, sink: Sink | None, file: IO[bytes] | None) -> Answer | _Failed:
        self._time.take_turn()
        with ending_after(self._pool, self._time.rest() + _GRACE_SECONDS):
            return self._tried(call, sink, file)

    def _tried(self, call: Call, sink: Sink | None, file: IO[bytes] | None) -> Answer | _Failed:
        try:
            call, response = self._followed(call)
            status = response.status
            beyond = status == NOTHING or (status == _NO_SUCH_RANGE and "Range" in call.headers)
            unchanged = status == NOT_MODIFIED and IF_NONE_MATCH in call.headers
            if status not in {WHOLE, PARTIAL} and not beyond and not unchanged:
                response.close()
                return _Failed(trouble_of_status(response, begun=self.received > 0), response=response)
            answer = answer_of(call, response, beyond=beyond)
            body = self._body(response, sink) if file is None else self._spooled(response, file)
        except HTTPError as error:
            if not isinstance(error, exceptions.TimeoutError):
                self._time.rest()  # who was interrupted is late, whatever the error says
            return _Failed(trouble_of_error(error), error=error)
        return replace(answer, body=body)

    def _has_new_credentials(self, failed: _Failed) -> bool:
        """Get a new token once where the old one has expired in the middle."""
        response, renew = failed.response, self.credentials.renew
        if response is None or response.status != _UNAUTHORIZED or renew is None or self._is_renewed:
            return False
        self.credentials, self._is_renewed = renew(), True
        return True

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
        self._time.pause(asked or retry.get_backoff_time(), failed.cause)
        return retry

    def _followed(self, call: Call) -> tuple[Call, BaseHTTPResponse]:
        """Ask, and follow where the HR system moved the answer within itself."""
        for _ in range(_REDIRECTS):
            response = self._asked(call)
            location = response.headers.get("Location")
            if response.status not in _MOVED or not location:
                return call, response
            response.close()
            if call.method != "GET" and response.status not in _KEEPING_THE_METHOD:
                raise refused(f"it redirects a {call.method} with status {response.status}.")
            call = replace(call, url=self.same_origin(call.url, location))
        raise refused("it redirects in circles.")

    def _asked(self, call: Call) -> BaseHTTPResponse:
        left = self._time.rest()
        ours = {"Host": self._base.netloc or "", "Accept-Encoding": "gzip"}
        response = self._pool.urlopen(
            call.method,
            parse_url(self._with_key(call.url)).request_uri,
            body=call.body,
            headers={**ours, **call.headers, **self.credentials.headers},
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            timeout=Timeout(connect=min(_CONNECT_SECONDS, left), read=min(_READ_SECONDS, left)),
        )
        if self.seconds_left <= 0:  # the library takes a header that breaks off for the last one
            response.close()
            self._time.rest()
        return response

    def _body(self, response: BaseHTTPResponse, sink: Sink | None) -> bytes:
        body, began = bytearray(), self.received
        try:
            for piece in self._pieces(response):
                (sink or body.extend)(piece)
                self._check_size(len(body), self.safety.answer_bytes)
        except BrokenOff as error:
            if sink and self.received > began:
                raise incomplete("an answer broke off in the middle.") from error
            raise
        return bytes(body)

    def _spooled(self, response: BaseHTTPResponse, file: IO[bytes]) -> bytes:
        file.seek(0)
        file.truncate()
        for piece in self._pieces(response):
            file.write(piece)
            self._check_size(file.tell(), self.safety.file_bytes)
        return b""

    def _pieces(self, response: BaseHTTPResponse) -> Iterator[bytes]:
        """Read an answer in pieces, so that neither size nor time gets out of hand."""
        try:
            while piece := response.read1(_PIECE):
                self.received += len(piece)
                yield piece
                self._time.rest()
        except (ProtocolError, ReadTimeoutError, DecodeError) as error:
            raise BrokenOff("an answer broke off") from error
        finally:
            response.close()

    def _check_size(self, size: int, most: int) -> None:
        if size > most:
            raise malformed(f"one answer has more than {most // MIB} MiB; ask for smaller pages.")
        if self.received > self.safety.poll_bytes:
            raise malformed(f"one poll has more than {self.safety.poll_bytes // MIB} MiB.")

    def _with_key(self, url: str) -> str:
        if not self.credentials.query:
            return url
        return f"{url}{'&' if '?' in url else '?'}{urlencode(self.credentials.query)}"
