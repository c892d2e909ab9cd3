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

from peoplefeed.sources.trouble import SourceTrouble, incomplete, refused, throttled, unreachable

_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _SERVER_ERROR, _UNAVAILABLE = 401, 403, 429, 500, 503


class BrokenOff(ProtocolError):
    """An answer that ended before its end."""


def trouble_of_status(response: BaseHTTPResponse, *, begun: bool) -> SourceTrouble:
    """Return what a status other than success means. `begun` says that there were pages before this one."""
    status = response.status
    reason = f"it answers with status {status}."
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        return refused(reason)
    if status == _TOO_MANY or (status == _UNAVAILABLE and "Retry-After" in response.headers):
        return throttled(reason)
    if status >= _SERVER_ERROR:
        return unreachable(reason)
    return incomplete(f"it refuses a later page with status {status}.") if begun else refused(reason)


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
