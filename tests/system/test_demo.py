"""`peoplefeed demo`: the story, its figures, and nothing left behind.

How long it takes is measured by `benchmarks/newcomer.py`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from peoplefeed.model import empty_counts

PEOPLEFEED = str(Path(sys.executable).parent / "peoplefeed")

pytestmark = pytest.mark.system


@pytest.mark.timeout(600)
def test_the_demo_ends_with_the_same_people_on_both_sides(tmp_path: Path) -> None:
    from command.demonstration import story
    from command.local.people import editions

    subprocess.run([PEOPLEFEED, "--version"], check=True, capture_output=True)
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
    assert _processes_that_mention(str(tmp_path)) == []


def _processes_that_mention(text: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = (process / "cmdline").read_text() + str((process / "cwd").readlink())
        except OSError:  # it has just ended, or is not ours
            continue
        if text in said:
            found.append(said)
    return found
