"""A short memory of trouble, so that a platform that is down is not asked 50,000 times."""

from dataclasses import dataclass, field
from datetime import datetime

from peoplefeed.learning_platform.trouble import HoldUp, Unavailable

_STRIKES, _REST_FIRST, _REST_LONGEST = 3, 15.0, 300.0
_REST_UNAUTHORIZED = 60.0
_DOUBLINGS = 8


@dataclass(slots=True)
class Circuit:
    """What this process remembers of a platform's trouble."""

    _strikes: int = field(default=0, init=False)
    _closed_until: float = field(default=0.0, init=False)
    _cause: Unavailable | None = field(default=None, init=False)

    def check(self, now: datetime) -> None:
        """Let a delivery pass.

        Raises:
            Unavailable: the platform is to be left alone for a while.
        """
        left = self._closed_until - now.timestamp()
        if left > 0 and self._cause:
            raise Unavailable(self._cause.hold_up, f"it is left alone: {self._cause.reason}", left)

    def answered(self) -> None:
        """Remember that the platform works."""
        self._strikes = 0

    def failed(self, trouble: Unavailable, now: datetime) -> float:
        """Remember that it does not; return for how many seconds it is left alone.

        Those who asked at the same time and failed at the same time tell nothing new: that is one strike.
        """
        if now.timestamp() >= self._closed_until:
            self._strikes += 1
        rest = self._rest(trouble)
        if rest:
            self._cause, self._closed_until = trouble, max(self._closed_until, now.timestamp() + rest)
        return rest

    def _rest(self, trouble: Unavailable) -> float:
        if trouble.pause is not None:
            return min(trouble.pause, _REST_LONGEST)
        if trouble.hold_up.is_ours:
            return _REST_UNAUTHORIZED
        if trouble.hold_up is HoldUp.RATE_LIMIT:
            return min(2.0 ** min(self._strikes - 1, _DOUBLINGS), _REST_LONGEST)
        over = self._strikes - _STRIKES
        return min(_REST_FIRST * 2.0 ** min(over, _DOUBLINGS), _REST_LONGEST) if over >= 0 else 0.0
