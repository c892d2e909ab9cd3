from __future__ import annotations

from typing import Any

import pytest

from peoplefeed.codes import TABLE, Code, finding
from peoplefeed.feed_log.documents import (
    ENTRY_KEYS,
    entry_document,
    is_unresolved,
    problem_document,
    repeat_document,
)

AT = "2026-11-22T13:20:39.123Z"
LATER = "2026-11-23T08:00:00.000Z"
ENTRY: dict[str, Any] = {"run": 3, "row": 7, "index": 0, "at": AT, "outcome": "created", "external_id": "E1"}
PROBLEM: dict[str, Any] = {
    "sk": "E1#EMAIL_INVALID#00",
    "run": 3,
    "row": 7,
    "outcome": "rejected",
    "code": "EMAIL_INVALID",
    "severity": "error",
    "message": "Row 7: Email 'x' is not an e-mail address. Correct it.",
    "field": "email",
    "value": "x",
    "occurrences": 4,
    "first_seen": AT,
    "last_seen": LATER,
    "last_run": 9,
    "last_row": 8,
}


def test_7_2_an_entry_has_all_keys_and_null_where_there_is_nothing() -> None:
    document = entry_document(ENTRY, None)
    assert set(document) == set(ENTRY_KEYS)
    nothing = {key for key in document if document[key] is None}
    assert nothing == set(ENTRY_KEYS) - {"row", "external_id", "outcome", "severity", "message", "run", "at", "changes"}


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"outcome": "created"}, "Created."),
        ({"outcome": "reactivated"}, "Reactivated."),
        (
            {"outcome": "updated", "changes": {"first_name": ["A", "B"], "email": [None, "c"]}},
            "Updated: first name, email.",
        ),
        ({"outcome": "updated"}, "Updated."),
        ({"outcome": None}, ""),
    ],
)
def test_an_entry_without_a_finding_has_a_short_sentence(entry: dict[str, Any], sentence: str) -> None:
    document = entry_document(ENTRY | entry, None)
    assert (document["message"], document["severity"]) == (sentence, "info")


def test_7_4_an_entry_is_joined_with_its_problem() -> None:
    document = entry_document(ENTRY | {"problem": PROBLEM["sk"]}, PROBLEM | {"resolved_at": LATER})
    standing = [document[key] for key in ("occurrences", "first_seen", "last_seen", "resolved_at")]
    assert standing == [4, AT, LATER, LATER]
    assert not is_unresolved(document)


def test_7_4_a_repeat_says_what_its_problem_says_of_its_own_row() -> None:
    repeat = {"row": 9, "index": 0, "outcome": "rejected", "external_id": "E1", "problem": PROBLEM["sk"]}
    document = repeat_document(repeat, PROBLEM, 5, AT)
    assert set(document) == set(ENTRY_KEYS)
    assert document["message"] == "Row 9: Email 'x' is not an e-mail address. Correct it."
    place = (document["run"], document["row"], document["outcome"], document["at"])
    assert place == (5, 9, "rejected", AT)
    assert (document["code"], document["severity"], document["occurrences"]) == ("EMAIL_INVALID", "error", 4)


def test_7_4_a_repeat_of_the_last_run_has_that_time() -> None:
    repeat = {"row": 8, "index": 0, "outcome": "rejected", "external_id": "E1", "problem": PROBLEM["sk"]}
    assert repeat_document(repeat, PROBLEM, 9, AT)["at"] == LATER


def test_a_repeat_whose_problem_is_gone_still_has_its_place() -> None:
    document = repeat_document({"row": 8, "outcome": "rejected", "problem": "x"}, None, 9, AT)
    assert (document["row"], document["outcome"], document["code"], document["occurrences"]) == (
        8,
        "rejected",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("joined", "message"),
    [
        (PROBLEM | {"message": "Row 8: Ann has it now.", "suggestion": "y"}, "Row 7: Ann has it now."),
        (PROBLEM | {"message": "Row 8: Ann has it now.", "resolved_at": LATER}, "Row 7: Bob has it."),
    ],
    ids=["open", "resolved"],
)
def test_7_4_an_open_problem_has_the_word_but_speaks_of_the_entrys_row(joined: dict[str, Any], message: str) -> None:
    entry = ENTRY | {"code": "EMAIL_IN_USE", "message": "Row 7: Bob has it.", "suggestion": "x"}
    assert entry_document(entry, joined)["message"] == message


@pytest.mark.parametrize("message", ["Employee 7 is not there.", "Row 70 is wrong.", None])
def test_only_the_row_of_the_first_sight_is_renumbered(message: str | None) -> None:
    document = repeat_document({"row": 9, "outcome": "rejected"}, PROBLEM | {"message": message}, 5, AT)
    assert document["message"] == (message or "Rejected.")


def test_a_problem_stands_for_its_entry_where_that_is_gone() -> None:
    document = problem_document(PROBLEM)
    assert set(document) == set(ENTRY_KEYS)
    assert (document["at"], document["run"], document["row"], document["occurrences"]) == (AT, 3, 7, 4)
    assert is_unresolved(document)


def test_a_problem_that_is_about_no_row_has_none() -> None:
    source = {key: PROBLEM[key] for key in ("sk", "occurrences", "first_seen", "last_seen")}
    document = problem_document(source | {"code": "SOURCE_UNREACHABLE", "severity": "error", "message": "It is off."})
    assert (document["run"], document["row"], document["outcome"], document["mender"]) == (None, None, None, "operator")


@pytest.mark.parametrize("code", [code for code in Code if "{" in TABLE[code].remedy])
def test_10_a_remedy_names_the_facts_of_its_message(code: Code) -> None:
    class Facts(dict[str, object]):
        def __missing__(self, name: str) -> str:
            return f"<{name}>"

    definition = TABLE[code]
    remedy = definition.remedy.format_map(Facts())
    message = f"{definition.sentence.format_map(Facts())} {remedy}"
    document = entry_document(ENTRY | {"code": code.value, "message": message}, None)
    assert (document["remedy"], document["mender"]) == (remedy, definition.mender.value)


def test_10_a_remedy_without_facts_comes_from_the_table() -> None:
    found = finding(Code.JOB_TITLE_NOT_FOUND, value="Chef", external_id="E1")
    document = entry_document(ENTRY | {"code": found.code, "message": found.message}, None)
    assert document["remedy"] == TABLE[Code.JOB_TITLE_NOT_FOUND].remedy


def test_a_code_that_a_newer_version_wrote_is_shown_as_it_is() -> None:
    document = entry_document(ENTRY | {"code": "NOT_INVENTED_YET", "message": "Well."}, None)
    assert (document["code"], document["message"], document["remedy"]) == ("NOT_INVENTED_YET", "Well.", None)
