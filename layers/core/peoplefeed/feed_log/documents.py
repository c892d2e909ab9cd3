"""Entries as readers see them (7.2): what was written, the problem it belongs to, and what the code says of both."""

from collections.abc import Mapping
from typing import Any

from peoplefeed.codes import TABLE, Code, Definition
from peoplefeed.model import Outcome, Severity

type Item = Mapping[str, Any]
type Document = dict[str, Any]

_AS_WRITTEN = ("row", "external_id", "outcome", "code", "severity", "message", "field", "value", "suggestion", "name")
_ADDED = ("remedy", "mender", "run", "at", "changes", "occurrences", "first_seen", "last_seen", "resolved_at")

ENTRY_KEYS = (*_AS_WRITTEN, *_ADDED, "delivered_at")
"""The keys of a document, always all of them; null where there is nothing."""


def entry_document(entry: Item, problem: Item | None) -> Document:
    """Return an entry, joined with its problem as that stands now."""
    written = {key: entry.get(key) for key in _AS_WRITTEN}
    changes = entry.get("changes") or {}
    document = written | {
        "severity": written["severity"] or Severity.INFO.value,
        "message": written["message"] or _sentence(written["outcome"], changes),
        "run": entry.get("run"),
        "at": entry["at"],
        "changes": changes,
        "delivered_at": entry.get("delivered_at"),
    }
    return document | _from_the_table(written["code"]) | _standing(problem if _is_of(entry, problem) else None)


def repeat_document(repeat: Item, problem: Item | None, run: int, registered_at: str) -> Document:
    """Return a row that counted up a problem and so made no entry (7.4): its place, and what the problem says."""
    said = problem or {}
    at = said["last_seen"] if said.get("last_run") == run else registered_at
    entry = {
        **{key: said.get(key) for key in ("code", "severity", "field", "value", "suggestion", "name")},
        **{key: repeat.get(key) for key in ("row", "outcome", "external_id")},
        "message": _renumbered(said.get("message"), said.get("row"), repeat["row"]),
        "run": run,
        "at": at,
    }
    of_now = problem if problem and problem.get("run", 0) <= run else None
    return entry_document(entry, None) | _standing(of_now)


def problem_document(problem: Item) -> Document:
    """Return the entry that a problem began with, where the entry itself is gone: it expires sooner (7.5)."""
    return entry_document({**problem, "at": problem["first_seen"]}, None) | _standing(problem)


def is_unresolved(document: Document) -> bool:
    """Whether someone still has to mend what the entry tells of."""
    return document["occurrences"] is not None and document["resolved_at"] is None


def is_problem(item: Item) -> bool:
    """Whether an item of the feed log is a problem, not an entry."""
    return "occurrences" in item


def _is_of(entry: Item, problem: Item | None) -> bool:
    """Whether a problem, as it stands now, is the one that the entry tells of.

    What was resolved and came back is counted anew: an entry from before then tells of something that is over.
    """
    return problem is not None and problem["first_seen"] <= entry["at"]


def _standing(problem: Item | None) -> Document:
    keys = ("occurrences", "first_seen", "last_seen", "resolved_at")
    return {key: problem.get(key) if problem else None for key in keys}


def _from_the_table(code: str | None) -> Document:
    definition = _definition(code)
    if definition is None:
        return {"remedy": None, "mender": None}
    return {"remedy": definition.remedy, "mender": definition.mender.value}


def _definition(code: str | None) -> Definition | None:
    """Return what section 10 says of a code; of one that a newer version wrote, nothing."""
    return TABLE[Code(code)] if code in set(Code) else None


def _sentence(outcome: str | None, changes: Mapping[str, Any]) -> str:
    """Return a sentence for a row about which there is nothing to find."""
    if outcome == Outcome.UPDATED and changes:
        return f"Updated: {', '.join(field.replace('_', ' ') for field in changes)}."
    return f"{outcome.capitalize()}." if outcome else ""


def _renumbered(message: str | None, old: int | None, new: int) -> str | None:
    """Return a sentence that begins with the row of its first sight as one about the row of now."""
    beginning = f"Row {old}"
    if message is None or not message.startswith((f"{beginning} ", f"{beginning}:")):
        return message
    return f"Row {new}{message.removeprefix(beginning)}"
