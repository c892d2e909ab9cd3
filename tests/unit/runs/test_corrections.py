"""What stays open about somebody whose change had to be given up (9.2)."""

from peoplefeed.feed_log.entries import Moment
from peoplefeed.model import Change, Employee, Entry, Group, Outcome, Pending, position_of
from peoplefeed.runs.corrections import corrected

AT = "2026-03-01T10:00:00.000Z"
STILL, SETTLED, RAISED = "p1#OWNED_BY_OTHER_SOURCE#1", "p1#EMAIL_INVALID#2", "p1#DEPARTMENT_NOT_FOUND#3"


def test_9_2_what_was_open_before_stays_open_and_what_the_change_would_have_raised_is_not() -> None:
    change = Change(Employee("p1"), 2, position_of(AT, 7, 1), ever_active=True, said_by="hr")
    group = Group(
        0,
        changes=(change,),
        entries=(Entry(1, Outcome.UPDATED, "p1", problem=RAISED, version=2),),
        pending=(Pending("p1", {STILL: "rota", RAISED: "hr"}),),
        resolved={SETTLED: "hr"},
    )
    (kept,) = corrected(Moment("acme", 7, AT, 0), group).pending
    fault = set(kept.problems) - {STILL, SETTLED}
    assert {problem.split("#")[1] for problem in fault} == {"INTERNAL_ERROR"}
    assert (kept.problems[STILL], kept.problems[SETTLED]) == ("rota", "hr")
