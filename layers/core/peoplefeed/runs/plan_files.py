"""Putting a plan down: its groups, its lists, and the head that makes it the plan of its run (design, section 2)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from peoplefeed.deployment import Deployment
from peoplefeed.feed_log.entries import shards_of
from peoplefeed.model import Chunk, Counts, Group, PlanHead, Run, Safeguard, empty_counts
from peoplefeed.model.plan import PLAN_FORMAT
from peoplefeed.planner.knowledge import Decision
from peoplefeed.runs.fingerprints import write_records
from peoplefeed.storage import plans
from peoplefeed.times import stamp

_IN_MEMORY = 16 * 1024 * 1024


@dataclass(slots=True)
class Body:
    """A plan's groups as they were stored, and what was noted of them on the way."""

    key: str = ""
    chunks: tuple[Chunk, ...] = ()
    is_news: bool = False
    log_shards: int = 0

    def noting(self, groups: Iterable[Group]) -> Iterator[Group]:
        """Pass groups on."""
        for group in groups:
            self.is_news = self.is_news or group.is_news
            self.log_shards |= shards_of(group.entries)
            yield group


class PlanFiles:
    """The files of a run's plan."""

    def __init__(self, deployment: Deployment, run: Run, now: datetime) -> None:
        """Take the run that is planned, and when."""
        self._deployment, self._run, self._now = deployment, run, now

    def head(self, decision: Decision, received: int) -> PlanHead:
        """Store the groups of a decision, and return the head of the plan that it is."""
        return self.head_of(self.body(decision.groups), decision, received)

    def body(self, groups: Iterable[Group]) -> Body:
        """Store groups while they are made: a million of them need not be kept."""
        body = Body()
        put = plans.put_body(self._deployment, self._run.feed.tenant, self._run.number, body.noting(groups))
        body.key, body.chunks = put[0], tuple(put[1])
        return body

    def head_of(self, body: Body, decision: Decision, received: int, unchanged: int = 0) -> PlanHead:
        """Return the head of a plan whose body is stored. `unchanged` rows were let go of before the decision."""
        released = Safeguard.LEAVERS in self._run.feed.released  # 6.1: what an administrator approved counts no more
        return PlanHead(
            format=PLAN_FORMAT,
            at=stamp(self._now),
            body=body.key,
            chunks=body.chunks,
            counts=_counts(decision, received, unchanged),
            received=received,
            codes=decision.codes,
            touched=None if self._run.feed.simulate else self._list("touched", decision.touched),
            complained=None if self._run.feed.simulate else self._list("complained", decision.complained),
            source=self._run.feed.source,
            is_news=body.is_news,
            log_shards=body.log_shards,
            freed=self._list("freed", decision.freed),
            notices=decision.notices,
            staff=decision.staff,
            leaving=0 if released else decision.leaving,
        )

    def fingerprints(self, records: Iterable[tuple[bytes, str]]) -> str:
        """Store what the next full feed of the source is compared with."""
        with SpooledTemporaryFile(_IN_MEMORY) as file:
            stream = cast("IO[bytes]", file)
            write_records(stream, records)
            prefix = f"{plans.folder(self._run.feed.tenant, self._run.number)}fingerprints"
            return plans.put_file(self._deployment, prefix, "bin", stream)

    def _list(self, name: str, texts: Sequence[str]) -> str | None:
        return plans.put_list(self._deployment, self._run.feed.tenant, self._run.number, name, texts)


def _counts(decision: Decision, received: int, unchanged: int) -> Counts:
    counts = empty_counts() | decision.counts
    counts["received"] = received
    counts["unchanged"] += unchanged
    return counts
