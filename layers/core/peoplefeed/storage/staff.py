"""The numbers that safeguards measure by (6.1): one item a tenant, written by the transaction that finishes a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get
from peoplefeed.dynamo.writes import Put
from peoplefeed.model import Purpose, Run
from peoplefeed.times import stamp

_LATELY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Left:
    """How many left by one run, and when."""

    at: str
    number: int


@dataclass(frozen=True, slots=True)
class StaffBook:
    """How many are active by owner, who left by source and run, and which sources have fed.

    Only the run whose turn it is writes it, so that it is exact.
    """

    active: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, Mapping[str, Left]] = field(default_factory=dict)
    fed: tuple[str, ...] = ()

    def left_lately(self, source: str, now: datetime) -> int:
        """Return how many left by a source's feeds in the 24 hours before `now`."""
        return sum(left.number for left in self._lately(source, now).values())

    def after(self, run: Run, staff: Mapping[str, int], left: int, at: datetime) -> "StaffBook":
        """Return the book after a run: changes of active employees by owner, and how many left by it."""
        source = run.feed.source
        active = {owner: self.active.get(owner, 0) + staff.get(owner, 0) for owner in {*self.active, *staff}}
        recent = self._lately(source, at) | ({str(run.number): Left(stamp(at), left)} if left else {})
        gone = {name: runs for name, runs in ({**self.left, source: recent}).items() if runs}
        fed = {*self.fed, source} if run.feed.purpose is Purpose.DELIVERY else self.fed  # 6
        return StaffBook(active, gone, tuple(sorted(fed)))

    def _lately(self, source: str, now: datetime) -> dict[str, Left]:
        since = stamp(now - _LATELY)
        return {run: left for run, left in self.left.get(source, {}).items() if left.at > since}


def find_staff(deployment: Deployment, tenant: str) -> StaffBook:
    """Return the numbers as they are now."""
    item = get(deployment.dynamodb, deployment.names.directory_table, keys.staff(tenant))
    if item is None:
        return StaffBook()
    left = {
        source: {run: Left(item["left_at"][source][run], number) for run, number in runs.items()}
        for source, runs in item["left"].items()
    }
    return StaffBook(item["active"], left, tuple(item["fed"]))


def write_of(deployment: Deployment, tenant: str, book: StaffBook) -> Put:
    """Return the write that replaces the numbers; it belongs in the transaction that finishes a run."""
    numbers = {source: {run: left.number for run, left in runs.items()} for source, runs in book.left.items()}
    moments = {source: {run: left.at for run, left in runs.items()} for source, runs in book.left.items()}
    values: dict[str, Value] = {
        "active": dict(book.active),
        "left": numbers,
        "left_at": moments,
        "fed": list(book.fed),
    }
    return Put(deployment.names.directory_table, keys.staff(tenant), values)
