"""Servers that other people wrote, as HR systems: started on 127.0.0.1 for the length of a block.

Nothing here installs them. `INSTALL` is the command that does; it needs Node.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[3]
PACKAGES = ("@stoplight/prism-cli@5.16.0", "json-server@0.17.4", "mountebank@2.9.1")
INSTALL = f"npm install --no-package-lock --prefix .peoplefeed/peers {' '.join(PACKAGES)}"
SHARED = "PEOPLEFEED_SHARED"

_BINARIES = ROOT / ".peoplefeed" / "peers" / "node_modules" / ".bin"
_START_SECONDS = 90  # a few seconds on a machine that has nothing else to do


def why_not(program: str) -> str | None:
    """Return why a program of these packages cannot be started here, None if it can."""
    if shutil.which("node") is None:
        return f"{program} needs Node, and there is no node"
    if not (_BINARIES / program).exists():
        return f"{program} is not installed: {INSTALL}"
    return None


def specification(name: str) -> Path | None:
    """Return a vendor's specification, which is never copied into the repository: it lies beside the clone."""
    named = os.environ.get(SHARED)
    places = [Path(named)] if named else [folder / "shared" for folder in ROOT.parents]
    return next((path for place in places if (path := place / "specs" / name).is_file()), None)


@contextmanager
def prism(document: Path, folder: Path) -> Iterator[str]:
    """Serve an OpenAPI document: answers are made from it, requests are held against it."""
    port = _free_port()
    options = ["mock", "-h", "127.0.0.1", "-p", str(port), "--errors", str(document)]
    with _running("prism", options, port, folder):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def json_server(database: dict[str, Any], folder: Path) -> Iterator[str]:
    """Serve the lists of a document as REST collections, in pages with Link headers."""
    port, file = _free_port(), folder / "db.json"
    file.write_text(json.dumps(database))
    options = ["--quiet", "--host", "127.0.0.1", "--port", str(port), str(file)]
    with _running("json-server", options, port, folder):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def mountebank(folder: Path) -> Iterator[str]:
    """Run mountebank, which makes servers with faults; yield where it takes orders."""
    port = _free_port()
    options = ["--host", "127.0.0.1", "--port", str(port), "--nologfile", "--localOnly", "--loglevel", "error"]
    with _running("mb", [*options, "--pidfile", str(folder / "mb.pid")], port, folder):
        yield f"http://127.0.0.1:{port}"


def impostor(mountebank_url: str, stubs: Sequence[dict[str, Any]]) -> str:
    """Have mountebank serve some answers, and return where."""
    port = _free_port()
    order = {"port": port, "host": "127.0.0.1", "protocol": "http", "stubs": list(stubs)}
    request = Request(  # noqa: S310 - our own server
        f"{mountebank_url}/imposters",
        json.dumps(order).encode(),
        {"Content-Type": "application/json"},
        method="POST",
    )
    with urlopen(request, timeout=_START_SECONDS) as answer:  # noqa: S310 - the same
        answer.read()
    return f"http://127.0.0.1:{port}"


@contextmanager
def _running(program: str, options: Sequence[str], port: int, folder: Path) -> Iterator[None]:
    log = folder / f"{program}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(_BINARIES / program), *options], cwd=folder, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(port, process, log)
            yield
        finally:
            process.terminate()
            process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"it did not start: {log.read_text(errors='replace')[-2000:]}")
