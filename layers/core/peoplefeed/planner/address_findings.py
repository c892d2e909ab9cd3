"""What there is to say of people's addresses, once it is decided who gets which (3.3, 3.6, 3.7, 3.11)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from peoplefeed.codes import LIST_AS_SHARED, SHARERS, Code, Facts, Other, finding, finding_about
from peoplefeed.model import Finding
from peoplefeed.planner.addresses import RING_LIMIT, Refusal
from peoplefeed.planner.knowledge import Knowledge
from peoplefeed.planner.verdicts import Verdict
from peoplefeed.rules.employees import identity_findings


@dataclass(frozen=True, slots=True)
class AddressFindings:
    """What a feed knows of those whose addresses it speaks of: as they were, and as its `verdicts` make them."""

    knowledge: Knowledge
    verdicts: Mapping[str, Verdict]
    wanted: Mapping[str, int]
    """By address, of how many a row wants it or has it still."""
    staying: Collection[str]
    """Those whose rows cannot have their address: they stay as they were (3.6)."""

    def remarkable(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return what is remarkable about somebody's new name or address (3.3, 3.7)."""
        row = verdict.candidate.row
        person = verdict.before.employee if verdict.before else None
        found = identity_findings(row, person, verdict.after, new_address=verdict.new_address)
        former = self._former_holder(verdict) if verdict.held != verdict.target else None
        if former is None:
            return found
        other = Other(former, self._name(former))
        reused = finding_about(other, Code.EMAIL_REUSED, field="email", value=verdict.after.email, row=row)
        return (*found, reused)

    def _former_holder(self, verdict: Verdict) -> str | None:
        """3.7: return the deactivated employee who has the address on record, since before the feed or by it."""
        if verdict.target is None:
            return None
        knowledge = self.knowledge
        former = knowledge.holders.get(verdict.target) or knowledge.former.get(verdict.target)
        return former if former != verdict.external_id and self._kept_by(former, verdict.target) else None

    def _kept_by(self, former: str | None, key: str) -> bool:
        """Whether somebody is deactivated after the feed, with an address on record."""
        verdict, record = self._applied(former or ""), self.knowledge.records.get(former or "")
        if verdict:
            return not verdict.after.active and verdict.email_key == key
        return record is not None and not record.employee.active and record.email_key == key

    def refused(self, verdict: Verdict, refusal: Refusal) -> Finding:
        """Return why somebody cannot have an address (3.6, 3.11)."""
        facts: Facts = {"row": verdict.candidate.row, "external_id": verdict.external_id}
        address = verdict.after.email
        if refusal.ring:
            ring: Facts = facts | {"length": refusal.ring, "limit": RING_LIMIT}
            return finding(Code.EMAIL_RING_TOO_LONG, field="email", value=address, **ring)
        holder = refusal.holder or ""
        people = self.wanted[verdict.target or ""] + (holder not in self.verdicts)
        advice = LIST_AS_SHARED if people >= SHARERS else None
        other = Other(holder, self._name(holder))
        return finding_about(other, Code.EMAIL_IN_USE, field="email", value=address, advice=advice, **facts)

    def _applied(self, external_id: str) -> Verdict | None:
        return None if external_id in self.staying else self.verdicts.get(external_id)

    def _name(self, external_id: str) -> str:
        verdict = self._applied(external_id)
        return (verdict and verdict.after.name) or self.knowledge.name_of(external_id)
