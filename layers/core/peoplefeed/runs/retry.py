"""Having tried again what waits (4.7, 9.2): after a run that made it possible, and hours after a fault of ours.

What a retry tries is found when its turn comes (`runs/parked.py`), so that whoever only asks needs no planner.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.writes import ConditionFailed
from peoplefeed.model import Feed, FeedKind, FeedMode, Purpose, Run
from peoplefeed.runs.register import register_and_wake
from peoplefeed.storage.due import find_due
from peoplefeed.storage.pending import all_pending
from peoplefeed.storage.plans import head_of, read_list
from peoplefeed.storage.runs import asked_again, chunk_marks, find_run, following
from peoplefeed.times import stamp

SOURCE = "retry"


def freed_by(deployment: Deployment, run: Run) -> set[str]:
    """Return what others may wait for and have since a run: what it made, and what it had to give up taking (9.2)."""
    tenant = run.feed.tenant
    head = head_of(deployment, tenant, run.number)
    marks = chunk_marks(deployment, tenant, run.number) if run.corrected else ()
    left = {cause for mark in marks for cause in mark.get("freed", ())}
    return (read_list(deployment, head.freed) if head.freed else set()) | left


def follow(deployment: Deployment, run: Run, now: datetime) -> None:
    """Give a number to the retry of what waited for something that a run made possible, if anything did.

    It belongs before the run is finished: whoever finishes it again finds the number given (1.3).
    """
    if run.feed.simulate:
        return
    freed = freed_by(deployment, run)
    if freed and any(freed.intersection(pending.causes) for pending in all_pending(deployment, run.feed.tenant)):
        feed = _feed(run.feed.tenant, f"after/{run.number}", run.number, now)
        with suppress(ConditionFailed):  # the run is over: what waits now began to wait after it
            register_and_wake(deployment, feed, now, [following(deployment, run)])


def enqueue_retries(deployment: Deployment, now: datetime) -> int:
    """Give a number to the retries that are due (9.2), a tenant's rows and what was given up; return how many.

    A retry of rows is named by the last of them: one that is due still, although a retry was made of it, is tried
    along, and keeps nobody waiting.
    """
    due = find_due(deployment, stamp(now))
    for tenant, last in due.rows.items():
        register_and_wake(deployment, _feed(tenant, f"due/{last}", None, now), now)
    for tenant, number in due.retries:
        _ask_again(deployment, tenant, number, now)
    return len(due.rows) + len(due.retries)


def _ask_again(deployment: Deployment, tenant: str, number: int, now: datetime) -> None:
    """Make a retry again that was given up: of the same cause, or of whatever is due by now."""
    given_up = find_run(deployment, tenant, number)
    if given_up is None:
        return
    feed = _feed(tenant, f"again/{number}", given_up.feed.of, now)
    feed = replace(feed, tried=given_up.feed.tried + 1)
    with suppress(ConditionFailed):  # another sweep has asked for it
        register_and_wake(deployment, feed, now, [asked_again(deployment, given_up)])


def _feed(tenant: str, key: str, of: int | None, now: datetime) -> Feed:
    return Feed(
        tenant=tenant,
        source=SOURCE,
        kind=FeedKind.EMPLOYEES,
        mode=FeedMode.CHANGES,
        key=f"retries/{key}",
        version_id="",
        age=stamp(now),
        purpose=Purpose.RETRY,
        of=of,
    )
