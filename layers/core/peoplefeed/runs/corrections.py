"""What the feed log says of a group that had to be given up (9.2)."""

from dataclasses import replace

from peoplefeed.codes import Code, finding
from peoplefeed.feed_log.entries import Moment
from peoplefeed.model import BY_HAND, Change, Entry, Group, Outcome, Pending
from peoplefeed.planner.problem_ids import problem_id, subject_of
from peoplefeed.planner.retrying import next_try, what_follows

_DATE_FORMAT = "YYYY-MM-DD"


def corrected(moment: Moment, group: Group) -> Group:
    """Return the group as it turned out: its changes not made, their rows parked with INTERNAL_ERROR.

    What an administrator asked for without a row is theirs to ask for again.
    """
    rows = {change.after.external_id: change for change in group.changes if change.said_by != BY_HAND}
    entries = [
        _parked(moment, group, entry, rows.get(entry.external_id or ""))
        for entry in group.entries
        if is_change(group, entry)
    ]
    others = [entry for entry in group.entries if entry.version is None and not is_change(group, entry)]
    pending = [_kept(moment, group, rows[entry.external_id], entry) for entry in entries if entry.external_id in rows]
    return replace(
        group,
        changes=(),
        references=(),
        settings=None,
        entries=(*entries, *others),
        pending=tuple(pending),
        resolved={},
    )


def is_change(group: Group, entry: Entry) -> bool:
    """Whether an entry is the one that tells of a row's change; what else is said of the row has another index."""
    return entry.index == 0 and (entry.version is not None or bool(group.references) or group.settings is not None)


def _parked(moment: Moment, group: Group, entry: Entry, kept: Change | None) -> Entry:
    again = what_follows(next_try(moment.at, kept.tried)) if kept else "ask for it again when that is mended"
    fault = finding(Code.INTERNAL_ERROR, row=entry.row, external_id=entry.external_id or entry.name, again=again)
    parked = Entry(entry.row, Outcome.PARKED, entry.external_id, entry.name, fault)
    if kept is None:
        return parked
    was_open = _open_before(group, kept.after.external_id)
    problem = problem_id(kept.after.external_id, fault, moment.run, was_open)
    return replace(parked, problem=problem, repeats=problem in was_open)


def _kept(moment: Moment, group: Group, change: Change, entry: Entry) -> Pending:
    """Keep the row for another try: what the employee should have become, as a row would say it."""
    who = change.after.external_id
    return Pending(
        who,
        _open_before(group, who) | ({entry.problem: change.said_by} if entry.problem else {}),
        row=_cells(change),
        position=change.position,
        source=change.said_by,
        since=moment.at,
        date_format=_DATE_FORMAT,
        retry_at=next_try(moment.at, change.tried),
        tried=change.tried + 1,
    )


def _open_before(group: Group, who: str) -> dict[str, str]:
    """Return what was open about somebody before the run, which their change would have settled or left open."""
    raised = {entry.problem for entry in group.entries if not entry.repeats}
    planned = [pending.problems for pending in group.pending if pending.subject == who]
    left = {problem: source for problems in planned for problem, source in problems.items() if problem not in raised}
    return left | {problem: source for problem, source in group.resolved.items() if subject_of(problem) == who}


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
    }
    return {name: value or "" for name, value in values.items()}
