"""`employee`: letting go of one person, and erasing them."""

from tests.unit.command.fakes import FakeStack, Shell, entry_of, run_of


def test_3_13_let_go_asks_for_it_and_says_what_became_of_it(stack: FakeStack, shell: Shell) -> None:
    stack.document = entry_of(1, outcome="updated", message="Updated: source.", changes={"source": ["hr-a", None]})
    code, out, _ = shell("employee", "let-go", "E 1")
    assert code == 0
    assert [request[:2] for request in stack.sent] == [("DELETE", "/employees/E%201/source")]
    assert "source: hr-a → (none)" in out


def test_1_11_erase_asks_for_it_and_says_what_became_of_it(stack: FakeStack, shell: Shell) -> None:
    stack.document = {"run": run_of(8, "applying")}
    code, out, _ = shell("employee", "erase", "E1", "--yes")
    assert code == 0
    assert [request[:2] for request in stack.sent] == [("DELETE", "/employees/E1")]
    assert "Run 8 is applying" in out


def test_1_11_nobody_is_erased_by_a_script_that_does_not_say_yes(stack: FakeStack, shell: Shell) -> None:
    code, _, err = shell("employee", "erase", "E1")
    assert code == 2
    assert "--yes" in err
    assert not stack.sent
