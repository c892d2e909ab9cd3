"""Every single fault at every call: one worker, one fault, and the end must be the same.

A world is worked off batch by batch. Before each batch it is forked once for each fault that can befall each call of
that batch, so that nothing before it is done again.
"""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections.abc import Iterator

from tests.campaign.explore import Explorer, Tally
from tests.campaign.promises import broken_promises
from tests.campaign.quiet import NEVER, come_to_rest, giving_up_at, sleeping_on
from tests.campaign.states import differences, state_of
from tests.campaign.undisturbed import line_of, lost_feeds
from tests.worlds.faults import Call, Fault, Kill, possible
from tests.worlds.world import World

_SHOWN = 6


def every_fault(world_seed: int) -> Tally:
    """Return what every single fault at every call of one small world came to. Divergences are by their number."""
    explorer, total = Explorer(world_seed), Tally(rows=0)
    with explorer.small.in_force(), giving_up_at(NEVER):
        for world, number, fault in _faulty(explorer.small.world.fork()):
            wrong = _wrong_with(explorer, world, number, fault)
            total.schedules += 1
            total.faults += 1
            total.kills += isinstance(fault, Kill)
            total.calls += len(world.faults.log)
            total.rows += explorer.small.rows
            if wrong:
                total.divergences[world_seed * 1_000_000 + total.schedules] = [f"{fault} at call {number}", *wrong]
    return total


def _faulty(world: World) -> Iterator[tuple[World, int, Fault]]:
    """Yield a world for each fault: what has happened so far, and which call of its next batch goes wrong."""
    while world.waiting():
        queue = world.waiting()[0]
        ahead = world.fork()
        _step(ahead, queue)
        for call in ahead.faults.log:
            for fault in possible(call):
                yield world.fork(), call.number, fault
        world = ahead.fork()


def _step(world: World, queue: str) -> list[Call]:
    with sleeping_on(world.clock):
        world.step(queue)
    return world.faults.log


def _wrong_with(explorer: Explorer, world: World, number: int, fault: Fault) -> list[str]:
    world.faults.at(number, fault)
    _step(world, world.waiting()[0])
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
