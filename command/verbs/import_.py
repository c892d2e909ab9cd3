"""`peoplefeed import`: hand in a file, watch its run, show what became of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from command import documents, feeds, held, options, tables
from command.connection import Connection, connect
from peoplefeed.model import RECEIVED_KINDS, FeedKind, FeedMode, Outcome, RunState

if TYPE_CHECKING:
    from command.api import Item

_SHOWN_PROBLEMS = 50
_REFUSED = (Outcome.REJECTED, Outcome.PARKED, Outcome.HELD)
_APPLIED = (Outcome.CREATED, Outcome.UPDATED, Outcome.DEACTIVATED, Outcome.REACTIVATED)
_SAID = {
    RunState.FINISHED: "Run {number} is finished.",
    RunState.HELD: "Run {number} is held; nothing was changed yet.",
    RunState.FAILED: "Run {number} failed; nothing was changed.",
    RunState.SUPERSEDED: "Run {number} is superseded by a newer feed; nothing was changed.",
    RunState.DISCARDED: "Run {number} was discarded; nothing was changed.",
}
_SIMULATED = {
    RunState.FINISHED: "Run {number} was simulated; nothing was changed. This would happen:",
    RunState.HELD: "Run {number} was simulated; the feed would be held, and nothing of it applied.",
}


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    parser = verbs.add_parser(
        "import",
        help="import a file of employees or reference data",
        description="Uploads FILE, waits for its run and shows counts and problems. Exit code 0: finished; "
        "1: failed, held, superseded or discarded; 2: wrong usage.",
    )
    parser.add_argument(
        "file", metavar="FILE", type=options.readable_file, help="CSV, JSON lines or XLSX, plain or gzip"
    )
    parser.add_argument("--kind", choices=[kind.value for kind in RECEIVED_KINDS], default=FeedKind.EMPLOYEES.value)
    parser.add_argument(
        "--mode",
        choices=[FeedMode.CHANGES.value, FeedMode.FULL.value],
        default=FeedMode.CHANGES.value,
        help="whether the file holds some of the records or all of them (default: changes)",
    )
    parser.add_argument(
        "--simulate", action="store_true", help="say what would happen, and change nothing but the log of this run"
    )
    options.add_tenant(parser)
    options.add_json(parser)
    parser.set_defaults(verb=run)


def run(given: argparse.Namespace) -> int:
    """Import the file and return 0 if its run finished."""
    with connect(given.tenant, given.stack) as connection:
        finished = _watched(connection, given)
        show = _show_json if given.json else _show
        show(connection, finished)
    return 0 if finished["state"] == RunState.FINISHED else 1


def _watched(connection: Connection, given: argparse.Namespace) -> Item:
    kind, mode = FeedKind(given.kind), FeedMode(given.mode)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]}"), TimeElapsedColumn())
    with Progress(*columns, console=tables.notes(), transient=True) as progress:
        sending = progress.add_task("uploading", total=given.file.stat().st_size, rows="")
        uploaded = feeds.upload(
            connection,
            given.file,
            kind,
            mode,
            lambda sent: progress.advance(sending, sent),
            simulate=given.simulate,
        )
        progress.remove_task(sending)
        running = progress.add_task("waiting for its number", total=None, rows="")
        return feeds.follow(connection.api, uploaded, lambda seen: _picture(progress, running, seen))


def _picture(progress: Progress, task: TaskID, run: Item) -> None:
    """Show how far a run is: chunks of its plan, as rows."""
    chunks, done, received = run["progress"]["chunks"], run["progress"]["done"], run["counts"]["received"]
    applying = run["state"] == RunState.APPLYING and chunks
    rows = f"{received * done // chunks:,} of {received:,} rows" if applying else ""
    progress.update(
        task,
        description=f"run {run['number']}: {run['state']}",
        total=chunks if applying else None,
        completed=done,
        rows=rows,
    )


def _show_json(connection: Connection, run: Item) -> None:
    entries = connection.api.every("log", run=run["number"])
    shape = documents.simulated_document if run.get("simulate") else documents.entry_document
    by_row = sorted(map(shape, entries), key=lambda entry: entry["row"] or 0)
    documents.print_json({"run": documents.run_document(run), "entries": by_row})


def _show(connection: Connection, run: Item) -> None:
    console = tables.output()
    console.print(tables.cell(_said(run)), style="bold")
    if error := run.get("error"):
        console.print(tables.cell(f"{error['code']}: {error['message']}"))
    if ignored := run.get("ignored_columns"):
        console.print(tables.cell(f"Columns that are not known were ignored: {', '.join(ignored)}."))
    console.print(tables.counts(run))
    if found := _problems(connection, run):
        console.print(tables.problems(found[:_SHOWN_PROBLEMS]))
    if len(found) > _SHOWN_PROBLEMS:
        _point_to_the_log(connection, run)
    if run.get("simulate"):
        _show_what_would_happen(connection, run)
        return
    held.show_of_run(connection, run)
    if any(run["counts"].get(outcome) for outcome in _REFUSED):
        console.print(f"To mend them: peoplefeed rows {run['number']} {connection.options} --output FILE")


def _said(run: Item) -> str:
    state = RunState(run["state"])
    sentences = _SAID | (_SIMULATED if run.get("simulate") else {})
    return sentences[state].format(number=run["number"])


def _show_what_would_happen(connection: Connection, run: Item) -> None:
    """Show what rows would do, old to new (1.9)."""
    entries = connection.api.every("log", run=run["number"])
    applied = [entry for entry in entries if entry["outcome"] in _APPLIED]
    if applied:
        tables.output().print(tables.simulated(applied[: tables.SHOWN]))
    elif run["state"] == RunState.FINISHED:
        tables.output().print("Nothing would change.")
    if len(applied) > tables.SHOWN:
        _point_to_the_log(connection, run)


def _point_to_the_log(connection: Connection, run: Item) -> None:
    tables.output().print(f"There are more: peoplefeed log --run {run['number']} {connection.options}", soft_wrap=True)


def _problems(connection: Connection, run: Item) -> list[Item]:
    """Return the worst first, and one more than is shown; ask for no more than there are, which takes long to find."""
    found: list[Item] = []
    there = sum(run["codes"].values()) + run["counts"]["parked"]  # some are parked while the run is applied (9.2)
    for severity in ("error", "warning"):
        room = min(_SHOWN_PROBLEMS + 1, there) - len(found)
        if room > 0:
            found += connection.api.every("log", run=run["number"], severity=severity, limit=room)
    return sorted(found, key=lambda entry: (entry["severity"] != "error", entry["row"] or 0))
