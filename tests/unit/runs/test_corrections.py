"""What stays open about somebody whose change had to be given up (9.2)."""

from typing import Any

from peoplefeed.feed_log.entries import Moment
from peoplefeed.model import (
    Change,
    Employee,
    Entry,
    Feed,
    FeedKind,
    FeedMode,
    Group,
    Outcome,
    Pending,
    Said,
    position_of,
)
from peoplefeed.runs.corrections import corrected

AT = "2026-03-01T10:00:00.000Z"
STILL, SETTLED, WANTED = "p1#OWNED_BY_OTHER_SOURCE#1.5", "p1#EMAIL_INVALID#2.3", "p1#DEPARTMENT_NOT_FOUND#3.4"
PARKED, RAISED = "p1#JOB_TITLE_NOT_FOUND#5.6", "p1#BUSINESS_UNIT_NOT_FOUND#3.7"
FEED = Feed("acme", "hr", FeedKind.EMPLOYEES, FeedMode.CHANGES, "key", "1", AT)


def by(source: str) -> Said:
    return Said(source, position_of(AT, 2, 1))


def change(who: str, **more: Any) -> Change:
    return Change(Employee(who), 2, position_of(AT, 7, 1), ever_active=True, said_by="hr", **more)


def kept(group: Group) -> dict[str, Pending]:
    return {one.subject: one for one in corrected(Moment("acme", 7, AT, 0), FEED, group).pending}


def test_9_2_what_the_row_does_not_settle_stays_open_and_what_the_change_would_have_raised_is_not() -> None:
    group = Group(
        0,
        changes=(change("p1"),),
        entries=(Entry(1, Outcome.UPDATED, "p1", problem=RAISED, version=2),),
        pending=(Pending("p1", {STILL: by("rota"), RAISED: by("hr")}),),
        before=(Pending("p1", {STILL: by("rota"), SETTLED: by("hr"), WANTED: by("hr")}, causes=("DEP#Bar",)),),
        resolved={SETTLED: by("hr"), WANTED: by("hr")},
    )
    left = kept(group)["p1"]
    assert {problem.split("#")[1] for problem in left.problems} == {
        "OWNED_BY_OTHER_SOURCE",
        "DEPARTMENT_NOT_FOUND",
        "INTERNAL_ERROR",
    }
    assert (left.row is not None, left.causes) == (True, ("DEP#Bar",))


def test_9_2_in_a_ring_that_is_given_up_everybody_keeps_their_own_problems() -> None:
    theirs = {"p1": STILL, "p2": "p2#OWNED_BY_OTHER_SOURCE#4.3"}
    group = Group(
        0,
        changes=tuple(map(change, theirs)),
        entries=tuple(Entry(row, Outcome.UPDATED, who, version=2) for row, who in enumerate(theirs, start=1)),
        before=tuple(Pending(who, {problem: by("rota")}) for who, problem in theirs.items()),
    )
    problems = {who: set(one.problems) for who, one in kept(group).items()}
    assert [(theirs[who] in problems[who], len(problems[who])) for who in theirs] == [(True, 2), (True, 2)]


def test_9_2_who_lacks_what_was_to_be_filled_in_keeps_the_row_that_is_parked() -> None:
    row = {"external_id": "p1", "last_name": "Gil"}
    group = Group(
        0,
        changes=(change("p1", fills_in=True),),
        entries=(Entry(1, Outcome.UPDATED, "p1", version=2),),
        before=(
            Pending("p1", {WANTED: by("hr"), PARKED: by("hr")}, row=row, source="hr", causes=("DEP#Bar", "JOB#Cook")),
        ),
    )
    left = kept(group)["p1"]
    assert (left.row, WANTED in left.problems, left.causes) == (row, True, ("DEP#Bar", "JOB#Cook"))
