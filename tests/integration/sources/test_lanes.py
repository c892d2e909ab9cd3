"""One source's or tenant's trouble never delays another's (9.3)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from threading import Event

import pytest

from peoplefeed.deployment import Deployment
from peoplefeed.sources.connection import Safety
from peoplefeed.sources.fetching import Poll, Polled
from peoplefeed.sources.lanes import LeftToSlowLane
from peoplefeed.sources.polling import Failed, NotPolled, Suspended, poll_source
from peoplefeed.sources.store import put_source, remove_source
from peoplefeed.times import stamp
from tests.integration.sources.conftest import NOW, Line
from tests.integration.sources.hr import PEOPLE, Asked, HrSystem, Reply, reply
from tests.unit.sources.examples import manifest
from tests.worlds.handlers import Clock
from tests.worlds.records import Record
from tests.worlds.world import World

SHORT = 0.3


@pytest.fixture
def hanging(hr: HrSystem) -> Iterator[HrSystem]:
    """An HR system that does not answer at `/hangs` before the test is over."""
    is_over = Event()

    def answer(asked: Asked) -> Reply:
        if asked.path == "/hangs":
            is_over.wait(30)
        return reply(PEOPLE)

    hr.answer = answer
    yield hr
    is_over.set()


def quickly(deployment: Deployment, record: Record, clock: Clock) -> None:
    """Poll in the quick lane, where everybody has a moment only."""
    wanted = json.loads(record["body"])
    safety = Safety(local=True, seconds=SHORT)
    asked = Poll(clock(), record["messageId"], safety, wanted.get("due"), wanted.get("resume"), quick=True)
    poll_source(deployment, wanted["tenant"], wanted["source"], asked)


def test_9_3_ten_systems_that_hang_hold_a_worker_for_a_moment_once_and_never_again(hanging: HrSystem) -> None:
    world = World(handlers={"poll": quickly, "import": lambda *_: None})
    for number in range(10):
        made = manifest(name=f"hr-{number}", base_url=hanging.url, request={"path": "/hangs"}, poll_every_minutes=5)
        put_source(world.deployment, "troubled", made, world.clock())
    well = manifest(base_url=hanging.url, request={"path": "/well"}, poll_every_minutes=5)
    put_source(world.deployment, "well", well, world.clock())
    for _ in range(3):
        world.sweep()
        while world.step("poll"):  # nobody works in the slow lane: all of its workers hang
            pass
        world.clock.forward(hours=1)  # so that a feed without a number is waited for no more
    assert Counter(asked.path for asked in hanging.asked) == {"/hangs": 10, "/well": 3}
    assert {json.loads(body)["tenant"] for body in world.sqs.bodies("slow-poll")} == {"troubled"}


def test_9_3_what_hangs_is_left_to_the_slow_lane_which_tells_its_trouble(line: Line, hanging: HrSystem) -> None:
    line.connect(request={"path": "/hangs"})
    assert isinstance(line.poll(quick=True, seconds=SHORT), LeftToSlowLane)
    assert line.problem() == {}
    [message] = line.goes_on()
    assert (message["source"], message["due"]) == ("hr", line.source()["due_at"])
    assert isinstance(line.poll(due=message["due"], seconds=SHORT), Failed)
    assert line.unresolved() == ["source:hr"]
    assert {asked.path for asked in hanging.asked} == {"/hangs"}


def test_9_3_who_is_in_trouble_is_not_even_asked_in_the_quick_lane(line: Line) -> None:
    line.connect()
    line.hr.answers(reply([], 403))
    line.poll()
    asked, due = len(line.hr.asked), line.source()["due_at"]
    assert isinstance(line.poll(quick=True, due=due), LeftToSlowLane)
    assert len(line.hr.asked) == asked
    [message] = line.goes_on()
    assert message["due"] == due


def test_9_3_who_is_well_and_quick_again_is_back_in_the_quick_lane(line: Line) -> None:
    line.connect()
    line.hr.answers(reply([], 500), reply([], 403), reply(PEOPLE))
    line.poll(quick=True)
    line.poll()
    assert "slow" not in line.source()
    line.passes()
    line.later(minutes=15)
    assert isinstance(line.poll(quick=True), Polled)


def test_9_3_a_poll_of_many_pages_goes_on_in_the_slow_lane_and_begins_there_the_next_time(line: Line) -> None:
    moments = iter(range(10_000))
    line.hr.pages(PEOPLE, 1)
    line.connect(paginator={"type": "page", "pages": "pages"}, records="employees")
    line.clock = lambda: float(next(moments))
    assert isinstance(line.poll(quick=True, seconds=20), Suspended)
    [message] = line.goes_on()
    assert isinstance(line.poll(resume=message["resume"]), Polled)
    assert line.landed() == PEOPLE
    assert line.source()["slow"] is True
    line.passes()
    line.later(minutes=15)
    assert isinstance(line.poll(quick=True), LeftToSlowLane)


def test_9_3_a_message_for_the_slow_lane_that_got_lost_is_made_up_for_by_the_schedule(line: Line) -> None:
    line.connect()
    line.hr.answers(reply([], 403))
    line.poll(quick=True)
    line.goes_on()
    line.later(minutes=5)
    assert line.source()["due_at"] == stamp(NOW) < stamp(line.now)
    assert isinstance(line.poll(quick=True, due=line.source()["due_at"]), LeftToSlowLane)
    assert len(line.goes_on()) == 1


def test_9_3_a_source_that_was_removed_meanwhile_goes_nowhere(line: Line) -> None:
    def answer(_asked: Asked) -> Reply:
        remove_source(line.deployment, "acme", "hr", NOW + timedelta(seconds=1))
        return reply([], 403)

    line.connect()
    line.hr.answer = answer
    assert isinstance(line.poll(quick=True), NotPolled)
    assert line.goes_on() == []
