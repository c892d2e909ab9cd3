"""Exploring: many schedules of one small world, each held against how it must end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from random import Random, seed

from tests.campaign.companies import SmallWorld, small_world
from tests.campaign.promises import Broken, broken_promises
from tests.campaign.quiet import NEVER, giving_up_at
from tests.campaign.schedule import Lot, Schedule
from tests.campaign.states import State, differences, state_of
from tests.campaign.undisturbed import Name, line_of, lost_feeds, registered, undisturbed
from tests.worlds.world import World

SCHEDULES_OF_A_WORLD = 16
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


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms schedules run.

    Where nobody ever gives up, a world must end as its feeds do undisturbed. Where what fails is given up early (9.2),
    other people end up in it, and only the promises can be held against it.
    """

    fault_rate: float
    give_up_at: int = NEVER
    mutant: Callable[[], AbstractContextManager[object]] = nullcontext

    @property
    def must_be_equal(self) -> bool:
        return self.give_up_at == NEVER


class Explorer:
    """Explores the schedules of one small world. What it must end as is worked out once per order of its feeds."""

    def __init__(self, world_seed: int) -> None:
        self.small: SmallWorld = small_world(world_seed)
        self._expected: dict[tuple[Name, ...], State] = {}

    def explore(self, schedule_seed: int, terms: Terms, trace: list[str] | None = None) -> Tally:
        """Run one schedule."""
        random = Random(schedule_seed)
        seed(schedule_seed)  # the package's own jitter
        with self.small.in_force(), giving_up_at(terms.give_up_at):
            world = registered(self.small) if random.random() < 0.5 else self.small.world.fork()
            schedule = Schedule(world, random, _lot(random, terms.fault_rate), trace)
            wrong = self._wrong_with(schedule, terms)
        divergences = {schedule_seed: wrong[:_SHOWN]} if wrong else {}
        return Tally(1, schedule.calls, schedule.befell, world.kills, self.small.rows, divergences)

    def _wrong_with(self, schedule: Schedule, terms: Terms) -> list[str]:
        try:
            with terms.mutant():
                schedule.run()
        except Exception as error:  # noqa: BLE001 - whatever comes out of a schedule is a divergence
            return [f"{type(error).__name__}: {error}"]
        wrong = [*broken_promises(schedule.world), *lost_feeds(self.small, line_of(schedule.world))]
        try:
            expected = self.expectation(schedule.world) if terms.must_be_equal else {}
        except Broken as broken:
            return [*wrong, str(broken)]
        if not schedule.befell:
            wrong.extend(f"without any fault: {failure.error!r}" for failure in schedule.world.failures)
        if terms.must_be_equal:
            wrong.extend(differences(expected, state_of(schedule.world)))
        return wrong

    def expectation(self, world: World) -> State:
        """Return how a world must end whose feeds got the numbers that they got.

        Raises:
            Broken: even without any fault a promise does not hold.
        """
        line = line_of(world)
        order = tuple(line)
        if order not in self._expected:
            calm = undisturbed(self.small, line)
            if broken := broken_promises(calm):
                raise Broken(f"without any fault: {broken}")
            self._expected[order] = state_of(calm)
        return self._expected[order]


def _lot(random: Random, fault_rate: float) -> Lot:
    """Draw how eventful a schedule will be: sometimes faults alone, sometimes everything at once."""
    return Lot(
        fault=random.choice((fault_rate,) * 9 + (0,)),
        again=random.choice((0, 0.004, 0.02)),
        stall=random.choice((0, 0.03, 0.08)),
        late=random.choice((0, 0.01, 0.03)),
        workers=random.choice((1, 2, 3, 4)),
        calls=random.choice((100, 250, 500)),
        acts=random.choice((0, 0, 1, 2)),
    )


def explore(seeds: Iterable[int], terms: Terms) -> Iterator[Tally]:
    """Run the schedules with these seeds, in order; yield what each came to."""
    explorer, world_seed = None, None
    for schedule_seed in seeds:
        if explorer is None or world_seed != schedule_seed // SCHEDULES_OF_A_WORLD:
            world_seed = schedule_seed // SCHEDULES_OF_A_WORLD
            explorer = Explorer(world_seed)
        yield explorer.explore(schedule_seed, terms)
