"""Programs of the local stack end when whoever started them does, however that happens."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from command.local.processes import is_alive, running_program

PROJECT = Path(__file__).resolve().parents[3]

# A program with a child of its own, which writes both numbers down and would run for a minute.
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
with open(sys.argv[1] + ".new", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(float(sys.argv[2]))
"""


def test_a_program_and_what_it_started_end_with_the_block(tmp_path: Path) -> None:
    with running_program(
        "Sleeper", _parent(tmp_path, 60), log=tmp_path / "log", env=os.environ, cwd=tmp_path
    ) as program:
        family = _family(tmp_path)
        assert all(is_alive(one) for one in family)
        assert not program.ended

    assert program.ended
    assert not any(is_alive(one) for one in family)


def test_they_end_even_if_we_are_killed(tmp_path: Path) -> None:
    script = f"""
        import os, time
        from pathlib import Path
        from command.local.processes import running_program
        with running_program("Sleeper", {_parent(tmp_path, 60)!r}, log=Path({str(tmp_path / "log")!r}),
                             env=os.environ, cwd=Path({str(tmp_path)!r})):
            time.sleep(60)
    """
    starter = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], cwd=PROJECT)
    family = _family(tmp_path)

    starter.kill()
    starter.wait()

    assert _all_gone(family)


def test_they_end_even_if_their_guard_is_killed(tmp_path: Path) -> None:
    with running_program(
        "Sleeper", _parent(tmp_path, 60), log=tmp_path / "log", env=os.environ, cwd=tmp_path
    ) as program:
        first, _ = _family(tmp_path)

        program.guard.kill()

        assert _all_gone([first])
    for one in _family(tmp_path):
        _end(one)


def test_what_a_program_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    with running_program(
        "Sleeper", _parent(tmp_path, 0), log=tmp_path / "log", env=os.environ, cwd=tmp_path
    ) as program:
        family = _family(tmp_path)

        assert _all_gone(family)
        assert program.guard.wait(10) == 0


@pytest.mark.parametrize(("ending", "code"), [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)])
def test_the_guard_passes_on_how_the_program_ended(ending: str, code: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", ending]
    with running_program("Ender", command, log=tmp_path / "log", env=os.environ, cwd=tmp_path) as program:
        assert program.guard.wait(20) == code


def test_a_program_s_output_goes_to_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('hello'); print('good-bye')"]
    log = tmp_path / "there" / "log"
    with running_program("Speaker", command, log=log, env=os.environ, cwd=tmp_path) as program:
        program.guard.wait(10)

    assert program.last_words(1) == "good-bye"


def _parent(folder: Path, seconds: float) -> list[str]:
    return [sys.executable, "-c", PARENT, str(folder / "pids"), str(seconds)]


def _family(folder: Path) -> list[int]:
    ends = time.monotonic() + 20
    while not (folder / "pids").exists():
        assert time.monotonic() < ends
        time.sleep(0.02)
    return [int(one) for one in (folder / "pids").read_text().split()]


def _all_gone(family: list[int]) -> bool:
    ends = time.monotonic() + 10
    while any(_runs(one) for one in family):
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


def _runs(process: int) -> bool:
    """Whether a process runs; one that nobody collected, because its parent was killed, does not."""
    stat = Path(f"/proc/{process}/stat")
    try:
        return is_alive(process) and (not stat.parent.exists() or stat.read_text().rsplit(") ", 1)[1][0] != "Z")
    except OSError:
        return False


def _end(process: int) -> None:
    if _runs(process):
        os.kill(process, signal.SIGKILL)
