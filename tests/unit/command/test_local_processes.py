"""Ports and signals of the local stack."""

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from command.local.errors import LocalStackError, PortTaken
from command.local.processes import (
    is_alive,
    require_free_port,
    running_program,
    signals_end_us,
    undisturbed,
    wait_until_listening,
)


@pytest.mark.usefixtures("socket_enabled")
def test_a_port_that_is_taken_is_named_together_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        with pytest.raises(PortTaken, match=rf"Port {port} is taken\..*peoplefeed up --port {port + 1}"):
            require_free_port(port)


@pytest.mark.usefixtures("socket_enabled")
def test_port_0_is_any_that_is_free() -> None:
    assert require_free_port(0) > 1023


@pytest.mark.usefixtures("socket_enabled")
def test_what_is_no_port_is_refused_with_a_sentence() -> None:
    with pytest.raises(LocalStackError, match="70000 is not a port"):
        require_free_port(70000)


@pytest.mark.usefixtures("socket_enabled")
def test_a_program_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('the disk is full')"]
    with (
        running_program("Speaker", command, log=tmp_path / "log", env=os.environ, cwd=tmp_path) as program,
        pytest.raises(LocalStackError, match=r"Speaker ended at once(.|\n)*the disk is full"),
    ):
        wait_until_listening(program, 9, within=20)


@pytest.mark.usefixtures("socket_enabled")
def test_a_program_that_never_answers_is_given_up(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with (
        running_program("Sleeper", command, log=tmp_path / "log", env=os.environ, cwd=tmp_path) as program,
        pytest.raises(LocalStackError, match="Sleeper did not answer within 0 s"),
    ):
        wait_until_listening(program, require_free_port(0), within=0.1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_that_ends_programs_ends_us_by_way_of_every_finally(number: signal.Signals) -> None:
    before = signal.getsignal(number)

    with signals_end_us(), pytest.raises(KeyboardInterrupt, match=number.name):
        os.kill(os.getpid(), number)

    assert signal.getsignal(number) is before


def test_a_second_signal_does_not_disturb_the_cleaning_up() -> None:
    with signals_end_us(), undisturbed():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_hang_up_that_nohup_switched_off_stays_off() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals_end_us():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_we_are_alive() -> None:
    assert is_alive(os.getpid())
