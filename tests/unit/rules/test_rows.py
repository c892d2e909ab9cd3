"""One row by itself (section 2), clause by clause."""

import pytest

from peoplefeed.rules.rows import Candidate, Rejection, RowSettings, check_row

SOUND = {"external_id": "E1", "first_name": "Ana", "last_name": "Sol", "job_title": "Chef"}


def check(cells: dict[str, str], settings: RowSettings | None = None) -> Candidate | Rejection:
    return check_row(3, SOUND | cells, settings or RowSettings())


def accepted(settings: RowSettings | None = None, **cells: str) -> Candidate:
    judged = check(cells, settings)
    assert isinstance(judged, Candidate)
    return judged


@pytest.mark.parametrize(
    ("cells", "code", "field"),
    [
        pytest.param({"external_id": " "}, "EXTERNAL_ID_MISSING", "external_id", id="2.1-external-id-is-required"),
        pytest.param({"external_id": "x" * 129}, "VALUE_TOO_LONG", "external_id", id="2.1-external-id-129-characters"),
        pytest.param({"first_name": ""}, "REQUIRED_FIELD_MISSING", "first_name", id="2.1-first-name-is-required"),
        pytest.param({"last_name": " \t"}, "REQUIRED_FIELD_MISSING", "last_name", id="2.1-blank-is-missing"),
        pytest.param({"job_title": ""}, "REQUIRED_FIELD_MISSING", "job_title", id="2.1-job-title-is-required"),
        pytest.param({"first_name": "n" * 101}, "VALUE_TOO_LONG", "first_name", id="2.1-first-name-101-characters"),
        pytest.param({"job_title": "t" * 201}, "VALUE_TOO_LONG", "job_title", id="2.1-job-title-201-characters"),
        pytest.param({"department": "d" * 201}, "VALUE_TOO_LONG", "department", id="2.1-department-201-characters"),
        pytest.param({"status": "Retired"}, "STATUS_INVALID", "status", id="2.1-status"),
        pytest.param({"start_date": "2026-01-31"}, "DATE_INVALID", "start_date", id="2.1-a-date-is-never-guessed"),
        pytest.param({"start_date": "31/02/2026"}, "DATE_INVALID", "start_date", id="2.1-no-such-day"),
        pytest.param(
            {"start_date": "01/31/2026"}, "DATE_INVALID", "start_date", id="2.1-month-first-is-another-format"
        ),
        pytest.param({"email": "ana"}, "EMAIL_INVALID", "email", id="2.4-no-at-sign"),
        pytest.param({"email": "ana@hotel"}, "EMAIL_INVALID", "email", id="2.4-no-dot"),
        pytest.param({"email": f"{'a' * 65}@x.es"}, "EMAIL_INVALID", "email", id="2.4-65-characters-before-the-at"),
        pytest.param({"email": f"a@{'b.' * 127}es"}, "EMAIL_INVALID", "email", id="2.4-more-than-254-characters"),
    ],
)
def test_a_row_is_rejected(cells: dict[str, str], code: str, field: str) -> None:
    judged = check(cells)
    assert isinstance(judged, Rejection)
    assert (judged.finding.code, judged.finding.field, judged.row) == (code, field, 3)


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({"external_id": "x" * 128}, id="2.1-external-id-128-characters"),
        pytest.param({"first_name": "n" * 100, "last_name": "n" * 100}, id="2.1-names-100-characters"),
        pytest.param({"job_title": "t" * 200, "department": "d" * 200}, id="2.1-references-200-characters"),
        pytest.param({"email": f"{'a' * 64}@x.es"}, id="2.4-64-characters-before-the-at"),
        pytest.param({"email": "ana@hotel.test"}, id="2.4-no-deliverability-check"),
        pytest.param({"start_date": "29/02/2024"}, id="2.1-a-leap-day"),
        pytest.param({"start_date": ""}, id="2.1-a-blank-date"),
    ],
)
def test_a_row_is_valid(cells: dict[str, str]) -> None:
    assert isinstance(check(cells), Candidate)


@pytest.mark.parametrize(
    ("status", "active"),
    [
        pytest.param("Active", True, id="2.1-active"),
        pytest.param(" inactive ", False, id="2.1-capitals-and-spaces-of-a-status-do-not-matter"),
        pytest.param("", None, id="2.7-blank-says-nothing"),
    ],
)
def test_the_status_of_a_row(status: str, active: bool | None) -> None:  # noqa: FBT001 - the expectation
    assert accepted(status=status).active is active


def test_2_1_values_are_trimmed_and_composed() -> None:
    judged = accepted(external_id=" 007 ", first_name="  Jose\u0301\u00a0", last_name="A\nB")
    assert (judged.external_id, judged.given["first_name"], judged.given["last_name"]) == ("007", "Jos\u00e9", "A B")


def test_4_1_spaces_of_reference_names_are_kept() -> None:
    assert accepted(job_title="Chef ").given["job_title"] == "Chef "


def test_2_1_dates_become_iso() -> None:
    assert accepted(start_date="5/3/2026").given["start_date"] == "2026-03-05"


def test_2_1_a_source_names_its_own_date_format() -> None:
    assert accepted(RowSettings("MM-DD-YYYY"), start_date="03-05-2026").given["start_date"] == "2026-03-05"


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        pytest.param(False, {"email": None, "department": None}, id="2.3-a-blank-cell-clears"),
        pytest.param(True, {}, id="2.3-unless-the-source-keeps-blanks"),
    ],
)
def test_blank_cells(keep: bool, expected: dict[str, None]) -> None:  # noqa: FBT001 - the setting
    given = accepted(RowSettings(keep_blanks=keep), email="", department=" ").given
    assert {name: value for name, value in given.items() if name in {"email", "department"}} == expected


def test_2_3_a_missing_column_says_nothing() -> None:
    assert "email" not in accepted().given


def test_2_6_faults_of_an_inactive_row_are_warnings_and_their_fields_stay() -> None:
    judged = accepted(status="Inactive", first_name="", email="no address", start_date="soon", department="Bar")
    assert judged.active is False
    assert set(judged.given) == {"last_name", "job_title", "department"}
    assert {(found.code, found.severity) for found in judged.findings} == {
        ("REQUIRED_FIELD_MISSING", "warning"),
        ("EMAIL_INVALID", "warning"),
        ("DATE_INVALID", "warning"),
    }


def test_2_8_replaced_characters_are_warned_about() -> None:
    (found,) = accepted(first_name="Jos\ufffd").findings
    assert (found.code, found.field, found.severity) == ("CHARACTERS_REPLACED", "first_name", "warning")


def test_every_sentence_names_the_row_the_value_and_the_remedy() -> None:
    judged = check({"start_date": "soon"})
    assert isinstance(judged, Rejection)
    assert judged.finding.message == (
        "Row 3: Start Date 'soon' is not a date of the form DD/MM/YYYY. "
        "Write the date as DD/MM/YYYY, for example 31/01/2026."
    )
