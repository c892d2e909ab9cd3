"""What ends a problem (7.6), row by row."""

import pytest

from peoplefeed.codes import Code
from peoplefeed.model import BEYOND_ROWS, Finding, Outcome, Pending, Safeguard, Said, Severity, position_of
from peoplefeed.planner.lines import Line
from peoplefeed.planner.open_problems import Hearing, has_said, keeps_parked, open_without, still_open

KEPT = {"external_id": "p1"}
AT = "2026-03-01T10:00:00.000Z"
NOW, BEFORE = Hearing(position_of(AT, 5, 0)), Hearing(position_of("2026-03-01T09:00:00.000Z", 5, 0))
"""What came after a problem was said, and what is older and yet is told now: late, or released."""


def problem(code: Code) -> str:
    return f"p1#{code}#0a1b2c3d4e5f.3"


def said(
    outcome: Outcome,
    source: str = "hr",
    *,
    row: int = 1,
    retried: bool = False,
    fills_in: bool = False,
    came_in: int | None = None,
) -> Line:
    first = position_of(AT, came_in, row) if came_in else None
    return Line(row, outcome, source=source, is_retried=retried, fills_in=fills_in, first=first)


def open_now(**said_by: str) -> dict[str, Said]:
    """Return what is open, each with whose third run said so last."""
    return {problem(Code(code)): Said(source, position_of(AT, 3, 2)) for code, source in said_by.items()}


def held(code: Code, source: str = "hr") -> Line:
    return Line(1, Outcome.HELD, (Finding(code, Severity.WARNING, ""),), source=source)


UPDATED, REJECTED, PARKED, HELD = Outcome.UPDATED, Outcome.REJECTED, Outcome.PARKED, Outcome.HELD
MISSING, WAITS, HELD_BACK = Code.DEPARTMENT_NOT_FOUND, Code.EMAIL_IN_USE, Code.LEAVERS_HELD
WRONG, NO_SAY = Code.EMAIL_INVALID, Code.OWNED_BY_OTHER_SOURCE


@pytest.mark.parametrize(
    ("code", "said_by", "line"),
    [
        pytest.param(MISSING, "hr", said(UPDATED, "rota"), id="7.6-what-they-lack-is-found-again-by-any-applied-row"),
        pytest.param(MISSING, "hr", said(UPDATED, fills_in=True), id="7.6-what-they-lack-is-filled-in"),
        pytest.param(WAITS, "hr", said(UPDATED, "rota"), id="7.6-an-applied-row-replaces-what-is-parked"),
        pytest.param(WAITS, "hr", said(PARKED, "rota"), id="7.6-a-parked-row-replaces-what-is-parked"),
        pytest.param(WAITS, "hr", said(HELD), id="7.6-a-held-row-replaces-what-is-parked"),
        pytest.param(WAITS, "hr", said(REJECTED, retried=True), id="7.6-what-is-tried-again-waits-no-more"),
        pytest.param(WAITS, "hr", said(Outcome.SUPERSEDED, retried=True), id="7.6-nor-if-it-is-too-old-by-now"),
        pytest.param(HELD_BACK, "hr", said(UPDATED, "upload"), id="7.6-an-applied-row-ends-what-was-held"),
        pytest.param(HELD_BACK, "hr", held(HELD_BACK), id="7.6-a-row-that-is-held-with-it-replaces-it"),
        pytest.param(HELD_BACK, "hr", held(Code.LEAVERS_UNCERTAIN), id="7.6-by-whichever-code"),
        pytest.param(HELD_BACK, "hr", said(UPDATED, retried=True, came_in=3), id="7.6-one-that-was-parked-with-it"),
        pytest.param(WRONG, "hr", said(REJECTED), id="7.6-the-same-source-says-something-else"),
        pytest.param(WRONG, "hr", said(UPDATED, "api"), id="7.6-an-administrator-mends-it"),
        pytest.param(WRONG, "upload", said(UPDATED, "hr"), id="7.6-what-administrators-had-wrong-is-mended-by-anybody"),
        pytest.param(WRONG, "upload", said(REJECTED, "api"), id="7.6-administrators-are-one"),
        pytest.param(WRONG, "hr", said(UPDATED, "api", retried=True, came_in=4), id="7.6-with-a-row-that-waited"),
        pytest.param(NO_SAY, "rota", said(UPDATED, "rota"), id="7.6-the-source-takes-it-back"),
    ],
)
def test_over(code: Code, said_by: str, line: Line) -> None:
    assert still_open(Pending("p1", open_now(**{code: said_by}), row=KEPT, source="hr"), [line], NOW) == {}


@pytest.mark.parametrize(
    ("code", "said_by", "line"),
    [
        pytest.param(MISSING, "hr", said(REJECTED), id="7.6-a-refused-row-does-not-say-what-they-lack"),
        pytest.param(MISSING, "hr", said(Outcome.DEACTIVATED, row=BEYOND_ROWS), id="7.6-nor-does-absence"),
        pytest.param(WAITS, "hr", said(REJECTED), id="7.6-an-invalid-row-does-not-replace-what-is-parked"),
        pytest.param(WAITS, "hr", said(Outcome.SUPERSEDED), id="7.6-nor-does-one-that-is-too-old"),
        pytest.param(WAITS, "hr", said(UPDATED, fills_in=True, retried=True), id="7.6-nor-does-what-is-filled-in"),
        pytest.param(HELD_BACK, "hr", held(Code.IDENTITY_HELD), id="7.6-another-safeguard-holds-a-row-too"),
        pytest.param(HELD_BACK, "hr", held(HELD_BACK, "rota"), id="7.6-that-of-another-source-is-held-too"),
        pytest.param(HELD_BACK, "hr", said(UPDATED, retried=True, came_in=2), id="7.6-nor-does-an-older-row-end-it"),
        pytest.param(WRONG, "hr", said(UPDATED, "rota"), id="7.6-another-source-does-not-mend-it"),
        pytest.param(WRONG, "hr", said(REJECTED, "api"), id="7.6-an-administrators-refused-row-does-not"),
        pytest.param(WRONG, "hr", said(Outcome.OVERWRITTEN), id="7.6-nor-does-a-row-that-does-not-count"),
        pytest.param(WRONG, "hr", said(UPDATED, fills_in=True), id="7.6-nor-does-a-department-that-appears"),
        pytest.param(WRONG, "hr", said(UPDATED, "api", retried=True, came_in=2), id="7.6-nor-does-one-from-before"),
        pytest.param(WRONG, "hr", said(UPDATED, "api", retried=True, came_in=3), id="7.6-nor-does-one-of-the-same-run"),
        pytest.param(WRONG, "hr", said(UPDATED, retried=True, came_in=3), id="7.6-nor-does-one-that-came-with-it"),
        pytest.param(NO_SAY, "rota", said(UPDATED, "api"), id="7.6-nobody-else-gives-a-source-its-say"),
    ],
)
def test_still_open(code: Code, said_by: str, line: Line) -> None:
    before = open_now(**{code: said_by})
    assert still_open(Pending("p1", before, row=KEPT, source="hr"), [line], NOW) == before


@pytest.mark.parametrize(
    ("code", "outcome", "ends"),
    [
        pytest.param(HELD_BACK, UPDATED, False, id="7.6-an-older-row-ends-nothing-that-is-held"),
        pytest.param(WRONG, UPDATED, False, id="7.6-nor-what-is-wrong-with-a-newer-one"),
        pytest.param(WAITS, UPDATED, True, id="7.6-but-what-replaces-a-parked-row-does"),
        pytest.param(MISSING, UPDATED, True, id="7.6-and-what-they-lack-is-found-again"),
    ],
)
def test_by_an_older_row(code: Code, outcome: Outcome, *, ends: bool) -> None:
    before = Pending("p1", open_now(**{code: "hr"}), row=KEPT, source="hr")
    assert (still_open(before, [said(outcome)], BEFORE) == {}) is ends


@pytest.mark.parametrize("outcome", [Outcome.SUPERSEDED, REJECTED, Outcome.OVERWRITTEN])
def test_7_6_what_is_released_is_held_no_more_whatever_becomes_of_it(outcome: Outcome) -> None:
    before = Pending("p1", open_now(LEAVERS_HELD="hr", IDENTITY_HELD="hr"))
    released = Hearing(NOW.position, (Safeguard.LEAVERS,))
    assert still_open(before, [said(outcome)], released) == open_now(IDENTITY_HELD="hr")
    assert still_open(before, [said(outcome, "rota")], released) == before.problems


def test_2_6_the_title_that_somebody_left_with_is_over_when_it_is_filled_in_and_no_hold_is() -> None:
    before = open_now(JOB_TITLE_NOT_FOUND="hr", LEAVERS_HELD="hr")
    left = still_open(Pending("p1", before), [said(UPDATED, fills_in=True, retried=True)], NOW)
    assert left == open_now(LEAVERS_HELD="hr")


def test_1_5_absence_ends_what_its_source_said_but_not_what_the_person_lacks() -> None:
    before = Pending("p1", open_now(EMAIL_INVALID="hr", OWNED_BY_OTHER_SOURCE="rota", DEPARTMENT_NOT_FOUND="hr"))
    assert open_without(before, "hr", NOW.position) == open_now(OWNED_BY_OTHER_SOURCE="rota", DEPARTMENT_NOT_FOUND="hr")
    assert [has_said(before, source) for source in ("hr", "rota", "payroll")] == [True, True, False]


def test_1_5_absence_ends_nothing_that_is_newer() -> None:
    before = Pending("p1", open_now(EMAIL_INVALID="hr"))
    assert open_without(before, "hr", BEFORE.position) == before.problems
    assert [has_said(before, "hr", since) for since in (BEFORE.position, NOW.position)] == [True, False]


def test_1_5_what_a_source_has_parked_it_has_said() -> None:
    assert has_said(Pending("p1", row=KEPT, source="hr", position=position_of(AT, 3, 1)), "hr")
    assert not has_said(Pending("p1", open_now(DEPARTMENT_NOT_FOUND="hr")), "hr")


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        pytest.param(said(REJECTED), True, id="4.7-behind-an-invalid-row"),
        pytest.param(said(UPDATED, fills_in=True, retried=True), True, id="4.7-while-a-department-is-filled-in"),
        pytest.param(said(HELD), False, id="4.7-replaced-by-a-held-one"),
        pytest.param(said(REJECTED, retried=True), False, id="4.7-not-after-it-was-tried"),
    ],
)
def test_a_parked_row_stays(line: Line, stays: bool) -> None:  # noqa: FBT001 - a column of the table
    assert keeps_parked(Pending("p1", row=KEPT, source="hr"), [line]) is stays
