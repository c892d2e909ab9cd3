"""What an HR system's failures mean to whoever reads the feed log."""

from urllib3 import BaseHTTPResponse, Retry
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InvalidHeader,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from peoplefeed.codes import Code
from peoplefeed.sources.trouble import SourceTrouble, incomplete, unreachable

_ANY_PAUSE = Retry(retry_after_max=6 * 3600)
_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _SERVER_ERROR, _UNAVAILABLE = 401, 403, 429, 500, 503


class BrokenOff(ProtocolError):
    """An answer that ended before its end."""


def trouble_of_status(response: BaseHTTPResponse, *, begun: bool) -> SourceTrouble:
    """Return what a status other than success means. `begun` says that there were pages before this one."""
    status = response.status
    return SourceTrouble(
        _code_of(response, begun=begun),
        f"it refuses a later page with status {status}." if begun else f"it answers with status {status}.",
        status=status,
        pause=pause_asked_for(_ANY_PAUSE, response),
    )


def _code_of(response: BaseHTTPResponse, *, begun: bool) -> Code:
    status = response.status
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        return Code.SOURCE_REFUSED
    if status == _TOO_MANY or (status == _UNAVAILABLE and "Retry-After" in response.headers):
        return Code.SOURCE_THROTTLED
    if status >= _SERVER_ERROR:
        return Code.SOURCE_UNREACHABLE
    return Code.SOURCE_INCOMPLETE if begun else Code.SOURCE_REFUSED


def trouble_of_error(error: HTTPError) -> SourceTrouble:
    """Return what a failed connection means."""
    match error:
        case BrokenOff():
            return incomplete("an answer broke off in the middle.")
        case SSLError():
            return unreachable("no secure connection is possible, its certificate is not trusted.")
        case ReadTimeoutError():
            return unreachable("it does not answer in time.")
        case ConnectTimeoutError():
            return unreachable("it accepts no connection.")
        case _:
            return unreachable("it closed the connection without an answer.")


def pause_asked_for(retry: Retry, response: BaseHTTPResponse) -> float | None:
    """Return how long the HR system asks to wait, in seconds or until a date, None where it makes no sense."""
    try:
        return retry.get_retry_after(response)
    except (InvalidHeader, ValueError, OverflowError):
        return None
