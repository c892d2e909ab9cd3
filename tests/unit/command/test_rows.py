"""`rows`: the refused rows of a run as a file."""

from pathlib import Path

from tests.unit.command.fakes import FakeStack, Shell

PAGES = ["\ufeffExternal Identifier,Error\r\nE1,Zoë\r\n".encode(), b"E2,no title\r\n", b"E3,no title\r\n"]


def test_2_8_all_pages_are_written_one_after_the_other(stack: FakeStack, shell: Shell, tmp_path: Path) -> None:
    stack.pages = PAGES

    code, out, err = shell("rows", "7", "--output", "mend.csv")

    assert code == 0
    assert out == ""
    assert "refused rows of run 7 are in mend.csv" in err
    assert (tmp_path / "mend.csv").read_bytes() == b"".join(PAGES)
    assert stack.asked == [("/runs/7/rows", {"Accept": "text/csv"})] * 3


def test_without_a_file_they_go_to_standard_output(stack: FakeStack, shell: Shell) -> None:
    stack.pages = PAGES

    code, out, _ = shell("rows", "7")

    assert (code, out.encode()) == (0, b"".join(PAGES))


def test_a_run_that_is_not_there_is_said(stack: FakeStack, shell: Shell, tmp_path: Path) -> None:
    stack.refusals = [(404, {"code": "RUN_UNKNOWN", "message": "There is no run 9."})]

    code, out, err = shell("rows", "9", "--output", "mend.csv")

    assert (code, out) == (1, "")
    assert "There is no run 9." in err
    assert not (tmp_path / "mend.csv").exists()


def test_a_file_that_cannot_be_written_is_said(stack: FakeStack, shell: Shell) -> None:
    stack.pages = PAGES

    code, _, err = shell("rows", "7", "--output", "no/such/folder/mend.csv")

    assert code == 1
    assert "cannot be written: No such file or directory." in err


def test_a_run_has_a_number(stack: FakeStack, shell: Shell) -> None:
    del stack

    assert shell("rows", "last")[0] == 2
