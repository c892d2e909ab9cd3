"""The questions of 7.3, each on every DynamoDB."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from peoplefeed.codes import Code
from peoplefeed.feed_log.entries import Moment
from peoplefeed.feed_log.problems import resolve_problems
from peoplefeed.feed_log.queries import ForeignMark, LogFilter, UnknownRun, log_page
from peoplefeed.feed_log.streams import Mark
from peoplefeed.model import Outcome, Severity
from tests.integration.api.logbook import TENANT, LogBook, again, created, entries_of, no_department, rejected
from tests.worlds.databases import Database, memory

MONDAY, TUESDAY, WEDNESDAY = (f"2026-11-2{day}T08:00:00.000Z" for day in (3, 4, 5))
BAR = no_department("Bar")
BAD = rejected(2, "E2")


@pytest.fixture(scope="module")
def book(database_anywhere: Database) -> LogBook:
    """The log that most tests only read."""
    return written(database_anywhere, TENANT)


@pytest.fixture
def own_book(database_anywhere: Database) -> LogBook:
    """The same for a test that changes it."""
    return written(database_anywhere, f"tenant-{uuid4().hex}")


def written(database: Database, tenant: str) -> LogBook:
    """Five runs: a first load, the same again, a file that cannot be read, a cure, and what came back."""
    book = LogBook.on(database.client, database.directory, database.feed_log, tenant)
    book.run(created(1, "E1", BAR), BAD, created(3, "E3"), rejected(4, "E4"), created(5, "E5"), at=MONDAY)
    book.run(again(rejected(7, "E2")), again(created(8, "E1", BAR)), again(rejected(9, "E4")), at=MONDAY)
    book.failed_run(Code.FEED_EMPTY, "The file has no data rows: it is empty.", at=TUESDAY)
    book.run(entries_of(Outcome.UPDATED, 1, "E2"), at=TUESDAY, resolved=BAD)
    book.run(rejected(6, "E2"), created(7, "E7"), at=WEDNESDAY)
    book.waiting_run(at=WEDNESDAY)
    return book


EVERYTHING = [
    (5, 7, None),
    (5, 6, "EMAIL_INVALID"),
    (4, 1, None),
    (3, None, "FEED_EMPTY"),
    (1, 1, "DEPARTMENT_NOT_FOUND"),
    (1, 3, None),
    (1, 5, None),
    (1, 2, "EMAIL_INVALID"),
    (1, 4, "EMAIL_INVALID"),
]


@pytest.mark.parametrize("limit", [2, 50])
def test_7_3_all_entries_newest_run_first_then_by_outcome_and_row(book: LogBook, limit: int) -> None:
    assert book.places(limit) == EVERYTHING


@pytest.mark.parametrize("limit", [2, 50])
def test_7_4_a_run_shows_what_it_made_and_what_it_counted_up(book: LogBook, limit: int) -> None:
    assert book.places(limit, run=1) == EVERYTHING[4:]
    assert book.places(limit, run=2) == [
        (2, 7, "EMAIL_INVALID"),
        (2, 8, "DEPARTMENT_NOT_FOUND"),
        (2, 9, "EMAIL_INVALID"),
    ]
    assert book.places(limit, run=6) == []


def test_7_4_what_was_counted_up_says_so(book: LogBook) -> None:
    entry = book.shown(run=2, external_id="E4")[0]
    assert entry["message"].startswith("Row 9: Email 'x' ")
    assert (entry["outcome"], entry["severity"], entry["name"]) == ("rejected", "error", "Person E4")
    standing = [entry[key] for key in ("occurrences", "first_seen", "last_seen", "resolved_at")]
    assert standing == [2, MONDAY, MONDAY, None]


def test_7_2_a_failed_feed_has_one_entry(book: LogBook) -> None:
    (entry,) = book.shown(run=3)
    assert (entry["row"], entry["external_id"], entry["outcome"]) == (None, None, None)
    assert (entry["severity"], entry["mender"]) == ("error", "hr")


FILTERS: list[tuple[dict[str, Any], list[tuple[int, int | None, str | None]]]] = [
    ({"run": 1, "outcome": Outcome.CREATED}, EVERYTHING[4:7]),
    ({"run": 1, "severity": Severity.ERROR}, EVERYTHING[7:]),
    ({"run": 1, "severity": Severity.INFO, "external_id": "E3"}, [(1, 3, None)]),
    ({"run": 1, "external_id": "E2"}, [(1, 2, "EMAIL_INVALID")]),
    ({"run": 1, "unresolved": True}, [(1, 1, "DEPARTMENT_NOT_FOUND"), (1, 4, "EMAIL_INVALID")]),
    ({"run": 1, "day": "2026-11-24"}, []),
    ({"run": 2, "outcome": Outcome.CREATED}, [(2, 8, "DEPARTMENT_NOT_FOUND")]),
    ({"run": 2, "severity": Severity.ERROR}, [(2, 7, "EMAIL_INVALID"), (2, 9, "EMAIL_INVALID")]),
    ({"run": 2, "external_id": "E4"}, [(2, 9, "EMAIL_INVALID")]),
    ({"run": 2, "unresolved": True}, [(2, 8, "DEPARTMENT_NOT_FOUND"), (2, 9, "EMAIL_INVALID")]),
    ({"external_id": "E2"}, [(5, 6, "EMAIL_INVALID"), (4, 1, None), (1, 2, "EMAIL_INVALID")]),
    ({"external_id": "E2", "severity": Severity.ERROR}, [(5, 6, "EMAIL_INVALID"), (1, 2, "EMAIL_INVALID")]),
    ({"external_id": "E2", "outcome": Outcome.UPDATED}, [(4, 1, None)]),
    ({"external_id": "E2", "day": "2026-11-25"}, [(5, 6, "EMAIL_INVALID")]),
    ({"external_id": "E2", "unresolved": True}, [(5, 6, "EMAIL_INVALID")]),
    ({"external_id": "E9"}, []),
    ({"unresolved": True, "outcome": Outcome.CREATED}, [(1, 1, "DEPARTMENT_NOT_FOUND")]),
    ({"unresolved": True, "day": "2026-11-25"}, [(5, 6, "EMAIL_INVALID")]),
    ({"unresolved": True, "severity": Severity.INFO}, []),
    ({"severity": Severity.WARNING}, [(1, 1, "DEPARTMENT_NOT_FOUND")]),
    ({"severity": Severity.WARNING, "outcome": Outcome.UPDATED}, []),
    (
        {"severity": Severity.ERROR},
        [(5, 6, "EMAIL_INVALID"), (3, None, "FEED_EMPTY"), (1, 4, "EMAIL_INVALID"), (1, 2, "EMAIL_INVALID")],
    ),
    ({"severity": Severity.ERROR, "day": "2026-11-24"}, [(3, None, "FEED_EMPTY")]),
    ({"severity": Severity.ERROR, "day": "2026-11-25"}, [(5, 6, "EMAIL_INVALID")]),
    ({"severity": Severity.INFO}, [(5, 7, None), (4, 1, None), (1, 3, None), (1, 5, None)]),
    ({"severity": Severity.INFO, "day": "2026-11-24"}, [(4, 1, None)]),
    ({"outcome": Outcome.CREATED}, [(5, 7, None), *EVERYTHING[4:7]]),
    ({"outcome": Outcome.CREATED, "day": "2026-11-23"}, EVERYTHING[4:7]),
    ({"outcome": Outcome.HELD}, []),
    ({"day": "2026-11-22"}, []),
    ({"day": "2026-11-23"}, EVERYTHING[4:]),
    ({"day": "2026-11-24"}, EVERYTHING[2:4]),
    ({"day": "2026-11-25"}, EVERYTHING[:2]),
    ({"day": "2026-11-26"}, []),
]

# One for each way in which entries are found; the others differ in what is left out, which needs no database.
STREAMS = (
    "run&external_id",
    "run&unresolved",
    "external_id&day",
    "unresolved&day",
    "severity&day",
    "outcome&day",
    "day",
)


def name_of(wanted: dict[str, Any]) -> str:
    return "&".join(wanted)


@pytest.mark.parametrize(
    ("wanted", "places"), FILTERS, ids=lambda part: name_of(part) if isinstance(part, dict) else ""
)
@pytest.mark.parametrize("limit", [1, 50])
def test_7_3_filters_hold_together(
    limit: int, wanted: dict[str, Any], places: list[tuple[int, int | None, str | None]]
) -> None:
    with memory() as database:
        assert written(database, TENANT).places(limit, **wanted) == places


@pytest.mark.parametrize(
    ("wanted", "places"),
    [case for case in FILTERS if name_of(case[0]) in STREAMS],
    ids=lambda part: name_of(part) if isinstance(part, dict) else "",
)
def test_7_3_filters_hold_on_every_database(
    book: LogBook, wanted: dict[str, Any], places: list[tuple[int, int | None, str | None]]
) -> None:
    assert book.places(50, **wanted) == places


@pytest.mark.parametrize("limit", [2, 50])
def test_7_3_problems_that_someone_must_mend(book: LogBook, limit: int) -> None:
    places = book.places(limit, unresolved=True)
    assert places[0] == (5, 6, "EMAIL_INVALID"), "newest first"
    assert sorted(places[1:]) == [(1, 1, "DEPARTMENT_NOT_FOUND"), (1, 4, "EMAIL_INVALID")]


def test_7_4_what_is_resolved_says_when(own_book: LogBook) -> None:
    own_book.run(created(1, "E9", BAR), at=WEDNESDAY)
    own_book.run(entries_of(Outcome.UPDATED, 1, "E9"), at=WEDNESDAY, resolved=created(1, "E9", BAR))
    warned = own_book.shown(external_id="E9", severity=Severity.WARNING)
    assert [entry["resolved_at"] for entry in warned] == [WEDNESDAY]
    assert own_book.shown(external_id="E9", unresolved=True) == []


def test_7_2_a_delivered_entry_says_when_wherever_it_is_shown(own_book: LogBook) -> None:
    key = "pk", "sk"
    own_book.deployment.dynamodb.update_item(
        TableName=own_book.deployment.names.feed_log_table,
        Key=dict(zip(key, ({"S": part} for part in entry_key_of_e1(own_book)), strict=True)),
        UpdateExpression="SET delivered_at = :at",
        ExpressionAttributeValues={":at": {"S": TUESDAY}},
    )
    questions: tuple[dict[str, Any], ...] = (
        {"run": 1},
        {},
        {"external_id": "E1"},
        {"severity": Severity.WARNING},
        {"unresolved": True},
    )
    for wanted in questions:
        (entry,) = [entry for entry in own_book.shown(**wanted) if entry["external_id"] == "E1"]
        assert entry["delivered_at"] == TUESDAY, wanted


def entry_key_of_e1(book: LogBook) -> tuple[str, str]:
    from peoplefeed.feed_log.entries import entry_key

    return entry_key(book.tenant, 1, created(1, "E1", BAR)[0])


def test_7_5_a_problem_outlives_its_entry(own_book: LogBook) -> None:
    pk, sk = entry_key_of_e1(own_book)
    own_book.deployment.dynamodb.delete_item(
        TableName=own_book.deployment.names.feed_log_table, Key={"pk": {"S": pk}, "sk": {"S": sk}}
    )
    entry = next(entry for entry in own_book.shown(unresolved=True) if entry["external_id"] == "E1")
    assert (entry["run"], entry["row"], entry["outcome"], entry["at"]) == (1, 1, "created", MONDAY)
    assert (entry["occurrences"], entry["message"]) == (2, BAR.message)


def test_a_run_that_is_not_there_is_said_to_be_unknown(book: LogBook) -> None:
    with pytest.raises(UnknownRun):
        book.shown(run=77)


@pytest.mark.parametrize(
    ("wanted", "mark"),
    [
        (LogFilter(), ("created#1", "00")),
        (LogFilter(), (0, "created#1", "00")),
        (LogFilter(), (10**10, "created#1", "00")),
        (LogFilter(run=1), ("created#1", "00")),
        (LogFilter(run=1), ("repeat", "000001", "1")),
        (LogFilter(external_id="E1"), (1,)),
        (LogFilter(unresolved=True), ("a", "b", "c")),
    ],
)
def test_a_mark_of_another_question_is_refused(book: LogBook, wanted: LogFilter, mark: Mark) -> None:
    with pytest.raises(ForeignMark):
        log_page(book.deployment, TENANT, wanted, 50, mark)


def test_another_tenants_log_is_another_log(book: LogBook) -> None:
    rival = LogBook(book.deployment, f"tenant-{uuid4().hex}")
    rival.run(rejected(1, "E2"), at=MONDAY)
    assert rival.places() == rival.places(unresolved=True) == rival.places(severity=Severity.ERROR)
    assert rival.places(external_id="E2") == [(1, 1, "EMAIL_INVALID")]
    assert book.places() == EVERYTHING


def test_7_4_a_worker_that_comes_late_does_not_end_a_problem_of_which_a_later_run_spoke() -> None:
    with memory() as database:
        book = LogBook.on(database.client, database.directory, database.feed_log)
        entries = rejected(1, "E1")
        book.run(entries, at="2026-11-21T08:00:00.000Z")
        book.run(again(entries), at="2026-11-22T08:00:00.000Z")
        late = Moment(TENANT, 1, "2026-11-21T08:00:00.000Z", 1_795_000_000)
        resolve_problems(book.deployment, late, [str(book.problem_of(entries[0]))])
        assert [entry["external_id"] for entry in book.shown(unresolved=True)] == ["E1"]
