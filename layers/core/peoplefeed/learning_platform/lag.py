"""How long changes took from the feed to the platform, for each person (8.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from peoplefeed.deployment import Deployment
from peoplefeed.learning_platform.person import Person
from peoplefeed.learning_platform.trouble import HoldUp
from peoplefeed.model import run_and_row_of
from peoplefeed.storage.runs import find_run

_FIRST_LOAD = 1000


@dataclass(frozen=True, slots=True)
class Lag:
    """Seconds from having the feed to the platform having the person. Excused: not our fault (8.2)."""

    seconds: float
    excused: bool


def lag_of(deployment: Deployment, person: Person, delivered: datetime) -> Lag | None:
    """Return the lag of the oldest change that was delivered, None where nothing was but our own placeholder."""
    run = _oldest_run(person)
    if run is None:
        return None
    feed = _feed(deployment, person.tenant, run)
    seconds = (delivered - datetime.fromisoformat(_began(feed, person))).total_seconds()
    hold_up = person.held_up_by
    return Lag(max(0.0, seconds), excused=feed.first_load or (hold_up is not None and hold_up.excuses))


def since_when(deployment: Deployment, person: Person) -> str:
    """Return since when somebody waits: since we have their oldest change, or since they were put there again."""
    run = _oldest_run(person)
    if run is None:
        return str(person.item.get("again_since") or person.item["due"])
    return _began(_feed(deployment, person.tenant, run), person)


def _began(feed: _Feed, person: Person) -> str:
    return feed.since or str(person.item["position"]).partition("#")[0]


def _oldest_run(person: Person) -> int | None:
    """Return the run that made the oldest change of theirs that waits, None if they are only sent again.

    Nobody promised anything of a time without a platform.
    """
    if person.held_up_by is HoldUp.NO_PLATFORM or "unlisted" in person.item or "undelivered" not in person.item:
        return None
    undelivered = [int(entry.partition("|")[0]) for entry in person.item["undelivered"]]
    return min(undelivered, default=run_and_row_of(person.item["position"])[0])


@dataclass(frozen=True, slots=True)
class _Feed:
    since: str | None
    first_load: bool


@lru_cache(maxsize=256)
def _feed(deployment: Deployment, tenant: str, number: int) -> _Feed:
    """Return when we had a feed: not its age, which a parked row that is tried again keeps from long ago (3.10).

    What makes a thousand people, and hardly does anything else, is a first load, which the promise leaves out (8.2).
    """
    run = find_run(deployment, tenant, number)
    if run is None:
        return _Feed(None, first_load=False)
    created = run.counts["created"]
    return _Feed(run.registered_at, first_load=created >= max(_FIRST_LOAD, run.counts["received"] / 2))
