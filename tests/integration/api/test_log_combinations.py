"""Every combination of filters shows exactly what a look at the whole log would have found."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from peoplefeed.codes import Code, finding
from peoplefeed.feed_log.queries import LogFilter
from peoplefeed.model import Entry, Outcome, Severity
from tests.integration.api.logbook import LogBook, again, created, entries_of, no_department, rejected
from tests.worlds.databases import memory

DAYS = [f"2026-11-2{number}" for number in (1, 1, 2, 4)]
ANOTHER_PERSON = finding(Code.EXTERNAL_ID_IDENTITY_CHANGED, value="Eva", before="Ann", row=1, external_id="E1")
PEOPLE = [f"E{number}" for number in range(12)]


class Told:
    """A log, and everything that was written to it, in one list."""

    def __init__(self, book: LogBook, seed: int) -> None:
        self.book = book
        self._random = random.Random(seed)  # noqa: S311 - an example, not a secret
        self._open: dict[str, list[Entry]] = {}
        self.repeats: set[tuple[int, int]] = set()
        for day in DAYS:
            self._run(f"{day}T08:00:00.000Z")
        self.book.failed_run(Code.FEED_EMPTY, "The file has no data rows: it is empty.", at=f"{DAYS[-1]}T09:00:00.000Z")
        self.everything: list[dict[str, Any]] = []
        for number in range(book.number, 0, -1):
            self.everything += [entry for entry in book.shown(run=number) if entry["run"] == number]

    def _run(self, at: str) -> None:
        entries: list[Entry] = []
        resolved: list[Entry] = []
        for row, person in enumerate(self._random.sample(PEOPLE, 8), start=1):
            entries += self._row(row, person, resolved)
        self.book.run(entries, at=at, resolved=resolved)

    def _row(self, row: int, person: str, resolved: list[Entry]) -> list[Entry]:
        before = self._open.get(person)
        if before and self._random.random() < 0.5:
            self.repeats.add((self.book.number + 1, row))
            return again(entry_at(row, before))
        if before:
            resolved += before
            self._open.pop(person)
            return entries_of(Outcome.UPDATED, row, person)
        made = self._random.choice(
            [
                rejected(row, person),
                created(row, person, no_department("Bar")),
                created(row, person),
                entries_of(Outcome.UPDATED, row, person, ANOTHER_PERSON),
            ]
        )
        if self.book.problem_of(made[0]):
            self._open[person] = made
        return made


def entry_at(row: int, entries: list[Entry]) -> list[Entry]:
    return [replace(entry, row=row) for entry in entries]


@pytest.fixture(scope="module", params=range(3))
def told(request: pytest.FixtureRequest) -> Iterator[Told]:
    with memory() as database:
        yield Told(LogBook.on(database.client, database.directory, database.feed_log), request.param)


OUTCOMES = [None, Outcome.CREATED, Outcome.UPDATED, Outcome.REJECTED, Outcome.HELD]
SEVERITIES = [None, *Severity]


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("severity", SEVERITIES)
def test_7_3_every_combination_of_filters(told: Told, outcome: Outcome | None, severity: Severity | None) -> None:
    for person, unresolved, day, run in product(
        [None, PEOPLE[0], PEOPLE[5]], [False, True], [None, "2026-11-21", "2026-11-23"], [None, 2, 4]
    ):
        wanted: dict[str, Any] = {
            "run": run,
            "outcome": outcome,
            "severity": severity,
            "external_id": person,
            "unresolved": unresolved,
            "day": day,
        }
        admits = LogFilter(**wanted).admits
        of_run = [entry for entry in told.everything if run in {None, entry["run"]}]
        counted = set() if run else told.repeats  # 7.4: shown with their run and nowhere else
        expected = [entry for entry in of_run if admits(entry) and (entry["run"], entry["row"]) not in counted]
        shown = told.book.shown(3, **wanted)
        assert sorted(map(place, shown)) == sorted(map(place, expected)), wanted


def place(entry: dict[str, Any]) -> tuple[int, int, str]:
    return entry["run"], entry["row"], entry["code"] or ""
