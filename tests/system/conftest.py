"""One local stack for all system tests, with the real template and functions that have their roles' rights only."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from command.local.stack import Stack, running
from tests.system.office import Office


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack; tests keep apart by using tenants of their own. None of them needs a right that a role lacks."""
    folder = tmp_path_factory.mktemp("stack") / ".peoplefeed"
    with running(port=0, directory=folder, enforce_roles=True) as started:
        yield started
        log = (Path(started.directory) / "ministack.log").read_text(errors="replace")
    assert [line for line in log.splitlines() if "is not authorized to perform" in line] == []


@pytest.fixture
def office(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    """A tenant of the test's own that knows the job title Chef."""
    monkeypatch.chdir(Path(stack.directory).parent)
    made = Office(stack, f"t-{secrets.token_hex(4)}", tmp_path, capfd)
    made.creates("job-titles", "Chef")
    return made
