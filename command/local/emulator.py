"""MiniStack, the local AWS."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from command.local import install
from command.local.clients import KEY, REGION
from command.local.errors import PortTaken
from command.local.processes import HOST, Program, running_program, wait_until_listening

SERVER = Path(__file__).with_name("ministack_server.py")
STARTS_WITHIN = 30.0


@contextmanager
def starting_emulator(port: int, folder: Path, *, enforce_roles: bool) -> Iterator[Program]:
    """Start MiniStack on a port. It does not answer at once: see `wait_until_ready`."""
    workshop = folder / "tmp"
    workshop.mkdir(parents=True, exist_ok=True)
    command = [str(install.ministack()), "-P", str(SERVER)]
    env = environment(port, workshop, enforce_roles=enforce_roles)
    with running_program("MiniStack", command, log=folder / "ministack.log", env=env, cwd=workshop) as program:
        yield program


def wait_until_ready(program: Program, port: int) -> None:
    """Wait until MiniStack answers."""
    wait_until_listening(program, port, within=STARTS_WITHIN)
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/_ministack/health", timeout=STARTS_WITHIN):
            return
    except urllib.error.HTTPError as error:
        raise PortTaken(port) from error  # someone else's program came first


def environment(port: int, workshop: Path, *, enforce_roles: bool) -> dict[str, str]:
    """Return everything MiniStack is told: it hands its own environment on to every function.

    Services that would listen on ports of their own are off. No Docker: it would remove containers that
    another MiniStack left behind.
    """
    return {
        "PATH": os.defpath,
        "HOME": str(workshop),
        "TMPDIR": str(workshop),  # the workers' code; we remove it
        "LANG": "C.UTF-8",
        "TZ": "UTC",  # as on AWS
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AUTH": "true" if enforce_roles else "false",
        "LOG_LEVEL": "INFO",  # functions' output is logged at this level
        "PYTHONUNBUFFERED": "1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "COGNITO_EMAIL_ENABLED": "false",
        "DOCKER_HOST": "unix:///nonexistent/docker.sock",
        "LAMBDA_EXECUTOR": "local",
    }
