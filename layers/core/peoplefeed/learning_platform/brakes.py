"""The pace of a platform that answers 429, where its settings name no limit, or one that it does not keep to.

Each 429 makes all workers slower, at most once in a while, for what was under way fails together. Whoever it takes then
makes them faster again, little by little, until they meet the limit or there is none.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.writes import Condition
from peoplefeed.storage import platforms
from peoplefeed.times import stamp

_MINUTE = 60_000_000
_FIRST, _SLOWEST, _FREE = 100_000, 6_000_000, 10_000
"""Microseconds between two requests: after the first 429, at most, and so few that it is no limit any more."""
_SLOWER, _SLOWER_AFTER = 1.4, timedelta(seconds=10)
_FASTER, _FASTER_AFTER = 0.9, timedelta(minutes=1)


def microseconds_between(item: Mapping[str, Any]) -> int:
    """Return how much time a platform wants between two requests, as it says or shows; 0 if it has no limit."""
    return max(platforms.microseconds_between(item), int(item.get("slowed_to", 0)))


def requests_per_minute_in(item: Mapping[str, Any]) -> int | None:
    """Return what its 429s have slowed a platform down to, None if they have not."""
    return _MINUTE // int(item["slowed_to"]) if "slowed_to" in item else None


def slow_down(deployment: Deployment, tenant: str, now: datetime) -> int:
    """Make all workers slower, unless that was done a moment ago; return how much time is between two requests now."""
    item = platforms.platform_item(deployment, tenant)
    every = microseconds_between(item)
    if not _is_time(item, now, _SLOWER_AFTER):
        return every
    slower = min(_SLOWEST, int(every * _SLOWER)) if every else _FIRST
    _put_down(deployment, tenant, item, {"slowed_to": slower, "slowed_at": stamp(now)})
    return slower


def speed_up(deployment: Deployment, tenant: str, item: Mapping[str, Any], now: datetime) -> None:
    """Make all workers a little faster, if they were made slower and it was a while ago. `item` is the platform's."""
    if "slowed_at" not in item or not _is_time(item, now, _FASTER_AFTER):
        return
    faster = int(item["slowed_to"] * _FASTER)
    is_no_limit = faster <= max(_FREE, platforms.microseconds_between(item))
    freed: dict[str, Value] = {"slowed_to": None, "slowed_at": None}
    _put_down(deployment, tenant, item, freed if is_no_limit else {"slowed_to": faster, "slowed_at": stamp(now)})


def _is_time(item: Mapping[str, Any], now: datetime, after: timedelta) -> bool:
    return "slowed_at" not in item or now >= datetime.fromisoformat(item["slowed_at"]) + after


def _put_down(deployment: Deployment, tenant: str, item: Mapping[str, Any], values: Mapping[str, Value]) -> None:
    seen = item.get("slowed_at")
    same = "attribute_not_exists(#slowed_at)" if seen is None else "#slowed_at = :seen"
    platforms.update_platform(deployment, tenant, values, Condition("somebody else has done it", same, {"seen": seen}))
