"""Ending runs: all chunks done, or the feed not applied at all. The line goes on in the same transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from peoplefeed import telemetry
from peoplefeed.attention import ask_for_attention
from peoplefeed.codes import TABLE, Code
from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.retries import pauses
from peoplefeed.dynamo.writes import ConditionFailed, Write, transact
from peoplefeed.feed_log.documents import what_next
from peoplefeed.feed_log.entries import Moment, feed_entry
from peoplefeed.model import (
    Counts,
    FeedError,
    FeedKind,
    FeedMode,
    Notice,
    Outcome,
    PlanHead,
    Purpose,
    Run,
    RunState,
    Severity,
    empty_counts,
)
from peoplefeed.runs.holding import beginning, go_on, hold_writes
from peoplefeed.runs.queues import wake
from peoplefeed.runs.retry import follow
from peoplefeed.storage import plans
from peoplefeed.storage.full_feeds import FullFeed, find_last_full_feed, remember
from peoplefeed.storage.runs import chunk_marks, closing, find_run
from peoplefeed.storage.staff import find_staff
from peoplefeed.storage.staff import write_of as staff_write
from peoplefeed.storage.tenants import find_tenant, pass_number
from peoplefeed.times import seconds, stamp


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of a whole feed: why, and how many rows it has (6.2, 6.4)."""

    notice: Notice
    rows: int


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
    follow(deployment, run, head, now)
    for notice in beginning(deployment, run, head.notices):
        _ask_to_look(deployment, run, "held in part", notice.code, notice.message)
    values: dict[str, Value] = {
        "counts": counts,
        "changed": head.is_news,
        "finished_at": stamp(now),
    }
    ended = _close(deployment, run, RunState.FINISHED, values, lambda: _aftermath(deployment, run, head, corrections))
    if ended:
        _tell(ended, head, now)
    return ended or run


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


def close_refused(
    deployment: Deployment, run: Run, state: RunState, error: FeedError, now: datetime, held: Held | None = None
) -> Run:
    """End a run whose feed is not applied: one entry says why (7.1), and the line goes on; all at once, or not at all.

    Another planner may have made a plan of it meanwhile: then it is applied.
    """
    go_on(deployment, run, now)
    moment = Moment(run.feed.tenant, run.number, run.registered_at, seconds(run.registered_at), run.feed.simulate)
    severity = TABLE[Code(error.code)].severity
    entry = feed_entry(deployment, moment, error, severity)
    notices = [held.notice] if held else []
    is_news = beginning(deployment, run, notices) if held else severity is Severity.ERROR
    if is_news and not run.feed.simulate:
        _ask_to_look(deployment, run, state, error.code, error.message)
    values: dict[str, Value] = {
        "error_code": error.code,
        "error_message": error.message,
        "changed": True,
        "finished_at": stamp(now),
    }
    if held:  # 1.6: its rows are accounted for
        values["counts"] = empty_counts() | {"received": held.rows, Outcome.HELD.value: held.rows}
    ended = _close(deployment, run, state, values, lambda: [entry, *hold_writes(deployment, run, notices, whole=True)])
    if ended:
        _tell(ended, None, now)
    return ended or run


def _ask_to_look(deployment: Deployment, run: Run, state: str, code: str, message: str) -> None:
    """Call somebody. The message may quote the file, and so a person, but not what is to be done about it (7.5)."""
    remedy = what_next(code, message)["remedy"]
    sentence = f"Run {run.number} of source {run.feed.source} is {state}. {remedy}"
    ask_for_attention(deployment, run.feed.tenant, code, sentence, run=run.number)


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


def _close(
    deployment: Deployment,
    run: Run,
    state: RunState,
    values: dict[str, Value],
    more: Callable[[], Iterable[Write]],
) -> Run | None:
    """Write the end of a run, move the line past it at once, and wake the next feed.

    `more` are writes of the same transaction, made anew for each attempt. Return the run as it ended, None if
    someone else ended it.
    """
    ours = _pass_by(deployment, run, closing(deployment, run, state, values), more)
    wake(deployment, run.feed.tenant)
    return find_run(deployment, run.feed.tenant, run.number) if ours else None


def _pass_by(deployment: Deployment, run: Run, end: Write, more: Callable[[], Iterable[Write]]) -> bool:
    for _ in pauses():
        tenant = find_tenant(deployment, run.feed.tenant)
        if tenant is None or tenant.applied >= run.number:
            return False
        try:
            transact(deployment.dynamodb, [end, *more(), pass_number(deployment, tenant, run.number)])
        except ConditionFailed as failed:
            if any(failure.write is end for failure in failed.failures):
                return False  # the run's state moved on
            continue  # another feed came in, or a hold was released
        return True
    return False


def _tell(run: Run, head: PlanHead | None, now: datetime) -> None:
    telemetry.run_over(run, head, now.timestamp() - seconds(run.registered_at))
