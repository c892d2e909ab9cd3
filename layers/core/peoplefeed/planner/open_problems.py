"""When what is open about somebody is over (7.4): each kind of problem lasts as long as what it complains of."""

from collections.abc import Sequence
from enum import Enum, auto

from peoplefeed.codes import TABLE, Code
from peoplefeed.model import BEYOND_ROWS, OWNING_NOBODY, Outcome, Pending
from peoplefeed.planner.lines import Line
from peoplefeed.planner.problem_ids import began_in, code_of

_APPLIED = frozenset({Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.DEACTIVATED, Outcome.REACTIVATED})
_REPLACING = _APPLIED | {Outcome.PARKED, Outcome.HELD}
_UNHEARD = frozenset({Outcome.OVERWRITTEN, Outcome.SUPERSEDED})
_MISSING = frozenset({Code.DEPARTMENT_NOT_FOUND, Code.BUSINESS_UNIT_NOT_FOUND, Code.BUSINESS_UNIT_WRONG_ID_KIND})
_OF_LEAVERS = frozenset({Code.LEAVERS_HELD, Code.LEAVERS_UNCERTAIN})


class _Lasts(Enum):
    """How long a problem lasts."""

    AS_THE_PERSON_LACKS_IT = auto()
    """A reference that somebody who is here waits for (4.3, 4.4), or has by a name that was given up (4.6)."""
    AS_THE_ROW_IS_KEPT = auto()
    """What a row is parked for (4.7)."""
    AS_THE_ROW_IS_HELD = auto()
    """What a row is held for (6.3)."""
    AS_ITS_SOURCE_SAYS_SO = auto()
    """What is wrong with a row, until its source sends another one."""


def still_open(before: Pending | None, lines: Sequence[Line]) -> dict[str, str]:
    """Return the problems that rows about the same subject do not settle, each with the source that had it."""
    if before is None:
        return {}
    return {
        problem: said_by
        for problem, said_by in before.problems.items()
        if not any(_settles(line, problem, said_by, before) for line in lines)
    }


def keeps_parked(before: Pending | None, lines: Sequence[Line]) -> bool:
    """Whether a row that is parked stays so behind these: one that is invalid or late does not replace it (4.7)."""
    return before is not None and before.row is not None and not any(_replaces(line) for line in lines)


def open_without(before: Pending, source: str) -> dict[str, str]:
    """1.5: return what is open about somebody of whom a source says nothing any more."""
    return {
        problem: said_by
        for problem, said_by in before.problems.items()
        if said_by != source or _lasting(problem, before) is _Lasts.AS_THE_PERSON_LACKS_IT
    }


def has_said(before: Pending, source: str) -> bool:
    """Whether anything is open, or parked, because of what a source said."""
    is_kept = before.row is not None and before.source == source
    return is_kept or len(open_without(before, source)) < len(before.problems)


def is_held_for(before: Pending, code: Code, source: str) -> bool:
    """Whether a row of a source is held for a reason (6.3)."""
    return any(said_by == source and code_of(problem) is code for problem, said_by in before.problems.items())


def is_parking(problem: str) -> bool:
    """Whether rows are parked for it and wait for something (4.7): for a fault of ours nothing but time helps (9.2)."""
    code = code_of(problem)
    return TABLE[code].effect is Outcome.PARKED and code is not Code.INTERNAL_ERROR


def is_applied(line: Line) -> bool:
    """Whether what the row says is so now."""
    return line.outcome in _APPLIED


def tells_what_is_missing(line: Line) -> bool:
    """Whether what somebody still lacks was found again; absence (1.5) says nothing of it."""
    return is_applied(line) and line.row < BEYOND_ROWS


def _settles(line: Line, problem: str, said_by: str, before: Pending) -> bool:
    match _lasting(problem, before):
        case _Lasts.AS_THE_PERSON_LACKS_IT:
            return tells_what_is_missing(line)
        case _Lasts.AS_THE_ROW_IS_KEPT:
            is_filled_in = line.fills_in and is_applied(line) and before.row is None
            return _replaces(line) or (is_filled_in and is_parking(problem))
        case _Lasts.AS_THE_ROW_IS_HELD:
            is_over = line.outcome in _REPLACING and not line.fills_in and not _is_older(line, problem)
            return is_over and (line.outcome is not Outcome.HELD or _is_held_with(line, problem, said_by))
        case _Lasts.AS_ITS_SOURCE_SAYS_SO:
            is_heard = not line.fills_in and line.outcome not in _UNHEARD
            return is_heard and _is_next(line, problem) and _speaks_of(line, problem, said_by)


def _lasting(problem: str, before: Pending) -> _Lasts:
    code = code_of(problem)
    if code in _MISSING or (code is Code.INTERNAL_ERROR and before.fills_in):
        return _Lasts.AS_THE_PERSON_LACKS_IT
    match TABLE[code].effect:
        case Outcome.PARKED:
            return _Lasts.AS_THE_ROW_IS_KEPT
        case Outcome.HELD:
            return _Lasts.AS_THE_ROW_IS_HELD
    return _Lasts.AS_ITS_SOURCE_SAYS_SO


def _is_held_with(line: Line, problem: str, said_by: str) -> bool:
    """Whether a row is held by the safeguard that holds another one of its source: the others hold theirs on (6.3)."""
    of_leavers = {code in _OF_LEAVERS for code in (code_of(problem), *(found.code for found in line.findings))}
    return line.source == said_by and len(of_leavers) == 1


def _replaces(line: Line) -> bool:
    """Whether a row takes the place of what was kept. One that is tried again is not kept any more, come what may."""
    return not line.fills_in and (line.is_retried or line.outcome in _REPLACING)


def _is_older(line: Line, problem: str) -> bool:
    """Whether a row that waited or was held came before one that is open."""
    return line.came_in is not None and line.came_in < began_in(problem)


def _is_next(line: Line, problem: str) -> bool:
    """Whether a row came after one that is wrong: what waited or was held may have come before it, or with it."""
    return line.came_in is None or line.came_in > began_in(problem)


def _speaks_of(line: Line, problem: str, said_by: str) -> bool:
    """Whether a row has a say about what was wrong with another one.

    A source about its own rows, of which one that waited has had its say when it was parked; an administrator about all
    of them; what administrators had wrong is mended by whatever is applied. That a source has no say about somebody
    (3.13) is for that source alone to take back.
    """
    by_hand = {source in OWNING_NOBODY for source in (line.source, said_by)}
    if line.source == said_by or by_hand == {True}:
        return not line.is_retried
    return True in by_hand and is_applied(line) and code_of(problem) is not Code.OWNED_BY_OTHER_SOURCE
