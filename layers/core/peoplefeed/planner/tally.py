"""Counting what a run decides."""

from collections import Counter
from collections.abc import Sequence

from peoplefeed.codes import is_lasting
from peoplefeed.model import BEYOND_ROWS, Change, Group, Outcome
from peoplefeed.planner.knowledge import Decision
from peoplefeed.planner.lines import Line
from peoplefeed.planner.open_problems import is_applied

_SHOWN_ROWS = 20
_BEYOND = "leavers"  # 1.6: they are counted apart


class Tally:
    """Adds up outcomes, codes, who changes, and whose rows need no second look while they stay the same."""

    def __init__(self) -> None:
        """Start from nothing."""
        self._outcomes: Counter[str] = Counter()
        self._codes: dict[str, list[int]] = {}
        self._touched: list[str] = []
        self._complained: list[str] = []
        self._settled: set[str] = set()
        self._to_see_again: set[str] = set()

    def count(self, subject: str | None, lines: Sequence[Line], change: Change | None) -> None:
        """Count all rows of a feed that speak of one subject: someone, a row without an external ID, None: anything."""
        for line in lines:
            if line.row:  # row 0 speaks of the feed
                self._outcomes[line.outcome.value if line.row < BEYOND_ROWS else _BEYOND] += 1
            for found in line.findings:
                self._codes.setdefault(found.code, []).append(line.row)
        if subject is None:
            return
        if change or any(line.outcome is Outcome.PARKED or line.is_retried for line in lines):
            self._touched.append(subject)
        elif any(line.row and _has_problem(line) for line in lines):
            self._complained.append(subject)
        if len(lines) == 1 and _is_settled(lines[0]):
            self._settled.add(subject)
        elif any(map(is_applied, lines)):
            self._to_see_again.add(subject)

    def decision(self, groups: Sequence[Group] = ()) -> Decision:
        """Return all that was counted, with the groups that it led to where they are kept."""
        return Decision(
            groups=list(groups),
            counts=dict(self._outcomes),
            codes={code: (len(rows), tuple(sorted(rows)[:_SHOWN_ROWS])) for code, rows in self._codes.items()},
            touched=self._touched,
            complained=self._complained,
            settled=self._settled,
            to_see_again=self._to_see_again,
        )


def _is_settled(line: Line) -> bool:
    """Whether the same row again would change nothing and count up nothing."""
    return is_applied(line) and not _has_problem(line)


def _has_problem(line: Line) -> bool:
    return any(map(is_lasting, line.findings))
