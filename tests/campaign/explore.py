"""Exploring: many schedules of one small world, each held against how it must end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random, seed

from tests.campaign.companies import SmallWorld, small_world
from tests.campaign.promises import Broken, broken_promises
from tests.campaign.schedule import Lot, Schedule
from tests.campaign.states import State, differences, state_of
from tests.campaign.undisturbed import Feed, line_of, registered, undisturbed

SCHEDULES_OF_A_WORLD = 8
_SHOWN = 12


@dataclass(slots=True)
class Tally:
    """What a number of schedules came to. `divergences` are by seed, with what was not as it must be."""

    schedules: int = 0
    calls: int = 0
    faults: int = 0
    kills: int = 0
    rows: int = 0
    divergences: dict[int, list[str]] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        self.schedules += other.schedules
        self.calls += other.calls
        self.faults += other.faults
        self.kills += other.kills
        self.rows += other.rows
        self.divergences |= other.divergences


class Explorer:
    """Explores the schedules of one small world. What it must end as is worked out once per order of its feeds."""

    def __init__(self, world_seed: int) -> None:
        self.small: SmallWorld = small_world(world_seed)
        self._expected: dict[tuple[Feed, ...], State] = {}

    def explore(self, schedule_seed: int, fault_rate: float, trace: list[str] | None = None) -> Tally:
        """Run one schedule."""
        random = Random(schedule_seed)
        seed(schedule_seed)  # the package's own jitter
        world = registered(self.small) if random.random() < 0.5 else self.small.world.fork()
        lot = Lot(
            fault=fault_rate,
            again=random.choice((0, 0.004, 0.02)),
            stall=random.choice((0, 0.03, 0.08)),
            late=random.choice((0, 0.01, 0.03)),
            workers=random.choice((1, 2, 3, 4)),
            calls=random.choice((150, 400, 800)),
        )
        schedule = Schedule(world, random, lot, trace)
        wrong: Sequence[str]
        try:
            schedule.run()
            wrong = [*broken_promises(world), *differences(self._expectation(line_of(world)), state_of(world))]
        except Broken as broken:
            wrong = [str(broken)]
        divergences = {schedule_seed: wrong[:_SHOWN]} if wrong else {}
        return Tally(1, schedule.calls, schedule.befell, world.kills, self.small.rows, divergences)

    def _expectation(self, line: list[Feed]) -> State:
        order = tuple(line)
        if order not in self._expected:
            world = undisturbed(self.small, line)
            broken = broken_promises(world)
            if broken:
                raise Broken(f"without any fault: {broken}")
            self._expected[order] = state_of(world)
        return self._expected[order]


def explore(seeds: Sequence[int], fault_rate: float) -> Iterator[Tally]:
    """Run the schedules with these seeds, in order; yield what each came to."""
    explorer, world_seed = None, None
    for schedule_seed in seeds:
        if explorer is None or world_seed != schedule_seed // SCHEDULES_OF_A_WORLD:
            world_seed = schedule_seed // SCHEDULES_OF_A_WORLD
            explorer = Explorer(world_seed)
        with explorer.small.in_force():
            yield explorer.explore(schedule_seed, fault_rate)
