"""How much time a poll has, and what of it is spent waiting: for its turn, or for the HR system to recover."""

from dataclasses import dataclass, field

from peoplefeed.sources.connection import World
from peoplefeed.sources.trouble import OutOfTime, SourceTrouble


@dataclass(slots=True)
class Allowance:
    """The time of one poll, in seconds. `began` is when the poll did, by the world's clock: perhaps before this."""

    seconds: float
    world: World
    began: float
    requests_per_minute: int | None = None
    _next_turn: float = field(default=0, init=False)

    @property
    def taken(self) -> float:
        """How long the poll has taken so far."""
        return self.world.clock() - self.began

    @property
    def left(self) -> float:
        """How much is left, nothing or less when it is over."""
        return self.seconds - self.taken

    def rest(self) -> float:
        """Return what is left.

        Raises:
            OutOfTime: nothing is.
        """
        left = self.left
        if left <= 0:
            raise OutOfTime(f"the poll took longer than {self.seconds:.0f} seconds.")
        return left

    def take_turn(self) -> None:
        """Wait as long as the rate limit wants it.

        Raises:
            OutOfTime: that takes longer than there is time.
        """
        if self.requests_per_minute is None:
            return
        now = self.world.clock()
        wait = max(0.0, self._next_turn - now)
        if wait:
            self.pause(wait, OutOfTime("its rate limit leaves no time for the rest."))
        self._next_turn = now + wait + 60 / self.requests_per_minute

    def pause(self, seconds: float, cause: SourceTrouble) -> None:
        """Wait, or raise the cause where that takes longer than there is time."""
        if seconds >= self.left:
            raise cause
        if seconds:
            self.world.sleep(seconds)
