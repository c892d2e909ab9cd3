"""What safeguards hold back, and the commands with which an administrator ends that (6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command import tables
from peoplefeed.model import FeedKind, RunState

if TYPE_CHECKING:
    from command.api import Item
    from command.connection import Connection


def show(connection: Connection, holds: list[Item]) -> None:
    """Print holds, and how each is ended."""
    console = tables.output()
    console.print(tables.holds(holds))
    for hold in holds:
        console.print(tables.cell(how_to_end(connection, hold)), soft_wrap=True)


def show_of_run(connection: Connection, run: Item) -> None:
    """Say what is held of a run, if anything is, and how that is ended.

    The counts of the run do not tell: whom a full feed lacks has no row (1.5).
    """
    if run["kind"] != FeedKind.EMPLOYEES:
        return
    console = tables.output()
    for hold in connection.api.get("/holds")["holds"]:
        if run["number"] in hold["runs"]:
            why = "" if run["state"] == RunState.HELD else f"{hold['message']} "  # the run has said it
            console.print(tables.cell(f"{why}{how_to_end(connection, hold)}"), soft_wrap=True)


def how_to_end(connection: Connection, hold: Item) -> str:
    """Return the commands that release or discard a hold as it was seen."""
    which = f"{named(hold)} {connection.options}"
    return f"To apply it: peoplefeed release {which}. To let go of it: peoplefeed discard {which}."


def named(hold: Item) -> str:
    """Return how a version of a hold is named on the command line."""
    return f"{hold['id']}/{hold['version']}"


def sentence(hold: Item) -> str:
    """Return a hold in one line."""
    would = ", ".join(f"{number} {outcome}" for outcome, number in hold["would"].items())
    examples = "; ".join(hold["examples"])
    parts = (f"{named(hold)}: {hold['message']}", would and f"Would do: {would}.", examples and f"Such as {examples}.")
    return " ".join(part for part in parts if part)
