"""Holds (6.3): begun and refreshed by the runs that are held, released or discarded by administrators."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.writes import ConditionFailed, Write
from peoplefeed.model import (
    Feed,
    FeedKind,
    FeedMode,
    Hold,
    Notice,
    Purpose,
    Run,
    RunState,
    Safeguard,
    source_and_safeguard,
)
from peoplefeed.runs.register import digest_of, register_and_wake
from peoplefeed.storage.holds import find_holds, put_hold, remove_hold
from peoplefeed.storage.runs import ending_hold, find_number, find_run, following
from peoplefeed.times import stamp


class HoldChanged(Exception):
    """The hold is not any more what the administrator saw."""


def hold_writes(deployment: Deployment, run: Run, notices: Sequence[Notice], *, whole: bool) -> list[Write]:
    """Return the writes that begin and refresh what a run is held for; `whole` says that all of it is held.

    A full feed that is applied ends what was held of its source before: it has the last word on everyone, unless it
    is older than what is held (3.10).
    """
    feed = run.feed
    if feed.simulate or feed.kind is not FeedKind.EMPLOYEES:
        return []
    before, named = _holds_before(deployment, feed), {notice.safeguard for notice in notices}
    old = [hold for hold in before.values() if _gives_way(deployment, hold, run)]
    over = [hold for hold in old if not whole or hold.safeguard in named]
    nexts = [_next(run, before.get(one.safeguard), one, over) for one in notices]
    writes = [put_hold(deployment, feed.tenant, hold) for hold in nexts]
    ended = [remove_hold(deployment, feed.tenant, hold) for hold in over if hold.safeguard not in named]
    runs = [number for hold in over for number in hold.runs if number != run.number]  # another planner ended it so
    return [*writes, *ended, *_endings(deployment, feed.tenant, runs, RunState.SUPERSEDED)]


def _gives_way(deployment: Deployment, hold: Hold, run: Run) -> bool:
    """Whether a feed is full, and no older than what is held."""
    last = find_run(deployment, run.feed.tenant, hold.runs[-1]) if run.feed.mode is FeedMode.FULL else None
    return last is not None and last.feed.age <= run.feed.age


def beginning(deployment: Deployment, run: Run, notices: Sequence[Notice]) -> list[Notice]:
    """Return what a run is held for that its source is not held for yet: somebody must look, once (6.3)."""
    if not notices or run.feed.simulate:
        return []
    before = _holds_before(deployment, run.feed)
    return [notice for notice in notices if notice.safeguard not in before]


def _holds_before(deployment: Deployment, feed: Feed) -> dict[Safeguard, Hold]:
    return {hold.safeguard: hold for hold in find_holds(deployment, feed.tenant, feed.source)}


def _next(run: Run, before: Hold | None, notice: Notice, over: Collection[Hold]) -> Hold:
    """Return a hold with this run in it: in the place of what is over (6.3), else beside what was held."""
    source = run.feed.source
    if before is None:
        return Hold(f"{source}.{notice.safeguard}.{run.number}", source, run.registered_at, 1, (run.number,), notice)
    if before in over:
        return replace(before, version=before.version + 1, runs=(run.number,), notice=notice)
    would = dict(Counter(before.notice.would) + Counter(notice.would))
    together = replace(notice, would=would, examples=(*before.notice.examples, *notice.examples)[:_EXAMPLES])
    return replace(before, version=before.version + 1, runs=(*before.runs, run.number), notice=together)


_EXAMPLES = 5


def _endings(deployment: Deployment, tenant: str, runs: Sequence[int], state: RunState) -> Iterator[Write]:
    for number in runs:
        run = find_run(deployment, tenant, number)
        if run and run.state is RunState.HELD:
            yield ending_hold(deployment, tenant, number, state)


def release(deployment: Deployment, tenant: str, hold: Hold, now: datetime) -> int:
    """Deliver again what is held, with that safeguard off; return the number of the first run. The others follow.

    Raises:
        HoldChanged: it was refreshed, released or discarded meanwhile.
    """
    released = replace(_content_of(deployment, tenant, hold.runs[0]), errand=f"{hold.id}/{hold.version}")
    feed = _without(hold.safeguard, replace(released, rest=hold.runs[1:], after=None))
    return _ask(deployment, feed, now, writes_ending(deployment, tenant, hold, RunState.SUPERSEDED))


def go_on(deployment: Deployment, run: Run, now: datetime) -> None:
    """Give a number to the next part of a release, before this one is over: so that none is lost (9.1)."""
    feed = run.feed
    if not feed.rest or feed.purpose is not Purpose.RELEASE:
        return
    content = _content_of(deployment, feed.tenant, feed.rest[0])
    following_part = replace(content, errand=feed.errand, rest=feed.rest[1:], after=run.number)
    with suppress(ConditionFailed):  # somebody else ended the run, and did this before
        _, safeguard = source_and_safeguard(feed.errand)
        register_and_wake(deployment, _without(safeguard, following_part), now, [following(deployment, run)])


def discard(deployment: Deployment, tenant: str, hold: Hold, now: datetime, by: str) -> int:
    """Let go of what is held; return the number of the run that says so.

    Raises:
        HoldChanged: it was refreshed, released or discarded meanwhile.
    """
    feed = Feed(
        tenant=tenant,
        source=hold.source,
        kind=FeedKind.EMPLOYEES,
        mode=FeedMode.CHANGES,
        key="discards/",
        version_id="",
        age=stamp(now),
        uploaded_by=by,
        purpose=Purpose.DISCARD,
        of=hold.runs[-1],
        errand=f"{hold.id}/{hold.version}",
    )
    return _ask(deployment, feed, now, writes_ending(deployment, tenant, hold, RunState.DISCARDED))


def writes_ending(deployment: Deployment, tenant: str, hold: Hold, state: RunState) -> list[Write]:
    """Return the writes that end a hold as it was seen; runs that are held as a whole get this state."""
    return [remove_hold(deployment, tenant, hold), *_endings(deployment, tenant, hold.runs, state)]


def _ask(deployment: Deployment, feed: Feed, now: datetime, writes: Sequence[Write]) -> int:
    try:
        return register_and_wake(deployment, feed, now, writes)
    except ConditionFailed as failed:
        raise HoldChanged(feed.errand) from failed


def parts_of(deployment: Deployment, tenant: str, hold: Hold) -> Iterator[int]:
    """Yield the numbers that the parts of a hold's release have so far: each is given before the one before is over."""
    for run in hold.runs:
        feed = replace(_content_of(deployment, tenant, run), errand=f"{hold.id}/{hold.version}")
        number = find_number(deployment, tenant, digest_of(feed))
        if number is None:
            return
        yield number


def _content_of(deployment: Deployment, tenant: str, number: int) -> Feed:
    """Return the feed of a run that is held, to be delivered again."""
    run = find_run(deployment, tenant, number)
    if run is None:
        raise LookupError(f"run {number} of tenant {tenant} is held and not there")
    return replace(run.feed, purpose=Purpose.RELEASE, of=number)


def _without(safeguard: Safeguard, feed: Feed) -> Feed:
    return replace(feed, released=tuple(sorted({*feed.released, safeguard})))
