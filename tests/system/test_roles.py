"""Each function's role allows what the function does, from the first poll to the last delivery."""

from pathlib import Path

import pytest

from command import connection as connections
from command.demonstration import story
from command.local.hr_server import running_hr_server
from command.local.people import editions, references
from command.local.stack import Stack
from command.local.tokens import token_for

SEED, SIZE = 11, 300

pytestmark = pytest.mark.system


def _say(_: str) -> None:
    """Say nothing."""


@pytest.mark.timeout(300)
def test_the_whole_story_needs_no_right_that_a_role_does_not_give(stack: Stack, tmp_path: Path) -> None:
    place, token = connections.local_place(stack), token_for(stack, "roles")
    with running_hr_server(seed=SEED, size=SIZE) as system, connections.connection(place, token) as connection:
        scene = story.Scene(stack, system, connection, references(SEED, SIZE), tmp_path)
        outcome = story.Outcome()
        story.prepare(scene)
        for number, day in enumerate(editions(SEED, SIZE)):
            if number:
                story.next_day(scene, outcome)
            if number == 1:
                story.create_what_was_missing(scene, outcome)
            figures = story.poll(scene, outcome, _say)
            assert {name: figures.counts[name] for name in day.expected.counts} == day.expected.counts
        story.compare(scene, outcome)

    log = (Path(stack.directory) / "ministack.log").read_text(errors="replace")
    assert [line for line in log.splitlines() if "is not authorized to perform" in line] == []
    assert outcome.compared > SIZE
    assert outcome.differences == []
