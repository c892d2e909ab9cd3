"""What the changes of a feed mean for others: numbers of staff, addresses that become free, who has left."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from peoplefeed.model import Change, Employee
from peoplefeed.planner import causes
from peoplefeed.planner.knowledge import Knowledge
from peoplefeed.planner.verdicts import Verdict

UNOWNED = "#"
"""Stands for those who belong to no source, where numbers are kept by owner."""


class Consequences:
    """Adds them up, change by change: the changes themselves are not kept.

    `leaving` is how many leave (6.1), `gone` are the absent ones among them (1.5).
    """

    def __init__(self, knowledge: Knowledge) -> None:
        """Take what was known before."""
        self.leaving = 0
        self.gone: set[str] = set()
        self._absent, self._holders = frozenset(knowledge.absent), knowledge.holders
        self._staff: Counter[str] = Counter()
        self._released: list[str] = []
        self._taken_over: set[str] = set()

    def would_give_up(self, verdict: Verdict) -> None:
        """3.5, 4.7: whoever waits for the address of somebody who begins to wait for another one may swap with them."""
        if verdict.held and verdict.held != verdict.target:
            self._released.append(verdict.held)

    def add(self, verdict: Verdict, change: Change) -> None:
        """Count a change."""
        self.leaving += verdict.deactivates
        self._staff.update(change.staff)
        if verdict.external_id in self._absent:
            self.gone.add(verdict.external_id)
        if change.release is not None and change.release == verdict.held:  # what was only on record was free before
            self._released.append(change.release)
        if change.claim is not None and change.claim in self._holders:
            self._taken_over.add(change.claim)

    @property
    def staff(self) -> dict[str, int]:
        """The change of active employees by owner (6.1)."""
        return {owner: number for owner, number in self._staff.items() if number}

    def freed(self) -> Iterator[str]:
        """Yield the addresses that nobody has any more, or that somebody would give up for another one (4.7)."""
        for address in self._released:
            if address not in self._taken_over:
                yield causes.address(address)


def staff_change(before: Employee | None, after: Employee) -> Mapping[str, int]:
    """Return what a change does to the numbers of active employees, by owner."""
    lost = (before.source or UNOWNED) if before and before.active else None
    return _staff_change(lost, (after.source or UNOWNED) if after.active else None)


@lru_cache(maxsize=1024)
def _staff_change(lost: str | None, won: str | None) -> Mapping[str, int]:
    """Return what it does that one owner has somebody less, and one somebody more. Many changes share it."""
    if lost == won:
        return {}
    return {owner: number for owner, number in ((lost, -1), (won, 1)) if owner is not None}
