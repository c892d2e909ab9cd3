"""Every single fault at every call: one worker, one fault, and the end must be the same.

A world is worked off batch by batch. Before each batch it is forked once for each fault that can befall each call of
that batch, and now and then of a sweep that comes before it, so that nothing before it is done again. In the end it is
forked so for each call of an administrator who asks for something.
"""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import count
from random import Random

from peoplefeed.deployment import Deployment
from tests.campaign.administrators import Act, acts
from tests.campaign.explore import Explorer, Tally
from tests.campaign.promises import broken_promises
from tests.campaign.quiet import NEVER, SWEEPS, come_to_rest, giving_up_at, sleeping_on
from tests.campaign.states import differences, state_of
from tests.campaign.undisturbed import line_of, lost_feeds
from tests.worlds.faults import Fault, Kill, possible
from tests.worlds.world import World

_SHOWN = 6
_SWEEP_EVERY = 7


type Deed = Callable[[World], object]
"""What is done with a world: a queue's batch is worked off, the schedule sweeps, or an administrator asks."""


def every_fault(world_seed: int) -> Tally:
    """Return what every single fault at every call of one small world came to. Divergences are by their number."""
    explorer, total = Explorer(world_seed), Tally(rows=0)
    with explorer.small.in_force(), giving_up_at(NEVER):
        for world, deed, number, fault in _faulty(explorer.small.world.fork(), Random(world_seed)):
            wrong = _wrong_with(explorer, world, deed, number, fault)
            total.schedules += 1
            total.faults += 1
            total.kills += isinstance(fault, Kill)
            total.calls += len(world.faults.log)
            total.rows += explorer.small.rows
            if wrong:
                total.divergences[world_seed * 1_000_000 + total.schedules] = [f"{fault} at call {number}", *wrong]
    return total


def _faulty(world: World, random: Random) -> Iterator[tuple[World, Deed, int, Fault]]:
    """Yield a world for each fault: what has happened so far, what is done next, and which call of that goes wrong.

    Now and then the schedule sweeps before a batch; when all is at rest, an administrator asks for something.
    """
    for batches in count():
        if not world.waiting():
            break
        if batches % _SWEEP_EVERY == 0:
            yield from _faults_of(world, _sweep)
        batch = partial(World.step, queue=world.waiting()[0])
        yield from _faults_of(world, batch)
        world = _after(world, batch)
    with sleeping_on(world.clock):
        come_to_rest(world)
    for act in acts(world.fork(), random):
        yield from _faults_of(world, partial(_ask, act))


def _faults_of(world: World, deed: Deed) -> Iterator[tuple[World, Deed, int, Fault]]:
    ahead = world.fork()
    _do(ahead, deed)
    for call in ahead.faults.log:
        for fault in possible(call):
            yield world.fork(), deed, call.number, fault


def _after(world: World, deed: Deed) -> World:
    ahead = world.fork()
    _do(ahead, deed)
    return ahead.fork()


def _do(world: World, deed: Deed) -> None:
    with sleeping_on(world.clock):
        deed(world)


def _sweep(world: World) -> None:
    for work in SWEEPS:
        _unless_it_fails(world, partial(_swept, work, world))


def _swept(work: Callable[[Deployment, datetime], object], world: World, deployment: Deployment) -> None:
    work(deployment, world.clock())


def _ask(act: Act, world: World) -> None:
    _unless_it_fails(world, act)


def _unless_it_fails(world: World, do: Act) -> None:
    with suppress(Exception):  # the schedule comes again, and an administrator may ask again
        world.as_worker(do)


def _wrong_with(explorer: Explorer, world: World, deed: Deed, number: int, fault: Fault) -> list[str]:
    world.faults.at(number, fault)
    _do(world, deed)
    world.faults.stop()
    with sleeping_on(world.clock):
        come_to_rest(world)
    wrong = [*broken_promises(world), *lost_feeds(explorer.small, line_of(world))]
    wrong += differences(explorer.expectation(world), state_of(world))
    return wrong[:_SHOWN]


def run_exhaustive(worlds: int, processes: int, first: int = 0, minutes: float = 1e6) -> int:
    """Go through many worlds, and print what they came to; 1 if anything diverged."""
    total, began, done = Tally(), time.monotonic(), 0
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for tally in pool.imap_unordered(_one_world, range(first, first + worlds)):
            total.add(tally)
            done += 1
            if time.monotonic() > began + 60 * minutes:
                break
    print(f"worlds              {done:>14,}")
    print(f"single faults       {total.faults:>14,}")
    print(f"of these kills      {total.kills:>14,}")
    print(f"calls               {total.calls:>14,}")
    print(f"seconds             {time.monotonic() - began:>14,.0f}")
    print(f"divergences         {len(total.divergences):>14,}")
    for number, wrong in sorted(total.divergences.items())[:_SHOWN]:
        print(f"\nuv run python -m tests.campaign --exhaustive --worlds 1 --first {number // 1_000_000}")
        print("\n".join(f"  {line[:400]}" for line in wrong))
    return 1 if total.divergences else 0


def _one_world(world_seed: int) -> Tally:
    from tests.campaign.campaign import surroundings

    with surroundings():
        tally = every_fault(world_seed)
    gc.collect()
    return tally
