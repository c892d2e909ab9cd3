"""What a learning platform can do instead of what it was asked.

    Exception
    └── PlatformTrouble
        ├── Unavailable        costs time and nothing else: outages, rate limits, our own credentials (8.3)
        └── Refused            it does not want what it was sent: a problem for the feed log (8.3)
            ├── Taken          an account with that userName is there already (409)
            │   └── Conflict   it is known which, and that it stays
            ├── Gone           there is no such account (404)
            ├── Outdated       it wants to be told which version is replaced (412, 428)
            └── Unsupported    it does not know this kind of request (405, 501)

The words of a platform can hold personal data: they belong in the feed log, never in a log line.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from peoplefeed.learning_platform.patience import retry_after

_BAD_REQUEST, _UNAUTHORIZED, _CONFLICT, _TOO_MANY = 400, 401, 409, 429
_PASSING = frozenset({408, 425})
_GONE, _OUTDATED, _UNSUPPORTED = frozenset({404, 410}), frozenset({412, 428}), frozenset({405, 501})
_MOVED, _SERVER_ERROR = 300, 500
_WORDS: Final = 300


class HoldUp(StrEnum):
    """Why someone is not delivered yet; kept with the person, so that lag can be explained (8.2)."""

    OUTAGE = "outage"
    RATE_LIMIT = "rate-limit"
    CREDENTIALS = "credentials"
    MISCONFIGURED = "misconfigured"
    NO_PLATFORM = "no-platform"
    REFUSED = "refused"
    DISPLACED = "displaced"
    CONTENDED = "contended"
    ASKED_FOR = "asked-for"
    DIFFERS = "differs"

    @property
    def is_ours(self) -> bool:
        """Whether an operator must act: nothing that the platform or HR does would help."""
        return self in {HoldUp.CREDENTIALS, HoldUp.MISCONFIGURED}

    @property
    def excuses(self) -> bool:
        """Whether the time that it cost is left out of what is promised (8.2)."""
        return not self.is_ours and self is not HoldUp.CONTENDED


class PlatformTrouble(Exception):
    """The platform did not do what it was asked."""


class Unavailable(PlatformTrouble):
    """Ask again later. `pause` is how many seconds the platform wants to be left alone, None if it did not say."""

    def __init__(self, hold_up: HoldUp, reason: str, pause: float | None = None) -> None:
        """Keep why. `reason` goes to log lines and holds no personal data."""
        super().__init__(reason)
        self.hold_up, self.reason, self.pause = hold_up, reason, pause


class Refused(PlatformTrouble):
    """The platform said no. `words` are its own."""

    def __init__(self, status: int, words: str = "") -> None:
        """Keep what it said; the message of the exception holds the status only."""
        super().__init__(str(status))
        self.status, self.words = status, words

    @property
    def reason(self) -> str:
        """What it answered, as a clause for the feed log."""
        return f"it answered {self.status}{f': {self.words}' if self.words else ''}"

    @property
    def gist(self) -> str:
        """What of it does not depend on who was sent, as far as we can tell."""
        return self.reason

    @property
    def whose(self) -> str | None:
        """The external ID of somebody else whom `reason` names, where there is one."""
        return None


class Taken(Refused):
    """Another account has that userName."""


class Conflict(Taken):
    """Someone who stays is in the way."""

    def __init__(self, sentence: str, cause: Refused | None, kind: str | None = None, whose: str | None = None) -> None:
        """Keep who that is, beside what the platform said, if it was asked; and the same of nobody in particular."""
        super().__init__(cause.status if cause else 0, cause.words if cause else "")
        self.sentence, self.kind, self._whose = sentence, kind or sentence, whose

    @property
    def reason(self) -> str:
        """What is in the way, as a clause for the feed log."""
        return self._with_words(self.sentence)

    @property
    def gist(self) -> str:
        """What is in the way, whoever that is."""
        return self._with_words(self.kind)

    @property
    def whose(self) -> str | None:
        """Whose account is in the way."""
        return self._whose

    def _with_words(self, sentence: str) -> str:
        return f"{sentence} ({super().reason})" if self.status else sentence


class Gone(Refused):
    """There is no such account."""


class Outdated(Refused):
    """The request must name the version that it replaces."""


class Unsupported(Refused):
    """The platform does not know this kind of request."""


def trouble_of(status: int, headers: Mapping[str, str], document: object, now: datetime) -> PlatformTrouble:
    """Return what an answer that is no success means."""
    if status == _UNAUTHORIZED:
        return Unavailable(HoldUp.CREDENTIALS, "it does not accept our credentials (401)")
    if status == _TOO_MANY:
        return Unavailable(HoldUp.RATE_LIMIT, "it asks for fewer requests (429)", _pause(headers, now))
    if _MOVED <= status < _BAD_REQUEST:
        return Unavailable(HoldUp.MISCONFIGURED, f"it redirects ({status}); correct its address")
    if status not in _UNSUPPORTED and (status in _PASSING or status >= _SERVER_ERROR):
        return Unavailable(HoldUp.OUTAGE, f"it is out of order ({status})", _pause(headers, now))
    error = document if isinstance(document, dict) else {}
    return _kind_of_refusal(status, error)(status, words_of(error))


def _pause(headers: Mapping[str, str], now: datetime) -> float | None:
    return retry_after(headers.get("Retry-After"), now)


def _kind_of_refusal(status: int, error: Mapping[str, Any]) -> type[Refused]:
    if status == _CONFLICT or (status == _BAD_REQUEST and error.get("scimType") == "uniqueness"):
        return Taken
    if status in _GONE:
        return Gone
    if status in _OUTDATED:
        return Outdated
    return Unsupported if status in _UNSUPPORTED else Refused


def words_of(error: Mapping[str, Any]) -> str:
    """Return what a SCIM error says (RFC 7644 §3.12), on one line and not too long."""
    said = [str(error[name]) for name in ("scimType", "detail") if error.get(name)]
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", ": ".join(said)).strip()[:_WORDS]
