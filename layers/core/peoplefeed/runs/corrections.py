"""What the feed log says of a group that had to be given up (9.2)."""

from dataclasses import replace

from peoplefeed.codes import Code, finding
from peoplefeed.feed_log.entries import Moment
from peoplefeed.model import Change, Entry, Group, Outcome, Pending
from peoplefeed.planner.journal import problem_id

_DATE_FORMAT = "YYYY-MM-DD"


def corrected(moment: Moment, group: Group) -> Group:
    """Return the group as it turned out: its changes not made, their rows parked with INTERNAL_ERROR."""
    by_id = {change.after.external_id: change for change in group.changes}
    entries = [_parked(entry) for entry in group.entries if entry.version is not None and entry.index == 0]
    others = [entry for entry in group.entries if entry.version is None]
    pending = [_kept(moment, group, by_id[entry.external_id or ""], entry.problem or "") for entry in entries]
    return replace(
        group,
        changes=(),
        references=(),
        entries=(*entries, *others),
        pending=tuple(pending),
        resolved=(),
    )


def _parked(entry: Entry) -> Entry:
    external_id = entry.external_id or ""
    fault = finding(Code.INTERNAL_ERROR, row=entry.row, external_id=external_id)
    return Entry(
        row=entry.row,
        outcome=Outcome.PARKED,
        external_id=external_id,
        name=entry.name,
        finding=fault,
        problem=problem_id(external_id, fault),
    )


def _kept(moment: Moment, group: Group, change: Change, problem: str) -> Pending:
    """Keep the row for another try: what the employee should have become, as a row would say it."""
    still_open = [old for old in group.resolved if old.rsplit("#", 2)[0] == change.after.external_id]
    age = change.position.split("#", 1)[0]
    return Pending(
        change.after.external_id,
        (*still_open, problem),
        row=_cells(change),
        age=age,
        source=change.after.source or "upload",
        since=moment.at,
        date_format=_DATE_FORMAT,
    )


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
