"""Many schedules on several processes, and the table that tells what they came to."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import batched
from unittest.mock import patch

from peoplefeed.runs import intake
from tests.campaign.explore import SCHEDULES_OF_A_WORLD, Tally, Terms, explore, explorer_of
from tests.campaign.lean import lean
from tests.campaign.quiet import quiet

_WORLDS_AT_ONCE = 4
_TELL_EVERY = 60


@contextmanager
def surroundings() -> Iterator[None]:
    """Where schedules run: quiet, lean, and without a collector of garbage that would look at every world.

    Rows are let go of two at a time, so that small feeds go through it as large ones do.
    """
    gc.disable()
    try:
        with quiet(), lean(), patch.object(intake, "AT_ONCE", 2):
            yield
    finally:
        gc.enable()


def run_campaign(schedules: int, terms: Terms, *, processes: int = 1, minutes: float = 1e6, first: int = 0) -> Tally:
    """Run schedules until there are enough, or the time is up."""
    total, end = Tally(), time.monotonic() + 60 * minutes
    seeds = range(first, first + schedules)
    portions = list(batched(seeds, _WORLDS_AT_ONCE * SCHEDULES_OF_A_WORLD, strict=False))
    told = time.monotonic()
    for tally in _tallies(portions, terms, processes):
        total.add(tally)
        if time.monotonic() > told + _TELL_EVERY:
            told = time.monotonic()
            print(f"{total.schedules:,} schedules, divergent: {sorted(total.divergences)}", file=sys.stderr, flush=True)
        if time.monotonic() > end:
            break
    return total


def _tallies(portions: list[tuple[int, ...]], terms: Terms, processes: int) -> Iterator[Tally]:
    work = partial(_portion, terms=terms)
    with surroundings():
        if processes == 1:
            for portion in portions:
                yield work(portion)
                gc.collect()
            return
        # A portion has a process of its own, with which its garbage ends: to collect that took an eighth of the time.
        with multiprocessing.get_context("fork").Pool(processes, maxtasksperchild=1) as pool:
            yield from pool.imap_unordered(work, portions)


def _portion(seeds: Iterable[int], *, terms: Terms) -> Tally:
    total = Tally()
    for tally in explore(seeds, terms):
        total.add(tally)
    return total


def replay(schedule_seed: int, terms: Terms) -> tuple[Tally, list[str]]:
    """Run one schedule again; return what it came to, and all that happened in it."""
    trace: list[str] = []
    with surroundings():
        tally = explorer_of(schedule_seed, terms).explore(schedule_seed, terms, trace)
    return tally, trace


def what_matters(trace: list[str], differences: list[str]) -> list[str]:
    """Return the lines of a trace that speak of what differs, and what befell the workers."""
    words = {word for line in differences for word in line.replace(":", " ").split() if "#" in word}
    subjects = {word.rsplit("#", 1)[-1] if "#U#" in word else word.split("T#", 1)[-1] for word in words}
    telling = ("FAULT", "killed", "takes", "time passes", "again", "lost", "sweeps")
    return [line for line in trace if any(word in line for word in telling) or any(one in line for one in subjects)]


def table(total: Tally, terms: Terms, seconds: float) -> str:
    """Return the figures for people."""
    rows = [
        ("schedules", f"{total.schedules:,}"),
        ("fault rate", f"{terms.fault_rate:.0%}"),
        ("calls", f"{total.calls:,}"),
        ("faults", f"{total.faults:,}"),
        ("workers killed", f"{total.kills:,}"),
        ("rows", f"{total.rows:,}"),
        ("groups given up", f"{total.given_up:,}"),
        ("holds released", f"{total.released:,}"),
        ("holds discarded", f"{total.discarded:,}"),
        ("seconds", f"{seconds:,.0f}"),
        ("schedules a second", f"{total.schedules / max(seconds, 1e-9):,.0f}"),
        ("divergences", f"{len(total.divergences):,}"),
    ]
    return "\n".join(f"{name:<20}{value:>14}" for name, value in rows)


def same_hashes() -> bool:
    """Whether sets have the same order in every process, without which no seed means the same twice."""
    return os.environ.get("PYTHONHASHSEED") == "0"
