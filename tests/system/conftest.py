"""One local stack for all system tests, with the real template and functions that have their roles' rights only."""

from collections.abc import Iterator

import pytest

from command.local.stack import Stack, running


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack; tests keep apart by using tenants of their own."""
    folder = tmp_path_factory.mktemp("stack") / ".peoplefeed"
    with running(port=0, directory=folder, enforce_roles=True) as started:
        yield started
