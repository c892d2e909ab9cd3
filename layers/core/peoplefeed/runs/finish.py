"""Finishing runs: all chunks are done, the counts add up (1.6), and what follows from the run has its number."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.writes import Write
from peoplefeed.model import (
    Counts,
    FeedKind,
    FeedMode,
    Outcome,
    PlanHead,
    Purpose,
    Run,
    RunState,
)
from peoplefeed.runs.ending import End, ask_to_look, end_run
from peoplefeed.runs.holding import beginning, go_on, hold_writes
from peoplefeed.runs.queues import wake
from peoplefeed.runs.retry import follow
from peoplefeed.storage import plans
from peoplefeed.storage.full_feeds import FullFeed, find_last_full_feed, remember
from peoplefeed.storage.runs import chunk_marks, find_run
from peoplefeed.storage.staff import find_staff
from peoplefeed.storage.staff import write_of as staff_write


class CountsDoNotAddUp(Exception):
    """A promise is broken: received is not the sum of the outcomes (1.6)."""


def finish_if_done(deployment: Deployment, tenant: str, number: int, now: datetime) -> Run | None:
    """Finish a run whose last chunk is done, and wake the next feed; return the run."""
    run = find_run(deployment, tenant, number)
    if run is None:
        return None
    if run.state is RunState.APPLYING and run.done == run.chunks:
        return _finish(deployment, run, now)
    if run.state.is_over:
        wake(deployment, tenant)  # whoever ended it may have died before saying so
    return run


def _finish(deployment: Deployment, run: Run, now: datetime) -> Run:
    head = plans.head_of(deployment, run.feed.tenant, run.number)
    corrections = _corrections(deployment, run)
    counts = _corrected(head.counts, corrections)
    _check(run, counts)
    go_on(deployment, run, now)
    follow(deployment, run, now)
    for notice in beginning(deployment, run, head.notices):
        ask_to_look(deployment, run, "held in part", notice.code, notice.message)
    end = End(RunState.FINISHED, {"counts": counts, "changed": head.is_news}, head)
    return end_run(deployment, run, end, now, lambda: _aftermath(deployment, run, head, corrections))


def _aftermath(deployment: Deployment, run: Run, head: PlanHead, corrections: "_Corrections") -> Iterator[Write]:
    """Yield what a run leaves for the feeds to come: the last full feed, the numbers of staff, what is held."""
    feed = run.feed
    if feed.simulate:
        return
    yield from hold_writes(deployment, run, head.notices, whole=False)
    if feed.mode is FeedMode.FULL and feed.purpose is not Purpose.RETRY:
        yield remember(deployment, feed, _full_feed(deployment, run, head))
    if feed.kind is FeedKind.EMPLOYEES and feed.purpose is not Purpose.DISCARD:
        staff = Counter(head.staff)
        staff.subtract(corrections.staff)
        left = head.leaving - corrections.outcomes[Outcome.DEACTIVATED.value] - corrections.outcomes["leavers"]
        book = find_staff(deployment, feed.tenant).after(run, staff, max(left, 0), datetime.fromisoformat(head.at))
        yield staff_write(deployment, feed.tenant, book)


@dataclass(frozen=True, slots=True)
class _Corrections:
    """What had to be given up while a run was applied (9.2): outcomes that did not come about, and staff likewise."""

    outcomes: Counter[str] = field(default_factory=Counter)
    staff: Counter[str] = field(default_factory=Counter)


def _corrections(deployment: Deployment, run: Run) -> _Corrections:
    corrections = _Corrections()
    for mark in chunk_marks(deployment, run.feed.tenant, run.number) if run.corrected else ():
        corrections.outcomes.update(mark.get("corrections", {}))
        corrections.staff.update(mark.get("staff", {}))
    return corrections


def _corrected(counts: Counts, corrections: _Corrections) -> Counts:
    """Return the plan's counts, less what had to be given up."""
    given_up = corrections.outcomes
    corrected = {name: number - given_up[name] for name, number in counts.items()}
    corrected[Outcome.PARKED.value] += given_up.total() - given_up["leavers"]
    return corrected


def _check(run: Run, counts: Counts) -> None:
    total = sum(counts[outcome.value] for outcome in Outcome)
    if counts["received"] != total:
        raise CountsDoNotAddUp(f"run {run.number}: {counts['received']} rows received, {total} accounted for")


def _full_feed(deployment: Deployment, run: Run, head: PlanHead) -> FullFeed:
    last = find_last_full_feed(deployment, run.feed)
    return FullFeed(
        age=run.feed.age,
        run=run.number,
        fingerprints=head.fingerprints,
        compared_at=head.at if head.reconciled or last is None else last.compared_at,
        rows=head.received,
        columns=head.columns,
        leavers=head.leavers,
    )
