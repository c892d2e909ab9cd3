"""Fetching a feed: every page streams to the feed object, which appears when the last one is there.

What takes longer than a function may run is put down as a checkpoint, and another function goes on with it.
"""

from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime

from peoplefeed.deployment import Deployment
from peoplefeed.model import FeedMode
from peoplefeed.sources.checkpoint import Checkpoint
from peoplefeed.sources.circuit import patience
from peoplefeed.sources.connection import Safety, World
from peoplefeed.sources.credentials import Secrets
from peoplefeed.sources.files import take_file
from peoplefeed.sources.http import Client
from peoplefeed.sources.inquiry import Inquiry, inquiry_of, wants_everybody
from peoplefeed.sources.landing import Landing
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.records import pages_of
from peoplefeed.sources.repeating import known_etag, land_again
from peoplefeed.sources.signing import credentials_of, secrets_manager
from peoplefeed.sources.store import Source
from peoplefeed.sources.trouble import OutOfTime, incomplete
from peoplefeed.times import stamp

_RESERVE_SECONDS = 60
_RESERVE_SHARE = 3


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll: when it starts, what tells it from others, what it may do. `due` is what the schedule knew.

    `resume` is the id of a poll that is to go on. A `quick` one leaves to the slow lane what it has no time for (9.3).
    """

    now: datetime
    id: str
    safety: Safety
    due: str | None = None
    resume: str | None = None
    quick: bool = False
    world: World = field(default_factory=World)


@dataclass(frozen=True, slots=True)
class Polled:
    """The HR system was seen whole. `key` is None where a feed of changes had none; `seconds` is how long it took.

    `unchanged` says that the last feed was landed once more, for the system has nothing new.
    """

    records: int
    key: str | None
    version: str | None = None
    mode: FeedMode = FeedMode.FULL
    latest: str | None = None
    age: str = ""
    seconds: float = 0
    etag: str | None = None
    unchanged: bool = False


def begin(source: Source, poll: Poll) -> Checkpoint:
    """Return where a poll begins: with everybody, or with what changed."""
    manifest, age = source.manifest, stamp(poll.now)
    last_full = datetime.fromisoformat(source.last_full) if source.last_full else None
    since = None if wants_everybody(manifest, last_full, poll.now) else source.since
    mode = FeedMode.CHANGES if since else manifest.mode
    when = age.replace("-", "").replace(":", "")
    ending = "csv" if manifest.format == "csv" else "jsonl.gz"
    key = f"feeds/{source.tenant}/{manifest.name}/{manifest.kind}/{mode}/{when}-{poll.id}.{ending}"
    return Checkpoint(poll.id, age, key, mode, since)


def fetch(deployment: Deployment, source: Source, poll: Poll, at: Checkpoint) -> Polled | Checkpoint:
    """Fetch from a checkpoint on, to the end or to where time is up.

    Raises:
        SourceTrouble: the HR system cannot be seen whole.
    """
    manifest, secrets = source.manifest, secrets_manager(deployment)
    client = client_of(source.tenant, manifest, secrets, poll, failures=source.failures, received=at.received)
    inquiry = inquiry_of(manifest, datetime.fromisoformat(at.since) if at.since else None)
    inquiry = replace(inquiry, etag=known_etag(source, inquiry, poll.now))
    landing = Landing(deployment.s3, deployment.names.feed_bucket, at.key, at.age, compress=manifest.format == "json")
    with closing(client), landing:
        landing.resume(at.suspended)
        if manifest.format == "csv":
            at = replace(at, records=take_file(inquiry, client, landing.write))
        elif not _is_complete(walk := _Walk(manifest, inquiry, client, landing, at), at):
            return replace(walk.at, received=client.received, suspended=landing.suspend(at.rest))
        else:
            at = walk.at
        etag = client.answered.etag if client.answered and inquiry.is_one_answer else None
        polled = Polled(at.records, None, None, at.mode, at.latest, at.age, client.seconds, etag)
        if client.answered and client.answered.unchanged:
            version = land_again(deployment, source, at)
            return replace(polled, key=at.key, version=version, etag=etag or source.etag, unchanged=True)
        if not at.records and at.mode is FeedMode.CHANGES:
            return polled
        return replace(polled, key=at.key, version=landing.land())


def client_of(
    tenant: str, manifest: SourceManifest, secrets: Secrets, poll: Poll, *, failures: int = 0, received: int = 0
) -> Client:
    """Return the client of a poll.

    Raises:
        SourceTrouble: it has no credentials, or must not connect.
    """
    began = poll.world.clock()
    credentials = credentials_of(tenant, manifest, secrets, poll.safety, poll.world)
    return Client(
        manifest.base_url or "",
        credentials,
        poll.safety,
        manifest.rate_limit.requests_per_minute if manifest.rate_limit else None,
        poll.world,
        patience(failures),
        received,
        began,
    )


@dataclass(slots=True)
class _Walk:
    """A walk from page to page. `at` is always a place from which one could go on."""

    manifest: SourceManifest
    inquiry: Inquiry
    client: Client
    landing: Landing
    at: Checkpoint

    def to_the_end(self) -> bool:
        """Walk to the end, if there is time."""
        for page in pages_of(self.manifest, self.inquiry, self.client, self.at.position):
            self.landing.write(page.lines)
            latest = stamp(page.latest) if page.latest else ""
            self.at = replace(
                self.at,
                position=page.following or self.at.position,
                latest=max(self.at.latest or "", latest) or None,
                records=self.at.records + len(page.records),
            )
            if page.following is not None and self._time_is_up():
                return False
        return True

    def _time_is_up(self) -> bool:
        reserve = min(_RESERVE_SECONDS, self.client.safety.seconds / _RESERVE_SHARE)
        return self.client.seconds_left < reserve


def _is_complete(walk: _Walk, began: Checkpoint) -> bool:
    try:
        return walk.to_the_end()
    except OutOfTime as trouble:
        if walk.at.position == began.position:  # not a single page in all the time there is
            raise incomplete(trouble.reason) from trouble
        return False
