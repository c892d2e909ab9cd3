"""`rename` and `remove`: what only an administrator does to reference data."""

import json

import pytest

from tests.unit.command.fakes import FakeStack, Shell, entry_of


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        pytest.param(
            ["rename", "job-titles", "Bar Staff/Café", "Bar"],
            ("PATCH", "/job-titles/Bar%20Staff%2FCaf%C3%A9", {"name": "Bar"}),
            id="4.6-rename",
        ),
        pytest.param(["remove", "departments", "Spa"], ("DELETE", "/departments/Spa", None), id="4.6-remove"),
        pytest.param(
            ["remove", "job-titles", "Chef", "--alias", "Cook "],
            ("DELETE", "/job-titles/Chef/aliases/Cook%20", None),
            id="4.8-remove-alias",
        ),
        pytest.param(
            ["rename", "business-units", "101", "Hotel"],
            ("PATCH", "/business-units/101", {"name": "Hotel"}),
            id="4.6-unit-by-feed-id",
        ),
        pytest.param(["remove", "departments", ".."], ("DELETE", "/departments/%2E%2E", None), id="4.1-dots"),
        pytest.param(
            ["remove", "job-titles", "a%2Fb+?#.", "--alias", "."],
            ("DELETE", "/job-titles/a%252Fb%2B%3F%23./aliases/%2E", None),
            id="4.1-what-paths-are-made-of",
        ),
    ],
)
def test_the_name_reaches_the_api_letter_by_letter(
    stack: FakeStack, shell: Shell, arguments: list[str], asked: tuple[str, str, object]
) -> None:
    stack.document = entry_of(1, outcome="updated", message="Updated: name.")

    assert shell(*arguments)[:2] == (0, "Updated: name.\n")
    assert stack.sent == [asked]


def test_4_6_whoever_follows_is_told_too(stack: FakeStack, shell: Shell) -> None:
    told = entry_of(1, outcome="updated", message="Updated: name.", changes={"name": ["Chef", "Cook"]})
    follows = entry_of(2, outcome="updated", message="Updated: job title.", changes={"job_title": ["Chef", "Cook"]})
    stack.document = told | {"others": [follows]}

    out = shell("rename", "job-titles", "Chef", "Cook")[1]

    assert out.splitlines() == ["Updated: name. name: Chef → Cook", "Updated: job title. job_title: Chef → Cook"]
    assert json.loads(shell("rename", "job-titles", "Chef", "Cook", "--json")[1]) == stack.document


def test_4_8_what_somebody_has_stays_and_the_reason_is_said(stack: FakeStack, shell: Shell) -> None:
    stack.refusals = [(409, {"code": "REFERENCE_IN_USE", "message": "3 active employees have the job title Chef."})]

    assert shell("remove", "job-titles", "Chef") == (1, "", "peoplefeed: 3 active employees have the job title Chef.\n")


@pytest.mark.parametrize("kind", ["employees", "settings", "titles"])
def test_4_6_only_reference_data_has_names(stack: FakeStack, shell: Shell, kind: str) -> None:
    assert shell("rename", kind, "a", "b")[0] == 2
    assert stack.sent == []
