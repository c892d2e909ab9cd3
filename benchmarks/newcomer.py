"""How long one waits for the local stack, for the demo's whole story, and for what comes by itself.

Usage: `uv run python benchmarks/newcomer.py [ROUNDS]`. The budgets are of two cores on which nothing else works, once
everything is installed; one is missed only where the quickest round exceeds it, and then the exit code is 1. The
processor's seconds, which depend less on what else the machine does, stand beside those of the start.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PEOPLEFEED = str(Path(sys.executable).parent / "peoplefeed")
BUDGETS = {"up": 20.0, "come back": 60.0, "demo": 60.0, "last change": 60.0}
"""Seconds: until `up` is up; from the new title to the row that waited for it (4.7); of the demo; from its feeds to the
learning platform, for whoever came last."""
PERSON = "External Identifier,First Name,Last Name,Job Title\nE1,Ana,Sol,Chef\n"


def ask(folder: Path, *words: str) -> str:
    """Run the command in a folder; return what it printed for programs."""
    command, alone = [PEOPLEFEED, *words, "--json"], os.environ | {"TMPDIR": str(folder)}
    done = subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if not done.stdout:
        raise SystemExit(f"`peoplefeed {' '.join(words)}` printed nothing for programs, but said:\n{done.stderr}")
    return done.stdout


@contextmanager
def stack(folder: Path) -> Iterator[float]:
    """Run `peoplefeed up` in a folder; yield the seconds until it said where everything is."""
    began, ready = time.perf_counter(), folder / ".peoplefeed" / "stack.json"
    with (folder / "up.log").open("w") as log:
        up = subprocess.Popen([PEOPLEFEED, "up", "--port", "0"], cwd=folder, stdout=log, stderr=log)  # noqa: S603 - ours
    try:
        while not ready.exists():
            if up.poll() is not None:
                raise SystemExit(f"`peoplefeed up` ended by itself, and said:\n{(folder / 'up.log').read_text()}")
            time.sleep(0.05)
        yield time.perf_counter() - began
    finally:
        up.send_signal(signal.SIGINT)
        up.wait()


def come_back(folder: Path) -> float:
    """Create a title that somebody waits for; return the seconds until they are there by themselves."""
    (folder / "people.csv").write_text(PERSON)
    (folder / "titles.csv").write_text("Name\nChef\n")
    ask(folder, "import", "people.csv")
    began = time.perf_counter()
    ask(folder, "import", "titles.csv", "--kind", "job-titles")
    while not json.loads(ask(folder, "employees")):
        time.sleep(0.1)
    return time.perf_counter() - began


def tell(folder: Path) -> tuple[float, float]:
    """Run `peoplefeed demo`; return its seconds, and those until the last change had arrived."""
    began = time.perf_counter()
    story = json.loads(ask(folder, "demo"))
    return time.perf_counter() - began, max(cycle["lag_seconds"]["max"] for cycle in story["cycles"])


def once() -> dict[str, float]:
    """Wait for each of them once, and print how long."""
    with tempfile.TemporaryDirectory() as name:
        before = processor()
        with stack(Path(name)) as up:
            pass
        used = processor() - before
        with stack(Path(name)):
            back = come_back(Path(name))
        seen = dict(zip(BUDGETS, (up, back, *tell(Path(name))), strict=True))
    print(*(f"{what} {seconds:5.1f} s  " for what, seconds in seen.items()), f"(up: {used:.1f} s of a processor)")
    return seen


def processor() -> float:
    """Return the processor's seconds of all that was run and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Install what is missing, measure and judge."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as name, stack(Path(name)):
        pass  # the first start on a machine downloads MiniStack
    seen = [once() for _ in range(rounds)]
    missed = [what for what, budget in BUDGETS.items() if min(wait[what] for wait in seen) > budget]
    print(f"missed: {', '.join(missed)}" if missed else "within all budgets")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
