"""The decisions about one person that no row can ask for: to let go of them (3.13), and to erase them (1.11)."""

from dataclasses import replace

from peoplefeed.model import BY_HAND, Change, Employee, Entry, Group, Outcome, Pending, Record, age_of, position_of
from peoplefeed.planner import causes
from peoplefeed.planner.consequences import staff_change
from peoplefeed.planner.knowledge import Decision, Knowledge, Occasion
from peoplefeed.planner.lines import Line
from peoplefeed.planner.tally import Tally

_ROW = 1
"""Such a feed counts as one row (1.6)."""


def plan_letting_go(occasion: Occasion, external_id: str, knowledge: Knowledge) -> Decision:
    """Take someone's source off them, so that another one may speak of them."""
    before = knowledge.records.get(external_id)
    if before is None or before.employee.source is None or external_id in knowledge.erased:
        return _nothing(external_id)
    change = _change(occasion, before, replace(before.employee, source=None))
    changes = {"source": (before.employee.source, None)}
    return _decision(change, Line(_ROW, Outcome.UPDATED, name=before.employee.name, changes=changes))


def plan_erasure(occasion: Occasion, external_id: str, knowledge: Knowledge) -> Decision:
    """Leave nothing of a person but the external ID, by which they are refused from then on (`PERSON_ERASED`).

    The learning platform gets them as they are then: inactive, and without a name (8.1).
    """
    before = knowledge.records.get(external_id)
    nobody = Employee(external_id, active=False)
    had = before.email_key if before else None
    theirs = had is not None and external_id in {knowledge.holders.get(had), knowledge.former.get(had)}
    change = replace(
        _change(occasion, before, nobody),
        ever_active=before is not None and before.ever_active,
        email_key=None,
        release=had if theirs else None,
        erases=True,
    )
    line = Line(_ROW, Outcome.UPDATED, changes={"erased": (external_id in knowledge.erased, True)})
    decision = _decision(change, line, knowledge.pending.get(external_id))
    freed = before.held_key if before else None
    return replace(decision, freed=(causes.address(freed),) if freed else ())


def _change(occasion: Occasion, before: Record | None, after: Employee) -> Change:
    return Change(
        after=after,
        version=before.version + 1 if before else 1,
        position=position_of(age_of(before.position) if before else occasion.age, occasion.number, _ROW),  # 3.10
        ever_active=before.ever_active if before else False,
        email_key=before.email_key if before else None,
        staff=staff_change(before.employee if before else None, after),
        said_by=BY_HAND,
    )


def _decision(change: Change, line: Line, ended: Pending | None = None) -> Decision:
    """Return one change and its entry, with all that was open about the person `ended`."""
    external_id, tally = change.after.external_id, Tally()
    tally.count(external_id, [line], change)
    entry = Entry(line.row, line.outcome, external_id, line.name, changes=line.changes, version=change.version)
    group = Group(0, changes=(change,), entries=(entry,))
    if ended:
        group = replace(group, pending=(Pending(external_id),), resolved=ended.problems)
    return replace(tally.decision([group]), staff=dict(change.staff))


def _nothing(external_id: str) -> Decision:
    tally = Tally()
    tally.count(external_id, [Line(_ROW, Outcome.UNCHANGED)], None)
    return tally.decision([])
