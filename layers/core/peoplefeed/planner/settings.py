"""The decision about a change of settings: each row names a setting and its value, as JSON."""

import json
from collections.abc import Sequence

from peoplefeed.codes import Code, finding
from peoplefeed.model import Entry, Finding, Group, Outcome, SettingsChange
from peoplefeed.planner import causes
from peoplefeed.planner.knowledge import Decision, Occasion
from peoplefeed.planner.lines import Line
from peoplefeed.planner.reference_data import ReferenceRow
from peoplefeed.planner.tally import Tally
from peoplefeed.rules.settings import SettingRefused, Settings, changed

_SHOWN = 60


def plan_settings(occasion: Occasion, rows: Sequence[ReferenceRow]) -> Decision:
    """Judge all rows as one change: one that cannot be leaves all settings as they are."""
    before = occasion.settings
    try:
        after = changed(before, {row.cells.get("name", ""): _value(row) for row in rows})
    except SettingRefused as refused:
        return _decision(occasion, rows, before, before, _refusal(rows, refused))
    return _decision(occasion, rows, before, after, None)


def _value(row: ReferenceRow) -> object:
    try:
        return json.loads(row.cells.get("value", ""))
    except ValueError as error:
        raise SettingRefused(row.cells.get("name", ""), "it is not JSON.") from error


def _refusal(rows: Sequence[ReferenceRow], refused: SettingRefused) -> Finding:
    value = next((row.cells.get("value", "") for row in rows if row.cells.get("name") == refused.field), "")
    return finding(
        Code.SETTING_INVALID, field=refused.field, value=value[:_SHOWN], setting=refused.field, reason=refused
    )


def _decision(
    occasion: Occasion, rows: Sequence[ReferenceRow], before: Settings, after: Settings, refusal: Finding | None
) -> Decision:
    tally, entries = Tally(), []
    for row in rows:
        line = _line(row, before, after, refusal)
        tally.count(None, [line], None)
        if line.outcome is not Outcome.UNCHANGED:
            said = line.findings[0] if line.findings else None
            entries.append(Entry(line.row, line.outcome, name=line.name, finding=said, changes=line.changes))
    change = SettingsChange(after.model_dump_json(), occasion.place(1)) if after != before else None
    decision = tally.decision([Group(0, settings=change, entries=tuple(entries))] if entries else [])
    newly_shared = set(after.shared_addresses) - set(before.shared_addresses)
    decision.freed = tuple(causes.address(key) for key in sorted(newly_shared))  # 3.12: nobody need wait for them
    return decision


def _line(row: ReferenceRow, before: Settings, after: Settings, refusal: Finding | None) -> Line:
    name = row.cells.get("name", "")
    if refusal is not None:
        return Line(row.row, Outcome.REJECTED, (refusal,), name)
    old, new = (_shown(getattr(settings, name)) for settings in (before, after))
    if old == new:
        return Line(row.row, Outcome.UNCHANGED, name=name)
    return Line(row.row, Outcome.UPDATED, name=name, changes={name: (old, new)})


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
