"""Planning a run: read the whole feed, decide, and put the decision down once (design, section 2).

Nothing is written to the directory here. A planner that is killed leaves nothing behind but files that
nobody refers to; two planners of one run put down two plans, of which the first one counts.
"""

from datetime import datetime

from peoplefeed.codes import Code, feed_error
from peoplefeed.deployment import Deployment
from peoplefeed.model import (
    FeedMode,
    PlanHead,
    Purpose,
    Run,
    RunState,
)
from peoplefeed.readers import UnreadableFeed
from peoplefeed.runs.desk import Desk
from peoplefeed.runs.refusing import FeedRefused
from peoplefeed.runs.register import place_of
from peoplefeed.storage import plans
from peoplefeed.storage.full_feeds import FullFeed, find_last_full_feed
from peoplefeed.storage.tenants import Tenant


def plan_of(deployment: Deployment, tenant: Tenant, run: Run, now: datetime) -> PlanHead:
    """Return the plan of a run: the one it has, or the one made here.

    Raises:
        FeedRefused: the feed cannot be read (1.7), is held (6.2, 6.4), or a newer one of its source is applied (1.4).
    """
    existing = plans.find_head(deployment, tenant.slug, run.number)
    if existing:
        return existing
    if run.feed.purpose in {Purpose.DELIVERY, Purpose.RELEASE}:
        _refuse_if_nowhere(run)
    last = find_last_full_feed(deployment, run.feed)
    _refuse_if_older(run, last)
    try:
        head = Desk(deployment, tenant, run, last, now).head()
    except UnreadableFeed as unreadable:
        raise FeedRefused(RunState.FAILED, unreadable.error) from unreadable
    except Exception:
        adopted = plans.find_head(deployment, tenant.slug, run.number)
        if adopted:  # it is being applied already, so that what was read here may be half of before and half of after
            return adopted
        raise
    return plans.put_head(deployment, tenant.slug, run.number, head)


def _refuse_if_nowhere(run: Run) -> None:
    place = place_of(run.feed.key)
    if place.kind is None or place.mode is None:
        raise FeedRefused(RunState.FAILED, feed_error(Code.KIND_UNKNOWN, value=run.feed.key))


def _refuse_if_older(run: Run, last: FullFeed | None) -> None:
    if run.feed.mode is FeedMode.FULL and last and run.feed.age < last.age:
        error = feed_error(Code.FEED_OLDER, age=run.feed.age, newer=last.age)
        raise FeedRefused(RunState.SUPERSEDED, error)
