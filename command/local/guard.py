"""Runs one program and ends it, with everything that it started, when whoever started us is gone.

Standard input is a pipe whose other end the `peoplefeed` command holds. The system closes it however
that command ends, SIGKILL included; that is the only sign we wait for. Run as a script, without
the project on the path, so that it costs 20 ms and no memory to speak of.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """Run the command line we were given until it ends or standard input does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control(PR_SET_CHILD_SUBREAPER, 1)
    child = subprocess.Popen(  # noqa: S603 - our parent's own command line, no shell
        sys.argv[1:],
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=end_with_parent,  # noqa: PLW1509 - no thread runs yet
    )
    threading.Thread(target=end_when_input_ends, args=(child.pid,), daemon=True).start()
    return collect(child.pid)


def control(option: int, value: int) -> None:
    """Call Linux's `prctl`; elsewhere, the process group alone has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def end_with_parent() -> None:
    """Make the system end the program should even this guard be killed."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    control(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_when_input_ends(group: int) -> None:
    """Kill the program's group once the other end of the pipe is closed.

    Nothing there is worth a graceful end: the local stack keeps its state in memory.
    """
    while os.read(0, 1024):
        pass
    kill(group)


def kill(group: int) -> None:
    """End every process of a group, if there is one left."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # macOS answers "not permitted" for a group of zombies


def collect(child: int) -> int:
    """Wait for the program, end what it left behind, and wait for that too, so that no zombie stays."""
    _, status = os.waitpid(child, 0)
    kill(child)
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code  # as shells say it


if __name__ == "__main__":
    os._exit(main())  # the thread still waits, and need not
