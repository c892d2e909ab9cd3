"""Runs, newest first, and the folding of those that changed nothing."""

from __future__ import annotations

import pytest

from peoplefeed.api.health import health_of
from peoplefeed.codes import Code
from peoplefeed.model import Run
from peoplefeed.storage.run_pages import run_lines
from peoplefeed.times import stamp
from tests.integration.api.logbook import LogBook, created
from tests.integration.api.scene import NOW
from tests.worlds.databases import Database, memory

AT = "2026-11-22T08:00:00.000Z"

type Shown = int | tuple[int, int, int]


@pytest.fixture
def book(database_anywhere: Database) -> LogBook:
    from uuid import uuid4

    tenant = f"tenant-{uuid4().hex}"
    return LogBook.on(database_anywhere.client, database_anywhere.directory, database_anywhere.feed_log, tenant)


def pages(book: LogBook, limit: int, *, fold: bool = True) -> list[list[Shown]]:
    shown: list[list[Shown]] = []
    before: int | None = None
    while not shown or before:
        lines, before = run_lines(book.deployment, book.tenant, limit, before, fold=fold)
        shown.append([line.number if isinstance(line, Run) else (line.first, line.last, line.runs) for line in lines])
    return shown


def write_history(book: LogBook) -> None:
    """1 changed, 2 to 4 nothing, 5 failed, 6 nothing, 7 changed, 8 and 9 nothing, 10 waits."""
    for number in range(1, 10):
        if number == 5:
            book.failed_run(Code.FEED_EMPTY, "The file has no data rows: it is empty.", at=AT)
        elif number in {1, 7}:
            book.run(created(1, f"E{number}"), at=AT)
        else:
            book.run(at=AT)
    book.waiting_run(at=AT)


def test_runs_that_changed_nothing_are_one_line(book: LogBook) -> None:
    write_history(book)
    assert pages(book, 50) == [[10, (8, 9, 2), 7, (6, 6, 1), 5, (2, 4, 3), 1]]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_no_fold_is_torn_between_pages(book: LogBook, limit: int) -> None:
    write_history(book)
    shown = pages(book, limit)
    assert [line for page in shown for line in page] == [10, (8, 9, 2), 7, (6, 6, 1), 5, (2, 4, 3), 1]
    assert [len(page) for page in shown[:-1]] == [limit] * (len(shown) - 1)


@pytest.mark.parametrize("limit", [4, 10, 50])
def test_all_runs_are_there_when_they_are_asked_for(book: LogBook, limit: int) -> None:
    write_history(book)
    assert [line for page in pages(book, limit, fold=False) for line in page] == list(range(10, 0, -1))


def test_a_tenant_without_runs_has_none(book: LogBook) -> None:
    assert pages(book, 50) == [[]]


def test_a_source_that_is_polled_for_years_without_news_is_several_lines() -> None:
    with memory() as database:
        book = LogBook.on(database.client, database.directory, database.feed_log)
        book.run(created(1, "E1"), at=AT)
        for _ in range(2_100):
            book.run(at=AT)
        assert pages(book, 50) == [[(102, 2101, 2000)], [(2, 101, 100), 1]]


def test_a_line_that_moves_is_healthy(book: LogBook) -> None:
    health = health_of(book.deployment, book.tenant, NOW)
    assert (health["status"], health["line"]) == ("ok", {"waiting": 0, "last_applied": 0, "oldest": None})


@pytest.mark.parametrize(("minutes", "status"), [(14, "ok"), (16, "late")])
def test_8_2_a_feed_that_waits_too_long_is_late(book: LogBook, minutes: int, status: str) -> None:
    from datetime import timedelta

    from peoplefeed.dynamo import keys
    from peoplefeed.dynamo.writes import Put, write

    book.run(at=AT)
    began = stamp(NOW - timedelta(minutes=minutes))
    book.waiting_run(at=began)
    table = book.deployment.names.directory_table
    line = Put(table, keys.tenant(book.tenant), {"next": 4, "applied": 1, "epoch": 0})
    write(book.deployment.dynamodb, line)
    health = health_of(book.deployment, book.tenant, NOW)
    oldest = {"number": 2, "state": "waiting", "registered_at": began, "waited_seconds": minutes * 60}
    assert (health["status"], health["line"]) == (status, {"waiting": 2, "last_applied": 1, "oldest": oldest})
