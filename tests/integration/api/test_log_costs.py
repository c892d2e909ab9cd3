"""7.3: one page of entries costs what it shows, not what the log holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from peoplefeed.dynamo.keys import ALL_SHARDS
from peoplefeed.feed_log.queries import LogFilter, log_page
from peoplefeed.model import Entry, Outcome, Severity
from tests.integration.api.logbook import Counting, LogBook, again, created, rejected
from tests.worlds.databases import memory

LIMIT = 50
FEW, MANY = 1_000, 10_000
DAYS = 2


def day(number: int) -> str:
    return f"2026-11-{10 + number}T08:00:00.000Z"


def rows(number: int, first: int) -> list[Entry]:
    """Every other row is rejected."""
    made: list[Entry] = []
    for row in range(first, first + number):
        made += rejected(row, f"E{row}") if row % 2 == 0 else created(row, f"E{row}")
    return made


class Log:
    """A log on a client that counts."""

    def __init__(self, client: Any, directory: str, feed_log: str, size: int) -> None:
        self.counting = Counting(client)
        book = LogBook.on(client, directory, feed_log)
        for number in range(DAYS):
            book.run(rows(size // DAYS, 1 + number * size), at=day(number))
        for _ in range(3):
            book.run(at=day(DAYS))
        self.book = LogBook.on(self.counting, directory, feed_log)

    def reads(self, wanted: LogFilter) -> tuple[int, int]:
        """How many entries two pages show, and how many items were read for that."""
        before = self.counting.items
        first = log_page(self.book.deployment, self.book.tenant, wanted, LIMIT, None)
        second = log_page(self.book.deployment, self.book.tenant, wanted, LIMIT, first.mark)
        assert first.entries != second.entries
        return len(first.entries) + len(second.entries), self.counting.items - before


@pytest.fixture(scope="module")
def logs() -> Iterator[dict[int, Log]]:
    with ExitStack() as stack:
        databases = {size: stack.enter_context(memory()) for size in (FEW, MANY)}
        yield {size: Log(on.client, on.directory, on.feed_log, size) for size, on in databases.items()}


@pytest.mark.parametrize(
    "wanted",
    [
        LogFilter(),
        LogFilter(run=2),
        LogFilter(run=2, outcome=Outcome.CREATED),
        LogFilter(outcome=Outcome.CREATED),
        LogFilter(outcome=Outcome.REJECTED),
        LogFilter(unresolved=True),
        LogFilter(run=2, severity=Severity.ERROR),
        LogFilter(severity=Severity.ERROR),
        LogFilter(day="2026-11-11"),
    ],
    ids=["all", "run", "run and outcome", "created", "rejected", "run and errors", "unresolved", "errors", "day"],
)
def test_7_3_two_pages_read_what_they_show_however_long_the_log_is(logs: dict[int, Log], wanted: LogFilter) -> None:
    reads = {}
    for size, log in logs.items():
        shown, reads[size] = log.reads(wanted)
        assert shown == 2 * LIMIT
    assert reads[MANY] <= 1.2 * reads[FEW]
    with_problems = 2 * 2 * LIMIT
    assert reads[MANY] <= 3 * 2 * LIMIT + 2 * 3 * len(ALL_SHARDS) + with_problems


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.ERROR])
def test_7_3_a_day_and_a_severity_read_nothing_else(logs: dict[int, Log], severity: Severity) -> None:
    log = logs[MANY]
    before = log.counting.items
    shown = log.book.shown(1000, severity=severity, day="2026-11-11")
    assert {entry["at"] for entry in shown} <= {day(1)}
    assert len(shown) == (MANY // DAYS // 2 if severity is Severity.ERROR else 0)
    assert log.counting.items - before <= 3 * len(shown), "each problem, its entry, and what lies next to a page"


def test_7_3_one_person_is_read_alone(logs: dict[int, Log]) -> None:
    log = logs[MANY]
    before = log.counting.items
    assert len(log.book.shown(external_id="E7")) == 1
    assert log.counting.items - before == 1


def test_runs_that_logged_nothing_cost_one_item_each() -> None:
    with memory() as database:
        book = LogBook.on(database.client, database.directory, database.feed_log)
        book.run(created(1, "E1"), at=day(0))
        for _ in range(300):
            book.run(at=day(1))
        counting = Counting(database.client)
        book = LogBook.on(counting, database.directory, database.feed_log)
        assert book.places() == [(1, 1, None)]
        assert counting.items <= 303
        assert counting.requests <= 10 + len(ALL_SHARDS)


def test_a_run_whose_item_says_where_its_entries_are_is_asked_there_only() -> None:
    with memory() as database:
        book = LogBook.on(database.client, database.directory, database.feed_log)
        for number in range(20):
            entry = created(1, f"E{number}")
            shard = 1 << ALL_SHARDS.index(shard_of_person(f"E{number}"))
            book.run(entry, at=day(0), log_shards=shard)
        counting = Counting(database.client)
        book = LogBook.on(counting, database.directory, database.feed_log)
        assert book.places() == [(run, 1, None) for run in range(20, 0, -1)]
        assert counting.requests <= 22


def shard_of_person(external_id: str) -> str:
    from peoplefeed.dynamo.keys import shard

    return shard(external_id)


def test_a_question_without_an_index_stops_and_can_be_gone_on_with() -> None:
    """A run of 6,000 rows that were created, and one that was not, is looked at in parts."""
    with memory() as database:
        book = LogBook.on(database.client, database.directory, database.feed_log)
        book.run(
            [entry for row in range(1, 6_001) for entry in created(row, f"E{row}")], rejected(6_001, "X"), at=day(0)
        )
        pages = book.pages(run=1, unresolved=True)
        assert len(pages) > 1
        assert [entry["row"] for page in pages for entry in page] == [6_001]


def test_a_page_is_never_larger_than_an_answer_may_be() -> None:
    with memory() as database:
        book = LogBook.on(database.client, database.directory, database.feed_log)
        book.run([entry for row in range(1, 61) for entry in rejected(row, f"E{row}", "x" * 60_000)], at=day(0))
        pages = book.pages(1000, run=1)
        assert len(pages) > 1
        assert sum(map(len, pages)) == 60
        assert max(len(str(page)) for page in pages) < 3_000_000


def test_7_4_what_was_counted_up_is_read_by_the_page_too() -> None:
    with memory() as database:
        book = LogBook.on(database.client, database.directory, database.feed_log)
        entries = [entry for row in range(1, 301) for entry in rejected(row, f"E{row}")]
        book.run(entries, at=day(0))
        book.run(again(entries), at=day(1))
        counting = Counting(database.client)
        book = LogBook.on(counting, database.directory, database.feed_log)
        page = log_page(book.deployment, book.tenant, LogFilter(run=2), 10, None)
        assert [entry["row"] for entry in page.entries] == list(range(1, 11))
        assert counting.items <= 40
        assert len(book.shown(7, run=2)) == 300
