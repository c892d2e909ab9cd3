"""9.1: a poll over two invocations that is killed between any two calls still lands one whole feed, as it came."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import partial
from itertools import count

import pytest

from peoplefeed.deployment import Deployment
from peoplefeed.sources import batches
from peoplefeed.sources.connection import Safety
from peoplefeed.sources.connection import World as Surroundings
from peoplefeed.sources.fetching import Poll
from peoplefeed.sources.polling import poll_source
from peoplefeed.sources.schedule import enqueue_due
from peoplefeed.sources.store import put_source, source_of
from tests.integration.sources.hr import PEOPLE, Asked, HrSystem, Reply, reply, running
from tests.unit.sources.examples import manifest
from tests.worlds.faults import ANSWER_LOST, KILL_AFTER, KILL_BEFORE, Fault, Faults
from tests.worlds.handlers import Clock
from tests.worlds.records import Record
from tests.worlds.world import World

TENANT = "acme"


@pytest.fixture(scope="module")
def hr() -> Iterator[HrSystem]:
    with running() as system:
        system.pages(PEOPLE, 2)
        yield system


def poll(deployment: Deployment, record: Record, clock: Clock, *, quick: bool, seconds: int) -> None:
    """The function, whose every look at its clock takes a while, so that it never has time for more than two pages."""
    wanted, ticks = json.loads(record["body"]), count()
    surroundings = Surroundings(clock=lambda: float(next(ticks)), sleep=lambda _seconds: None)
    safety = Safety(local=True, seconds=seconds)
    what = wanted.get("due"), wanted.get("resume")
    asked = Poll(clock(), record["messageId"], safety, *what, quick=quick, world=surroundings)
    poll_source(deployment, wanted["tenant"], wanted["source"], asked)


def connected(hr: HrSystem, seconds: int = 7, **changes: object) -> World:
    """A world whose source is about to be polled, and whose line takes no feeds in."""
    world = World(
        handlers={
            "poll": partial(poll, quick=True, seconds=seconds),
            "slow-poll": partial(poll, quick=False, seconds=seconds),
            "import": lambda *_: None,
        },
        tolerant=True,
    )
    paged = {"paginator": {"type": "page", "pages": "pages"}, "records": "employees"}
    made = manifest(**({"base_url": hr.url, "poll_every_minutes": 1440} | paged | changes))
    put_source(world.deployment, TENANT, made, world.clock())
    enqueue_due(world.deployment, world.clock())
    return world


def landed(world: World) -> list[object]:
    """What each feed holds."""
    contents = [gzip.decompress(world.s3.content(key)) for key in world.s3.keys("feeds/")]
    return [[json.loads(line) for line in content.splitlines()] for content in contents]


def polled(world: World) -> None:
    """Let the schedule do its work until the source is not due any more for hours."""
    for _ in range(20):
        world.run_until_quiet()
        source = source_of(world.worker(Faults()), TENANT, "hr")
        assert source
        if source.landed_at:
            return
        world.sweep()
    raise AssertionError("it never lands")


FAULTS = pytest.mark.parametrize(
    "fault", [KILL_BEFORE, KILL_AFTER, ANSWER_LOST], ids=["before", "after", "answer-lost"]
)


@FAULTS
def test_9_1_a_poll_that_is_killed_at_any_call_lands_whole(hr: HrSystem, fault: Fault) -> None:
    lands_whole(connected(hr), fault)


@FAULTS
def test_9_1_a_poll_that_is_killed_between_two_peoples_details_lands_whole(
    hr: HrSystem, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_FEW", 1)

    def answer(asked: Asked) -> Reply:
        number = asked.path.rpartition("/")[2]
        return reply([{"id": one["id"]} for one in PEOPLE] if number == "people" else PEOPLE[int(number) - 1])

    hr.answer = answer
    details = {"path": "/people/{id}"}
    plain = {"request": {"path": "/people"}, "paginator": {"type": "none"}, "records": "@"}
    lands_whole(connected(hr, 20, **plain, details=details), fault)


def lands_whole(first: World, fault: Fault) -> None:
    """The fault at each call in turn: what lands is the whole, once or twice."""
    undisturbed = first.fork()
    polled(undisturbed)
    calls = len(undisturbed.faults.log)
    assert landed(undisturbed) == [PEOPLE]
    assert len(undisturbed.s3.keys("polls/")) >= 2  # it was put down in between, more than once
    for number in range(1, calls + 1):
        world = first.fork()
        world.faults.at(number, fault)
        polled(world)
        feeds = landed(world)
        # What landed and was not written down is landed once more; the line applies it once (9.1).
        assert all(feed == PEOPLE for feed in feeds), (number, str(world.faults.befell[:1]))
        assert 1 <= len(feeds) <= 2, (number, str(world.faults.befell[:1]))
    assert calls >= 10
