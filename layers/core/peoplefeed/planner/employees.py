"""The decision about a feed of employees (section 3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from peoplefeed.codes import Code, finding
from peoplefeed.model import Change, Employee, Finding, Group, Outcome, Pending, Record
from peoplefeed.planner.addresses import RING_LIMIT, Move, Refusal, Settlement, settle
from peoplefeed.planner.journal import Line, row_subject, write_page
from peoplefeed.planner.knowledge import Decision, Knowledge, Occasion
from peoplefeed.planner.tally import Tally
from peoplefeed.rules.employees import changed_fields, identity_findings, next_state
from peoplefeed.rules.rows import Candidate, Rejection


def plan_employees(
    occasion: Occasion, candidates: Sequence[Candidate], rejections: Sequence[Rejection], knowledge: Knowledge
) -> Decision:
    """Judge all rows of a feed as if at once (1.3). `candidates` are in the order of the file."""
    return _Judge(occasion, knowledge).decide(candidates, rejections)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A row that counts, judged by itself: what it makes of whom."""

    candidate: Candidate
    before: Record | None
    after: Employee
    email_key: str | None
    warnings: tuple[Finding, ...]

    @property
    def held(self) -> str | None:
        return self.before.held_key if self.before else None

    @property
    def target(self) -> str | None:
        return self.email_key if self.after.active else None


class _Judge:
    def __init__(self, occasion: Occasion, knowledge: Knowledge) -> None:
        self._occasion = occasion
        self._knowledge = knowledge
        self._lines: dict[str, list[Line]] = {}
        self._verdicts: dict[str, _Verdict] = {}
        self._changes: dict[str, Change] = {}
        self._tally = Tally()
        self._ids = count()

    def decide(self, candidates: Sequence[Candidate], rejections: Sequence[Rejection]) -> Decision:
        groups = list(self._anonymous(rejections))
        for candidate in self._last_of_each(candidates):
            self._judge(candidate)
        settlement = self._settle()
        for verdict in self._verdicts.values():
            self._conclude(verdict, settlement)
        groups.extend(self._groups(settlement))
        return self._tally.decision([group for group in groups if group.changes or group.entries or group.pending])

    def _anonymous(self, rejections: Sequence[Rejection]) -> Iterator[Group]:
        """Log what is rejected: by the row itself where it names nobody."""
        for rejection in rejections:
            line = Line(rejection.row, Outcome.REJECTED, (rejection.finding,), rejection.name)
            if rejection.external_id is None:
                yield self._group(row_subject(rejection.cells), None, [line])
            else:
                self._lines.setdefault(rejection.external_id, []).append(line)

    def _last_of_each(self, candidates: Sequence[Candidate]) -> Iterator[Candidate]:
        """3.2: of several valid rows with one external ID the last counts."""
        winners = {candidate.external_id: candidate for candidate in candidates}
        for candidate in candidates:
            winner = winners[candidate.external_id]
            if candidate is not winner:
                found = finding(
                    Code.EXTERNAL_ID_DUPLICATE_IN_RUN,
                    field="external_id",
                    value=candidate.external_id,
                    row=candidate.row,
                    winner=winner.row,
                    external_id=candidate.external_id,
                )
                self._log(candidate, Outcome.OVERWRITTEN, (found,))
        yield from winners.values()

    def _judge(self, candidate: Candidate) -> None:
        """Judge a row by itself, as far as that goes."""
        external_id, before = candidate.external_id, self._knowledge.records.get(candidate.external_id)
        position = self._occasion.position(candidate.row)
        if external_id in self._knowledge.damaged:
            self._park(candidate, finding(Code.INTERNAL_ERROR, row=candidate.row, external_id=external_id))
            return
        if before and before.position >= position:
            self._log(candidate, Outcome.SUPERSEDED, (self._stale(candidate, before),))
            return
        person = before.employee if before else None
        state = next_state(candidate, person, self._occasion.owner, self._knowledge.references)
        if isinstance(state, Finding):
            self._park(candidate, state)
            return
        key = candidate.email_key if "email" in candidate.given else before.email_key if before else None
        self._verdicts[external_id] = _Verdict(candidate, before, state.employee, key, state.warnings)

    def _settle(self) -> Settlement:
        moves = [
            Move(verdict.candidate.row, external_id, verdict.held, verdict.target)
            for external_id, verdict in self._verdicts.items()
            if verdict.held != verdict.target
        ]
        return settle(moves, self._knowledge.holders)

    def _conclude(self, verdict: _Verdict, settlement: Settlement) -> None:
        """Give a row its outcome, knowing who gets which address."""
        external_id = verdict.candidate.external_id
        refusal = settlement.refused.get(external_id)
        if refusal:
            self._park(verdict.candidate, self._refused(verdict, refusal))
            return
        before = verdict.before.employee if verdict.before else None
        if verdict.after == before and verdict.email_key == (verdict.before and verdict.before.email_key):
            self._log(verdict.candidate, Outcome.UNCHANGED, verdict.warnings)
            return
        change = self._change(verdict)
        self._changes[external_id] = change
        findings = (*verdict.warnings, *self._address_findings(verdict))
        self._log(verdict.candidate, _outcome(before, verdict.after), findings, change, before)

    def _change(self, verdict: _Verdict) -> Change:
        before, moves = verdict.before, verdict.held != verdict.target
        return Change(
            after=verdict.after,
            version=before.version + 1 if before else 1,
            position=self._occasion.position(verdict.candidate.row),
            ever_active=verdict.after.active or bool(before and before.ever_active),
            email_key=verdict.email_key,
            claim=verdict.target if moves else None,
            release=verdict.held if moves else None,
            vacates=moves and not verdict.after.active,
        )

    def _address_findings(self, verdict: _Verdict) -> tuple[Finding, ...]:
        row, before = verdict.candidate.row, verdict.before
        person = before.employee if before else None
        new_address = verdict.email_key != (before.email_key if before else None)
        found = identity_findings(row, person, verdict.after, new_address=new_address)
        former = self._former_holder(verdict) if verdict.held != verdict.target else None
        if former is None:
            return found
        facts = {"holder": former, "holder_name": self._name(former)}
        reused = finding(Code.EMAIL_REUSED, field="email", value=verdict.after.email, row=row, **facts)
        return (*found, reused)

    def _former_holder(self, verdict: _Verdict) -> str | None:
        """3.7: return the deactivated employee who had the address, before the feed or until it."""
        if verdict.target is None:
            return None
        holder = self._knowledge.holders.get(verdict.target)
        if holder is None:
            former = self._knowledge.former.get(verdict.target)
            return former if former != verdict.after.external_id else None
        leaver = self._verdicts.get(holder)
        return holder if leaver and not leaver.after.active else None

    def _refused(self, verdict: _Verdict, refusal: Refusal) -> Finding:
        external_id, row = verdict.candidate.external_id, verdict.candidate.row
        address = verdict.after.email
        if refusal.ring:
            return finding(
                Code.EMAIL_RING_TOO_LONG,
                field="email",
                value=address,
                row=row,
                external_id=external_id,
                length=refusal.ring,
                limit=RING_LIMIT,
            )
        holder = refusal.holder or ""
        return finding(
            Code.EMAIL_IN_USE,
            field="email",
            value=address,
            row=row,
            external_id=external_id,
            holder=holder,
            holder_name=self._name(holder),
        )

    def _name(self, external_id: str) -> str:
        verdict, record = self._verdicts.get(external_id), self._knowledge.records.get(external_id)
        person = verdict.after if verdict else record.employee if record else None
        return (person and person.name) or "someone"

    def _stale(self, candidate: Candidate, before: Record) -> Finding:
        newer = before.position.split("#", 1)[0]
        facts = {"external_id": candidate.external_id, "newer": newer, "age": self._occasion.age}
        return finding(Code.STALE_ROW, field="external_id", value=candidate.external_id, row=candidate.row, **facts)

    def _park(self, candidate: Candidate, cause: Finding) -> None:
        self._log(candidate, Outcome.PARKED, (cause, *candidate.findings))

    def _log(
        self,
        candidate: Candidate,
        outcome: Outcome,
        findings: tuple[Finding, ...],
        change: Change | None = None,
        before: Employee | None = None,
    ) -> None:
        given = (candidate.given.get("first_name"), candidate.given.get("last_name"))
        line = Line(
            row=candidate.row,
            outcome=outcome,
            findings=findings,
            name=(change and change.after.name) or " ".join(part for part in given if part) or None,
            changes=changed_fields(before, change.after) if change else {},
            version=change.version if change else None,
            kept=candidate.cells if outcome is Outcome.PARKED else None,
        )
        self._lines.setdefault(candidate.external_id, []).append(line)

    def _groups(self, settlement: Settlement) -> Iterator[Group]:
        """Yield one group a subject, in paths where addresses pass on, and one for each ring."""
        for number, path in enumerate(settlement.paths):
            for external_id in path:
                lines = self._lines.pop(external_id)
                yield self._group(external_id, external_id, lines, path=number if len(path) > 1 else None)
        for ring in settlement.rings:
            yield self._ring(ring)
        for external_id, lines in self._lines.items():
            yield self._group(external_id, external_id, lines)

    def _ring(self, ring: list[str]) -> Group:
        parts = [self._group(external_id, external_id, self._lines.pop(external_id)) for external_id in ring]
        return Group(
            id=next(self._ids),
            changes=tuple(self._in_ring(change) for part in parts for change in part.changes),
            entries=tuple(entry for part in parts for entry in part.entries),
            pending=tuple(pending for part in parts for pending in part.pending),
            resolved=tuple(problem for part in parts for problem in part.resolved),
        )

    def _in_ring(self, change: Change) -> Change:
        """A claim in a ring is taken over from whoever has it; nobody releases anything."""
        holder = self._knowledge.holders[change.claim or ""]
        return Change(
            after=change.after,
            version=change.version,
            position=change.position,
            ever_active=change.ever_active,
            email_key=change.email_key,
            claim=change.claim,
            claim_from=holder,
        )

    def _group(self, subject: str, external_id: str | None, lines: list[Line], path: int | None = None) -> Group:
        occasion, before = self._occasion, self._knowledge.pending.get(subject)
        parking = Pending(subject, age=occasion.age, source=occasion.source, since=occasion.age)
        page = write_page(subject, external_id, sorted(lines, key=lambda line: line.row), before, parking)
        change = self._changes.get(external_id or "")
        self._tally.count(external_id, lines, change)
        return Group(
            id=next(self._ids),
            changes=(change,) if change else (),
            entries=page.entries,
            pending=(page.pending,) if page.pending else (),
            resolved=page.resolved,
            path=path,
        )


def _outcome(before: Employee | None, after: Employee) -> Outcome:
    if before is None:
        return Outcome.CREATED
    if before.active and not after.active:
        return Outcome.DEACTIVATED
    if after.active and not before.active:
        return Outcome.REACTIVATED
    return Outcome.UPDATED
