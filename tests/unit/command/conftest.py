"""The command's surroundings in unit tests: a fake stack, and a way to call the command."""

import json
import os
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.unit.command.fakes import FakeStack, Handler, Shell, id_token


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, socket_enabled: None) -> Iterator[FakeStack]:
    """A running local stack, as far as the command can tell: stack.json, an API, a bucket."""
    del socket_enabled
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        Handler.stack = FakeStack(f"{url}/api")
        _write_stack(tmp_path, url)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("command.connection.token_for", lambda _stack, tenant: id_token(tenant))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Handler.stack
        server.shutdown()
        thread.join()


def _write_stack(folder: Path, url: str) -> None:
    (folder / ".peoplefeed").mkdir()
    document = {
        "aws_endpoint": url,
        "region": "eu-west-1",
        "bucket": "feeds",
        "api_url": f"{url}/api",
        "token": id_token("default"),
        "tables": {"directory": "Directory", "feed_log": "FeedLog"},
        "queues": {},
        "functions": {},
        "user_pool": "pool",
        "client": "client",
        "learning_platform": "http://127.0.0.1:1/{tenant}/v2",
        "learning_platform_own": True,
        "stack_name": "peoplefeed",
        "pid": os.getpid(),
        "directory": str(folder / ".peoplefeed"),
    }
    (folder / ".peoplefeed" / "stack.json").write_text(json.dumps(document))


@pytest.fixture
def shell(capfd: pytest.CaptureFixture[str]) -> Shell:
    """Run the command and return its exit code, standard output and standard error."""
    from command.main import main

    def call(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(arguments)
        except SystemExit as ended:  # argparse's own
            code = int(ended.code or 0)
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call
