"""2.8: the refused rows of a run, as they were received; mended and sent again they work."""

from __future__ import annotations

import csv
import io
import json

import pytest

from peoplefeed.api import run_rows
from peoplefeed.storage.people import find_person
from tests.integration.api.scene import TENANT, Answer, Scene
from tests.unit.readers.workbooks import workbook

HEADER = "External Identifier;First Name;Last Name;Email;Job Title;Shoe Size"
ROWS = """E1;Ann;Bee;ann@bee.example;Waiter;38
E2;Bob;"Cee; junior";bob@cee.example;Chef;44
E3;;Dee;;Waiter;
E4;=Eve;Eff;nowhere;Waiter;41
"""
TABLE = [line.split(";") for line in (HEADER + "\n" + ROWS.replace('"Cee; junior"', "Cee")).splitlines()]


@pytest.fixture
def loaded(scene: Scene) -> Scene:
    """Run 1 makes a job title; what is refused in run 2 is the test's."""
    scene.imports("Name\nWaiter\n", kind="job-titles")
    return scene


def table(*answers: Answer, delimiter: str = ";") -> list[list[str]]:
    """Return what a spreadsheet would show of a file, whose parts these are."""
    text = "".join(answer.body for answer in answers)
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter))


def every_page(scene: Scene, number: int, **query: object) -> list[Answer]:
    """Return the parts of a run's file, in order."""
    pages = [scene.gets(f"/runs/{number}/rows", **query)]
    while cursor := pages[-1].headers.get("X-Next-Cursor"):
        pages.append(scene.gets(f"/runs/{number}/rows", **query, cursor=cursor))
    return pages


def test_2_8_refused_rows_come_back_below_their_header_with_errors_and_remedies(loaded: Scene) -> None:
    run = loaded.imports(f"{HEADER}\n{ROWS}")
    answer = loaded.gets(f"/runs/{run.number}/rows")
    header, *rows = table(answer)
    assert header == [*HEADER.split(";"), "Error", "Remedy"]
    assert [row[:6] for row in rows] == [
        ["E2", "Bob", "Cee; junior", "bob@cee.example", "Chef", "44"],
        ["E3", "", "Dee", "", "Waiter", ""],
        ["E4", "\t'=Eve", "Eff", "nowhere", "Waiter", "41"],
    ]
    errors, remedies = zip(*(row[6:] for row in rows), strict=True)
    assert errors[0].endswith("Job Title with name Chef does not exist")
    assert errors[1] == "Row 3 has no First Name."
    assert errors[2].startswith("Row 4: Email 'nowhere' is not an e-mail address")
    assert remedies[1] == "Fill in First Name in the HR system and send the row again."
    assert all(remedies)


def test_4_5_what_was_probably_meant_stands_where_it_is_mended(loaded: Scene) -> None:
    run = loaded.imports(f"{HEADER}\nE9;Eva;Gee;;waiter;44\n")
    (row,) = table(loaded.gets(f"/runs/{run.number}/rows"))[1:]
    assert row[7].endswith("Capitals and spaces count. Did you mean 'Waiter'?")


def test_3_12_what_to_do_about_an_address_that_many_want_stands_in_the_remedy(loaded: Scene) -> None:
    rows = "".join(f"E{one};Eva;Gee;bar@x.example;Waiter;44\n" for one in (7, 8, 9))
    run = loaded.imports(f"{HEADER}\n{rows}")
    refused = table(loaded.gets(f"/runs/{run.number}/rows"))[1:]
    assert len(refused) == 2
    for row in refused:
        assert row[6].endswith("who is active.")
        assert row[7].endswith("the one who has left. If several people share it, list it among the shared addresses.")


def test_7_4_a_row_whose_problem_was_resolved_is_not_given_back_when_another_row_has_it_again(loaded: Scene) -> None:
    first = loaded.imports(f"{HEADER}\nE9;Eva;Gee;;Pilot;44\n")
    loaded.imports(f"{HEADER}\nE9;Eva;Gee;;Pilot;44\n")
    mended = loaded.imports(f"{HEADER}\nE9;Eva;Gee;;Waiter;44\n")
    again = loaded.imports(f"{HEADER}\nE9;Eva;Dee;;Pilot;44\n")
    assert table(loaded.gets(f"/runs/{first.number}/rows"))[1:] == []
    assert [row[2] for row in table(loaded.gets(f"/runs/{again.number}/rows"))[1:]] == ["Dee"]
    before, after = (loaded.gets("/log", run=str(run.number)).json["entries"][0] for run in (first, again))
    assert (before["occurrences"], before["resolved_at"]) == (2, mended.planned_at)
    assert (after["occurrences"], after["resolved_at"]) == (1, None)


def test_2_8_it_is_a_file_to_download_that_spreadsheets_read_as_utf_8(loaded: Scene) -> None:
    run = loaded.imports(f"{HEADER}\n{ROWS}")
    answer = loaded.gets(f"/runs/{run.number}/rows")
    assert answer.body.startswith("\ufeff")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="run-2-refused-rows.csv"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_2_8_what_was_mended_is_imported_as_it_is(loaded: Scene) -> None:
    run = loaded.imports(f"{HEADER}\n{ROWS}")
    mended = loaded.gets(f"/runs/{run.number}/rows").body
    again = loaded.imports(mended.replace(";nowhere;", ";eve@eff.example;").replace(";Chef;", ";Waiter;"))
    assert (again.counts["created"], again.counts["rejected"]) == (2, 1)
    assert set(again.ignored_columns) == {"Shoe Size", "Error", "Remedy"}
    eve = find_person(loaded.deployment, TENANT, "E4")
    assert eve
    assert eve.employee.first_name == "=Eve"
    (header, *rows) = table(loaded.gets(f"/runs/{again.number}/rows"))
    assert header == [*HEADER.split(";"), "Error", "Remedy"]
    assert [row[0] for row in rows] == ["E3"]
    assert [row[0] for row in table(loaded.gets(f"/runs/{run.number}/rows"))[1:]] == ["E3"]


def test_2_5_a_broken_line_comes_out_whole_and_is_no_sound_row_before_it_is_mended(loaded: Scene) -> None:
    broken = 'E5;"Eva;Gee;;Waiter;'
    run = loaded.imports(f"{HEADER}\n{ROWS}{broken}\n")
    answer = loaded.gets(f"/runs/{run.number}/rows")
    (row,) = (row for row in table(answer) if "cannot be read" in row[6])
    assert row[:6] == [""] * 6
    assert row[6].endswith(f"The whole line: {broken}")
    assert loaded.imports(answer.body).counts["created"] == 0


def test_2_8_a_workbook_comes_back_as_csv(loaded: Scene) -> None:
    loaded.world.put_feed(TENANT, workbook(TABLE), name="staff.xlsx")
    run = loaded.works_off()
    assert (run.counts["created"], run.counts["parked"], run.counts["rejected"]) == (1, 1, 2)
    header, *rows = table(loaded.gets(f"/runs/{run.number}/rows"), delimiter=",")
    assert header[:6] == TABLE[0]
    assert [row[0] for row in rows] == ["E2", "E3", "E4"]


def test_2_8_json_lines_come_back_below_the_templates_names(loaded: Scene) -> None:
    person = {"external_id": "E1", "first_name": "Ann", "last_name": "Bee", "job_title": "Chef", "shoe size": 38}
    loaded.world.put_feed(TENANT, json.dumps(person), name="staff.jsonl")
    run = loaded.works_off()
    answer = loaded.gets(f"/runs/{run.number}/rows")
    header, row = table(answer, delimiter=",")
    assert header == ["External Identifier", "First Name", "Last Name", "Job Title", "Error", "Remedy"]
    assert row[:4] == ["E1", "Ann", "Bee", "Chef"]
    assert loaded.imports(answer.body.replace("Chef", "Waiter", 1)).counts["created"] == 1


def test_2_8_a_record_that_came_through_the_api_comes_back_too(loaded: Scene) -> None:
    body = {"first_name": "Ann", "last_name": "Bee", "job_title": "Chef", "start_date": "2026-01-31"}
    number = loaded.asks("PUT", "/employees/E1", body=body).json["run"]["number"]
    assert loaded.works_off().counts["parked"] == 1
    answer = loaded.gets(f"/runs/{number}/rows")
    header, row = table(answer, delimiter=",")
    assert dict(zip(header, row, strict=True))["External Identifier"] == "E1"
    assert loaded.imports(answer.body.replace("Chef", "Waiter", 1)).counts["created"] == 1


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_7_3_pages_put_together_are_one_file(loaded: Scene, limit: int) -> None:
    run = loaded.imports(f"{HEADER}\n{ROWS}")
    pages = every_page(loaded, run.number, limit=limit)
    assert all(page.headers["Content-Type"].endswith("header=absent") for page in pages[1:])
    whole = table(loaded.gets(f"/runs/{run.number}/rows"))
    together = table(*pages)
    assert together[0] == whole[0]
    assert sorted(together) == sorted(whole)


def test_7_3_rows_that_are_too_long_for_one_answer_come_in_several(
    loaded: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_rows, "_MOST_BYTES", 2000)
    lines = "".join(f"L{number};Ann;Bee;nowhere;Waiter;{'x' * 300}\n" for number in range(40))
    run = loaded.imports(f"{HEADER}\n{lines}")
    pages = every_page(loaded, run.number)
    assert all(len(page.body.encode()) <= 2000 for page in pages)
    assert [row[0] for row in table(*pages)[1:]] == [f"L{number}" for number in range(40)]


def test_7_4_rows_that_only_counted_up_a_problem_are_there_too(loaded: Scene) -> None:
    loaded.imports(f"{HEADER}\n{ROWS}")
    again = loaded.imports(f"{HEADER}\n{ROWS}")
    assert [row[0] for row in table(loaded.gets(f"/runs/{again.number}/rows"))[1:]] == ["E2", "E3", "E4"]


def test_a_run_that_refused_nothing_has_a_header_and_no_rows(loaded: Scene) -> None:
    run = loaded.imports(f"{HEADER}\n{ROWS.splitlines()[0]}\n")
    assert table(loaded.gets(f"/runs/{run.number}/rows")) == [[*HEADER.split(";"), "Error", "Remedy"]]


def test_what_has_no_rows_says_why(loaded: Scene) -> None:
    assert loaded.gets("/runs/9/rows").error == (404, "RUN_UNKNOWN")
    assert loaded.gets("/runs/x/rows").error == (404, "RUN_UNKNOWN")
    failed = loaded.imports("Nombre\nAna\n")
    assert loaded.gets(f"/runs/{failed.number}/rows").error == (409, "RUN_WITHOUT_ROWS")
    waiting = loaded.asks("PUT", "/employees/E1", body={"first_name": "Ann"}).json["run"]["number"]
    assert loaded.gets(f"/runs/{waiting}/rows").error == (409, "RUN_NOT_OVER")
    assert loaded.gets("/runs/1/rows", cursor="x").error == (400, "CURSOR_INVALID")
    assert loaded.gets("/runs/1/rows", all="true").error == (400, "FILTER_UNKNOWN")
    assert loaded.gets("/runs/1/rows", limit=0).error == (400, "LIMIT_INVALID")


def test_a_run_that_received_no_file_has_no_rows_to_give_back(loaded: Scene) -> None:
    loaded.imports(f"{HEADER}\nE9;Eva;Gee;;Pilot;44\n")
    titles = loaded.imports("Name\nPilot\n", kind="job-titles")
    answer = loaded.gets(f"/runs/{titles.number + 1}/rows")
    assert answer.error == (409, "RUN_WITHOUT_ROWS")
    assert "received no file (retry)" in answer.body


def test_a_file_that_is_not_kept_any_more_is_gone(loaded: Scene) -> None:
    run = loaded.imports(f"{HEADER}\n{ROWS}")
    loaded.world.s3._objects.clear()
    assert loaded.gets(f"/runs/{run.number}/rows").error == (410, "FEED_NOT_KEPT")


def test_nobody_sees_the_rows_of_another_tenant(loaded: Scene) -> None:
    run = loaded.imports(f"{HEADER}\n{ROWS}")
    assert loaded.asks("GET", f"/runs/{run.number}/rows", tenant="other").error == (404, "RUN_UNKNOWN")
