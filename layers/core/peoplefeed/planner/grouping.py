"""The second half of the decision: outcomes, what must happen at once, and what the log says of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, count

from peoplefeed.codes import is_lasting
from peoplefeed.model import BEYOND_ROWS, Change, Finding, Group, Outcome, Pending
from peoplefeed.planner.address_findings import AddressFindings
from peoplefeed.planner.addresses import Settlement
from peoplefeed.planner.causes import address
from peoplefeed.planner.consequences import Consequences, staff_change
from peoplefeed.planner.journal import Case, Page, forget, row_subject, write_page
from peoplefeed.planner.knowledge import Decision, Knowledge, Occasion
from peoplefeed.planner.lines import Line
from peoplefeed.planner.open_problems import Hearing, has_said
from peoplefeed.planner.safeguards import outcome_of
from peoplefeed.planner.tally import Tally
from peoplefeed.planner.telling import Telling
from peoplefeed.planner.verdicts import Refused, Verdict
from peoplefeed.rules.rows import Rejection


def hold_subject(source: str) -> str:
    """Return what stands for all those absent from a source's feed whose leaving is held."""
    return f"#hold:{source}"


class Grouping:
    """Collects what is said of each subject, then makes groups of it: one subject's lines at a time are there."""

    def __init__(
        self,
        occasion: Occasion,
        knowledge: Knowledge,
        verdicts: Iterable[Verdict],
        settlement: Settlement,
        absent_held: Finding | None,
    ) -> None:
        """Take the rows that may be applied, who gets which address, and what is said of absent ones who are held."""
        self._occasion = occasion
        self._knowledge = knowledge
        self._verdicts = {verdict.external_id: verdict for verdict in verdicts}
        self._settlement, self._absent_held = settlement, absent_held
        wanted = Counter(verdict.target for verdict in self._verdicts.values() if verdict.target is not None)
        self._addresses = AddressFindings(knowledge, self._verdicts, wanted, settlement.refused)
        self._lines: dict[str, list[Line]] = {}
        self._consequences = Consequences(knowledge)
        self._anonymous: list[tuple[str, Line]] = []
        self._tally = Tally()
        self._ids = count()
        self._telling = Telling(occasion, knowledge.erased)
        self._is_noted = knowledge.is_anything_held and not occasion.is_full
        self._behind_all = occasion.position(BEYOND_ROWS)
        self._hearing = Hearing(occasion.position(0), occasion.releases)

    def log_rejections(self, rejections: Iterable[Rejection], late: Mapping[int, Finding]) -> None:
        """Log what is rejected: by the row itself where it names nobody. Rows that are `late` are superseded (3.10)."""
        for rejection in rejections:
            line = self._telling.rejected(rejection, late.get(rejection.row))
            if rejection.external_id is None:
                self._anonymous.append((row_subject(rejection.cells), line))
            else:
                self._lines.setdefault(rejection.external_id, []).append(line)

    def log_refused(self, refused: Iterable[Refused]) -> None:
        """Log rows that change nothing."""
        for one in refused:
            line = self._telling.told(one.candidate, one.outcome, one.findings)
            self._lines.setdefault(one.candidate.external_id, []).append(line)

    def groups(self) -> Iterator[Group]:
        """Give every row its outcome, knowing who gets which address, and yield groups of them."""
        of_nobody = (self._group(subject, None, [line]) for subject, line in self._anonymous)
        for group in chain(of_nobody, self._all_groups(), self._of_absent()):
            if group.changes or group.entries or group.pending:
                yield group

    def decision(self) -> Decision:
        """Return what was counted while the groups were made."""
        return replace(
            self._tally.decision(),
            staff=self._consequences.staff,
            leaving=self._consequences.leaving,
            freed=tuple(self._consequences.freed()),
            outstanding=frozenset(self._outstanding()),
        )

    def _conclusion(self, verdict: Verdict) -> tuple[Line, Change | None]:
        """Return what becomes of a row that may be applied, as far as its address allows."""
        refusal = self._settlement.refused.get(verdict.external_id)
        if refusal:
            said = filter(is_lasting, verdict.candidate.findings)  # what else is remarkable is so when it is applied
            findings = (self._addresses.refused(verdict, refusal), *said)
            if self._begins_to_wait(verdict):
                self._consequences.would_give_up(verdict)
            return self._telling.told(verdict.candidate, Outcome.PARKED, findings), None
        outcome = outcome_of(verdict)
        if outcome is Outcome.UNCHANGED:
            line = self._telling.told(verdict.candidate, outcome, tuple(filter(is_lasting, verdict.warnings)))
            return line, self._noted(verdict)
        change = self._change(verdict)
        self._consequences.add(verdict, change)
        before = verdict.before.employee if verdict.before else None
        findings = (*verdict.warnings, *self._addresses.remarkable(verdict))
        return self._telling.told(verdict.candidate, outcome, findings, change, before), change

    def _begins_to_wait(self, verdict: Verdict) -> bool:
        """Whether somebody waits for an address for which they did not wait; who is tried again waited already."""
        before = self._knowledge.pending.get(verdict.external_id)
        is_tried_again = verdict.candidate.row in self._occasion.origins
        return not is_tried_again and not (before and address(verdict.target or "") in before.causes)

    def _change(self, verdict: Verdict) -> Change:
        before, moves = verdict.before, verdict.held != verdict.target
        keeps = verdict.email_key == verdict.held  # 3.7: on record, and claims it no longer
        return Change(
            after=verdict.after,
            version=before.version + 1 if before else 1,
            position=verdict.position,
            ever_active=verdict.after.active or bool(before and before.ever_active),
            email_key=verdict.email_key,
            claim=verdict.target if moves else None,
            release=verdict.held if moves and verdict.held else self._forgotten(verdict),
            vacates=moves and keeps and not verdict.after.active,
            staff=staff_change(before.employee if before else None, verdict.after),
            tried=verdict.tried,
            fills_in=verdict.candidate.fills_in,
            said_by=self._occasion.origin(verdict.candidate.row).source,
        )

    def _noted(self, verdict: Verdict) -> Change | None:
        """3.10: return what notes that somebody was said to be as they are, where an older row may be released."""
        before = verdict.before
        if before is None or not self._is_noted or verdict.candidate.fills_in:
            return None
        return Change(before.employee, before.version, verdict.position, before.ever_active, only_notes=True)

    def _forgotten(self, verdict: Verdict) -> str | None:
        """3.7: return the address that a deactivated employee has on record no longer, if nobody takes it now."""
        had = verdict.before.email_key if verdict.before else None
        is_theirs = had is not None and self._knowledge.former.get(had) == verdict.external_id
        return had if is_theirs and had != verdict.email_key and had not in self._addresses.wanted else None

    # Groups.

    def _all_groups(self) -> Iterator[Group]:
        """Yield one group a subject, in paths where addresses pass on, and one for each ring."""
        done: set[str] = set()
        for number, path in enumerate(self._settlement.paths):
            done.update(path)
            for external_id in path:
                yield self._of_person(external_id, path=number)
        for ring in self._settlement.rings:
            done.update(ring)
            yield self._ring(ring)
        done.update(refused := [external_id for external_id in self._lines if external_id not in done])
        yield from map(self._of_person, refused)
        yield from (self._of_person(external_id) for external_id in self._verdicts if external_id not in done)

    def _of_person(self, external_id: str, path: int | None = None) -> Group:
        lines, verdict = self._lines.pop(external_id, []), self._verdicts.get(external_id)
        if verdict is None:
            return self._group(external_id, external_id, lines)
        line, change = self._conclusion(verdict)
        return self._group(external_id, external_id, [*lines, line], change, path)

    def _ring(self, ring: list[str]) -> Group:
        parts = [self._of_person(external_id) for external_id in ring]
        return Group(
            id=next(self._ids),
            changes=tuple(self._in_ring(change) for part in parts for change in part.changes),
            entries=tuple(entry for part in parts for entry in part.entries),
            pending=tuple(pending for part in parts for pending in part.pending),
            before=tuple(before for part in parts for before in part.before),
            resolved={problem: source for part in parts for problem, source in part.resolved.items()},
        )

    def _in_ring(self, change: Change) -> Change:
        """A claim in a ring is taken over from whoever has it; nobody releases anything."""
        return replace(change, release=None, vacates=False, claim_from=self._knowledge.holders[change.claim or ""])

    def _of_absent(self) -> Iterator[Group]:
        """Say once how many absent ones are held, and drop what the source had said of those it lacks (1.5)."""
        lacked = [external_id for external_id in self._knowledge.absent if external_id not in self._consequences.gone]
        if self._occasion.is_full:
            subject, held = hold_subject(self._occasion.source), self._absent_held
            if held:
                yield self._group(subject, None, [self._telling.line(0, Outcome.HELD, (held,))])
            else:
                lacked.append(subject)
        for pending in filter(None, map(self._knowledge.pending.get, lacked)):
            page = forget(pending, self._occasion.source, self._behind_all)
            if page.pending:
                yield self._paged(page)

    def _outstanding(self) -> Iterator[str]:
        """Yield who is absent and yet stays: held, or spoken of by something newer. The next full feed looks again."""
        source = self._occasion.source
        for external_id in self._knowledge.absent:
            record, pending = self._knowledge.records.get(external_id), self._knowledge.pending.get(external_id)
            is_here = record is not None and record.employee.active and record.employee.source == source
            stays = self._occasion.leaves_absent and is_here and external_id not in self._consequences.gone
            if stays or (pending and has_said(pending, source, self._behind_all)):
                yield external_id

    def _group(
        self,
        subject: str,
        external_id: str | None,
        lines: list[Line],
        change: Change | None = None,
        path: int | None = None,
    ) -> Group:
        before = self._knowledge.pending.get(subject)
        ordered = sorted(lines, key=lambda line: line.row)
        parking = self._telling.parking(subject, ordered, before)
        page = write_page(Case(subject, external_id, self._occasion.number, before, parking, self._hearing), ordered)
        self._tally.count(subject, lines, change)
        return self._paged(page, change, path, before if change else None)

    def _paged(
        self, page: Page, change: Change | None = None, path: int | None = None, before: Pending | None = None
    ) -> Group:
        return Group(
            id=next(self._ids),
            path=path,
            changes=(change,) if change else (),
            entries=page.entries,
            pending=(page.pending,) if page.pending else (),
            before=(before,) if before else (),
            resolved=page.resolved,
        )
