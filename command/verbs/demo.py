"""`peoplefeed demo`: the whole story in under a minute."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from rich.console import Console
from rich.rule import Rule

from command import documents, options, tables
from command.errors import CommandError
from command.local.errors import LocalStackError

if TYPE_CHECKING:
    from command.demonstration import story
    from command.demonstration.figures import Figures

_SHOWN_DIFFERENCES = 20

_OPENING = """\
A company keeps its {employees:,} employees in an HR system. peoplefeed polls it, decides about every row, keeps
a directory, and sends every change to a learning platform. Everything runs on this machine and ends with the demo."""
_POLLS = (
    (
        "Poll 1: everybody is new. Some rows are wrong: a job title and a department that do not exist here, "
        "mistyped addresses, one address for two people."
    ),
    (
        "Poll 2: people joined, moved, married, left; "
        "two swapped their addresses, a newcomer got the address of someone who left, one external ID stands twice."
    ),
    "Poll 3: people came back, one of them to find the address taken; three passed their addresses on in a circle.",
)
_CAME_BACK = """\
An administrator creates the job title and the department. {people} people who waited for them come in by themselves."""
_COMPARISON = "Are directory and learning platform the same?"


def add_to(verbs: options.Verbs) -> None:
    """Add the verb to the command."""
    parser = verbs.add_parser(
        "demo",
        help="see the whole story in under a minute",
        description="Starts everything, polls an HR system three times, and compares directory and learning platform "
        "person by person. Exit code 1 if they differ. Ends everything that it started.",
    )
    options.add_json(parser)
    parser.set_defaults(verb=run)


def run(given: argparse.Namespace) -> int:
    """Tell the story and return 0 if directory and learning platform agree."""
    try:
        outcome = _told(tables.notes() if given.json else tables.output())
    except LocalStackError as error:
        raise CommandError(str(error)) from error
    if given.json:
        documents.print_json(outcome.document())
    return 1 if outcome.differences else 0


def _told(console: Console) -> story.Outcome:
    from command.demonstration import story  # noqa: PLC0415 - half a second that no other verb should wait for

    outcome = story.Outcome()
    console.print(_OPENING.format(employees=story.EMPLOYEES), soft_wrap=True)
    with tables.notes().status("starting") as status, story.scene(status.update) as scene:
        status.update("importing job titles, departments and business units")
        story.prepare(scene)
        for number, introduction in enumerate(_POLLS):
            _head(console, introduction)
            if number:
                story.next_day(scene, outcome)
            _show(console, story.poll(scene, outcome, status.update))
            if not number:
                story.create_what_was_missing(scene, outcome)
                _head(console, _CAME_BACK.format(people=outcome.came_back))
        story.compare(scene, outcome)
        status.update("ending everything")
    _show_comparison(console, outcome)
    return outcome


def _head(console: Console, text: str) -> None:
    console.print(Rule())
    console.print(text, style="bold")


def _show(console: Console, figures: Figures) -> None:
    console.print(tables.counts({"counts": figures.counts}))
    problems = [(code, number, figures.examples[code]) for code, number in figures.problems.items()]
    if problems:
        console.print(tables.table("Problems", ("code", "how many", "for example"), problems))
    if figures.lag:
        seconds = [(f"{value:.1f} s" for value in (figures.lag.p50, figures.lag.p99, figures.lag.max))]
        columns = ("half of them", "99 % of them", "all of them")
        console.print(tables.table("From feed to learning platform within", columns, [tuple(row) for row in seconds]))


def _show_comparison(console: Console, outcome: story.Outcome) -> None:
    _head(console, _COMPARISON)
    if not outcome.differences:
        console.print(f"{outcome.compared:,} people compared one by one: no differences.", style="bold green")
        return
    rows = [
        (found.external_id, found.field, found.directory, found.learning_platform)
        for found in outcome.differences[:_SHOWN_DIFFERENCES]
    ]
    columns = ("external ID", "what", "directory", "learning platform")
    console.print(tables.table(f"Differences: {len(outcome.differences)}", columns, rows))
