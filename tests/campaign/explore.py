"""Exploring: many schedules of one small world, each held against how it must end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, fields, replace
from random import Random, seed

from peoplefeed.model import Purpose
from tests.campaign.companies import SmallWorld, small_world
from tests.campaign.given_up import HOURS_UNTIL_THE_LAST_TRY, groups_given_up, not_kept, not_mended
from tests.campaign.lot import Lot, draw_lot, failing_lot
from tests.campaign.promises import Broken, broken_promises
from tests.campaign.quiet import NEVER, giving_up_at
from tests.campaign.schedule import Schedule
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
    given_up: int = 0
    released: int = 0
    discarded: int = 0
    divergences: dict[int, list[str]] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        for one in fields(self):
            if one.name != "divergences":
                setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        self.divergences |= other.divergences


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms schedules run.

    Where nobody ever gives up, a world must end as its feeds do undisturbed. Where what fails is given up early (9.2),
    other people end up in it at first, unless nobody quarrels: so it is in every second world (`peaceful`). A mutant is
    in force in both arms: in what is disturbed, and while it is worked out how that must end. `stall` is how often a
    worker stands still between two calls, where that is not drawn.
    """

    fault_rate: float
    give_up_at: int = NEVER
    mutant: Callable[[], AbstractContextManager[object]] = nullcontext
    stall: float | None = None

    @property
    def must_be_equal(self) -> bool:
        return self.give_up_at == NEVER

    def is_peaceful(self, world_seed: int) -> bool:
        return not self.must_be_equal and world_seed % 2 == 1


class Explorer:
    """Explores the schedules of one small world. What it must end as is worked out once per order of its feeds."""

    def __init__(self, world_seed: int, *, peaceful: bool = False) -> None:
        self.small: SmallWorld = small_world(world_seed, peaceful=peaceful)
        self._expected: dict[tuple[Name, ...], State] = {}

    def explore(self, schedule_seed: int, terms: Terms, trace: list[str] | None = None) -> Tally:
        """Run one schedule."""
        random = Random(schedule_seed)
        seed(schedule_seed)  # the package's own jitter
        with self.small.in_force(), giving_up_at(terms.give_up_at), terms.mutant():
            in_line = random.random() < 0.5 or self.small.peaceful
            world = registered(self.small) if in_line else self.small.world.fork()
            schedule = Schedule(world, random, self._lot(random, terms), trace)
            wrong = self._wrong_with(schedule, terms)
        tally = Tally(1, schedule.calls, schedule.befell, world.kills, self.small.rows, groups_given_up(world))
        tally.released, tally.discarded = answers(world)
        tally.divergences |= {schedule_seed: wrong[:_SHOWN]} if wrong else {}
        return tally

    def _lot(self, random: Random, terms: Terms) -> Lot:
        drawn = draw_lot(random, terms.fault_rate)
        lot = drawn if terms.stall is None else replace(drawn, stall=terms.stall)
        return lot if terms.must_be_equal else failing_lot(lot, random, self.small)

    def _wrong_with(self, schedule: Schedule, terms: Terms) -> list[str]:
        try:
            schedule.run()
            wrong = [*broken_promises(schedule.world), *lost_feeds(self.small, line_of(schedule.world))]
            wrong += self._unlike_undisturbed(schedule) if terms.must_be_equal else self._not_made_good(schedule)
        except Exception as error:  # noqa: BLE001 - whatever comes out of a schedule is a divergence
            return [f"{type(error).__name__}: {error}"]
        return wrong

    def _unlike_undisturbed(self, schedule: Schedule) -> list[str]:
        wrong = differences(self.expectation(schedule.world), state_of(schedule.world))
        if not schedule.befell:
            wrong.extend(f"without any fault: {failure.error!r}" for failure in schedule.world.failures)
        return wrong

    def _not_made_good(self, schedule: Schedule) -> list[str]:
        """Return what is wrong with what was given up; then let all of it be tried again, and look once more."""
        wrong = list(not_kept(schedule.world))
        schedule.mend(HOURS_UNTIL_THE_LAST_TRY)
        return [*wrong, *broken_promises(schedule.world), *not_mended(self.small, schedule.world)]

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


def answers(world: World) -> tuple[int, int]:
    """Return how many holds were released and discarded."""
    feeds = line_of(world).values()
    released = sum(feed.purpose is Purpose.RELEASE and feed.after is None for feed in feeds)
    return released, sum(feed.purpose is Purpose.DISCARD for feed in feeds)


def explorer_of(schedule_seed: int, terms: Terms) -> Explorer:
    """Return who explores the world that a schedule belongs to."""
    world_seed = schedule_seed // SCHEDULES_OF_A_WORLD
    return Explorer(world_seed, peaceful=terms.is_peaceful(world_seed))


def explore(seeds: Iterable[int], terms: Terms) -> Iterator[Tally]:
    """Run the schedules with these seeds, in order; yield what each came to."""
    explorer, world_seed = None, None
    for schedule_seed in seeds:
        if explorer is None or world_seed != schedule_seed // SCHEDULES_OF_A_WORLD:
            world_seed = schedule_seed // SCHEDULES_OF_A_WORLD
            explorer = explorer_of(schedule_seed, terms)
        yield explorer.explore(schedule_seed, terms)
