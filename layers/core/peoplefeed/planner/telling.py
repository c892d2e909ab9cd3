"""What is told of rows, and kept of those that are parked (7.2, 3.10, 4.7)."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from peoplefeed.codes import Code
from peoplefeed.model import Change, Employee, Finding, Outcome, Pending
from peoplefeed.planner.knowledge import Occasion
from peoplefeed.planner.lines import Line
from peoplefeed.planner.retrying import next_try
from peoplefeed.planner.verdicts import erased
from peoplefeed.rules.employees import changed_fields
from peoplefeed.rules.rows import Candidate, Rejection


class Telling:
    """Makes of an occasion's rows what the log tells, and what is kept of them."""

    def __init__(self, occasion: Occasion, erased: AbstractSet[str]) -> None:
        """Take whose rows they are, and of whom nothing may be told (1.11)."""
        self._occasion, self._erased = occasion, erased

    def told(
        self,
        candidate: Candidate,
        outcome: Outcome,
        findings: tuple[Finding, ...],
        change: Change | None = None,
        before: Employee | None = None,
    ) -> Line:
        """Return the line of a row that was judged."""
        is_erased = candidate.external_id in self._erased  # of whom nothing may be known
        given = () if is_erased else (candidate.given.get("first_name"), candidate.given.get("last_name"))
        known = change and change.after.name
        return Line(
            candidate.row,
            outcome,
            findings,
            name=known or " ".join(part for part in given if part) or None,
            changes=changed_fields(before, change.after) if change else {},
            version=change.version if change else None,
            kept=candidate.cells if outcome is Outcome.PARKED else None,
            source=self._occasion.origin(candidate.row).source,
            is_retried=candidate.row in self._occasion.origins,
            fills_in=candidate.fills_in,
            first=self._occasion.origin(candidate.row).first,
        )

    def rejected(self, rejection: Rejection, late: Finding | None) -> Line:
        """Return the line of an invalid row. What is wrong with it may name somebody who was erased (1.11)."""
        row, who = rejection.row, rejection.external_id
        if who is not None and who in self._erased:
            return self.line(row, Outcome.REJECTED, (erased(row, who),))
        outcome, found = (Outcome.SUPERSEDED, late) if late else (Outcome.REJECTED, rejection.finding)
        return replace(self.line(row, outcome, (found,)), name=rejection.name)

    def line(self, row: int, outcome: Outcome, findings: tuple[Finding, ...]) -> Line:
        """Return the line of a row of which no more is known."""
        occasion = self._occasion
        origin, is_retried = occasion.origin(row), row in occasion.origins
        return Line(row, outcome, findings, source=origin.source, is_retried=is_retried, first=origin.first)

    def parking(self, subject: str, lines: Sequence[Line], before: Pending | None) -> Pending:
        """Return how a row that is parked would be kept: where it stood first (3.10)."""
        row = next((line.row for line in lines if line.outcome is Outcome.PARKED), 0)
        origin = self._occasion.origin(row)
        position = origin.first or self._occasion.position(row)
        parking = Pending(
            subject,
            position=position,
            source=origin.source,
            since=origin.age,
            date_format=origin.written.date_format,
            grant=origin.grant,
            keeps_blanks=origin.written.keep_blanks,
        )
        broken = any(found.code == Code.INTERNAL_ERROR for line in lines for found in line.findings)
        if not broken or not self._occasion.at:
            return parking
        tried = before.tried if before and row in self._occasion.origins else 0
        return replace(parking, retry_at=next_try(self._occasion.at, tried), tried=tried + 1)
