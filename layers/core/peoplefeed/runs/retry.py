"""Having tried again what waits (4.7, 9.2): after a run that made it possible, and hours after a fault of ours.

What a retry tries is found when its turn comes (`runs/parked.py`), so that whoever only asks needs no planner.
"""

from contextlib import suppress
from datetime import datetime

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.writes import ConditionFailed
from peoplefeed.model import Feed, FeedKind, FeedMode, Purpose, Run
from peoplefeed.runs.register import register_and_wake
from peoplefeed.storage.pending import all_pending, due_tenants
from peoplefeed.storage.plans import head_of, read_list
from peoplefeed.storage.runs import chunk_marks, following
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
    """Give a number to the retries that are due (9.2), a tenant each; return how many."""
    due = due_tenants(deployment, stamp(now))
    for tenant, since in due.items():
        register_and_wake(deployment, _feed(tenant, f"due/{since}", None, now), now)
    return len(due)


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
