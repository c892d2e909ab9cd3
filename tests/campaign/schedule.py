"""One schedule: several workers over one world, stopped at every call, and faults at any of them.

Workers are greenlets. Before each call of a client its worker hands the baton back, and the schedule draws who goes on;
so everything that can happen between two calls of one worker does happen between them, sooner or later. The same
seed draws the same.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from typing import cast

from greenlet import getcurrent, greenlet

from peoplefeed.deployment import Deployment
from peoplefeed.storage.tenants import waiting_tenants
from tests.campaign.administrators import acts
from tests.campaign.lot import NO_TROUBLE, Lot
from tests.campaign.oddities import deliver_again, let_time_pass, lose
from tests.campaign.promises import Broken, Watch
from tests.campaign.quiet import SWEEPS, rests, sleeping_on, sweep
from tests.worlds.faults import Call, Fault, Faults, Killed, possible
from tests.worlds.world import World

MOST_STEPS = 12_000
_SWEEPS_AT_MOST = 12
_SWEEPS_FOR_THE_LINE = 4
_TROUBLE_AT_MOST = timedelta(hours=4)
"""Past a day full feeds are compared with the directory itself; that is another plan, if to the same effect."""


@dataclass(slots=True)
class Worker:
    """A place at which workers come and go. `stalled` is until which step it does nothing, for no reason."""

    name: str
    deployment: Deployment
    faults: Faults
    baton: greenlet | None = None
    stalled: int = 0


@dataclass(slots=True)
class Schedule:
    """Runs a world to its end. `trace` collects what happened, if anyone wants to know."""

    world: World
    random: Random
    lot: Lot
    trace: list[str] | None = None
    steps: int = 0
    calls: int = 0
    befell: int = 0
    _workers: list[Worker] = field(default_factory=list)
    _watch: Watch = field(init=False)
    _hub: greenlet = field(init=False)
    _running: Worker | None = None

    def __post_init__(self) -> None:
        self._watch, self._hub = Watch(self.world), getcurrent()
        self.world.sqs.shuffle = self.random.shuffle
        for number in range(self.lot.workers):
            self._workers.append(self._new_worker(f"worker {number + 1}"))

    def run(self) -> None:
        """Go through the time of trouble, and let the world come to rest.

        Raises:
            Broken: a promise did not hold at some moment, or the world never came to rest.
        """
        with sleeping_on(self.world.clock):
            try:
                self._go_through_trouble()
                for _ in range(self.lot.acts):
                    self._have_asked()
                    self._go_through_trouble()
            finally:
                self._dismiss()

    def _go_through_trouble(self) -> None:
        lot, end, calls = self.lot, self.world.clock() + _TROUBLE_AT_MOST, self.calls + self.lot.calls
        while self.calls < calls and self.world.clock() < end and self._step():
            pass
        self.lot = lot.at_rest()
        self._settle()
        self.lot = lot

    def mend(self, hours: int) -> None:
        """Let nothing fail any more, so many hours pass, and the world come to rest.

        Raises:
            Broken: it never does, or a promise did not hold at some moment.
        """
        with sleeping_on(self.world.clock):
            try:
                self.lot = NO_TROUBLE
                self.world.clock.forward(hours=hours)
                sweep(self.world)
                self._settle()
            finally:
                self._dismiss()

    # The time of trouble.

    def _step(self) -> bool:
        """Let something happen; False if nothing is left to happen."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Broken(f"after {MOST_STEPS} steps there is still something to do: {self.world.waiting()}")
        self._something_odd()
        ready = [worker for worker in self._workers if worker.baton is not None and worker.stalled <= self.steps]
        waiting = self.world.waiting()
        idle = [worker for worker in self._workers if worker.baton is None] if waiting else []
        if not ready and not idle:
            return self._wait()
        worker = self.random.choice(ready + idle)
        if worker.baton is None:
            self._take(worker, self.random.choice(waiting))
        else:
            self._go_on(worker)
        return True

    def _wait(self) -> bool:
        """Nobody can do anything: whoever is stalled goes on, or else time passes."""
        stalled = [worker for worker in self._workers if worker.baton is not None]
        if stalled:
            self.random.choice(stalled).stalled = 0
            return True
        comes_back = self.world.sqs.next_visible()
        if comes_back is None:
            return False
        self.world.clock.until(comes_back)
        return True

    def _something_odd(self) -> None:
        draw, lot = self.random.random(), self.lot
        for chance, event in (
            (lot.again, partial(deliver_again, self.world, self.random)),
            (lot.lost, partial(lose, self.world)),
            (lot.late, partial(let_time_pass, self.world)),
            (lot.sweep, self._start_sweep),
        ):
            if draw < chance:
                self._note(event())
                return
            draw -= chance

    def _start_sweep(self) -> str | None:
        self.world.dynamodb.settle(self.random.randrange(20))
        idle = next((worker for worker in self._workers if worker.baton is None), None)
        if idle is None:
            return None
        self._start(idle, lambda: self._sweep(idle.deployment))
        return f"{idle.name} sweeps"

    def _sweep(self, deployment: Deployment) -> None:
        for work in SWEEPS:
            _unless_it_fails(partial(work, deployment, self.world.clock()))

    def _have_asked(self) -> None:
        """Let administrators ask for something, who may be killed as well."""
        for worker, act in zip(self._workers, acts(self.world, self.random), strict=False):
            self._note(f"{worker.name} is asked for something")
            self._start(worker, partial(_unless_it_fails, partial(act, worker.deployment)))

    # Workers.

    def _new_worker(self, name: str) -> Worker:
        faults = Faults(decide=self._decide, watch=self._pause)
        return Worker(name, self.world.worker(faults), faults)

    def _take(self, worker: Worker, queue: str) -> None:
        records = self.world.receive(queue)
        if not records:
            return
        self._note(f"{worker.name} takes {queue} {records[0]['body'][:90]}")
        if self.random.random() < self.lot.stall:
            worker.stalled = self.steps + 1  # a first call comes before any stall can
        self._start(worker, lambda: self.world.work_off(queue, records, worker.deployment))

    def _start(self, worker: Worker, work: Callable[[], object]) -> None:
        worker.baton = greenlet(work, self._hub)
        self._go_on(worker)

    def _go_on(self, worker: Worker) -> None:
        assert worker.baton is not None
        self._running = worker
        try:
            worker.baton.switch()
        except Killed as killed:
            self._note(f"{worker.name} is killed: {killed}")
            self.world.kills += 1
            worker.faults = Faults(decide=self._decide, watch=self._pause)
            worker.deployment = self.world.worker(worker.faults)
            worker.baton = None
        else:
            if worker.baton.dead:
                worker.baton = None
        self._watch.look()

    def _pause(self, call: Call) -> None:
        """Give the baton back before a call; now and then for long."""
        self.calls += 1
        worker = cast("Worker", self._running)
        if self.lot.stall and self.random.random() < self.lot.stall:
            worker.stalled = self.steps + self.random.choice((5, 30, 120, 400))
        self._hub.switch()
        if self.trace is not None:
            self._note(f"{worker.name} {call.service}.{call.operation} {call.about}")

    def _decide(self, call: Call) -> Fault | None:
        if self.random.random() >= self.lot.fault:
            return self.lot.fails_always(call)
        fault = self.random.choice(possible(call))
        self.befell += 1
        self._note(f"  FAULT {fault}")
        return fault

    def _dismiss(self) -> None:
        """Send home whoever is left when a schedule ends early."""
        for worker in self._workers:
            if worker.baton is not None:
                worker.faults.dead = True
                with suppress(Killed):
                    worker.baton.throw(Killed)

    # Coming to rest.

    def _settle(self) -> None:
        for sweeps in range(_SWEEPS_AT_MOST):
            while self._step():
                pass
            if sweeps == _SWEEPS_FOR_THE_LINE and waiting_tenants(self.world.deployment):
                raise Broken(f"after {sweeps} sweeps the line still waits")  # 8.4
            sweep(self.world)
            self._watch.look()
            if rests(self.world):
                return
        raise Broken(f"after {_SWEEPS_AT_MOST} sweeps there is still something to do: {self.world.waiting()}")

    def _note(self, line: str | None) -> None:
        if line and self.trace is not None:
            self.trace.append(f"{self.steps:5d} {line}")


def _unless_it_fails(work: Callable[[], object]) -> None:
    """The schedule comes again in five minutes, whatever became of it."""
    try:
        work()
    except Exception:  # noqa: BLE001 - as Lambda does with a scheduled function
        return
