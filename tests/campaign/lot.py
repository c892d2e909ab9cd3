"""What is drawn how often in one schedule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from tests.campaign.companies import SmallWorld
from tests.integration.runs.trouble import always_fails
from tests.worlds.faults import Call, Fault


@dataclass(frozen=True, slots=True)
class Lot:
    """What is drawn how often, for each step of a schedule. `calls` end the time of trouble.

    When all is at rest an administrator may come and ask for something, so many times (`acts`); trouble begins anew.
    Whoever is among `failing` cannot be written, whatever else goes well (9.2).
    """

    fault: float = 0.08
    again: float = 0.004
    lost: float = 0.001
    late: float = 0.01
    sweep: float = 0.003
    stall: float = 0.06
    workers: int = 3
    calls: int = 600
    acts: int = 0
    failing: tuple[str, ...] = ()

    def at_rest(self) -> Lot:
        """Return the lot of a world in which nothing goes wrong but what always does."""
        return replace(NO_TROUBLE, failing=self.failing)

    def fails_always(self, call: Call) -> Fault | None:
        """Return what befalls a call that would write whom nobody can write."""
        return next((fault for who in self.failing if (fault := always_fails(who)(call))), None)


NO_TROUBLE = Lot(fault=0, again=0, lost=0, late=0, sweep=0, stall=0)


def draw_lot(random: Random, fault_rate: float) -> Lot:
    """Draw how eventful a schedule will be: sometimes faults alone, sometimes everything at once."""
    return Lot(
        fault=random.choice((fault_rate,) * 9 + (0,)),
        again=random.choice((0, 0.004, 0.02)),
        stall=random.choice((0, 0.03, 0.08)),
        late=random.choice((0, 0.01, 0.03)),
        workers=random.choice((1, 2, 3, 4)),
        calls=random.choice((100, 250, 500)),
        acts=random.choice((0, 1, 1, 2)),
    )


def failing_lot(lot: Lot, random: Random, small: SmallWorld) -> Lot:
    """Draw of whom the feeds tell, and nothing of it can be written: of one, sometimes of two.

    Where nobody quarrels no administrator comes either: whom they let go of is somebody else's (3.13).
    """
    told = sorted({row.split(",")[0] for feed in small.feeds for row in feed.content.splitlines()} & small.people)
    failing = random.sample(told, min(len(told), random.choice((1, 1, 2))))
    return replace(lot, failing=tuple(failing), acts=0 if small.peaceful else lot.acts)
