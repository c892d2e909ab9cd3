"""Starting and ending the programs of the local stack."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from command.local.errors import LocalStackError, PortTaken

HOST = "127.0.0.1"
GUARD = Path(__file__).with_name("guard.py")
END_WITHIN = 10.0

type Handler = Callable[[int, FrameType | None], None] | signal.Handlers


@dataclass(frozen=True, slots=True)
class Program:
    """A running program, its guard (see guard.py), and where its output goes."""

    name: str
    guard: subprocess.Popen[bytes]
    log: Path

    @property
    def ended(self) -> bool:
        """Whether it is no longer there."""
        return self.guard.poll() is not None

    def last_words(self, lines: int = 5) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


@contextmanager
def running_program(
    name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str], cwd: Path
) -> Iterator[Program]:
    """Run a program in a session of its own, and end it and all that it started."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        guard = subprocess.Popen(  # noqa: S603 - the caller's own command line, no shell
            [sys.executable, "-I", "-S", str(GUARD), *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    try:
        yield Program(name, guard, log)
    finally:
        end(guard)


def end(guard: subprocess.Popen[bytes]) -> None:
    """Let the guard know that we are done, and see it off."""
    if guard.stdin is not None:
        guard.stdin.close()
    try:
        guard.wait(END_WITHIN)
    except subprocess.TimeoutExpired:
        guard.kill()
        guard.wait()


def own_environment() -> dict[str, str]:
    """Return the environment for our own servers: this one, without what would redirect Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def require_free_port(port: int) -> int:
    """Return the port, or a free one for 0; raise `PortTaken` if something listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OverflowError as error:
            raise LocalStackError(f"{port} is not a port. Choose one from 1024 to 65535.") from error
        except OSError as error:
            raise PortTaken(port) from error
        taken: tuple[str, int] = probe.getsockname()
        return taken[1]


def wait_until_listening(program: Program, port: int, *, within: float) -> None:
    """Wait until a program accepts connections; raise with its last words if it never does."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if program.ended:
            raise LocalStackError(f"{program.name} ended at once. It said:\n{program.last_words()}")
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.02)
    raise LocalStackError(f"{program.name} did not answer within {within:.0f} s. See {program.log}")


def is_alive(pid: int) -> bool:
    """Whether a process of that number exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def signals_end_us() -> AbstractContextManager[None]:
    """Make SIGTERM and SIGHUP end us like Ctrl-C does: by way of every `finally`.

    SIGINT too: shells start what a script puts in the background with Ctrl-C switched off. A SIGHUP that
    `nohup` switched off stays off.
    """
    hang_up = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    return _handling((signal.SIGINT, signal.SIGTERM, *hang_up), _interrupt)


def undisturbed() -> AbstractContextManager[None]:
    """Finish what is begun: a second Ctrl-C must not leave processes behind."""
    return _handling((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), signal.SIG_IGN)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


@contextmanager
def _handling(numbers: Iterable[int], handler: Handler) -> Iterator[None]:
    """Handle some signals in one way for a while; only the main thread may, others change nothing."""
    before: dict[int, Any] = {}
    with suppress(ValueError):
        before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
