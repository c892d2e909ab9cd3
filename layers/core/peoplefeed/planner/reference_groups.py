"""What a feed of reference data changes, as groups: the references first, then whoever has what was renamed (4.6)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count

from peoplefeed.model import (
    BEYOND_ROWS,
    Change,
    Entry,
    Group,
    Outcome,
    Pending,
    Record,
    Reference,
    ReferenceChange,
    age_of,
    position_of,
)
from peoplefeed.planner import causes
from peoplefeed.planner.knowledge import Decision, Occasion
from peoplefeed.planner.lines import Line
from peoplefeed.planner.renaming import Deed
from peoplefeed.planner.tally import Tally


class ReferenceGroups:
    """Collects rows and what they change.

    `field` is an employee's, which holds what is renamed; `pending` is what is open about holders.
    """

    def __init__(self, occasion: Occasion, field: str, pending: Mapping[str, Pending]) -> None:
        """Start from nothing."""
        self._occasion, self._field, self._pending = occasion, field, pending
        self._tally, self._ids, self._beyond, self._paths = Tally(), count(), count(BEYOND_ROWS), count()
        self._groups: list[Group] = []
        self._freed: list[str] = []

    def add(self, line: Line, there: Reference | None = None) -> None:
        """Add a row that creates or changes a reference, or neither."""
        self.add_deed(Deed(line, there))

    def add_deed(self, deed: Deed) -> None:
        """Add a row with all that comes of it."""
        self._tally.count(None, [deed.line], None)
        self._freed += causes.of_reference(deed.there) if deed.there else ()
        followers = tuple(self._followers(deed))
        path = next(self._paths) if followers else None
        if deed.holders_first:  # 4.6: nobody keeps a name that is nothing's any more
            self._groups += [replace(group, path=path) for group in followers]
        self._groups += self._own(deed, path)
        if not deed.holders_first:  # 4.6: nobody gets a name that could not be given
            self._groups += [replace(group, behind=path) for group in followers]

    def decision(self) -> Decision:
        """Return all that was added."""
        decision = self._tally.decision(self._groups)
        changed = [change.after.external_id for group in self._groups for change in group.changes]
        return replace(decision, freed=tuple(self._freed), touched=changed)

    def _own(self, deed: Deed, path: int | None) -> Iterator[Group]:
        entries, references = tuple(self._entries(deed.line)), tuple(self._changes(deed))
        if entries or references:
            yield Group(next(self._ids), references=references, entries=entries, path=path)

    def _changes(self, deed: Deed) -> Iterator[ReferenceChange]:
        position = self._occasion.place(deed.line.row)
        if deed.there:
            yield ReferenceChange(deed.there, position)
        if deed.gone:
            yield ReferenceChange(deed.gone, position, deletes=True)

    def _entries(self, line: Line) -> Iterator[Entry]:
        if line.outcome is not Outcome.UNCHANGED or line.findings:
            found = line.findings[0] if line.findings else None
            yield Entry(line.row, line.outcome, name=line.name, finding=found, changes=line.changes)

    def _followers(self, deed: Deed) -> Iterator[Group]:
        if deed.there is None:
            return
        for record in deed.holders:
            if getattr(record.employee, self._field) != deed.there.key:
                yield self._holder(record, deed.there.key)

    def _holder(self, record: Record, name: str) -> Group:
        """Change a holder with the name. Nobody spoke of them by it, so that rows about them become no older (3.10)."""
        row, before = next(self._beyond), record.employee
        after = replace(before, **{self._field: name})  # type: ignore[arg-type]
        position = position_of(age_of(record.position), self._occasion.number, row)
        change = Change(after, record.version + 1, position, record.ever_active, record.email_key, fills_in=True)
        changes = {self._field: (getattr(before, self._field), name)}
        entry = Entry(row, Outcome.UPDATED, before.external_id, before.name, changes=changes, version=change.version)
        before_it = tuple(filter(None, [self._pending.get(before.external_id)]))
        return Group(next(self._ids), changes=(change,), entries=(entry,), before=before_it)
