"""How far a comparison of the platform with the directory has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peoplefeed.times import stamp

_COUNTS = ("accounts", "strangers", "doubles", "differing", "missing", "undelivered")


@dataclass(slots=True)
class Progress:
    """How far a comparison has come; this is what the platform's item holds of it.

    `after` is how many accounts were read, `place` where the people go on (None: not begun). `pages` name the items
    that hold digests of the accounts seen. `whole`: all accounts were seen, so that who is missing is missing.
    """

    started: str
    after: int = 0
    place: list[str] | None = None
    pages: list[int] = field(default_factory=list)
    whole: bool = True
    why: str | None = None
    kept: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTS, 0))
    strangers: list[str] = field(default_factory=list)
    doubles: list[str] = field(default_factory=list)

    @staticmethod
    def read(item: Mapping[str, Any], now: datetime) -> Progress:
        """Return how far the platform's item says that a comparison is; a new one begins now."""
        if "check" not in item:
            return Progress(stamp(now))
        found = item["check"]
        return Progress(**{**found, "kept": set(found["kept"])})

    def written(self) -> dict[str, Any]:
        """Return what the platform's item is to hold."""
        return {name: getattr(self, name) for name in self.__slots__} | {"kept": sorted(self.kept)}
