"""`peoplefeed demo`: the story, its figures, and nothing left behind.

How long it takes is measured by `benchmarks/local_stack.py`.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from command.demonstration import story
from command.local.people import editions
from peoplefeed.model import empty_counts
from tests.system.processes import PEOPLEFEED, at_work_in

pytestmark = pytest.mark.system


@pytest.mark.timeout(600)
def test_the_demo_ends_with_the_same_people_on_both_sides(tmp_path: Path) -> None:
    done = subprocess.run(
        [PEOPLEFEED, "demo", "--json"],
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(done.stdout)
    expected = [edition.expected for edition in editions(story.SEED, story.EMPLOYEES)]
    assert list(document) == ["cycles", "came_back", "compared", "differences"]
    assert document["differences"] == []
    assert document["compared"] >= story.EMPLOYEES
    assert document["came_back"] == story.EMPLOYEES // 300 + story.EMPLOYEES // 250
    for cycle, foreseen in zip(document["cycles"], expected, strict=True):
        assert list(cycle) == ["counts", "problems", "lag_seconds"]
        assert cycle["counts"] == empty_counts() | foreseen.counts
        assert cycle["problems"] == foreseen.problems
        lag = cycle["lag_seconds"]
        assert 0 < lag["p50"] <= lag["p99"] <= lag["max"]
    assert list(tmp_path.iterdir()) == []
    assert at_work_in(tmp_path) == []
