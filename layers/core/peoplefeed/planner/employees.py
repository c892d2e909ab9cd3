"""The decision about a feed of employees: all of its rows as if at once (1.3, section 3)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from peoplefeed.codes import Code, Facts, finding
from peoplefeed.model import Finding, Group, Notice, Outcome, Safeguard
from peoplefeed.planner import safeguards
from peoplefeed.planner.addresses import Move, Settlement, settle
from peoplefeed.planner.grouping import Grouping
from peoplefeed.planner.knowledge import Decision, Knowledge, Occasion
from peoplefeed.planner.verdicts import Refused, Verdict, held_identity, judge, leaver, stale
from peoplefeed.rules.rows import Candidate, Rejection


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read of a feed. `candidates` are in the order of the file.

    `unchanged` is how many rows were the same in the last full feed and are not among them; `columns` are the fields
    that the file has columns for, none where that is a matter of each row.
    """

    candidates: Sequence[Candidate]
    rejections: Sequence[Rejection] = ()
    unchanged: int = 0
    columns: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows the feed has."""
        return len(self.candidates) + len(self.rejections) + self.unchanged

    @property
    def unreadable(self) -> int:
        """How many rows might be anybody's (1.5)."""
        return sum(rejection.external_id is None for rejection in self.rejections)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A feed judged as a whole. `refusal` holds all of it back; else its groups are made one by one.

    A million newcomers make a million groups: whoever takes them need not keep them.
    """

    refusal: Notice | None = None
    notices: tuple[Notice, ...] = ()
    _grouping: Grouping | None = None

    def groups(self) -> Iterator[Group]:
        """Yield what must happen at once, in an order in which it may be applied; once."""
        return self._grouping.groups() if self._grouping else iter(())

    def decision(self) -> Decision:
        """Return what was counted while the groups were made."""
        return replace(self._grouping.decision(), notices=self.notices) if self._grouping else Decision()


def plan_employees(occasion: Occasion, sheet: Sheet, knowledge: Knowledge) -> Decision:
    """Judge a feed that is small enough to keep its groups."""
    judgement = judge_employees(occasion, sheet, knowledge)
    groups = list(judgement.groups())
    return replace(judgement.decision(), groups=groups, refusal=judgement.refusal)


def judge_employees(occasion: Occasion, sheet: Sheet, knowledge: Knowledge) -> Judgement:
    """Judge a feed. The steps stand in the order of the rules; each takes from what the one before left."""
    judged = _judge(occasion, sheet, knowledge)
    leavers = _leavers(occasion, knowledge) if occasion.leaves_absent else []
    late = _late(occasion, sheet, knowledge)
    rejected = len(sheet.rejections) - len(late) + sum(one.outcome is Outcome.REJECTED for one in judged.refused)
    everything = [*judged.verdicts, *leavers]
    refusal = safeguards.suspicion(occasion, knowledge, everything, sheet.rows, rejected, sheet.columns)
    if refusal:
        return Judgement(refusal)
    held = _hold(occasion, sheet, knowledge, judged.verdicts, leavers)
    settlement = _settle(held.applied, knowledge.holders)
    grouping = Grouping(occasion, knowledge, held.applied, settlement, held.absent)
    grouping.log_rejections(sheet.rejections, late)
    grouping.log_refused([*judged.refused, *held.refused])
    return Judgement(None, tuple(held.notices), grouping)


@dataclass(slots=True)
class _Judged:
    verdicts: list[Verdict] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def _judge(occasion: Occasion, sheet: Sheet, knowledge: Knowledge) -> _Judged:
    judged = _Judged()
    for one in _last_of_each(sheet.candidates):
        verdict = judge(one, occasion, knowledge) if isinstance(one, Candidate) else one
        if isinstance(verdict, Verdict):
            judged.verdicts.append(verdict)
        else:
            judged.refused.append(verdict)
    return judged


def _late(occasion: Occasion, sheet: Sheet, knowledge: Knowledge) -> dict[int, Finding]:
    """3.10: return the rows that are invalid, and say nothing any more."""
    known = [(one.row, one.external_id) for one in sheet.rejections if one.external_id]
    late = {row: stale(who, row, occasion, knowledge) for row, who in known if who not in knowledge.erased}
    return {row: found for row, found in late.items() if found}


def _last_of_each(candidates: Sequence[Candidate]) -> Iterator[Candidate | Refused]:
    """3.2: of several valid rows with one external ID the last counts."""
    winners = {candidate.external_id: candidate for candidate in candidates}
    for candidate in candidates:
        winner = winners[candidate.external_id]
        if candidate is winner:
            yield candidate
            continue
        external_id = candidate.external_id
        facts: Facts = {"row": candidate.row, "winner": winner.row, "external_id": external_id}
        found = finding(Code.EXTERNAL_ID_DUPLICATE_IN_RUN, field="external_id", value=external_id, **facts)
        yield Refused(candidate, Outcome.OVERWRITTEN, (found,))


def _leavers(occasion: Occasion, knowledge: Knowledge) -> list[Verdict]:
    """1.5: whom the source owns and the feed lacks."""
    found = (leaver(at, who, occasion, knowledge) for at, who in enumerate(sorted(knowledge.absent)))
    return [verdict for verdict in found if verdict]


@dataclass(slots=True)
class _Held:
    """What safeguards leave, and what they take out. `absent` is said of all whose leaving by absence is held."""

    applied: list[Verdict] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    absent: Finding | None = None


def _hold(
    occasion: Occasion, sheet: Sheet, knowledge: Knowledge, verdicts: Sequence[Verdict], leavers: Sequence[Verdict]
) -> _Held:
    held = _Held()
    _hold_identities(occasion, knowledge, verdicts, held)
    uncertain = _are_uncertain(occasion, sheet, leavers)
    leaving = [verdict for verdict in held.applied if verdict.deactivates]
    counted = len(leaving) + (0 if uncertain else len(leavers))
    facts = safeguards.too_many_leave(occasion, knowledge, counted)
    if facts:
        held.applied = [verdict for verdict in held.applied if not verdict.deactivates]
        held.refused += [
            Refused(one.candidate, Outcome.HELD, (safeguards.leaving_row_held(one.candidate.row, facts),))
            for one in leaving
        ]
    if uncertain:
        hold = safeguards.hold_id(occasion, knowledge, Safeguard.LEAVERS)
        held.absent = safeguards.absent_held({"number": len(leavers), "hold": hold}, sheet.unreadable)
    elif facts and leavers:
        held.absent = safeguards.absent_held(facts, 0)
    else:
        held.applied += leavers
    back = [*(leaving if facts else ()), *(leavers if held.absent else ())]
    if back:
        said = held.absent or safeguards.absent_held(facts or {}, 0)
        held.notices.append(safeguards.leavers_notice(occasion, knowledge, said, back))
    return held


def _are_uncertain(occasion: Occasion, sheet: Sheet, leavers: Sequence[Verdict]) -> bool:
    """1.5: a row that might be anybody's makes leavers of nobody."""
    return bool(leavers and sheet.unreadable and occasion.guards(Safeguard.LEAVERS))


def _hold_identities(occasion: Occasion, knowledge: Knowledge, verdicts: Iterable[Verdict], held: _Held) -> None:
    """3.3: hold the rows that make somebody look like another person, where the tenant wants that."""
    hold = safeguards.hold_id(occasion, knowledge, Safeguard.IDENTITY)
    back: list[Verdict] = []
    for verdict in verdicts:
        found = held_identity(verdict, occasion, hold)
        if found is None:
            held.applied.append(verdict)
            continue
        held.refused.append(Refused(verdict.candidate, Outcome.HELD, (found,)))
        back.append(verdict)
    if back:
        held.notices.append(safeguards.identity_notice(occasion, knowledge, back))


def _settle(verdicts: Iterable[Verdict], holders: Mapping[str, str]) -> Settlement:
    """3.4 to 3.6: decide who gets which address; who has no verdict stays."""
    moves = [
        Move(verdict.candidate.row, verdict.external_id, verdict.held, verdict.target)
        for verdict in verdicts
        if verdict.held != verdict.target
    ]
    return settle(moves, holders)
