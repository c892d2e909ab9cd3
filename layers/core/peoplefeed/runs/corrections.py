"""What the feed log says of a group that had to be given up, and what its run takes back of its plan (9.2)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from peoplefeed.codes import Code, finding
from peoplefeed.dynamo.marshal import Value
from peoplefeed.feed_log.entries import Moment
from peoplefeed.model import (
    BEYOND_ROWS,
    BY_HAND,
    Change,
    Entry,
    Feed,
    Finding,
    Group,
    Outcome,
    Pending,
    Position,
    Purpose,
    position_of,
)
from peoplefeed.planner import causes
from peoplefeed.planner.journal import Case, Page, write_page
from peoplefeed.planner.lines import Line
from peoplefeed.planner.open_problems import Hearing
from peoplefeed.planner.retrying import next_try, what_follows

_DATE_FORMAT = "YYYY-MM-DD"


def corrected(moment: Moment, feed: Feed, group: Group) -> Group:
    """Return the group as it turned out: its changes not made, their rows parked with INTERNAL_ERROR.

    What is open about their people is judged anew, as if the planner had known. What an administrator asked for without
    a row is theirs to ask for again.
    """
    if all(change.only_notes for change in group.changes) and group.changes:
        return replace(group, changes=())  # all that it says is so
    told = (change for change in group.changes if change.said_by != BY_HAND and not change.only_notes)
    rows = {change.after.external_id: change for change in told}
    pages = [_page(moment, feed, group, change) for change in rows.values()]
    asked = [_not_done(entry) for entry in group.entries if entry.external_id not in rows and is_change(group, entry)]
    return replace(
        group,
        changes=(),
        references=(),
        settings=None,
        entries=(*asked, *(entry for page in pages for entry in page.entries)),
        pending=tuple(page.pending for page in pages if page.pending),
        resolved={problem: source for page in pages for problem, source in page.resolved.items()},
    )


def is_change(group: Group, entry: Entry) -> bool:
    """Whether an entry is the one that tells of a row's change; what else is said of the row has another index."""
    return entry.index == 0 and (entry.version is not None or bool(group.references) or group.settings is not None)


def _not_done(entry: Entry) -> Entry:
    fault = _fault(entry.row, entry.external_id or entry.name, "ask for it again when that is mended")
    return Entry(entry.row, Outcome.PARKED, entry.external_id, entry.name, fault)


def _fault(row: int, whose: str | None, again: str) -> Finding:
    return finding(Code.INTERNAL_ERROR, row=row, external_id=whose, again=again)


def _page(moment: Moment, feed: Feed, group: Group, change: Change) -> Page:
    """Return what is said of somebody: the row of the change is kept for another try, the others are as they were."""
    who, retry_at = change.after.external_id, next_try(moment.at, change.tried)
    before = next((one for one in group.before if one.subject == who), None)
    first = _first(feed, before)
    parking = Pending(
        who,
        position=first or change.position,
        source=change.said_by,
        since=moment.at,
        date_format=_DATE_FORMAT,
        retry_at=retry_at,
        tried=change.tried + 1,
        grant=change.after.profile,
        keeps_blanks=False,
    )
    lines = [*_other_lines(feed, group, who), _parked_line(feed, group, change, what_follows(retry_at))]
    heard = [replace(line, first=first) for line in sorted(lines, key=lambda line: line.row)]
    hearing = Hearing(position_of(feed.age, moment.run, 0), feed.released if feed.purpose is Purpose.RELEASE else ())
    return write_page(Case(who, who, moment.run, before, parking, hearing), heard)


def _parked_line(feed: Feed, group: Group, change: Change, again: str) -> Line:
    """Return the row of a change as a parked one: it says what the employee should have become, if it is one."""
    who = change.after.external_id
    told = next(entry for entry in group.entries if entry.external_id == who and is_change(group, entry))
    return Line(
        told.row,
        Outcome.PARKED,
        (_fault(told.row, who, again),),
        told.name,
        kept=None if change.fills_in else _cells(change),
        source=change.said_by,
        is_retried=feed.purpose is Purpose.RETRY,
        fills_in=change.fills_in,
    )


def _other_lines(feed: Feed, group: Group, who: str) -> Iterator[Line]:
    """Yield the feed's other rows about somebody, as their entries tell of them."""
    others = (entry for entry in group.entries if entry.external_id == who and entry.version is None)
    for row, entries in groupby(sorted(others, key=lambda entry: entry.row), key=lambda entry: entry.row):
        told = list(entries)
        found = tuple(entry.finding for entry in told if entry.finding)
        yield Line(row, told[0].outcome, found, told[0].name, source=feed.source)


def _first(feed: Feed, before: Pending | None) -> Position | None:
    """Return where the row stood that is tried again (3.10)."""
    is_again = feed.purpose is Purpose.RETRY and before is not None and before.row is not None
    return before.position if before and is_again else None


def _cells(change: Change) -> dict[str, str]:
    person = change.after
    values = {
        "external_id": person.external_id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "job_title": person.job_title,
        "department": person.department_wanted or person.department,
        "business_unit_id": person.business_unit_wanted or person.business_unit_id,
        "status": "Active" if person.active else "Inactive",
        "start_date": person.start_date,
        "profile": person.profile if change.version == 1 else None,  # 5.2: of newcomers only, and they may have it
    }
    return {name: value or "" for name, value in values.items()}


def _counted_as(entry: Entry) -> str | None:
    """Return how a run counts what an entry tells: leavers by absence apart (1.6), holders of what is renamed not."""
    if entry.row < BEYOND_ROWS:
        return entry.outcome.value
    return "leavers" if entry.outcome is Outcome.DEACTIVATED else None


def corrections_of(refused: Sequence[Group]) -> dict[str, Value]:
    """Return what groups that were given up take back of a plan: its counts, staff, whom it touches, what is free."""
    if not refused:
        return {}
    outcomes: Counter[str] = Counter()
    for group in refused:
        told = (entry for entry in group.entries if is_change(group, entry))
        outcomes.update(counted for entry in told if (counted := _counted_as(entry)))
    staff: Counter[str] = Counter()
    for group in refused:
        for change in group.changes:
            staff.update(change.staff)
    return {
        "corrections": dict(outcomes),
        "staff": dict(staff),
        "freed": [causes.address(change.claim) for group in refused for change in group.changes if change.claim],
        "refused": [change.after.external_id for group in refused for change in group.changes],
        "closed_paths": [group.path for group in refused if group.path is not None],
    }
