"""mountebank: a server whose every answer a test chooses, down to connections that break.

Nothing here installs it. `INSTALL` is the command that does; it needs Node.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

INSTALL = "npm install --prefix .peoplefeed/peers mountebank@2.9.1 --no-package-lock"
_HOME = Path(__file__).parents[2] / ".peoplefeed" / "peers"
_START_SECONDS = 60  # a second on a machine that has nothing else to do


def why_not() -> str | None:
    """Return why mountebank cannot be started here, None if it can."""
    if shutil.which("node") is None:
        return "mountebank needs Node, and there is no node"
    return None if _program().is_file() else f"mountebank is not installed: {INSTALL}"


def _program() -> Path:
    return _HOME / "node_modules" / "mountebank" / "bin" / "mb"


@dataclass(frozen=True, slots=True)
class Mountebank:
    """A running mountebank. `port` is that of its own API."""

    port: int
    http: PoolManager

    @contextmanager
    def imposter(self, *responses: dict[str, Any], **about: Any) -> Iterator[str]:
        """Yield the URL of a server that gives these answers, one after the other and then from the beginning."""
        port = _free_port()
        stubs = [{"responses": list(responses)}]
        asked = {"protocol": "http", "port": port, "host": "127.0.0.1", "stubs": stubs, **about}
        made = self.http.request("POST", f"{self._api}/imposters", json=asked)
        assert made.status == 201, made.data
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            self.http.request("DELETE", f"{self._api}/imposters/{port}")

    @property
    def _api(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running_mountebank() -> Iterator[Mountebank]:
    """Run mountebank for the length of the block."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as home, (Path(home) / "log").open("w+") as log:
        options = ["--port", str(port), "--host", "127.0.0.1", "--localOnly", "--nologfile", "--pidfile", f"{home}/pid"]
        command = ["node", str(_program()), "start", *options]
        process = subprocess.Popen(command, cwd=home, stdout=log, stderr=subprocess.STDOUT)
        try:
            with PoolManager(retries=False, timeout=5) as http:
                _wait_for(http, port, process, Path(log.name))
                yield Mountebank(port, http)
        finally:
            process.terminate()
            process.wait(10)


def proxy_to(url: str, **behaviors: Any) -> dict[str, Any]:
    """The answer of another server, passed on."""
    proxy = {"to": url, "mode": "proxyTransparent"}
    return {"proxy": proxy, **({"behaviors": [behaviors]} if behaviors else {})}


def answer(status: int, body: str = "", **headers: str) -> dict[str, Any]:
    """An answer that never reaches another server."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"is": {"statusCode": status, "headers": {"Connection": "close", **named}, "body": body}}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return cast("int", probe.getsockname()[1])


def _wait_for(http: PoolManager, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            http.request("GET", f"http://127.0.0.1:{port}/")
        except HTTPError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"mountebank did not start: {log.read_text()}")
