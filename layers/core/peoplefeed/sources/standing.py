"""How a source is doing, in a word that people can do something with."""

from datetime import datetime
from enum import StrEnum

from peoplefeed.deployment import Deployment
from peoplefeed.sources.circuit import is_open
from peoplefeed.sources.store import Source
from peoplefeed.sources.waiting import last_feed_waits


class Standing(StrEnum):
    """What a source does now."""

    PAUSED = "paused"
    DROPS = "takes drops"
    POLLING = "being polled"
    TROUBLE = "in trouble"
    OPEN = "circuit open"
    PROCESSING = "last feed being processed"
    WAITING = "waits for its turn"


def standing_of(deployment: Deployment, source: Source, now: datetime) -> Standing:
    """Return what a source does now; the first that applies."""
    if source.paused:
        return Standing.PAUSED
    if not source.manifest.is_polled:
        return Standing.DROPS
    if source.polling_since or source.checkpoint:
        return Standing.POLLING
    if source.failures:
        return Standing.OPEN if is_open(source.failures) else Standing.TROUBLE
    return Standing.PROCESSING if last_feed_waits(deployment, source, now) else Standing.WAITING
