"""The decision about a feed of job titles, departments or business units (4.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from peoplefeed.codes import Code, finding
from peoplefeed.model import FeedKind, Finding, Outcome, Pending, Record, Reference
from peoplefeed.planner.knowledge import Decision, Occasion
from peoplefeed.planner.lines import Line
from peoplefeed.planner.reference_groups import ReferenceGroups
from peoplefeed.planner.renaming import Action, carry_out
from peoplefeed.rules.fields import LIMITS, clean
from peoplefeed.rules.references import NOUNS

FIELDS: Mapping[FeedKind, str] = {
    FeedKind.JOB_TITLES: "job_title",
    FeedKind.DEPARTMENTS: "department",
    FeedKind.BUSINESS_UNITS: "business_unit_id",
}
"""The field of an employee that holds a reference of a kind."""

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
    occasion: Occasion,
    kind: FeedKind,
    rows: Sequence[ReferenceRow],
    known: Mapping[str, Reference],
    holders: Mapping[str, tuple[Record, ...]],
    pending: Mapping[str, Pending],
) -> Decision:
    """Judge all rows of a feed of reference data.

    `known` maps keys (names; feed IDs of units) to what exists, `holders` those that an action is about to whoever has
    them (`names_held`), `pending` what is open about these.
    """
    groups = ReferenceGroups(occasion, FIELDS[kind], pending)
    checked = [(row, _check(kind, row, _action(row))) for row in rows]
    winners = {read.key: row.row for row, read in checked if isinstance(read, Reference)}
    aliases = {alias: one for one in known.values() for alias in one.aliases}
    for row, read in checked:
        action = _action(row)
        if action and isinstance(read, Reference):
            groups.add_deed(carry_out(action, row.row, read, known, aliases, holders.get(read.key, ())))
            continue
        line = _judge(row, read, winners, known, aliases)
        groups.add(line, _kept(read, known) if line.outcome in {Outcome.CREATED, Outcome.UPDATED} else None)
    return groups.decision()


def _kept(read: Reference | Finding, known: Mapping[str, Reference]) -> Reference | None:
    """Return a reference as it is to be: it keeps the names that it had before."""
    if isinstance(read, Finding):
        return None
    return replace(read, aliases=known[read.key].aliases) if read.key in known else read


def action_of(kind: FeedKind, row: ReferenceRow) -> tuple[Action, Reference] | None:
    """Return what an administrator's row does, and what it asks for as `carry_out` takes it; None for other rows."""
    action = _action(row)
    read = _check(kind, row, action)
    return (action, read) if action and isinstance(read, Reference) else None


def _action(row: ReferenceRow) -> Action | None:
    """4.6: return what an administrator asks for; a list of anybody else has no such column (4.8)."""
    text = row.cells.get("action", "")
    return Action(text) if text in set(Action) else None


def _check(kind: FeedKind, row: ReferenceRow, action: Action | None) -> Reference | Finding:
    """Return what a row describes, or why it is rejected (2.5). A new name belongs to an action."""
    if row.broken:
        return row.broken
    needed = ("feed_id", "name") if kind is FeedKind.BUSINESS_UNITS else ("name",)
    values = {name: clean(row.cells.get(name, ""), trim=name == "feed_id") for name in needed}
    new_name = clean(row.cells.get("new_name", ""), trim=False) if action else ""
    for name, text in [*values.items(), ("name", new_name or values["name"])]:
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
    return Reference(kind, values[needed[0]], new_name or values["name"])


def _judge(
    row: ReferenceRow,
    read: Reference | Finding,
    winners: Mapping[str, int],
    known: Mapping[str, Reference],
    aliases: Mapping[str, Reference],
) -> Line:
    if isinstance(read, Finding):
        return Line(row.row, Outcome.REJECTED, (read,), row.cells.get("name"))
    if winners[read.key] != row.row:
        return Line(row.row, Outcome.OVERWRITTEN, (_again(row.row, read.key, winners[read.key]),), read.name)
    before = known.get(read.key)
    if before is None and (current := aliases.get(read.key)):
        noun = NOUNS[read.kind]
        said = finding(Code.REFERENCE_RENAMED, field="name", value=read.key, noun=noun, name=current.name)
        return Line(row.row, Outcome.UNCHANGED, (said,), read.name)
    if before is None:
        return Line(row.row, Outcome.CREATED, name=read.name)
    if before.name == read.name:
        return Line(row.row, Outcome.UNCHANGED)
    return Line(row.row, Outcome.UPDATED, name=read.name, changes={"name": (before.name, read.name)})


def _again(row: int, key: str, winner: int) -> Finding:
    """3.2 said of reference data: the last row counts."""
    message = f"Row {row}: '{key}' stands again in row {winner}, which counts. Remove one of the two rows."
    code = Code.EXTERNAL_ID_DUPLICATE_IN_RUN
    return replace(finding(code, field="name", value=key, row=row, winner=winner, external_id=key), message=message)
