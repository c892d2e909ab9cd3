"""What a campaign does without: sleeping, threads, log lines, metrics, and the network."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any, Self
from unittest.mock import patch

from peoplefeed import telemetry
from peoplefeed.dynamo import keys, pages
from peoplefeed.learning_platform import delivery, outbox
from peoplefeed.learning_platform.errand import Errand
from peoplefeed.learning_platform.outbox import sweep_outbox
from peoplefeed.learning_platform.person import Person
from peoplefeed.learning_platform.placing import Placed
from peoplefeed.learning_platform.verdicts import NothingToDo
from peoplefeed.runs import apply, line
from peoplefeed.runs.retry import enqueue_retries
from peoplefeed.runs.sweep import sweep_line
from peoplefeed.storage.outbox import Check
from peoplefeed.storage.platforms import due_at, update_platform
from peoplefeed.times import stamp
from tests.worlds.clock import Clock
from tests.worlds.world import World

NEVER = 1_000_000
_SWEEPS_AT_MOST = 40
_ROUNDS_AT_MOST = 2_000

_clock: list[Clock] = []


class OneByOne:
    """Stands in for a pool of threads."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def map(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        return map(function, items)


@contextmanager
def quietly() -> Iterator[None]:
    """Let the package say nothing."""
    logging.disable(logging.CRITICAL)
    with ExitStack() as stack:
        for name in ("count", "run_over", "chunk_done", "fault"):
            stack.enter_context(patch.object(telemetry, name, _nothing))
        yield
    logging.disable(logging.NOTSET)


@contextmanager
def quiet() -> Iterator[None]:
    """Let it also sleep on the schedule's clock, and find every account on the learning platform."""
    with quietly(), ExitStack() as stack:
        for owner in (outbox, pages):
            stack.enter_context(patch.object(owner, "ThreadPoolExecutor", OneByOne))
        stack.enter_context(patch.object(delivery, "_placed", _account_of))
        stack.enter_context(patch.object(delivery, "_compared", _nothing_differs))
        stack.enter_context(patch("time.sleep", _sleep))
        yield


@contextmanager
def sleeping_on(clock: Clock) -> Iterator[None]:
    """Let whoever sleeps move this clock."""
    _clock.append(clock)
    try:
        yield
    finally:
        _clock.pop()


@contextmanager
def giving_up_at(receives: int) -> Iterator[None]:
    """Let groups be given up at this receive of their message (9.2), and no feed: that would be before any group is."""
    with patch.object(apply, "GIVE_UP_AT", receives), patch.object(line, "_MOST_ATTEMPTS", NEVER):
        yield


def _sleep(seconds: float) -> None:
    if _clock:
        _clock[-1].forward(seconds=max(seconds, 0))


def _nothing(*_: object, **__: object) -> None:
    return None


def _account_of(_errand: object, _found: object, person: Person, **_: object) -> Placed:
    return Placed(f"account of {person.external_id}")


def _nothing_differs(errand: Errand, check: Check) -> NothingToDo:
    """Stand in for a comparison: its platform is not there to be asked, today and tomorrow."""
    update_platform(errand.deployment, check.tenant, due_at(stamp(errand.clock() + timedelta(days=2))))
    return NothingToDo()


def work_off(world: World) -> None:
    """Work everything off by one worker, also what comes back later.

    Raises:
        AssertionError: the same fails again and again, without any fault from outside.
    """
    for _ in range(_ROUNDS_AT_MOST):
        for queue in world.waiting():
            world.work_off(queue, world.receive(queue), world.deployment)
        if world.waiting():
            continue
        comes_back = world.sqs.next_visible()
        if comes_back is None:
            return
        world.clock.until(comes_back)
    raise AssertionError(f"{world.waiting()} never ends: {world.failures[-1:]}")


SWEEPS = (enqueue_retries, sweep_line, sweep_outbox)
"""What is swept every five minutes, one after the other; no source is polled here."""


def sweep(world: World) -> None:
    """Let five minutes pass and the schedule do its work on the line and the outbox."""
    world.clock.forward(minutes=5)
    world.dynamodb.settle()
    for work in SWEEPS:
        work(world.deployment, world.clock())


def rests(world: World) -> bool:
    """Whether nothing is left to do, now or when it is due."""
    outbox = world.dynamodb.tables[world.names.directory_table].indexes[keys.OUTBOX_INDEX]
    return not world.waiting() and not outbox.items


def come_to_rest(world: World) -> None:
    """Work everything off and sweep until a sweep finds nothing that was left behind."""
    for _ in range(_SWEEPS_AT_MOST):
        work_off(world)
        sweep(world)
        if rests(world):
            return
    raise AssertionError(f"after {_SWEEPS_AT_MOST} sweeps there is still something to do: {world.waiting()}")
