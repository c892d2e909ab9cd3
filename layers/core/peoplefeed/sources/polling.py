"""Polling one source: claim it, fetch everything, land the feed whole or not at all, and say how it went."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.marshal import Value
from peoplefeed.model import FeedMode
from peoplefeed.sources.attention import heal, tell
from peoplefeed.sources.checkpoint import Checkpoint, read_checkpoint
from peoplefeed.sources.circuit import next_try
from peoplefeed.sources.fetching import Poll, Polled, begin, fetch
from peoplefeed.sources.landing import abandon
from peoplefeed.sources.lanes import LeftToSlowLane, is_slow, to_slow_lane, was_slow
from peoplefeed.sources.store import Source, end_claim, forget_removed, source_of, take_claim
from peoplefeed.sources.trouble import SourceTrouble
from peoplefeed.sources.waiting import last_feed_waits
from peoplefeed.times import stamp

LEASE = timedelta(minutes=20)

_SECONDS_A_MINUTE = 60
_CLIENT_ERRORS = range(400, 500)


@dataclass(frozen=True, slots=True)
class NotPolled:
    """Nothing was asked, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The HR system could not be seen whole. The feed log says so too."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Suspended:
    """The poll needs more time than a function has; another one goes on. `records` is how many it has so far."""

    records: int


type Outcome = Polled | NotPolled | Failed | Suspended | LeftToSlowLane


def poll_source(deployment: Deployment, tenant: str, name: str, poll: Poll) -> Outcome:
    """Poll a source, unless there is a reason not to.

    A message of the schedule counts only while the source is due as the message says, so that a late copy of it
    does nothing; so does one that lets a poll go on. A message with neither is someone's wish to poll now.
    """
    source = source_of(deployment, tenant, name)
    if source is None:
        heal_removed(deployment, tenant, name, poll.now)
        return NotPolled("there is no such source")
    if reason := _reason_not_to(deployment, source, poll):
        return NotPolled(reason)
    if poll.quick and is_slow(source):
        to_slow_lane(deployment, source, due=poll.due, resume=poll.resume)
        return LeftToSlowLane("it is in trouble, or was slow the last time")
    if not take_claim(deployment, source, poll.now, LEASE):
        return NotPolled("it is being polled already")
    return _polled(deployment, source, poll)


def heal_removed(deployment: Deployment, tenant: str, name: str, now: datetime) -> None:
    """Close what is open about a source that was removed; it was left due for that."""
    heal(deployment, tenant, name, now)
    forget_removed(deployment, tenant, name)


def _reason_not_to(deployment: Deployment, source: Source, poll: Poll) -> str | None:
    if source.paused:
        return "it is paused"
    if not source.manifest.is_polled:
        return "it is not polled, its files are dropped"
    if _comes_late(source, poll):
        return "it has been polled meanwhile"
    if source.polling_since is not None and source.polling_since > stamp(poll.now - LEASE):
        return "it is being polled already"
    if last_feed_waits(deployment, source, poll.now):
        return "its last feed is still being processed"
    return None


def _polled(deployment: Deployment, source: Source, poll: Poll) -> Outcome:
    """Poll a source that is claimed."""
    at = read_checkpoint(source.checkpoint) if source.checkpoint else begin(source, poll)
    try:
        at.check_age(poll.now)
        outcome = fetch(deployment, source, poll, at)
    except SourceTrouble as trouble:
        if poll.quick:
            return _left_to_slow_lane(deployment, source, poll, trouble)
        return _failed(deployment, source, poll, at, trouble)
    except Exception:
        end_claim(deployment, source, poll.now, {}, source.due_at)  # so that the message can be tried again
        raise
    if isinstance(outcome, Checkpoint):
        return _suspended(deployment, source, poll, outcome)
    return _succeeded(deployment, source, poll, outcome)


def _comes_late(source: Source, poll: Poll) -> bool:
    """Whether a message speaks of what is over."""
    if poll.resume is not None:
        return source.checkpoint is None or read_checkpoint(source.checkpoint).id != poll.resume
    return poll.due is not None and poll.due != source.due_at


def _succeeded(deployment: Deployment, source: Source, poll: Poll, polled: Polled) -> Polled:
    if source.failures:
        heal(deployment, source.tenant, source.manifest.name, poll.now)
    values: dict[str, Value] = {
        "last_poll": stamp(poll.now),
        "failures": None,
        "trouble": None,
        "troubled_since": None,
        "checkpoint": None,
        "slow": was_slow(source, polled.seconds) or None,
        "etag": polled.etag,
    }
    if not polled.unchanged:
        values["seen_at"] = stamp(poll.now) if polled.etag else None
    if polled.key is not None:
        values |= {"last_feed": polled.key, "last_version": polled.version, "landed_at": stamp(poll.now)}
    if source.manifest.incremental:
        values |= _watermark(source, polled)
    due = max(_started(polled.age) + _interval(source), poll.now)
    end_claim(deployment, source, poll.now, values, stamp(due))
    return polled


def _watermark(source: Source, polled: Polled) -> dict[str, Value]:
    """Return from where the next poll asks for changes, never beyond when this one began: clocks may be wrong."""
    by_cursor = bool(source.manifest.incremental and source.manifest.incremental.cursor)
    seen = (polled.latest or (source.since if polled.mode is FeedMode.CHANGES else None)) if by_cursor else None
    since: dict[str, Value] = {"since": min(seen or polled.age, polled.age)}
    return since | ({"last_full": polled.age} if polled.mode is FeedMode.FULL else {})


def _left_to_slow_lane(
    deployment: Deployment, source: Source, poll: Poll, trouble: SourceTrouble
) -> LeftToSlowLane | NotPolled:
    """Let the slow lane find out whether this is a trouble. Due at once, should its message be lost."""
    due = stamp(poll.now)
    if not end_claim(deployment, source, poll.now, {"slow": True}, due):
        return NotPolled("it was removed meanwhile, or another poll has the say")
    to_slow_lane(deployment, source, due=due)
    return LeftToSlowLane(trouble.reason)


def _suspended(deployment: Deployment, source: Source, poll: Poll, at: Checkpoint) -> Suspended:
    """Leave the poll to the next function. Should its message be lost, the source is due again after the lease."""
    end_claim(deployment, source, poll.now, {"checkpoint": at.text()}, stamp(poll.now + LEASE))
    limit = source.manifest.rate_limit
    delay = -(-_SECONDS_A_MINUTE // limit.requests_per_minute) if limit else 0
    to_slow_lane(deployment, source, delay=delay, resume=at.id)
    return Suspended(at.records)


def _failed(deployment: Deployment, source: Source, poll: Poll, at: Checkpoint, trouble: SourceTrouble) -> Failed:
    """Remember the trouble with the source before the feed log has it, so that healing finds whatever is there."""
    if at.suspended.upload is not None:
        abandon(deployment.s3, deployment.names.feed_bucket, at.key, at.suspended.upload)
    failures = source.failures + 1
    since = source.troubled_since or stamp(poll.now)
    due = next_try(poll.now, _interval(source), failures, trouble.pause)
    values: dict[str, Value] = {
        "last_poll": stamp(poll.now),
        "failures": failures,
        "trouble": trouble.code.value,
        "troubled_since": since,
        "checkpoint": None,
        "etag": None,
    }
    if at.since is not None and trouble.status in _CLIENT_ERRORS:
        values |= {"since": None, "last_full": None}  # it may not know that time any more: ask for everybody
    if not end_claim(deployment, source, poll.now, values, stamp(due)):
        return Failed(trouble.code, trouble.reason)  # it was removed meanwhile, or another poll has the say
    return Failed(trouble.code, tell(deployment, source, trouble, poll.now, due))


def _started(age: str) -> datetime:
    return datetime.fromisoformat(age)


def _interval(source: Source) -> timedelta:
    return timedelta(minutes=source.manifest.poll_every_minutes)
