"""Telling what became of something that an administrator asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from command import tables
from command.documents import is_over

if TYPE_CHECKING:
    from command.api import Item
    from command.connection import Connection


def ask(connection: Connection, method: str, path: str, document: Item | None = None) -> int:
    """Ask for a change, and say what became of it; return the exit code."""
    answer = connection.api.ask(method, path, document)
    console = tables.output()
    for sentence in _sentences(connection.tenant, answer):
        console.print(tables.cell(sentence), soft_wrap=True)
    return 0


def runs_of(answer: Item) -> list[Item]:
    """Return the runs that an answer tells of."""
    return list(answer.get("runs") or ([answer["run"]] if isinstance(answer.get("run"), dict) else ()))


def _sentences(tenant: str, answer: Item) -> Iterator[str]:
    """Yield what happened, entry by entry; or where to look later."""
    for run in runs_of(answer):
        yield said_of_run(tenant, run)
    if "outcome" in answer:
        for entry in (answer, *answer.get("others", ())):
            changes = tables.changes(entry)
            yield f"{entry['message']} {changes}".strip() if not entry.get("code") else tables.advice(entry)


def said_of_run(tenant: str, run: Item) -> str:
    """Say how far a run is, and what became of it if that is known."""
    number = run["number"]
    if not is_over(run):
        return f"Run {number} is {run['state']}: peoplefeed log --tenant {tenant} --run {number} shows more."
    became = ", ".join(f"{count} {name}" for name, count in run["counts"].items() if count and name != "received")
    return f"Run {number} is {run['state']}: {became or 'nothing changed'}."
