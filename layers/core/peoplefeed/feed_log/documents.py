"""Entries as readers see them (7.2): what was written, the problem it belongs to, and what the code says of both."""

from collections.abc import Mapping
from typing import Any

from peoplefeed.codes import LIST_AS_SHARED, TABLE, Code, Definition
from peoplefeed.model import BEYOND_ROWS, Outcome, Severity

type Item = Mapping[str, Any]
type Document = dict[str, Any]

_AS_WRITTEN = ("row", "external_id", "outcome", "code", "severity", "message", "field", "value", "suggestion", "name")
_ADDED = ("remedy", "mender", "run", "at", "changes", "occurrences", "first_seen", "last_seen", "resolved_at")

_REHIRED = {
    "relink": "On the learning platform they have the account of external Identifier {former} again.",
    "new": "On the learning platform they have a new account; that of external Identifier {former} stays as it was.",
}

ENTRY_KEYS = (*_AS_WRITTEN, *_ADDED, "delivered_at")
"""The keys of a document, always all of them; null where there is nothing."""


def entry_document(entry: Item, problem: Item | None) -> Document:
    """Return an entry, joined with its problem as that stands now; while it is open, that has the word."""
    row = entry.get("row")
    written = {key: entry.get(key) for key in _AS_WRITTEN}
    if problem and "resolved_at" not in problem:
        written |= {"message": _said_of_row(problem, row), "suggestion": problem.get("suggestion")}
    changes = entry.get("changes") or {}
    document = written | {
        "row": row if _is_of_feed(row) else None,
        "severity": written["severity"] or Severity.INFO.value,
        "message": (_said_of_no_row(written["message"], row) or _sentence(written["outcome"], changes, row))
        + _rehired(entry),
        "run": entry.get("run"),
        "at": entry["at"],
        "changes": changes,
        "delivered_at": entry.get("delivered_at"),
    }
    return document | what_next(written["code"], written["message"]) | _standing_of(problem)


def repeat_document(repeat: Item, problem: Item | None, run: int, registered_at: str) -> Document:
    """Return a row that counted up a problem and so made no entry (7.4): its place, and what the problem says."""
    said = problem or {}
    at = said["last_seen"] if said.get("last_run") == run else registered_at
    entry = {
        **{key: said.get(key) for key in ("code", "severity", "field", "value", "suggestion", "name")},
        **{key: repeat.get(key) for key in ("row", "outcome", "external_id")},
        "message": _said_of_row(said, repeat["row"]),
        "run": run,
        "at": at,
    }
    return entry_document(entry, None) | _standing_of(problem)


def problem_document(problem: Item) -> Document:
    """Return the entry that a problem began with, where the entry itself is gone: it expires sooner (7.5)."""
    return entry_document({**problem, "at": problem["first_seen"]}, problem)


def what_next(code: str | None, message: str | None, *, seems_shared: bool = False) -> Document:
    """Return what is to be done about a code, and by whom (7.2); nothing of a code that a newer version wrote.

    An address `seems_shared` where its message says so, or whoever asks knows of more people than the message (3.12).
    """
    definition = _definition(code)
    if definition is None:
        return {"remedy": None, "mender": None}
    remedy = _remedy(definition, message or "")
    if seems_shared or (message or "").endswith(LIST_AS_SHARED):
        remedy = f"{remedy} {LIST_AS_SHARED}"
    return {"remedy": remedy, "mender": definition.mender.value}


def is_unresolved(document: Document) -> bool:
    """Whether someone still has to mend what the entry tells of."""
    return document["occurrences"] is not None and document["resolved_at"] is None


def is_problem(item: Item) -> bool:
    """Whether an item of the feed log is a problem, not an entry."""
    return "occurrences" in item


def _standing_of(problem: Item | None) -> Document:
    """Return how what an entry tells of stands (7.4)."""
    keys = ("occurrences", "first_seen", "last_seen", "resolved_at")
    return {key: problem.get(key) if problem else None for key in keys}


def _remedy(definition: Definition, message: str) -> str | None:
    """Return what to do. Where it speaks of the facts, it stands at the end of the message with them filled in."""
    beginning, *facts = definition.remedy.split("{", 1)
    if not facts:
        return definition.remedy
    start = message.rfind(beginning)
    return message[start:] if start >= 0 else None


def _definition(code: str | None) -> Definition | None:
    """Return what section 10 says of a code; of one that a newer version wrote, nothing."""
    return TABLE[Code(code)] if code in set(Code) else None


def _is_of_feed(row: int | None) -> bool:
    """Whether an entry tells of a row that was received, not of the whole feed or of whom the feed does not name."""
    return row is not None and 0 < row < BEYOND_ROWS


def _said_of_no_row(message: str | None, row: int | None) -> str | None:
    """Return a message without the number of a row that nobody sent."""
    return message if message is None or row is None or _is_of_feed(row) else message.removeprefix(f"Row {row}: ")


def _sentence(outcome: str | None, changes: Mapping[str, Any], row: int | None) -> str:
    """Return a sentence for a row about which there is nothing to find, or for somebody without a row."""
    beyond = row is not None and row >= BEYOND_ROWS
    if beyond and outcome == Outcome.DEACTIVATED:  # 1.5
        return "Deactivated: the full feed does not have this person any more."
    if "erased" in changes:  # 1.11
        return "Erased on request."
    if outcome == Outcome.UPDATED and changes:
        fields = ", ".join(field.replace("_", " ") for field in changes)
        return f"Updated: {fields}, renamed by an administrator." if beyond else f"Updated: {fields}."  # 4.6
    return f"{outcome.capitalize()}." if outcome else ""


def _rehired(entry: Item) -> str:
    """Return which account somebody got who came back under a new external ID, behind the message."""
    sentence = _REHIRED.get(entry.get("rehire", ""))
    return f" {sentence.format(former=entry['former_external_id'])}" if sentence else ""


def _said_of_row(problem: Item, row: int | None) -> str | None:
    """Return what a problem says, of another row than the one in which it was seen first or last."""
    message: str | None = problem.get("message")
    for seen in (problem.get("last_row"), problem.get("row")):
        beginning = f"Row {seen}"
        if message and message.startswith((f"{beginning} ", f"{beginning}:")):
            return f"Row {row}{message.removeprefix(beginning)}"
    return message
