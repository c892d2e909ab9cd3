import json
from pathlib import Path

import pytest

from command import feeds
from peoplefeed.model import empty_counts
from tests.unit.command.fakes import FakeStack, Shell, entry_of, hold_of, run_of


@pytest.fixture
def users(tmp_path: Path) -> Path:
    path = tmp_path / "usuários 1.csv"
    path.write_text("External Identifier\nE1\n")
    return path


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_FIRST_PAUSE", 0.001)
    monkeypatch.setattr(feeds, "_LONGEST_PAUSE", 0.001)


def test_a_file_lands_where_feeds_of_its_tenant_kind_and_mode_arrive(
    stack: FakeStack, shell: Shell, users: Path
) -> None:
    stack.states = [run_of(1)]

    code, _, _ = shell("import", str(users), "--tenant", "hotel-1", "--kind", "departments", "--mode", "full")

    [(path, (body, metadata))] = stack.objects.items()
    assert code == 0
    assert path.startswith("/feeds/feeds/hotel-1/upload/departments/full/")
    assert path.endswith("-usu_rios_1.csv")
    assert body == users.read_bytes()
    assert metadata == {"x-amz-meta-uploaded-by": "ann@example.com"}


def test_two_uploads_of_one_file_are_two_feeds(stack: FakeStack, shell: Shell, users: Path) -> None:
    stack.states = [run_of(1)]

    shell("import", str(users))
    shell("import", str(users))

    assert len(stack.objects) == 2


def test_json_is_one_document_with_every_count_and_every_entry(stack: FakeStack, shell: Shell, users: Path) -> None:
    stack.states = [run_of(1, "waiting"), run_of(1, "applying"), run_of(1, created=3, received=3)]
    stack.lists["log"] = [entry_of(3), entry_of(2, code="NAME_CHANGED", severity="info"), entry_of(1)]

    code, out, _ = shell("import", str(users), "--json")

    document = json.loads(out)
    assert code == 0
    assert document["run"] == {
        "number": 1,
        "tenant": "default",
        "source": "upload",
        "kind": "employees",
        "mode": "changes",
        "state": "finished",
        "counts": empty_counts() | {"created": 3, "received": 3},
        "error": None,
    }
    assert [entry["row"] for entry in document["entries"]] == [1, 2, 3]
    assert list(document["entries"][0]) == [
        "row", "external_id", "outcome", "code", "severity", "message", "field", "value", "suggestion",
    ]  # fmt: skip


def test_counts_that_the_api_leaves_out_are_nought(stack: FakeStack, shell: Shell, users: Path) -> None:
    stack.states = [run_of(1) | {"counts": {"received": 1, "created": 1}}]

    _, out, _ = shell("import", str(users), "--json")

    assert json.loads(out)["run"]["counts"] == empty_counts() | {"received": 1, "created": 1}


@pytest.mark.parametrize(
    ("state", "code"), [("finished", 0), ("failed", 1), ("held", 1), ("superseded", 1), ("discarded", 1)]
)
def test_the_exit_code_says_whether_the_run_finished(
    stack: FakeStack, shell: Shell, users: Path, state: str, code: int
) -> None:
    stack.states = [run_of(1, state) | {"error": {"code": "FEED_EMPTY", "message": "The file has no data rows."}}]

    for arguments in ([], ["--json"]):
        assert shell("import", str(users), *arguments)[0] == code


def test_a_failed_run_says_why(stack: FakeStack, shell: Shell, users: Path) -> None:
    stack.states = [run_of(1, "failed") | {"error": {"code": "FEED_EMPTY", "message": "The file has no data rows."}}]

    code, out, _ = shell("import", str(users))

    assert code == 1
    assert "FEED_EMPTY: The file has no data rows." in out
    assert "nothing was changed" in out


def test_problems_are_shown_worst_first_and_information_is_not(stack: FakeStack, shell: Shell, users: Path) -> None:
    stack.states = [run_of(1, rejected=1, updated=2, received=3)]
    stack.lists["log"] = [
        entry_of(3, code="NAME_CHANGED", severity="info", message="Ann is now Bee."),
        entry_of(2, code="DEPARTMENT_NOT_FOUND", severity="warning", message="No such department.", suggestion="Bar"),
        entry_of(5, code="EMAIL_INVALID", severity="error", message="No address."),
    ]

    _, out, _ = shell("import", str(users))

    assert out.index("EMAIL_INVALID") < out.index("DEPARTMENT_NOT_FOUND")
    assert "Did you mean 'Bar'?" in out
    assert "NAME_CHANGED" not in out


def test_a_run_without_problems_is_not_searched_for_any(stack: FakeStack, shell: Shell, users: Path) -> None:
    stack.states = [run_of(1, created=10_000, received=10_000) | {"codes": {}}]

    code, _, _ = shell("import", str(users))

    assert code == 0
    assert "/log" not in {path for path, _ in stack.asked}


def test_a_name_in_a_file_cannot_move_the_cursor_or_paint_the_terminal(
    stack: FakeStack, shell: Shell, users: Path
) -> None:
    stack.states = [run_of(1, rejected=1, received=1)]
    message = "Value '\x1b[2J[bold]\x07' is wrong."
    stack.lists["log"] = [entry_of(1, code="EMAIL_INVALID", severity="error", message=message)]

    _, out, _ = shell("import", str(users))

    assert "\\x1b[2J[bold]\\x07" in out
    assert "\x1b[2J" not in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody.csv"], "there is no file 'nobody.csv'"),
        (["."], "is a folder"),
        (["users.csv", "--kind", "people"], "invalid choice"),
        (["users.csv", "--mode", "some"], "invalid choice"),
        (["users.csv", "--tenant", "Hotel"], "is not a tenant's name"),
        (["users.csv", "--tenant", "-a"], "expected one argument"),
        (["users.csv", "--tenant", "a" * 64], "is not a tenant's name"),
        ([], "the following arguments are required: FILE"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_uploads_nothing(
    stack: FakeStack, shell: Shell, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "users.csv").write_text("x")

    code, out, err = shell("import", *arguments)

    assert (code, out) == (2, "")
    assert sentence in err
    assert stack.objects == {}


def test_a_file_that_nothing_takes_up_is_not_waited_for_for_ever(
    stack: FakeStack, shell: Shell, users: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "TAKEN_UP_WITHIN", 0.05)
    stack.states = []

    code, out, err = shell("import", str(users), "--json")

    assert (code, out) == (1, "")
    assert "nothing has taken it up" in err


def test_6_3_an_import_of_which_rows_are_held_names_the_hold_and_how_it_is_ended(
    stack: FakeStack, shell: Shell, users: Path
) -> None:
    stack.states = [run_of(7, received=12, created=1, held=11)]
    stack.holds = [hold_of(runs=[5, 7]), hold_of(id="payroll.feed.3", runs=[3])]

    code, out, _ = shell("import", str(users), "--tenant", "hotel-1")

    assert code == 0
    assert "11 of 50 would leave. To apply it: peoplefeed release payroll.leavers.7/2 --tenant hotel-1." in out
    assert "To let go of it: peoplefeed discard payroll.leavers.7/2 --tenant hotel-1." in out
    assert "payroll.feed.3" not in out


def test_6_3_an_import_that_is_held_whole_says_why_once(stack: FakeStack, shell: Shell, users: Path) -> None:
    sentence = "The feed is held as a whole, nothing of it was applied: it has 3 rows."
    stack.states = [run_of(7, "held", held=3) | {"error": {"code": "FEED_SUSPECT", "message": sentence}}]
    stack.holds = [hold_of(message=sentence)]

    code, out, _ = shell("import", str(users))

    assert code == 1
    assert out.count("it has 3 rows") == 1
    assert "peoplefeed release payroll.leavers.7/2" in out


def test_1_9_what_is_simulated_is_marked_so_and_told_old_to_new(stack: FakeStack, shell: Shell, users: Path) -> None:
    stack.states = [run_of(1, received=2, updated=1, parked=1) | {"simulate": True}]
    stack.lists["log"] = [
        entry_of(1, outcome="updated", changes={"last_name": ["Bee", "Fox"]}),
        entry_of(2, outcome="parked", code="JOB_TITLE_NOT_FOUND", severity="error", message="No such title."),
    ]

    code, out, _ = shell("import", str(users), "--simulate")

    assert code == 0
    assert [metadata["x-amz-meta-simulate"] for _, metadata in stack.objects.values()] == ["true"]
    assert "Run 1 was simulated; nothing was changed." in out
    assert "last_name: Bee → Fox" in out
    assert "No such title." in out
    [update, _] = json.loads(shell("import", str(users), "--simulate", "--json")[1])["entries"]
    assert update["changes"] == {"last_name": ["Bee", "Fox"]}


def test_1_9_what_would_be_held_is_no_hold(stack: FakeStack, shell: Shell, users: Path) -> None:
    error = {"code": "FEED_SUSPECT", "message": "It has 3 rows."}
    stack.states = [run_of(1, "held", held=3) | {"simulate": True, "error": error}]

    code, out, _ = shell("import", str(users), "--simulate")

    assert code == 1
    assert "the feed would be held, and nothing of it applied." in out
    assert "peoplefeed release" not in out


def test_1_9_a_file_that_would_change_nothing_says_so(stack: FakeStack, shell: Shell, users: Path) -> None:
    stack.states = [run_of(1, received=1, unchanged=1) | {"simulate": True}]

    assert "Nothing would change." in shell("import", str(users), "--simulate")[1]


def test_6_6_settings_are_not_imported(stack: FakeStack, shell: Shell, users: Path) -> None:
    code, _, err = shell("import", str(users), "--kind", "settings")

    assert (code, stack.objects) == (2, {})
    assert "invalid choice" in err
