"""The decision about a feed of job titles, departments or business units (4.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from peoplefeed.codes import Code, finding
from peoplefeed.model import Entry, FeedKind, Finding, Group, Outcome, Reference, ReferenceChange
from peoplefeed.planner.journal import Line
from peoplefeed.planner.knowledge import Decision, Occasion
from peoplefeed.planner.tally import Tally
from peoplefeed.rules.fields import LIMITS, clean

_NAME_LIMIT = LIMITS["job_title"]
_SHOWN = 60
_COLUMNS = {"name": "Name", "feed_id": "Feed ID"}


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """One received row: its cells, or what broke the line."""

    row: int
    cells: Mapping[str, str]
    broken: Finding | None = None


def plan_references(
    occasion: Occasion, kind: FeedKind, rows: Sequence[ReferenceRow], known: Mapping[str, Reference]
) -> Decision:
    """Judge all rows of a feed of reference data. `known` maps keys (names; feed IDs of units) to what exists."""
    tally = Tally()
    groups: list[Group] = []
    checked = [(row, _check(kind, row)) for row in rows]
    winners = {read.key: row.row for row, read in checked if isinstance(read, Reference)}
    for row, read in checked:
        line = _judge(row, read, winners, known)
        tally.count(None, [line], None)
        groups.append(_group(occasion, row.row, line, read))
    return tally.decision([group for group in groups if group.entries])


def _check(kind: FeedKind, row: ReferenceRow) -> Reference | Finding:
    """Return what a row describes, or why it is rejected (2.5)."""
    if row.broken:
        return row.broken
    needed = ("feed_id", "name") if kind is FeedKind.BUSINESS_UNITS else ("name",)
    values = {name: clean(row.cells.get(name, ""), trim=name == "feed_id") for name in needed}
    for name, text in values.items():
        column = _COLUMNS[name]
        if not text:
            return finding(Code.REQUIRED_FIELD_MISSING, field=name, row=row.row, column=column)
        if len(text) > _NAME_LIMIT:
            shown = f"{text[:_SHOWN]}…"
            return finding(
                Code.VALUE_TOO_LONG,
                field=name,
                value=shown,
                column=column,
                row=row.row,
                length=len(text),
                limit=_NAME_LIMIT,
            )
    return Reference(kind, values[needed[0]], values["name"])


def _judge(
    row: ReferenceRow, read: Reference | Finding, winners: Mapping[str, int], known: Mapping[str, Reference]
) -> Line:
    if isinstance(read, Finding):
        return Line(row.row, Outcome.REJECTED, (read,), row.cells.get("name"))
    if winners[read.key] != row.row:
        return Line(row.row, Outcome.OVERWRITTEN, (_again(row.row, read.key, winners[read.key]),), read.name)
    before = known.get(read.key)
    if before is None:
        return Line(row.row, Outcome.CREATED, name=read.name)
    if before == read:
        return Line(row.row, Outcome.UNCHANGED)
    return Line(row.row, Outcome.UPDATED, name=read.name, changes={"name": (before.name, read.name)})


def _again(row: int, key: str, winner: int) -> Finding:
    """3.2 said of reference data: the last row counts."""
    message = f"Row {row}: '{key}' stands again in row {winner}, which counts. Remove one of the two rows."
    code = Code.EXTERNAL_ID_DUPLICATE_IN_RUN
    return replace(finding(code, field="name", value=key, row=row, winner=winner, external_id=key), message=message)


def _group(occasion: Occasion, number: int, line: Line, read: Reference | Finding) -> Group:
    if line.outcome is Outcome.UNCHANGED:
        return Group(number)
    found = line.findings[0] if line.findings else None
    entry = Entry(line.row, line.outcome, name=line.name, finding=found, changes=line.changes)
    if isinstance(read, Reference) and line.outcome in {Outcome.CREATED, Outcome.UPDATED}:
        change = ReferenceChange(read, occasion.position(line.row))
        return Group(number, references=(change,), entries=(entry,))
    return Group(number, entries=(entry,))
