"""Deliberate faults in the design, each of which the campaign must find: the harness itself is tested.

A mutant is in force in both arms: while a schedule runs, and while it is worked out how that must end. What comes out
the same in both no campaign can see; that is for the reference model to find.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from peoplefeed.runs import apply, comparison, ending, finish, groups, holding, line, register, sweep
from peoplefeed.runs.fingerprints import Comparison
from peoplefeed.storage import employees, pending
from tests.campaign import spoiling
from tests.campaign.explore import Terms, explore
from tests.campaign.quiet import NEVER

MOST_SCHEDULES = 2000
_OFTEN = 0.25
_RATES = (0.08, 0.2)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault in the design. Those about giving up (9.2) show only where something is given up.

    `stall` is how often workers stand still where it shows only in who comes late.
    """

    name: str
    patches: Callable[[], spoiling.Patches]
    give_up_at: int = NEVER
    stall: float | None = None

    @contextmanager
    def in_force(self) -> Iterator[None]:
        with ExitStack() as stack:
            for owner, name, instead in self.patches():
                stack.enter_context(patch.object(owner, name, instead))
            yield

    def terms(self, fault_rate: float) -> Terms:
        mutant: Callable[[], AbstractContextManager[object]] = self.in_force
        return Terms(fault_rate, self.give_up_at, mutant, self.stall)


MUTANTS = (
    Mutant("the position is not looked at", spoiling.position_ignored),
    Mutant("a claim is never released", spoiling.ignoring_releases),
    Mutant("a group is no transaction", lambda: ((groups, "transact", spoiling.one_after_the_other),)),
    Mutant("whoever is overtaken goes on", spoiling.nobody_is_overtaken, stall=_OFTEN),
    Mutant("paths are applied backwards", spoiling.paths_backwards),
    Mutant("a chunk does not wait for the one before", spoiling.chunks_at_once),
    Mutant("a chunk is counted twice", lambda: spoiling.without_condition(apply, "chunk_mark")),
    Mutant("a chunk is complete before it is logged", spoiling.complete_before_logging),
    Mutant("a chunk is not logged", lambda: ((apply, "write_entries", spoiling.nothing),)),
    Mutant("a run is finished with chunks to do", spoiling.finish_unasked),
    Mutant("planning without a lease", lambda: spoiling.without_condition(line, "taking_up")),
    Mutant("a plan is adopted twice", lambda: spoiling.without_condition(line, "adopting")),
    Mutant("the last plan counts", spoiling.head_overwritten),
    Mutant("two planners mix their files", spoiling.files_without_digest),
    Mutant("a number is given without a transaction", spoiling.numbers_without_transaction),
    Mutant("a redelivery gets another number", spoiling.a_number_each_time),
    Mutant("a failed registration drops the feed", spoiling.failed_registrations_forgotten),
    Mutant(
        "nobody is woken",
        lambda: (
            (finish, "wake", spoiling.nothing),
            (ending, "wake", spoiling.nothing),
            (apply, "wake", spoiling.nothing),
        ),
    ),
    Mutant("the sweep sends no chunks", lambda: ((sweep, "send_chunks", spoiling.nothing),)),
    Mutant(
        "what is open is written without its run",
        lambda: spoiling.without_condition(pending, "write_of"),
        stall=_OFTEN,
    ),
    Mutant("problems count up whatever run spoke last", spoiling.problems_counted_again),
    Mutant("a hold ends whatever became of it", lambda: spoiling.without_condition(holding, "remove_hold")),
    Mutant("a run's end leaves no holds and no numbers of staff", lambda: ((finish, "_aftermath", lambda *_: ()),)),
    Mutant("the log of somebody who is erased is not", spoiling.erased_by_halves),
    Mutant("what is said of others names who is erased", spoiling.named_beside_others),
    Mutant("what is held shows who is erased", spoiling.shown_while_held),
    Mutant("what a batch left is forgotten", spoiling.batches_left_unfinished),
    Mutant("what a read left is forgotten", spoiling.reads_left_unfinished),
    Mutant("given up without taking the change's place", spoiling.refused_without_position, give_up_at=2),
    Mutant("what was made is given up all the same", lambda: ((apply, "refuse_group", lambda *_: True),), give_up_at=2),
    Mutant("corrections are forgotten", lambda: ((apply, "corrections_of", lambda _refused: {}),), give_up_at=2),
)

OF_THE_MODEL = (
    Mutant("duplicates are settled after the comparison", lambda: ((Comparison, "contradicted", lambda *_: {}),)),
    Mutant("every fingerprint counts", spoiling.every_fingerprint_counts),
    Mutant("whom others touched is not looked at", lambda: ((comparison, "touched_since", lambda *_: set()),)),
    Mutant("nothing is tried again", lambda: ((finish, "follow", spoiling.nothing),)),
    Mutant("held leavers are forgotten", spoiling.held_leavers_forgotten),
)
"""Faults that come out the same in both arms of the campaign: the reference model must find them."""

EQUIVALENT = (
    Mutant("numbers are given twice", lambda: spoiling.without_condition(register, "take_number")),
    Mutant(
        "what stands behind a failure is not", lambda: ((apply, "_closed_before", lambda _work: set()),), give_up_at=2
    ),
    Mutant("a claim is taken whoever has it", lambda: spoiling.without_condition(employees, "_claim_write")),
    Mutant("a claim is released whoever has it", lambda: spoiling.without_condition(employees, "_release_write")),
    Mutant("a run is closed whatever its state", lambda: spoiling.without_condition(ending, "closing")),
    Mutant("a complete chunk is applied again", lambda: ((apply, "is_chunk_complete", lambda *_: False),)),
)
"""Faults that change nothing but the amount of work; docs/decisions.md says why."""


def schedules_needed(mutant: Mutant, most: int = MOST_SCHEDULES, first: int = 0) -> tuple[int, str] | None:
    """Return after how many schedules a mutant is found, and by what; None if it is not."""
    half = most // len(_RATES)
    runs = [explore(range(first, first + half), mutant.terms(rate)) for rate in _RATES]
    for number, tallies in enumerate(zip(*runs, strict=True)):
        for which, tally in enumerate(tallies):
            for wrong in tally.divergences.values():
                return number * len(_RATES) + which + 1, wrong[0]
    return None


def hunt(processes: int, only: str | None = None) -> int:
    """Print the table; 1 if a mutant was not found, or one that should be equivalent was; 2 if there is none such."""
    from tests.campaign.campaign import surroundings

    names = [mutant.name for mutant in (*MUTANTS, *OF_THE_MODEL, *EQUIVALENT) if only in {None, mutant.name}]
    if not names:
        print(f"there is no mutant with the name {only!r}", file=sys.stderr)
        return 2
    found: Counter[str] = Counter()
    failed = 0
    with surroundings(), multiprocessing.get_context("fork").Pool(processes, maxtasksperchild=1) as pool:
        for hunted in pool.imap_unordered(_hunted, names, chunksize=1):
            print(hunted, flush=True)
            found[hunted.by] += hunted.how is not None
            failed += hunted.is_wrong
    print(f"found by the campaign {found[CAMPAIGN]:>4}\nfound by the model    {found[MODEL]:>4}")
    return 1 if failed else 0


CAMPAIGN, MODEL, NOBODY = "campaign", "model", "nobody"


@dataclass(frozen=True, slots=True)
class Hunted:
    """What became of the hunt for a mutant: `by` whom it is to be found, and how it was, if it was."""

    name: str
    by: str
    how: str | None

    @property
    def is_wrong(self) -> bool:
        return (self.how is None) is not (self.by == NOBODY)

    def __str__(self) -> str:
        missed = "equivalent" if self.by == NOBODY else "NOT FOUND"
        return f"{self.name:<54}{self.by:<10}{(self.how or missed)[:120]}"


def _hunted(name: str) -> Hunted:
    from tests.campaign.model_hunt import difference_from_model

    (mutant,) = [mutant for mutant in (*MUTANTS, *OF_THE_MODEL, *EQUIVALENT) if mutant.name == name]
    if mutant in OF_THE_MODEL:
        with mutant.in_force():
            return Hunted(name, MODEL, difference_from_model())
    by, most = (CAMPAIGN, MOST_SCHEDULES) if mutant in MUTANTS else (NOBODY, MOST_SCHEDULES // 4)
    found = schedules_needed(mutant, most)
    return Hunted(name, by, f"{found[0]:>5}  {found[1]}" if found else None)
