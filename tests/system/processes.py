"""The command as processes of its own: `peoplefeed up` until it is up, and what is still at work in a folder."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PEOPLEFEED = str(Path(sys.executable).parent / "peoplefeed")
PATIENCE = 240.0
"""Seconds. The first start on a machine downloads MiniStack."""


@contextmanager
def up(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `peoplefeed up` in a folder until it says where everything is; kill it in the end, unless it has ended."""
    log = folder / "up.log"
    with log.open("w") as output:
        command = subprocess.Popen(
            [PEOPLEFEED, "up", "--port", "0", *arguments], cwd=folder, stdout=output, stderr=output
        )
    try:
        ends = time.monotonic() + PATIENCE
        while not (folder / ".peoplefeed" / "stack.json").exists():
            assert command.poll() is None, log.read_text()
            assert time.monotonic() < ends, log.read_text()
            time.sleep(0.05)
        yield command
    finally:
        command.kill()
        command.wait()


def at_work_in(folder: Path) -> list[str]:
    """Return the processes that mention a folder, or stand in it: their command lines."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended, or is not ours
            said = (process / "cmdline").read_text() + str((process / "cwd").readlink())
            found += [said] if str(folder) in said else []
    return found
