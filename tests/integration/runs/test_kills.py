"""9.1: a worker that is killed between any two calls changes nothing about how things end."""

from functools import cache

import pytest

from tests.integration.runs.company import TENANT, eventful_feed, founded
from tests.integration.runs.findings import run_item, timeless
from tests.worlds.faults import ANSWER_LOST, KILL_AFTER, Fault
from tests.worlds.world import World


@cache
def about_to_feed() -> World:
    """A world whose next message is the eventful feed. Delivery has tests of its own."""
    world = founded(handlers={"delivery.fifo": lambda *_: None}, tolerant=True)
    world.put_feed(TENANT, eventful_feed(), source="hr-csv")  # its first feed: no safeguard stands in its way
    return world


def run_the_feed(fault_at: int | None = None, fault: Fault = KILL_AFTER) -> World:
    world = about_to_feed().fork()
    if fault_at is not None:
        world.faults.at(fault_at, fault)
    world.settle()
    return world


def _calls_before_any_sweep() -> int:
    world = about_to_feed().fork()
    world.run_until_quiet()
    return len(world.faults.log)


def test_1_6_the_eventful_feed_is_eventful() -> None:
    counts = run_item(run_the_feed(), 3)["counts"]
    assert counts == {
        "received": 200,
        "created": 91,
        "updated": 49,
        "unchanged": 20,
        "deactivated": 10,
        "reactivated": 0,
        "overwritten": 1,
        "rejected": 16,
        "parked": 13,
        "held": 0,
        "superseded": 0,
        "leavers": 0,
    }


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("fault", "every"),
    [
        pytest.param(KILL_AFTER, 1, id="9.1-killed-between-any-two-calls"),
        pytest.param(ANSWER_LOST, 7, id="9.1-the-answer-of-every-seventh-call-is-lost"),
    ],
)
def test_a_fault_at_any_call_of_a_feed_changes_nothing(fault: Fault, every: int) -> None:
    undisturbed = run_the_feed()
    expected, calls = timeless(undisturbed), _calls_before_any_sweep()
    divergent = []
    for number in range(1, calls + 1, every):
        world = run_the_feed(number, fault)
        if timeless(world) != expected or world.dead_letters():
            divergent.append(str(world.faults.befell[:1]))
    assert calls > 150
    assert divergent == []
