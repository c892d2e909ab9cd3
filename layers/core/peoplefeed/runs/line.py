"""The line of a tenant: the first feed that is not over is planned; the others wait for it."""

from datetime import datetime, timedelta

from peoplefeed import telemetry
from peoplefeed.codes import Code
from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.writes import ConditionFailed, write
from peoplefeed.model import BY_API, OWNING_NOBODY, Feed, FeedError, PlanHead, Purpose, Run, RunState
from peoplefeed.planner.retrying import next_retry, what_follows
from peoplefeed.runs.finish import finish_if_done
from peoplefeed.runs.plan import plan_of
from peoplefeed.runs.queues import send_chunks
from peoplefeed.runs.refusing import FeedRefused, close_refused
from peoplefeed.storage.runs import adopting, find_run, taking_up
from peoplefeed.storage.settings import find_settings
from peoplefeed.storage.tenants import Tenant, find_tenant
from peoplefeed.times import stamp

PLANNING_TIME = timedelta(minutes=16)
"""A little longer than the function that plans may run."""

_MOST_ATTEMPTS = 5

_GIVEN_UP = (
    "The feed could not be processed because of a fault of ours; nothing of it was applied. "
    "The operator has been told; the file is kept: send it again once the fault is mended."
)
_RETRY_GIVEN_UP = (
    "What waited could not be tried again because of a fault of ours; nothing of it was applied. "
    "The operator has been told; {again}."
)


def advance(deployment: Deployment, tenant_slug: str, planner: str, now: datetime) -> Run | None:
    """Plan the feed whose turn it is, if nobody is at it; return its run, None if nothing waits.

    `planner` is who asks: the same message delivered again takes its own work up again.
    """
    tenant = find_tenant(deployment, tenant_slug)
    if tenant is None or not tenant.waits:
        return None
    run = find_run(deployment, tenant.slug, tenant.applied + 1)
    if run is None or run.state is RunState.APPLYING:
        return run
    until, writing = stamp(now + PLANNING_TIME), _writing(deployment, run.feed)
    try:
        write(deployment.dynamodb, taking_up(deployment, run, planner, stamp(now), until, writing))
    except ConditionFailed:
        return run  # another planner is at it; should it die, its message or the sweep comes back
    run = find_run(deployment, tenant.slug, run.number) or run
    if run.state is not RunState.PLANNING:
        return run  # a planner from before has made the plan; whoever gave the feed up now would stop it half way
    return _plan(deployment, tenant, run, now)


def _writing(deployment: Deployment, feed: Feed) -> str | None:
    """Return how an upload is written whose turn it is (6.6). What is released is written as it was."""
    is_upload = feed.source in OWNING_NOBODY and feed.source != BY_API
    is_new = is_upload and feed.purpose is Purpose.DELIVERY
    return find_settings(deployment, feed.tenant).writing if is_new else None


def _plan(deployment: Deployment, tenant: Tenant, run: Run, now: datetime) -> Run | None:
    if run.attempts > _MOST_ATTEMPTS:
        return _give_up(deployment, run, now)
    try:
        head = plan_of(deployment, tenant, run, now)
    except FeedRefused as refused:
        now_known = find_run(deployment, tenant.slug, run.number)
        if now_known is None or now_known.state is not RunState.PLANNING:
            return now_known  # it is over, and what came after it was taken for what came before (1.4)
        return close_refused(deployment, run, refused, now)
    return start_applying(deployment, run, head, now)


def _give_up(deployment: Deployment, run: Run, now: datetime) -> Run:
    """End a run whose planning keeps dying. Nobody can send a retry again: the sweep asks for it once more (9.2)."""
    facts = {"tenant": run.feed.tenant, "run": run.number}
    telemetry.fault("planning died five times; the feed is given up", RuntimeError(), facts)
    again = next_retry(stamp(now), run.feed.tried) if run.feed.purpose is Purpose.RETRY else None
    message = _RETRY_GIVEN_UP.format(again=what_follows(again)) if again else _GIVEN_UP
    refused = FeedRefused(RunState.FAILED, FeedError(Code.INTERNAL_ERROR.value, message), again=again)
    return close_refused(deployment, run, refused, now)


def start_applying(deployment: Deployment, run: Run, head: PlanHead, now: datetime) -> Run | None:
    """Make a plan the run's, and send its chunks; a plan without any is finished at once."""
    values: dict[str, Value] = {
        "planned_at": head.at,
        "chunks": len(head.chunks),
        "done": 0,
        "corrected": 0,
        "counts": head.counts,
        "ignored_columns": list(head.ignored_columns) or None,
        "codes": {code: number for code, (number, _) in head.codes.items()} or None,
        "log_shards": head.log_shards,
    }
    try:
        write(deployment.dynamodb, adopting(deployment, run, values))
    except ConditionFailed:
        return find_run(deployment, run.feed.tenant, run.number)
    first = (index for index, chunk in enumerate(head.chunks) if chunk.after is None)
    send_chunks(deployment, run.feed.tenant, run.number, first)
    return finish_if_done(deployment, run.feed.tenant, run.number, now)
