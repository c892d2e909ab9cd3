"""`employees`, `log` and `runs`: lists for people and for programs."""

import json

import pytest

from peoplefeed.model import empty_counts
from tests.unit.command.fakes import FakeStack, Shell, entry_of, run_of


def _employee(number: int) -> dict[str, object]:
    return {
        "external_id": f"E{number}",
        "first_name": "Zoë",
        "last_name": "Ünal",
        "email": None,
        "job_title": "Chef",
        "department": None,
        "business_unit_id": None,
        "active": True,
        "start_date": None,
        "profile": "employee",
        "products": ["mapal-one"],
        "source": "hr",
        "version": 7,
    }


def test_the_directory_is_paged_to_its_end(stack: FakeStack, shell: Shell) -> None:
    stack.lists["employees"] = [_employee(number) for number in range(5)]

    code, out, _ = shell("employees", "--json")

    people = json.loads(out)
    assert code == 0
    assert [person["external_id"] for person in people] == ["E0", "E1", "E2", "E3", "E4"]
    assert list(people[0]) == [
        "external_id", "first_name", "last_name", "email", "job_title", "department", "business_unit_id", "active",
        "start_date", "profile", "products", "source",
    ]  # fmt: skip
    assert people[0]["email"] is None


def test_an_empty_directory_is_an_empty_list(stack: FakeStack, shell: Shell) -> None:
    del stack

    assert json.loads(shell("employees", "--json")[1]) == []
    assert "There is nothing to show." in shell("employees")[1]


def test_a_table_says_when_there_is_more_than_it_shows(stack: FakeStack, shell: Shell) -> None:
    stack.lists["employees"] = [_employee(number) for number in range(3)]

    _, out, _ = shell("employees", "--limit", "2")

    assert "E1" in out
    assert "E2" not in out
    assert "These are the first 2; there are more" in out
    assert "there are more" not in shell("employees", "--limit", "3")[1]


def test_the_tenant_of_the_token_is_the_one_asked_for(stack: FakeStack, shell: Shell) -> None:
    shell("employees", "--tenant", "hotel-1")
    shell("employees")

    payloads = [token.split(".")[1] for token in stack.tokens]
    assert payloads[0] != payloads[1]


def test_the_log_hands_its_filters_to_the_api(stack: FakeStack, shell: Shell) -> None:
    shell("log", "--run", "7", "--severity", "error", "--external-id", "E&1", "--unresolved", "--json")

    [(path, query)] = stack.asked
    assert path == "/log"
    assert query == {"limit": "1000", "run": "7", "severity": "error", "external_id": "E&1", "unresolved": "true"}


def test_the_log_has_exactly_the_promised_keys(stack: FakeStack, shell: Shell) -> None:
    stack.lists["log"] = [
        entry_of(1, changes={"email": ["a@b.example", None]}, delivered_at="2026-11-22T13:20:40.000Z")
    ]

    [entry] = json.loads(shell("log", "--json")[1])

    assert list(entry) == [
        "run", "at", "row", "external_id", "outcome", "code", "severity", "message", "field", "value", "suggestion",
        "changes", "occurrences", "first_seen", "last_seen", "resolved_at", "delivered_at",
    ]  # fmt: skip
    assert entry["changes"] == {"email": ["a@b.example", None]}


def test_the_log_as_a_table_shows_what_changed(stack: FakeStack, shell: Shell) -> None:
    stack.lists["log"] = [
        entry_of(1, outcome="updated", message="Updated: email.", changes={"email": ["a@b.example", None]})
    ]

    assert "email: a@b.example → (none)" in shell("log")[1]


def test_1_11_what_changed_and_is_not_told_any_more_is_still_a_change(stack: FakeStack, shell: Shell) -> None:
    stack.lists["log"] = [entry_of(1, outcome="updated", message="Updated.")]

    assert "Updated." in shell("log")[1]


def test_1_9_the_log_of_a_simulated_run_says_that_nothing_of_it_happened(stack: FakeStack, shell: Shell) -> None:
    stack.lists["log"] = [entry_of(1, outcome="deactivated", changes={"active": [True, False]})]
    stack.states = [run_of(3) | {"simulate": True}]

    assert "Run 3 was only simulated: nothing of this happened." in shell("log", "--run", "3")[1]


def test_a_change_of_a_flag_is_told_as_yes_and_no(stack: FakeStack, shell: Shell) -> None:
    stack.lists["log"] = [entry_of(1, outcome="updated", changes={"active": [True, False]})]

    assert "active: yes → no" in shell("log")[1]


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        pytest.param({}, "finished", id="delivered"),
        pytest.param({"simulate": True}, "finished (simulated)", id="1.9-simulated"),
        pytest.param({"purpose": "retry", "of": 3}, "finished (retry after 3)", id="4.7-a-retry"),
        pytest.param({"purpose": "retry"}, "finished (retry)", id="9.2-a-retry-that-was-due"),
        pytest.param({"purpose": "release", "of": 3}, "finished (release of 3)", id="6.3-a-release"),
        pytest.param({"purpose": "discard", "of": 3}, "finished (discard of 3)", id="6.3-a-discard"),
        pytest.param({"purpose": "letting-go"}, "finished (letting go)", id="3.13-letting-go"),
    ],
)
def test_runs_say_what_they_were_for(stack: FakeStack, shell: Shell, facts: dict[str, object], state: str) -> None:
    stack.lists["runs"] = [run_of(8) | facts]

    assert f" {state}  " in shell("runs")[1]


def test_1_13_whoever_reads_the_log_hears_of_sources_in_trouble(stack: FakeStack, shell: Shell) -> None:
    trouble = {"code": "SOURCE_REFUSED", "since": "2026-11-22T13:20:39.123Z", "failures": 4}
    stack.lists["sources"] = [{"name": "well", "trouble": None}, {"name": "hr", "trouble": trouble}]
    said = "The source 'hr' is in trouble (SOURCE_REFUSED): peoplefeed log --unresolved --tenant default"
    assert [line for line in shell("log")[1].splitlines() if "trouble" in line] == [said]
    assert "in trouble" not in shell("log", "--severity", "error")[1]
    assert json.loads(shell("log", "--json")[1]) == []


def test_runs_that_changed_nothing_are_folded_for_people_only(stack: FakeStack, shell: Shell) -> None:
    stack.lists["runs"] = [run_of(1, received=1, unchanged=1)]

    shell("runs")
    shell("runs", "--all")
    _, out, _ = shell("runs", "--json")

    assert [query.get("all") for _, query in stack.asked] == [None, "true", "true"]
    [run] = json.loads(out)
    assert run["counts"] == empty_counts() | {"received": 1, "unchanged": 1}
    assert run["number"] == 1


def test_folded_runs_are_one_line(stack: FakeStack, shell: Shell) -> None:
    stack.lists["runs"] = [run_of(8), {"folded": {"from": 3, "to": 7, "runs": 5}}, run_of(2, "failed")]
    stack.lists["runs"][2]["error"] = {"code": "FEED_EMPTY", "message": "The file has no data rows."}

    _, out, _ = shell("runs")

    assert "3 to 7" in out
    assert "nothing changed" in out
    assert "FEED_EMPTY: The file has no data rows." in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["log", "--run", "0"],
        ["log", "--run", "x"],
        ["log", "--run", "²"],
        ["log", "--severity", "fatal"],
        ["employees", "--limit", "-1"],
        ["fire"],
        [],
    ],
)
def test_wrong_usage_is_exit_code_2(stack: FakeStack, shell: Shell, arguments: list[str]) -> None:
    assert shell(*arguments)[0] == 2
    assert stack.asked == []


def test_the_sentence_of_the_api_is_what_the_user_reads(stack: FakeStack, shell: Shell) -> None:
    stack.refusals = [(404, {"code": "RUN_UNKNOWN", "message": "There is no run 9."})]

    assert shell("log", "--run", "9", "--json") == (1, "", "peoplefeed: There is no run 9.\n")


def test_an_answer_that_is_no_json_is_no_stack_trace(stack: FakeStack, shell: Shell) -> None:
    stack.refusals = [(500, {})]

    assert shell("runs") == (1, "", "peoplefeed: The local stack answered with the status 500.\n")


def test_a_token_that_is_not_accepted_is_a_sentence_of_ours(stack: FakeStack, shell: Shell) -> None:
    stack.refusals = [(401, {"message": "Unauthorized"})]

    assert shell("runs") == (1, "", "peoplefeed: The local stack does not accept the token. Sign in again.\n")


def test_a_busy_api_is_asked_again(stack: FakeStack, shell: Shell) -> None:
    stack.refusals = [(503, {}), (429, {})]

    assert shell("runs", "--json") == (0, "[]\n", "")
