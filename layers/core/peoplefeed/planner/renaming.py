"""Renaming and deleting reference data, and removing an old name (4.6)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from shlex import quote

from peoplefeed.codes import Code, Facts, Other, finding, finding_about
from peoplefeed.model import FeedKind, Finding, Outcome, Record, Reference
from peoplefeed.planner.lines import Line
from peoplefeed.rules.references import NOUNS

_EXACTLY = "; capitals and spaces count"
_BY_FEED_ID = ": a Business Unit is named by its feed ID"


class Action(StrEnum):
    """What an administrator does with a reference that is there."""

    RENAME = "rename"
    DELETE = "delete"
    REMOVE_ALIAS = "remove-alias"


@dataclass(frozen=True, slots=True)
class Deed:
    """What comes of an action: what the log says, which reference is `there` and which `gone`, and who follows.

    Of the `holders` those follow who have not what is there. Where `holders_first`, what is there waits for them.
    """

    line: Line
    there: Reference | None = None
    gone: Reference | None = None
    holders: Sequence[Record] = ()
    holders_first: bool = False


def names_held(action: Action, asked: Reference, before: Reference | None) -> Collection[str]:
    """Return by which names people have what an action is about: the old ones, too, if a rename was given up (9.2)."""
    if before is None:
        return ()
    if action is Action.REMOVE_ALIAS:
        return {asked.name}.intersection(before.aliases)
    return {before.key, *before.aliases}


def carry_out(
    action: Action,
    row: int,
    asked: Reference,
    known: Mapping[str, Reference],
    aliases: Mapping[str, Reference],
    holders: Sequence[Record],
) -> Deed:
    """Return what comes of an action. `asked` has the key of the reference, and the new name or the alias as name."""
    before = known.get(asked.key)
    if before is None:
        return _unknown(row, asked, asked.key, aliases.get(asked.key))
    if action is Action.DELETE:
        return _deleted(row, before, holders)
    if action is Action.REMOVE_ALIAS:
        return _without_alias(row, before, asked.name, aliases.get(asked.name), holders)
    taken = known.get(asked.name) or aliases.get(asked.name)
    if asked.kind is not FeedKind.BUSINESS_UNITS and taken and taken != before:
        return _taken(row, asked, taken)
    return _renamed(row, before, asked.name, holders)


def _renamed(row: int, before: Reference, name: str, holders: Sequence[Record]) -> Deed:
    if name == before.name:
        return Deed(Line(row, Outcome.UNCHANGED, name=name))
    line = Line(row, Outcome.UPDATED, name=name, changes={"name": (before.name, name)})
    if before.kind is FeedKind.BUSINESS_UNITS:  # whose key is the feed ID: nobody's fields change
        return Deed(line, Reference(before.kind, before.key, name))
    aliases = tuple(dict.fromkeys(alias for alias in (*before.aliases, before.key) if alias != name))
    return Deed(line, Reference(before.kind, name, name, aliases), before, holders)


def _deleted(row: int, before: Reference, holders: Sequence[Record]) -> Deed:
    active = [record.employee for record in holders if record.employee.active]
    if active:
        example = Other(active[0].external_id, active[0].name or "someone")
        facts: Facts = {"row": row, "noun": NOUNS[before.kind], "people": len(active)}
        said = finding_about(example, Code.REFERENCE_IN_USE, field="name", value=before.name, **facts)
        return Deed(Line(row, Outcome.REJECTED, (said,), before.name))
    return Deed(Line(row, Outcome.UPDATED, name=before.name, changes={"deleted": (False, True)}), gone=before)


def _without_alias(row: int, before: Reference, alias: str, owner: Reference | None, holders: Sequence[Record]) -> Deed:
    if owner is None:
        facts: Facts = {"noun": "alias", "alias": f" of the {NOUNS[before.kind]} '{before.name}'", "hint": _EXACTLY}
        return _refused(row, before, Code.REFERENCE_UNKNOWN, alias, facts)
    if owner != before:
        return _unknown(row, before, alias, owner)
    left = tuple(name for name in before.aliases if name != alias)
    line = Line(row, Outcome.UPDATED, name=before.name, changes={"alias": (alias, None)})
    return Deed(line, Reference(before.kind, before.key, before.name, left), holders=holders, holders_first=True)


def _unknown(row: int, asked: Reference, name: str, owner: Reference | None) -> Deed:
    """4.8: refuse a name that nothing has; if something had it once, say what that is called now (4.6)."""
    is_unit = asked.kind is FeedKind.BUSINESS_UNITS
    facts: Facts = {"alias": "", "hint": _BY_FEED_ID if is_unit else _EXACTLY}
    if owner:
        facts["alias"] = f", it is {_alias_of(owner)}"
        facts["hint"] = f": say '{owner.name}', or {_removal(owner, name)}"
    return _refused(row, asked, Code.REFERENCE_UNKNOWN, name, facts)


def _taken(row: int, asked: Reference, owner: Reference) -> Deed:
    """4.8: refuse a new name that something else has, or has as an alias."""
    facts: Facts = {"alias": "", "way": "delete that one"}
    if owner.name != asked.name:
        facts = {"alias": f", as {_alias_of(owner)}", "way": _removal(owner, asked.name)}
    return _refused(row, asked, Code.REFERENCE_EXISTS, asked.name, facts)


def _alias_of(owner: Reference) -> str:
    return f"an alias (a former name) of '{owner.name}'"


def _removal(owner: Reference, alias: str) -> str:
    return f"remove the alias (`peoplefeed remove {owner.kind} {quote(owner.name)} --alias {quote(alias)}`)"


def _refused(row: int, asked: Reference, code: Code, value: str, facts: Facts) -> Deed:
    known: Facts = {"noun": NOUNS[asked.kind], "row": row}
    said: Finding = finding(code, field="name", value=value, **(known | facts))
    return Deed(Line(row, Outcome.REJECTED, (said,), asked.name))
