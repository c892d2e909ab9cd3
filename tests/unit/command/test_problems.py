"""`problems`: what should be mended, and what is missing as a file to import."""

import csv
import io
import json
from typing import Any

import pytest

from tests.unit.command.fakes import FakeStack, Shell


def line_of(value: str | None, code: str = "JOB_TITLE_NOT_FOUND", **facts: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("source", "suggestion", "message"))
    seen = {"first_seen": "2026-11-22T13:20:39.123Z", "last_seen": "2026-11-23T13:20:39.123Z", "occurrences": 600}
    what = {"severity": "error", "code": code, "field": "job_title", "value": value, "people": 300}
    advice = {"remedy": "Create the Job Title.", "mender": "administrator", "examples": ["E1", "E2", "E3"]}
    return {**nothing, **seen, **what, **advice, **facts}


def test_one_typo_of_300_people_is_one_line(stack: FakeStack, shell: Shell) -> None:
    stack.lists["problems"] = [line_of("Head Cheff", suggestion="Head Chef")]

    code, out, err = shell("problems")

    [row] = [line for line in out.splitlines() if "JOB_TITLE" in line]
    assert (code, err) == (0, "")
    for shown in ("error", "Head Cheff", "Head Chef ", "300", "600", "administrator", "E1"):
        assert shown in row


def test_a_source_in_trouble_is_named_where_others_show_what_was_found(stack: FakeStack, shell: Shell) -> None:
    stack.lists["problems"] = [line_of(None, "SOURCE_UNREACHABLE", source="payroll", people=0, examples=[])]

    [row] = [line for line in shell("problems")[1].splitlines() if "SOURCE_" in line or "payroll" in line][:1]

    assert "payroll" in row
    assert " 0 " not in row


def test_4_1_spaces_that_count_can_be_seen(stack: FakeStack, shell: Shell) -> None:
    stack.lists["problems"] = [line_of("bar staff "), line_of("Head  Chef"), line_of("Sous Chef")]

    out = shell("problems")[1]

    assert "'bar staff '" in out
    assert "'Head  Chef'" in out
    assert "'Sous Chef'" not in out


def test_the_lines_have_exactly_the_promised_keys(stack: FakeStack, shell: Shell) -> None:
    stack.lists["problems"] = [line_of(value) for value in ("a", "b", "c")]

    lines = json.loads(shell("problems", "--json")[1])

    assert [line["value"] for line in lines] == ["a", "b", "c"]
    assert list(lines[0]) == [
        "severity", "code", "field", "value", "source", "people", "occurrences", "first_seen", "last_seen", "message",
        "suggestion", "remedy", "mender", "examples",
    ]  # fmt: skip


def test_the_filters_are_handed_to_the_api(stack: FakeStack, shell: Shell) -> None:
    shell("problems", "--code", "EMAIL_IN_USE", "--mender", "hr", "--severity", "error", "--json")
    shell("problems", "--missing", "departments", "--json")

    assert stack.asked == [
        ("/problems", {"limit": "1000", "code": "EMAIL_IN_USE", "mender": "hr", "severity": "error"}),
        ("/problems", {"limit": "1000", "code": "DEPARTMENT_NOT_FOUND"}),
    ]


@pytest.mark.parametrize(
    ("kind", "code", "header"),
    [
        pytest.param("job-titles", "JOB_TITLE_NOT_FOUND", ["Name"], id="4.6-job-titles"),
        pytest.param("departments", "DEPARTMENT_NOT_FOUND", ["Name"], id="4.6-departments"),
        pytest.param("business-units", "BUSINESS_UNIT_NOT_FOUND", ["Feed ID", "Name"], id="4.6-business-units"),
    ],
)
def test_what_is_missing_is_a_file_of_its_kind(
    stack: FakeStack, shell: Shell, kind: str, code: str, header: list[str]
) -> None:
    values = ["Chef", "Größe, „L“ ", 'The "Boss"']
    stack.lists["problems"] = [line_of(value, code) for value in values]

    exit_code, out, err = shell("problems", "--missing", kind, "--csv")

    assert (exit_code, err) == (0, "")
    assert list(csv.reader(io.StringIO(out))) == [header, *([value] * len(header) for value in values)]


def test_2_8_a_name_that_is_a_formula_is_made_harmless(stack: FakeStack, shell: Shell) -> None:
    stack.lists["problems"] = [line_of('=cmd|"/c calc"!A0')]

    assert shell("problems", "--missing", "job-titles", "--csv")[1].splitlines()[1].startswith("\"\t'=cmd")


def test_4_5_what_looks_misspelt_is_said_beside_the_file(stack: FakeStack, shell: Shell) -> None:
    stack.lists["problems"] = [line_of("Head Cheff", suggestion="Head Chef"), line_of("Diver")]

    _, out, err = shell("problems", "--missing", "job-titles", "--csv")

    assert out == "Name\nHead Cheff\nDiver\n"
    assert err == "'Head Cheff' looks like 'Head Chef': correct it in the HR system rather than import it.\n"


def test_nothing_missing_is_a_header(stack: FakeStack, shell: Shell) -> None:
    del stack

    assert shell("problems", "--missing", "job-titles", "--csv") == (0, "Name\n", "")


def test_more_problems_than_the_api_looks_at_are_no_secret(stack: FakeStack, shell: Shell) -> None:
    stack.lists["problems"] = [line_of("Chef")]
    stack.truncated = True

    _, out, err = shell("problems", "--json")

    assert len(json.loads(out)) == 1
    assert "100,000 were looked at" in err


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["problems", "--csv"], "add --missing"),
        (["problems", "--missing", "employees"], "invalid choice"),
        (["problems", "--missing", "departments", "--csv", "--json"], "not allowed with"),
        (["problems", "--missing", "departments", "--code", "EMAIL_IN_USE"], "not allowed with"),
        (["problems", "--code", "EMAIL"], "invalid choice"),
    ],
)
def test_wrong_usage_says_what_is_right(stack: FakeStack, shell: Shell, arguments: list[str], remedy: str) -> None:
    code, out, err = shell(*arguments)

    assert (code, out, stack.asked) == (2, "", [])
    assert remedy in err
