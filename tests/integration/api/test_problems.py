"""`/problems`: one line for each code and value found, however many people have it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from command.verbs import problems as verb
from peoplefeed.codes import Code, Other, finding, finding_about
from peoplefeed.feed_log import summary
from peoplefeed.feed_log.summary import ProblemFilter, Summary, summary_of
from peoplefeed.learning_platform import problems as platform
from peoplefeed.learning_platform.person import find_person
from peoplefeed.learning_platform.trouble import Refused
from peoplefeed.model import Entry, FeedKind, Outcome
from peoplefeed.sources import attention
from peoplefeed.sources.store import put_source, source_of
from peoplefeed.sources.trouble import unreachable
from tests.integration.api.logbook import LogBook, again, created, entries_of, no_department, rejected
from tests.integration.api.scene import NOW, TENANT, Scene
from tests.unit.sources.examples import manifest
from tests.worlds.databases import Database, memory

MONDAY, TUESDAY, WEDNESDAY = (f"2026-03-0{day}T08:00:00.000Z" for day in (2, 3, 4))


def no_title(row: int, external_id: str, name: str, suggestion: str | None = None) -> list[Entry]:
    found = finding(
        Code.JOB_TITLE_NOT_FOUND, field="job_title", value=name, suggestion=suggestion, external_id=external_id
    )
    return entries_of(Outcome.PARKED, row, external_id, found)


def summarised(book: LogBook, **wanted: Any) -> Summary:
    return summary_of(book.deployment, book.tenant, ProblemFilter(**wanted))


def glance(book: LogBook, **wanted: Any) -> list[tuple[str, str | None, int, int]]:
    """Code, value, people and occurrences of each line."""
    return [(line.code, line.value, line.people, line.occurrences) for line in summarised(book, **wanted).lines]


@pytest.fixture
def book(database_anywhere: Database, request: pytest.FixtureRequest) -> LogBook:
    """A log of its own for each test, on each database."""
    where = database_anywhere
    tenant = request.node.name.split("[")[0].replace("_", "-")[-60:].strip("-")
    return LogBook.on(where.client, where.directory, where.feed_log, tenant)


def in_use(row: int, external_id: str, value: str = "bar@x.es") -> list[Entry]:
    holder, code = Other("E0", "Ana Sol"), Code.EMAIL_IN_USE
    found = finding_about(holder, code, field="email", value=value, row=row, external_id=external_id)
    return entries_of(Outcome.PARKED, row, external_id, found)


def test_3_12_an_address_that_three_want_one_by_one_is_suggested_for_sharing(book: LogBook) -> None:
    advice = "If several people share it, list it among the shared addresses."
    book.run(in_use(1, "E1"), at=MONDAY)
    [line] = summarised(book).lines
    assert advice not in line.document["remedy"]
    book.run(in_use(1, "E2"), at=TUESDAY)
    [line] = summarised(book).lines
    assert line.document["remedy"].endswith(f"the one who has left. {advice}")


def test_2_4_one_address_is_one_line_however_it_is_written(book: LogBook) -> None:
    book.run(in_use(1, "E1", "BAR@x.es"), at=MONDAY)
    book.run(in_use(1, "E2", "Bar@x.es"), at=TUESDAY)
    book.run(in_use(1, "E3", "bar@X.es"), in_use(2, "E4", "bär@x.es"), at=WEDNESDAY)

    bar, other = summarised(book).lines

    assert (bar.value, bar.people, bar.first_seen, bar.last_seen) == ("BAR@x.es", 3, MONDAY, WEDNESDAY)
    assert bar.document["remedy"].endswith("list it among the shared addresses."), "3.12"
    assert (other.value, other.people) == ("bär@x.es", 1)


def test_2_4_of_one_file_the_spelling_of_the_higher_row_is_shown(book: LogBook) -> None:
    spellings = ["bar@x.es", "BAR@x.es", "Bar@x.es", "bAr@x.es", "baR@x.es"]
    book.run(*(in_use(row, f"E{row}", value) for row, value in enumerate(spellings, start=1)), at=MONDAY)
    assert glance(book) == [("EMAIL_IN_USE", "bar@x.es", 5, 5)]


def test_2_4_rings_of_one_address_are_one_line_and_what_is_no_address_is_itself(book: LogBook) -> None:
    def ring(row: int, value: str) -> list[Entry]:
        found = finding(
            Code.EMAIL_RING_TOO_LONG, field="email", value=value, row=row, external_id=f"E{row}", length=25, limit=24
        )
        return entries_of(Outcome.PARKED, row, f"E{row}", found)

    book.run(ring(1, "A@x.es"), ring(2, "a@x.es"), ring(3, "A"), ring(4, "a"), at=MONDAY)
    assert [(value, people) for _, value, people, _ in glance(book)] == [("A@x.es", 2), ("A", 1), ("a", 1)]


def test_7_4_one_typo_of_300_people_is_one_line(book: LogBook) -> None:
    typo = [no_title(row, f"E{row:03d}", "Head Cheff", "Head Chef") for row in range(1, 301)]
    book.run(*typo, at=MONDAY)
    book.run(*(again(entries) for entries in typo), at=TUESDAY)

    [line] = summarised(book).lines

    assert line.document == {
        "severity": "error",
        "code": "JOB_TITLE_NOT_FOUND",
        "field": "job_title",
        "value": "Head Cheff",
        "source": None,
        "people": 300,
        "occurrences": 600,
        "first_seen": MONDAY,
        "last_seen": TUESDAY,
        "suggestion": "Head Chef",
        "message": line.message,
        "examples": ("E001", "E002", "E003"),
        "remedy": "Create the Job Title, or correct it in the HR system. Capitals and spaces count.",
        "mender": "administrator",
    }
    assert "not processed, Job Title with name Head Cheff does not exist" in str(line.message)


def test_the_worst_comes_first_then_what_concerns_most(book: LogBook) -> None:
    book.run(
        *(created(row, f"D{row}", no_department("Bar")) for row in range(1, 5)),
        no_title(5, "E5", "Diver"),
        *(no_title(row, f"E{row}", "Cook") for row in (6, 7)),
        rejected(8, "E8"),
        at=MONDAY,
    )
    everything = [
        ("JOB_TITLE_NOT_FOUND", "Cook", 2, 2),
        ("EMAIL_INVALID", "x", 1, 1),
        ("JOB_TITLE_NOT_FOUND", "Diver", 1, 1),
        ("DEPARTMENT_NOT_FOUND", "Bar", 4, 4),
    ]
    assert glance(book) == everything
    assert glance(book, severity="warning") == everything[3:]
    assert glance(book, mender="hr") == everything[1:2]
    assert glance(book, code=Code.JOB_TITLE_NOT_FOUND) == [everything[0], everything[2]]


def test_7_4_what_is_resolved_is_gone(book: LogBook) -> None:
    first, second = no_title(1, "E1", "Cook"), no_title(2, "E2", "Cook")
    book.run(first, second, at=MONDAY)
    book.run(created(1, "E1"), at=TUESDAY, resolved=first)
    assert glance(book) == [("JOB_TITLE_NOT_FOUND", "Cook", 1, 1)]
    book.run(created(2, "E2"), at=WEDNESDAY, resolved=second)
    assert glance(book) == []


def test_4_1_names_that_differ_in_capitals_are_lines_of_their_own(book: LogBook) -> None:
    book.run(no_title(1, "E1", "Cook"), no_title(2, "E2", "cook"), at=MONDAY)
    assert [value for _, value, *_ in glance(book)] == ["Cook", "cook"]


def test_4_5_the_suggestion_is_what_was_said_last(book: LogBook) -> None:
    first = no_title(1, "E1", "Head Cheff")
    book.run(first, at=MONDAY)
    book.run([replace(entry, repeats=True) for entry in no_title(1, "E1", "Head Cheff", "Head Chef")], at=TUESDAY)
    assert [line.suggestion for line in summarised(book).lines] == ["Head Chef"]


def test_rows_that_name_nobody_are_somebody_too(book: LogBook) -> None:
    missing = finding(Code.EXTERNAL_ID_MISSING, field="external_id", row=1)
    nameless = [[Entry(row, Outcome.REJECTED, finding=missing)] for row in (1, 2)]
    book.run(*nameless, at=MONDAY)
    [line] = summarised(book).lines
    assert (line.people, line.value, line.examples) == (2, None, ())


def test_a_remedy_that_speaks_of_facts_has_them(book: LogBook) -> None:
    found = finding(
        Code.DATE_INVALID, field="start_date", value="1/2", row=1, format="DD/MM/YYYY", example="31/01/2026"
    )
    book.run(entries_of(Outcome.REJECTED, 1, "E1", found), at=MONDAY)
    [line] = summarised(book).lines
    assert line.document["remedy"] == "Write the date as DD/MM/YYYY, for example 31/01/2026."


def test_past_the_bound_the_summary_says_that_it_is_not_whole(book: LogBook, monkeypatch: pytest.MonkeyPatch) -> None:
    book.run(*(no_title(row, f"E{row}", "Cook") for row in range(1, 201)), at=MONDAY)
    whole = summarised(book)
    assert (whole.looked_at, whole.truncated, whole.lines[0].people) == (200, False, 200)

    monkeypatch.setattr(summary, "MOST_PROBLEMS", 64)
    part = summarised(book)
    assert part.truncated
    assert part.looked_at == part.lines[0].people <= 64


def test_nobody_sees_another_tenants_problems(book: LogBook) -> None:
    book.run(no_title(1, "E1", "Cook"), at=MONDAY)
    other = replace(book, tenant=f"{book.tenant[:-1]}-b")
    assert glance(other) == []


def test_a_summary_costs_one_request_a_partition_while_pages_are_small() -> None:
    from tests.integration.api.logbook import Counting

    with memory() as database:
        book = LogBook.on(database.client, database.directory, database.feed_log)
        book.run(*(no_title(row, f"E{row}", "Cook") for row in range(1, 2001)), at=MONDAY)
        counting = Counting(database.client)
        [line] = summarised(LogBook.on(counting, database.directory, database.feed_log)).lines
    assert line.people == 2000
    assert (counting.requests, counting.items) == (32, 2000)


# Through the API.

PEOPLE = """External Identifier,First Name,Last Name,Email,Job Title,Department,Business Unit ID
E1,Ann,Bee,ann@bee.example,bar staff ,Bar,M1
E2,Bob,Cee,ann@bee.example,"Chef, Sous",Bar,M1
E3,Cid,Dee,,Bar Staff,=Bar,M1
E4,Eve,Eff,eve@eff.example,bar staff ,,
"""


@pytest.fixture
def loaded(scene: Scene) -> Scene:
    scene.imports("Name\nBar Staff\n", kind="job-titles")
    scene.imports(PEOPLE)
    return scene


def test_the_page_says_how_much_it_is_of(loaded: Scene) -> None:
    page = loaded.gets("/problems", limit=1).json
    assert (page["lines"], page["looked_at"], page["truncated"]) == (4, 5, False)
    [line] = page["problems"]
    assert (line["value"], line["suggestion"], line["people"]) == ("bar staff ", "Bar Staff", 2)


@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_all_lines_can_be_asked_for_page_by_page(loaded: Scene, limit: int) -> None:
    lines = loaded.every("/problems", "problems", limit=limit)
    assert [line["value"] for line in lines] == ["bar staff ", "Chef, Sous", "M1", "=Bar"]


def test_lines_are_filtered(loaded: Scene) -> None:
    found = loaded.gets("/problems", code="DEPARTMENT_NOT_FOUND", mender="administrator", severity="warning").json
    assert [line["value"] for line in found["problems"]] == ["=Bar"]
    assert (found["lines"], found["looked_at"]) == (1, 5)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"code": "EMAIL"}, "FILTER_INVALID"),
        ({"mender": "nobody"}, "FILTER_INVALID"),
        ({"severity": "fatal"}, "FILTER_INVALID"),
        ({"run": "1"}, "FILTER_UNKNOWN"),
        ({"limit": "0"}, "LIMIT_INVALID"),
        ({"cursor": "x"}, "CURSOR_INVALID"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(scene: Scene, query: dict[str, str], error: str) -> None:
    assert scene.gets("/problems", **query).error == (400, error)


def test_a_cursor_goes_on_with_its_own_question_only(loaded: Scene) -> None:
    cursor = loaded.gets("/problems", limit=1).json["cursor"]
    assert loaded.gets("/problems", limit=1, severity="error", cursor=cursor).error == (400, "CURSOR_INVALID")


def test_a_page_is_never_larger_than_an_answer_may_be(scene: Scene) -> None:
    book = LogBook(scene.deployment, TENANT)
    book.run(*(rejected(row, f"E{row}", f"{row}{'x' * 60_000}") for row in range(1, 61)), at=MONDAY)
    answer = scene.gets("/problems", limit=1000)
    assert len(answer.body) < 3_000_000
    assert 1 < len(answer.json["problems"]) < 60
    assert len(scene.every("/problems", "problems", limit=1000)) == 60


@pytest.mark.parametrize("kind", [FeedKind.JOB_TITLES, FeedKind.DEPARTMENTS, FeedKind.BUSINESS_UNITS])
def test_4_6_what_is_missing_can_be_imported_as_it_is(
    loaded: Scene, kind: FeedKind, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    code = verb._MISSING[kind]
    missing = loaded.every("/problems", "problems", code=code.value)
    assert missing

    verb._print_csv(kind, missing)
    file = capfdbinary.readouterr().out.decode()
    run = loaded.imports(file, kind=kind.value)
    loaded.imports(PEOPLE)

    assert run.counts["created"] == run.counts["received"] == len(missing)
    assert loaded.every("/problems", "problems", code=code.value) == []


def test_a_source_in_trouble_is_a_line_about_nobody(scene: Scene) -> None:
    for name in ("payroll", "rota"):
        put_source(scene.deployment, TENANT, manifest(name=name), NOW)
        source = source_of(scene.deployment, TENANT, name)
        assert source
        attention.tell(scene.deployment, source, unreachable("it does not answer."), NOW, NOW)
        if name == "rota":
            later = NOW + timedelta(minutes=5)
            attention.tell(scene.deployment, source, unreachable("it still does not answer."), later, later)

    payroll, rota = scene.gets("/problems").json["problems"]

    assert (payroll["source"], payroll["people"], payroll["examples"]) == ("payroll", 0, [])
    assert (rota["source"], rota["occurrences"], rota["value"]) == ("rota", 2, None)
    assert "still does not answer" in rota["message"]
    assert (rota["mender"], rota["severity"]) == ("operator", "error")


def test_8_3_what_the_platform_refuses_is_one_line(loaded: Scene) -> None:
    loaded.imports("Name\nChef\n", kind="job-titles")
    loaded.imports(PEOPLE.replace("bar staff ", "Chef"))
    for external_id in ("E1", "E4"):
        person = find_person(loaded.deployment, TENANT, external_id)
        assert person
        refusal = Refused(400, "it wants a phone number")
        platform.report(loaded.deployment, person, Code.PLATFORM_REFUSED, refusal, NOW)

    [line] = loaded.gets("/problems", code="PLATFORM_REFUSED").json["problems"]

    assert (line["people"], line["value"], line["examples"]) == (
        2,
        "it answered 400: it wants a phone number",
        ["E1", "E4"],
    )
    assert line["message"].endswith("it is then sent again.")


def test_a_failed_feed_is_no_problem_that_lasts(scene: Scene) -> None:
    scene.imports("Nombre\nAna\n")
    assert scene.gets("/problems").json["problems"] == []
