"""Ending runs: all chunks done, or the feed not applied at all. The line goes on in the same transaction."""

from collections import Counter
from datetime import datetime

from peoplefeed import telemetry
from peoplefeed.attention import ask_for_attention
from peoplefeed.codes import TABLE, Code
from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.retries import pauses
from peoplefeed.dynamo.writes import ConditionFailed, Write, transact
from peoplefeed.feed_log.entries import Moment, write_feed_entry
from peoplefeed.model import Counts, FeedError, FeedMode, Outcome, PlanHead, Run, RunState, Severity
from peoplefeed.runs.comparison import is_comparable
from peoplefeed.runs.queues import wake
from peoplefeed.storage import plans
from peoplefeed.storage.full_feeds import FullFeed, find_last_full_feed, remember
from peoplefeed.storage.runs import chunk_marks, closing, find_run
from peoplefeed.storage.tenants import find_tenant, pass_number
from peoplefeed.times import seconds, stamp


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
    counts = _corrected(deployment, run, head.counts)
    _check(run, counts)
    values: dict[str, Value] = {
        "counts": counts,
        "changed": head.is_news,
        "finished_at": stamp(now),
    }
    full = _full_feed(deployment, run, head, now)
    ended = _close(deployment, run, RunState.FINISHED, values, full)
    if ended:
        _tell(ended, head, now)
    return ended or run


def close_refused(deployment: Deployment, run: Run, state: RunState, error: FeedError, now: datetime) -> Run:
    """End a run whose feed is not applied: one entry says why (7.1), and the line goes on."""
    moment = Moment(run.feed.tenant, run.number, run.registered_at, seconds(run.registered_at))
    severity = TABLE[Code(error.code)].severity
    write_feed_entry(deployment, moment, error, severity)
    if severity is Severity.ERROR:
        # The error's own sentence may quote the file, and so a person; the log is the place for that (7.5).
        sentence = f"Run {run.number} of source {run.feed.source} is {state}. {TABLE[Code(error.code)].remedy}"
        ask_for_attention(deployment, run.feed.tenant, error.code, sentence, run=run.number)
    values: dict[str, Value] = {
        "error_code": error.code,
        "error_message": error.message,
        "changed": True,
        "finished_at": stamp(now),
    }
    ended = _close(deployment, run, state, values)
    if ended:
        _tell(ended, None, now)
    return ended or run


def _corrected(deployment: Deployment, run: Run, counts: Counts) -> Counts:
    """Return the plan's counts, less what had to be given up while it was applied (9.2)."""
    if not run.corrected:
        return counts
    corrections: Counter[str] = Counter()
    for mark in chunk_marks(deployment, run.feed.tenant, run.number):
        corrections.update(mark.get("corrections", {}))
    corrected = {name: number - corrections[name] for name, number in counts.items()}
    corrected[Outcome.PARKED.value] += corrections.total()
    return corrected


def _check(run: Run, counts: Counts) -> None:
    total = sum(counts[outcome.value] for outcome in Outcome)
    if counts["received"] != total:
        raise CountsDoNotAddUp(f"run {run.number}: {counts['received']} rows received, {total} accounted for")


def _full_feed(deployment: Deployment, run: Run, head: PlanHead, now: datetime) -> FullFeed | None:
    if run.feed.mode is not FeedMode.FULL:
        return None
    last = find_last_full_feed(deployment, run.feed)
    compared = last.compared_at if last and is_comparable(last, run.number, now) else head.at
    return FullFeed(run.feed.age, run.number, head.fingerprints, compared)


def _close(
    deployment: Deployment, run: Run, state: RunState, values: dict[str, Value], full: FullFeed | None = None
) -> Run | None:
    """Write the end of a run, move the line past it at once, and wake the next feed.

    Return the run as it ended, None if someone else ended it.
    """
    writes: list[Write] = [closing(deployment, run, state, values)]
    if full:
        writes.append(remember(deployment, run.feed, full))
    ours = _pass_by(deployment, run, writes)
    wake(deployment, run.feed.tenant)
    return find_run(deployment, run.feed.tenant, run.number) if ours else None


def _pass_by(deployment: Deployment, run: Run, writes: list[Write]) -> bool:
    for _ in pauses():
        tenant = find_tenant(deployment, run.feed.tenant)
        if tenant is None or tenant.applied >= run.number:
            return False
        try:
            transact(deployment.dynamodb, [*writes, pass_number(deployment, tenant, run.number)])
        except ConditionFailed:
            continue  # another feed came in, or someone else ended the run
        return True
    return False


def _tell(run: Run, head: PlanHead | None, now: datetime) -> None:
    telemetry.run_over(run, head, now.timestamp() - seconds(run.registered_at))
