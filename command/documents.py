"""The documents that the command prints. JSON has exactly these keys, null where there is nothing."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from command.api import Item
from peoplefeed.api.spreadsheets import defused
from peoplefeed.model import RunState, empty_counts

EMPLOYEE_KEYS = (
    "external_id",
    "first_name",
    "last_name",
    "email",
    "job_title",
    "department",
    "business_unit_id",
    "active",
    "start_date",
    "profile",
    "products",
    "source",
)
ENTRY_KEYS = (
    "row",
    "external_id",
    "outcome",
    "code",
    "severity",
    "message",
    "field",
    "value",
    "suggestion",
)
LOG_KEYS = (
    "run",
    "at",
    *ENTRY_KEYS,
    "changes",
    "occurrences",
    "first_seen",
    "last_seen",
    "resolved_at",
    "delivered_at",
)
RUN_KEYS = ("number", "tenant", "source", "kind", "mode", "state", "counts", "error")
PROBLEM_KEYS = (
    "severity",
    "code",
    "field",
    "value",
    "source",
    "people",
    "occurrences",
    "first_seen",
    "last_seen",
    "message",
    "suggestion",
    "remedy",
    "mender",
    "examples",
)
HOLD_KEYS = ("id", "version", "source", "safeguard", "code", "message", "since", "runs", "would", "examples")
SETTING_KEYS = ("name", "value", "default", "description")
LISTED_RUN_KEYS = (*RUN_KEYS, "age", "registered_at", "finished_at")


def run_document(run: Item, keys: tuple[str, ...] = RUN_KEYS) -> Item:
    """Return a run as the command shows it, with every count that there is (1.6)."""
    document = _only(run, keys)
    document["counts"] = empty_counts() | (run.get("counts") or {})
    document["error"] = run.get("error") and _only(run["error"], ("code", "message"))
    return document


def entry_document(entry: Item) -> Item:
    """Return an entry as `import` shows it."""
    return _only(entry, ENTRY_KEYS)


def simulated_document(entry: Item) -> Item:
    """Return an entry as `import --simulate` shows it: with what would change, old and new (1.9)."""
    return _only(entry, (*ENTRY_KEYS, "changes"))


def log_document(entry: Item) -> Item:
    """Return an entry as `log` shows it."""
    return _only(entry, LOG_KEYS) | {"changes": entry.get("changes") or {}}


def problem_document(line: Item) -> Item:
    """Return a line of problems as `problems` shows it."""
    return _only(line, PROBLEM_KEYS)


def hold_document(hold: Item) -> Item:
    """Return a hold as `holds` shows it."""
    return _only(hold, HOLD_KEYS)


def setting_document(setting: Item) -> Item:
    """Return a setting as `settings` shows it."""
    return _only(setting, SETTING_KEYS)


def employee_document(employee: Item) -> Item:
    """Return an employee as `employees` shows them."""
    return _only(employee, EMPLOYEE_KEYS) | {"products": list(employee.get("products") or ())}


def is_over(run: Item) -> bool:
    """Whether nothing more happens to a run by itself (1.10)."""
    return RunState(run["state"]).is_over


def print_json(document: Any) -> None:  # noqa: ANN401 - whatever is JSON
    """Print one document on standard output; the encoding of the terminal does not matter."""
    _print(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def print_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a file on standard output that a spreadsheet opens safely and `import` takes as it is (2.8)."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([defused(cell) for cell in row] for row in rows)
    _print(file.getvalue())


def _print(text: str) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _only(item: Item, keys: Iterable[str]) -> Item:
    return {key: item.get(key) for key in keys}
