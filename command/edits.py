"""Asking for a change, as an administrator does, and telling what became of it (1.8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from command import documents, held, tables
from peoplefeed.model import RunState

if TYPE_CHECKING:
    from command.api import Item
    from command.connection import Connection


def ask(connection: Connection, method: str, path: str, document: Item | None = None, *, as_json: bool = False) -> int:
    """Ask for a change and say what became of it, or is becoming of it after ten seconds; return the exit code.

    It is 1 if a run ended otherwise than finished: what one safeguard has released, another can hold.
    """
    answer = connection.api.ask(method, path, document)
    runs = _runs_of(answer)
    if as_json:
        documents.print_json(answer)
    else:
        _show(connection, answer, runs)
    return int(any(documents.is_over(run) and run["state"] != RunState.FINISHED for run in runs))


def _show(connection: Connection, answer: Item, runs: Iterable[Item]) -> None:
    console = tables.output()
    for sentence in _sentences(answer):
        console.print(tables.cell(sentence), soft_wrap=True)
    for run in runs:
        console.print(tables.cell(_said_of_run(connection, run)), soft_wrap=True)
        held.show_of_run(connection, run)
    if more := answer.get("to_follow"):
        console.print(
            f"{more} more of what was held follows, run by run; `peoplefeed runs` shows them.", soft_wrap=True
        )


def _runs_of(answer: Item) -> list[Item]:
    return list(answer.get("runs") or ([answer["run"]] if isinstance(answer.get("run"), dict) else ()))


def _sentences(answer: Item) -> Iterator[str]:
    """Yield what happened, entry by entry, if the answer says that already."""
    if "outcome" in answer:
        for entry in (answer, *answer.get("others", ())):
            yield tables.advice(entry) if entry["code"] else f"{entry['message']} {tables.changes(entry)}".strip()


def _said_of_run(connection: Connection, run: Item) -> str:
    number, error = run["number"], run["error"]
    if not documents.is_over(run):
        later = f"peoplefeed log --run {number} {connection.options}"
        return f"Run {number} is {run['state']}; `{later}` shows later what became of it."
    if error:
        return f"Run {number} is {run['state']}: {error['message']}"
    became = ", ".join(f"{count} {name}" for name, count in run["counts"].items() if count and name != "received")
    return f"Run {number} is {run['state']}: {became or 'nothing changed'}."
