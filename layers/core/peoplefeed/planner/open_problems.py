"""When what is open about somebody is over (7.4): each kind of problem lasts as long as what it complains of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from peoplefeed.codes import TABLE, Code
from peoplefeed.model import BEYOND_ROWS, OWNING_NOBODY, Outcome, Pending, Position, Safeguard, Said
from peoplefeed.planner.lines import Line
from peoplefeed.planner.problem_ids import code_of

_APPLIED = frozenset({Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.DEACTIVATED, Outcome.REACTIVATED})
_REPLACING = _APPLIED | {Outcome.PARKED, Outcome.HELD}
_UNHEARD = frozenset({Outcome.OVERWRITTEN, Outcome.SUPERSEDED})
_MISSING = frozenset({Code.DEPARTMENT_NOT_FOUND, Code.BUSINESS_UNIT_NOT_FOUND, Code.BUSINESS_UNIT_WRONG_ID_KIND})
_HOLDING = {
    Code.LEAVERS_HELD: Safeguard.LEAVERS,
    Code.LEAVERS_UNCERTAIN: Safeguard.LEAVERS,
    Code.IDENTITY_HELD: Safeguard.IDENTITY,
}


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


@dataclass(frozen=True, slots=True)
class Hearing:
    """How the rows of a run are heard: where they stand (3.10), and which safeguards held them that are off now."""

    position: Position
    releases: Collection[Safeguard] = ()

    def position_of(self, line: Line) -> Position:
        """Return where a row stands, or stood when it came."""
        return line.first or self.position


def still_open(before: Pending | None, lines: Sequence[Line], hearing: Hearing) -> dict[str, Said]:
    """Return the problems that rows about the same subject do not settle, each with who had it last."""
    if before is None:
        return {}
    return {
        problem: said
        for problem, said in before.problems.items()
        if not any(_settles(line, problem, said, before, hearing) for line in lines)
    }


def keeps_parked(before: Pending | None, lines: Sequence[Line]) -> bool:
    """Whether a row that is parked stays so behind these: one that is invalid or late does not replace it (4.7)."""
    return before is not None and before.row is not None and not any(_replaces(line) for line in lines)


def open_without(before: Pending, source: str, until: Position) -> dict[str, Said]:
    """1.5: return what is open about somebody without what a source said until then, of whom it says nothing now."""
    return {problem: said for problem, said in before.problems.items() if not _is_said(problem, said, source, until)}


def has_parked(before: Pending, source: str, until: Position) -> bool:
    """Whether a row of a source is parked that came until then."""
    return before.row is not None and before.source == source and (before.position or "") <= until


def has_said(before: Pending, source: str, since: Position = "") -> bool:
    """Whether anything is open, or parked, because of what a source said since then."""
    is_kept = before.row is not None and before.source == source and not has_parked(before, source, since)
    return is_kept or any(
        _is_said(problem, said, source) and said.position > since for problem, said in before.problems.items()
    )


def is_held_by(problem: str, said: Said, safeguard: Safeguard, source: str) -> bool:
    """Whether a problem is that a safeguard holds a row of a source (6.3)."""
    return said.source == source and _HOLDING.get(code_of(problem)) is safeguard


def is_held_for(before: Pending, code: Code, source: str) -> bool:
    """Whether a row of a source is held for a reason (6.3)."""
    return any(said.source == source and code_of(problem) is code for problem, said in before.problems.items())


def is_lacked(problem: str) -> bool:
    """Whether somebody who is here waits for what a problem is about (4.3, 4.4)."""
    return code_of(problem) in _MISSING


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


def _settles(line: Line, problem: str, said: Said, before: Pending, hearing: Hearing) -> bool:
    match _lasting(problem, before):
        case _Lasts.AS_THE_PERSON_LACKS_IT:
            return tells_what_is_missing(line)
        case _Lasts.AS_THE_ROW_IS_KEPT:
            is_filled_in = line.fills_in and is_applied(line) and before.row is None
            return _replaces(line) or (is_filled_in and is_parking(problem))
        case _Lasts.AS_THE_ROW_IS_HELD:
            is_older = _moment(hearing.position_of(line)) < _moment(said.position)
            return not is_older and not line.fills_in and _ends_hold(line, problem, said, hearing)
        case _Lasts.AS_ITS_SOURCE_SAYS_SO:
            is_next = _moment(hearing.position_of(line)) > _moment(said.position)
            is_heard = not line.fills_in and line.outcome not in _UNHEARD
            return is_next and is_heard and _speaks_of(line, problem, said)


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


def _ends_hold(line: Line, problem: str, said: Said, hearing: Hearing) -> bool:
    """Whether a row takes the place of one that is held: by the safeguard that holds it, too, if any, or if released.

    The others hold theirs on (6.3).
    """
    safeguard = _HOLDING.get(code_of(problem))
    if line.source == said.source and safeguard in hearing.releases:
        return True  # whatever became of it
    holding = {_HOLDING.get(Code(found.code)) for found in line.findings}
    is_held_with = line.source == said.source and safeguard in holding
    return line.outcome in _REPLACING and (line.outcome is not Outcome.HELD or is_held_with)


def _replaces(line: Line) -> bool:
    """Whether a row takes the place of what was kept. One that is tried again is not kept any more, come what may."""
    return not line.fills_in and (line.is_retried or line.outcome in _REPLACING)


def _moment(position: Position) -> str:
    """Return when a feed was true, and its number: where all of its rows stand."""
    return position.rpartition("#")[0]


def _is_said(problem: str, said: Said, source: str, until: Position | None = None) -> bool:
    """Whether a problem is a source's word, not what the person lacks, and no newer one."""
    is_word = said.source == source and not is_lacked(problem)
    return is_word and (until is None or said.position <= until)


def _speaks_of(line: Line, problem: str, said: Said) -> bool:
    """Whether a row has a say about what was wrong with another one.

    A source about its own rows, an administrator about all of them; what administrators had wrong is mended by whatever
    is applied. That a source has no say about somebody (3.13) is for that source alone to take back.
    """
    by_hand = {source in OWNING_NOBODY for source in (line.source, said.source)}
    if line.source == said.source or by_hand == {True}:
        return True
    return True in by_hand and is_applied(line) and code_of(problem) is not Code.OWNED_BY_OTHER_SOURCE
