"""The figures of one poll: counts, problems by code, and how long people took to reach the learning platform."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from command.api import Item
from command.documents import run_document


@dataclass(frozen=True, slots=True)
class Lag:
    """Seconds from feed to learning platform, per person (8.2)."""

    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What one poll brought. `examples` holds one sentence for each code of `problems`."""

    counts: dict[str, int]
    problems: dict[str, int]
    lag: Lag | None
    examples: dict[str, str]

    def document(self) -> Item:
        """Return the figures as the demo prints them for programs."""
        lag = asdict(self.lag) if self.lag else {"p50": None, "p99": None, "max": None}
        return {"counts": self.counts, "problems": self.problems, "lag_seconds": lag}


def figures(run: Item, entries: Sequence[Item]) -> Figures:
    """Return the figures of a run from its entries."""
    found = [entry for entry in entries if entry["code"]]
    examples = {entry["code"]: str(entry["message"]) for entry in found}
    problems = dict(sorted(Counter(entry["code"] for entry in found).items()))
    return Figures(run_document(run)["counts"], problems, _lag(run["age"], entries), examples)


def _lag(age: str, entries: Iterable[Item]) -> Lag | None:
    start = datetime.fromisoformat(age)
    arrived = {e["external_id"]: e["delivered_at"] for e in entries if e["delivered_at"]}
    seconds = sorted((datetime.fromisoformat(at) - start).total_seconds() for at in arrived.values())
    return Lag(_percentile(seconds, 0.50), _percentile(seconds, 0.99), round(seconds[-1], 3)) if seconds else None


def _percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of all do not exceed."""
    return round(ordered[math.ceil(share * len(ordered)) - 1], 3)
