"""The first half of the decision: each row that counts, judged by itself (sections 2 to 5)."""

from dataclasses import dataclass, replace

from peoplefeed.codes import Code, Facts, Other, finding, finding_about
from peoplefeed.model import BEYOND_ROWS, Employee, Finding, Outcome, Position, Record, Safeguard, age_of
from peoplefeed.planner.knowledge import Knowledge, Occasion
from peoplefeed.planner.retrying import next_try, what_follows
from peoplefeed.rules.employees import identity_findings, next_state, without_shared_address
from peoplefeed.rules.profiles import assignable
from peoplefeed.rules.rows import Candidate


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a row makes of whom, and since how many tries in vain (9.2)."""

    candidate: Candidate
    before: Record | None
    after: Employee
    email_key: str | None
    position: Position
    warnings: tuple[Finding, ...] = ()
    tried: int = 0

    @property
    def external_id(self) -> str:
        """Whom it is about."""
        return self.candidate.external_id

    @property
    def held(self) -> str | None:
        """The address that they claim before the feed."""
        return self.before.held_key if self.before else None

    @property
    def target(self) -> str | None:
        """The address that they want to claim after it."""
        return self.email_key if self.after.active else None

    @property
    def changes(self) -> bool:
        """Whether anything is different afterwards."""
        return self.before is None or (self.before.employee, self.before.email_key) != (self.after, self.email_key)

    @property
    def deactivates(self) -> bool:
        """Whether somebody leaves by it (6.1)."""
        return self.before is not None and self.before.employee.active and not self.after.active

    @property
    def new_address(self) -> bool:
        """Whether the address is another one than before (3.3, 6.4)."""
        return self.email_key != (self.before.email_key if self.before else None)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that changes nothing, and why."""

    candidate: Candidate
    outcome: Outcome
    findings: tuple[Finding, ...]


def judge(candidate: Candidate, occasion: Occasion, knowledge: Knowledge) -> Verdict | Refused:
    """Judge a row by itself, as far as that goes. The guard clauses stand in the order of the rules."""
    candidate = _as_sent(candidate, occasion)
    external_id, row = candidate.external_id, candidate.row
    before, position = knowledge.records.get(external_id), occasion.position(row)
    if external_id in knowledge.erased:
        return _rejected(candidate, erased(row, external_id))
    late = stale(external_id, row, occasion, knowledge, fills_in=candidate.fills_in)
    if external_id in knowledge.damaged and not late:
        return _parked(candidate, _broken(candidate, occasion, knowledge))
    if before and (owned := _owned_by_other(candidate, before.employee, occasion)):
        return _rejected(candidate, owned)
    if late:
        return Refused(candidate, Outcome.SUPERSEDED, (late,))
    person = before.employee if before else None
    meant = without_shared_address(candidate, occasion.settings.shared_addresses)
    state = next_state(meant, person, occasion.origin(row).owner, knowledge.references)
    if isinstance(state, Finding):
        return _parked(candidate, state)
    key = meant.email_key if "email" in meant.given else before.email_key if before else None
    tried = _tried(candidate, occasion, knowledge)
    verdict = Verdict(meant, before, state.employee, key, position, state.warnings, tried)
    return _with_more_warnings(verdict, occasion, knowledge)


def leaver(ordinal: int, external_id: str, occasion: Occasion, knowledge: Knowledge) -> Verdict | None:
    """Return what absence makes of somebody (1.5); None for who is no leaver of this source, or not of this feed."""
    before, row = knowledge.records.get(external_id), BEYOND_ROWS + ordinal
    if before is None or not before.employee.active or before.employee.source != occasion.source:
        return None
    if stale(external_id, row, occasion, knowledge):
        return None
    candidate = Candidate(row, external_id, {}, None, active=False, cells={})
    after = replace(before.employee, active=False)
    return Verdict(candidate, before, after, before.email_key, occasion.position(row))


def held_identity(verdict: Verdict, occasion: Occasion, hold: str) -> Finding | None:
    """3.3: return why a row is held that makes somebody look like another person, where the tenant wants that."""
    if occasion.settings.identity_change != "hold" or not occasion.guards(Safeguard.IDENTITY):
        return None
    if verdict.before is None or verdict.candidate.active is False:  # 2.6: who is Inactive is deactivated all the same
        return None
    before, after, row = verdict.before.employee, verdict.after, verdict.candidate.row
    found = identity_findings(row, before, after, new_address=verdict.new_address)
    if not any(one.code == Code.EXTERNAL_ID_IDENTITY_CHANGED for one in found):
        return None
    facts: Facts = {"row": row, "external_id": verdict.external_id, "before": before.name, "hold": hold}
    return finding(Code.IDENTITY_HELD, field="external_id", value=after.name, **facts)


def _broken(candidate: Candidate, occasion: Occasion, knowledge: Knowledge) -> Finding:
    """9.2: say of somebody whose record cannot be read when the row is tried again."""
    retry_at = next_try(occasion.at or occasion.age, _tried(candidate, occasion, knowledge))
    facts: Facts = {"row": candidate.row, "external_id": candidate.external_id, "again": what_follows(retry_at)}
    return finding(Code.INTERNAL_ERROR, **facts)


def _tried(candidate: Candidate, occasion: Occasion, knowledge: Knowledge) -> int:
    """9.2: return how often a row was tried again in vain; a newer one has tries of its own."""
    pending = knowledge.pending.get(candidate.external_id)
    return pending.tried if pending and candidate.row in occasion.origins else 0


def _as_sent(candidate: Candidate, occasion: Occasion) -> Candidate:
    """2.7: where absence means leaving, presence means Active, also when the row is tried again."""
    if candidate.active is None and occasion.leaves_absent:
        return replace(candidate, active=True, cells={**candidate.cells, "status": "Active"})
    return candidate


def stale(
    external_id: str, row: int, occasion: Occasion, knowledge: Knowledge, *, fills_in: bool = False
) -> Finding | None:
    """3.10: return why a row says nothing any more, be it valid or not: a newer word is there, applied or parked."""
    before, pending = knowledge.records.get(external_id), knowledge.pending.get(external_id)
    age = occasion.origin(row).age
    words = [before.position if before else "", knowledge.seen_later.get(external_id, "")]
    is_parked = pending is not None and pending.row is not None and not fills_in
    if is_parked and pending and pending.age > age:
        words.append(f"{pending.age}#")
    latest = max(words)
    if latest < occasion.position(row):
        return None
    facts: Facts = {"newer": age_of(latest), "age": age, "row": row, "external_id": external_id}
    return finding(Code.STALE_ROW, field="external_id", value=external_id, **facts)


def _owned_by_other(candidate: Candidate, person: Employee, occasion: Occasion) -> Finding | None:
    """3.13: a row of another source for an active employee changes nothing. Uploads may change anybody."""
    origin = occasion.origin(candidate.row)
    if candidate.fills_in or origin.owner is None or not person.active or person.source in {None, origin.owner}:
        return None
    facts: Facts = {"row": candidate.row, "external_id": candidate.external_id, "source": origin.source}
    return finding(Code.OWNED_BY_OTHER_SOURCE, field="external_id", value=person.source, **facts)


def erased(row: int, external_id: str) -> Finding:
    """Return why a row about someone who was erased changes nothing (1.11)."""
    facts: Facts = {"row": row, "external_id": external_id}
    return finding(Code.PERSON_ERASED, field="external_id", value=external_id, **facts)


def _with_more_warnings(verdict: Verdict, occasion: Occasion, knowledge: Knowledge) -> Verdict:
    if verdict.before is None:
        return _newcomer(verdict, occasion, knowledge)
    origin, owner = occasion.origin(verdict.candidate.row), verdict.after.source  # who brings somebody back ends that
    if origin.owner is not None or owner is None or not verdict.changes or verdict.candidate.fills_in:
        return verdict
    facts: Facts = {"row": verdict.candidate.row, "external_id": verdict.external_id}
    said = finding(Code.UPLOAD_OVER_SOURCE, field="external_id", value=owner, **facts)
    return replace(verdict, warnings=(*verdict.warnings, said))


def _newcomer(verdict: Verdict, occasion: Occasion, knowledge: Knowledge) -> Verdict:
    warnings, after, row = [*verdict.warnings], verdict.after, verdict.candidate.row
    wanted, origin = verdict.candidate.given.get("profile"), occasion.origin(row)
    if wanted and origin.owner is None:  # 5.2: a source never sets a profile
        profile, said = assignable(row, wanted, origin.grant)
        after = replace(after, profile=profile)
        warnings += [said] if said else []
    if known := knowledge.near.get(verdict.external_id):  # 3.14
        other, code = Other(known, knowledge.name_of(known)), Code.EXTERNAL_ID_NEAR_DUPLICATE
        warnings.append(finding_about(other, code, field="external_id", value=verdict.external_id, row=row))
    return replace(verdict, after=after, warnings=tuple(warnings))


def _parked(candidate: Candidate, cause: Finding) -> Refused:
    return Refused(candidate, Outcome.PARKED, (cause, *candidate.findings))


def _rejected(candidate: Candidate, cause: Finding) -> Refused:
    return Refused(candidate, Outcome.REJECTED, (cause,))
