"""The world of those whose change is given up (9.2)."""

from collections.abc import Iterator

import pytest

from tests.integration.runs.company import founded
from tests.integration.runs.findings import still_open
from tests.worlds.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """Two people, of whom E0 is changed by nobody while it `fails`. In the end both tables agree on what is open."""
    world = founded(2, tolerant=True)
    yield world
    directory = (item for item in world.items(world.names.directory_table) if "#P#" in item["pk"])
    listed = {problem for item in directory for problem in item.get("problems", ())}
    assert {problem["sk"] for problem in still_open(world)} == listed
