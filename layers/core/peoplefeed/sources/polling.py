"""Polling one source: claim it, fetch everything, land the feed whole or not at all, and say how it went."""

from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.marshal import Value
from peoplefeed.model import FeedMode
from peoplefeed.sources.attention import heal, tell
from peoplefeed.sources.credentials import credentials
from peoplefeed.sources.http import Client, Safety, World
from peoplefeed.sources.landing import Landing
from peoplefeed.sources.records import pages_of
from peoplefeed.sources.store import Source, end_claim, source_of, take_claim
from peoplefeed.sources.trouble import SourceTrouble
from peoplefeed.sources.waiting import last_feed_waits
from peoplefeed.times import stamp

LEASE = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Polled:
    """The HR system was seen whole. `key` is None where a feed of changes had none."""

    records: int
    key: str | None
    version: str | None = None


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
class Poll:
    """One poll: when it starts, what tells it from others, what it may do. `due` is what the schedule knew."""

    now: datetime
    id: str
    safety: Safety
    due: str | None = None
    world: World = field(default_factory=World)


def poll_source(deployment: Deployment, tenant: str, name: str, poll: Poll) -> Polled | NotPolled | Failed:
    """Poll a source, unless there is a reason not to.

    A message of the schedule counts only while the source is due as the message says, so that a late copy of it
    does nothing. A message without `due` is someone's wish to poll now.
    """
    source = source_of(deployment, tenant, name)
    if source is None:
        return NotPolled("there is no such source")
    if reason := _reason_not_to(deployment, source, poll):
        return NotPolled(reason)
    if not take_claim(deployment, source, poll.now, LEASE):
        return NotPolled("it is being polled already")
    try:
        polled = _fetched(deployment, source, poll)
    except SourceTrouble as trouble:
        return _failed(deployment, source, poll, trouble)
    except Exception:
        end_claim(deployment, source, poll.now, {}, source.due_at)  # so that the message can be tried again
        raise
    return _succeeded(deployment, source, poll, polled)


def _reason_not_to(deployment: Deployment, source: Source, poll: Poll) -> str | None:
    if source.paused:
        return "it is paused"
    if poll.due is not None and poll.due != source.due_at:
        return "it has been polled meanwhile"
    if source.polling_since is not None and source.polling_since > stamp(poll.now - LEASE):
        return "it is being polled already"
    if last_feed_waits(deployment, source, poll.now):
        return "its last feed is still being processed"
    return None


def _fetched(deployment: Deployment, source: Source, poll: Poll) -> Polled:
    """Stream every page to the feed object; it appears when the last one is there."""
    manifest, age = source.manifest, stamp(poll.now)
    when = age.replace("-", "").replace(":", "")
    key = f"feeds/{source.tenant}/{manifest.name}/{manifest.kind}/{manifest.mode}/{when}-{poll.id}.jsonl.gz"
    headers = manifest.request.headers | credentials(deployment, source.tenant, manifest)
    limit = manifest.rate_limit.requests_per_minute if manifest.rate_limit else None
    client = Client(manifest.base_url, headers, poll.safety, limit, poll.world)
    records = 0
    with closing(client), Landing(deployment.s3, deployment.names.feed_bucket, key, age) as landing:
        for count, lines in pages_of(manifest, client):
            records += count
            landing.write(lines)
        if not records and manifest.mode is FeedMode.CHANGES:
            return Polled(0, None)
        return Polled(records, key, landing.land())


def _succeeded(deployment: Deployment, source: Source, poll: Poll, polled: Polled) -> Polled:
    heal(deployment, source, source.troubles, poll.now)
    values: dict[str, Value] = {"last_poll": stamp(poll.now), "failures": None, "troubles": None}
    if polled.key is not None:
        values |= {"last_feed": polled.key, "last_version": polled.version, "landed_at": stamp(poll.now)}
    end_claim(deployment, source, poll.now, values, _next_due(source, poll))
    return polled


def _failed(deployment: Deployment, source: Source, poll: Poll, trouble: SourceTrouble) -> Failed:
    """Remember the trouble with the source before the feed log has it, so that healing finds whatever is there."""
    troubles = sorted({*source.troubles, trouble.code.value})
    values: dict[str, Value] = {
        "last_poll": stamp(poll.now),
        "failures": source.failures + 1,
        "troubles": troubles,
    }
    end_claim(deployment, source, poll.now, values, _next_due(source, poll))
    return Failed(trouble.code, tell(deployment, source, trouble, poll.now))


def _next_due(source: Source, poll: Poll) -> str:
    return stamp(poll.now + timedelta(minutes=source.manifest.poll_every_minutes))
