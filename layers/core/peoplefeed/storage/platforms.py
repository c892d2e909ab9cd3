"""A tenant's learning platform as one item: its settings, its pace, whether it rests, and when it is compared next.

A tenant that has no settings has the deployment's platform; its item appears with its first delivery, or, while there
is none, with the first change that would have been delivered.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get, query
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Update, assignments, write
from peoplefeed.times import stamp

SETTLING = timedelta(minutes=2)
"""A chunk that did not see a new platform has ended by then: whoever it changed is found by the comparison."""

NOTED = 10
"""How many people are noted by name of those who wait, or may."""

DUE_SHARD = "POLL#PLATFORMS"
_NONE_YET = "POLL#NO-PLATFORM"
_DUE_INDEX = "due"
_NEVER = "9999"
_MINUTE = 66_000_000
"""Microseconds that a minute's requests are spread over: a tenth more, for one can be faster on its way than the one
before it, and some platforms count every second."""


def platform_item(deployment: Deployment, tenant: str) -> dict[str, Any]:
    """Return the item of a tenant's platform as it is now, an empty one where there is none yet."""
    return get(deployment.dynamodb, deployment.names.directory_table, keys.platform(tenant)) or {}


def is_delivered_to(deployment: Deployment, item: Mapping[str, Any]) -> bool:
    """Whether a tenant whose platform's item this is has a platform at all."""
    if "settings" in item:
        return bool(item["settings"].get("url"))
    return bool(deployment.names.learning_platform_url)


def has_platform(deployment: Deployment, tenant: str) -> bool:
    """Whether changes of a tenant's employees are to be delivered."""
    return is_delivered_to(deployment, platform_item(deployment, tenant))


def put_settings(deployment: Deployment, tenant: str, settings: Mapping[str, Value] | None, now: datetime) -> None:
    """Give a tenant a platform of its own, other settings, or (None) the deployment's platform again.

    Everybody is compared with it soon: who was active at any time becomes due, and was not before if there was none.
    If the platform is to get other attributes (`mapped_at`), everybody who was delivered before becomes due as well: it
    may not keep what it has never shown of anybody, so that comparing would not tell.
    """
    changed: dict[str, Value] = {"settings": settings, "check": None, "rests_until": None, "rests_because": None}
    if _mapping_in(platform_item(deployment, tenant).get("settings")) != _mapping_in(settings):
        changed["mapped_at"] = stamp(now)
    update_platform(deployment, tenant, changed | due_at(stamp(now + SETTLING)))


def _mapping_in(settings: Mapping[str, Any] | None) -> tuple[Any, ...]:
    found = settings or {}
    return found.get("mapping") or {}, found.get("roles"), (found.get("quirks") or {}).get("omit") or []


def register(deployment: Deployment, tenant: str, now: datetime) -> None:
    """Let a tenant's platform be compared from now on, if it is not yet."""
    new = Condition(
        "it is compared already", "attribute_not_exists(#due_pk) OR #due_pk = :none_yet", {"none_yet": _NONE_YET}
    )
    update_platform(deployment, tenant, due_at(stamp(now + SETTLING)), new)


def is_compared(item: Mapping[str, Any]) -> bool:
    """Whether a tenant whose platform's item this is has its platform compared now and then."""
    return item.get("due_pk") == DUE_SHARD


def end_comparisons(deployment: Deployment, tenant: str, now: datetime) -> None:
    """Compare no more: there is no platform."""
    item = platform_item(deployment, tenant)
    if "settings" in item:
        update_platform(deployment, tenant, {"due_pk": None, "due_at": None, "check": None})
    await_platform(deployment, tenant, item, now)


def await_platform(deployment: Deployment, tenant: str, item: Mapping[str, Any], now: datetime) -> None:
    """Have the sweep know of a tenant without a platform, for the day on which the deployment gets one.

    `item` is the platform's as it was read. A tenant that wants none has settings which say so.
    """
    if "settings" in item or item.get("due_pk") == _NONE_YET:
        return
    no_wish = Condition("the tenant has settings now", "attribute_not_exists(#settings)")
    awaiting: dict[str, Value] = {"due_pk": _NONE_YET, "due_at": stamp(now), "check": None}
    update_platform(deployment, tenant, awaiting, no_wish)


def awaiting_tenants(deployment: Deployment) -> Iterator[str]:
    """Yield the tenants that await a platform of the deployment, by an index that may lag a little."""
    table, values = deployment.names.directory_table, {"shard": _NONE_YET}
    for item in query(deployment.dynamodb, table, "#due_pk = :shard", values, IndexName=_DUE_INDEX):
        yield _tenant_of(item)


def due_at(at: str) -> dict[str, Value]:
    """Return the attributes by which a platform is compared at a time."""
    return {"due_pk": DUE_SHARD, "due_at": at}


def due_platforms(deployment: Deployment, now: datetime | None = None) -> list[tuple[str, str]]:
    """Return the tenants whose platform is due to be compared, and since when (all that ever will be without `now`).

    By an index that may lag a little.
    """
    values: dict[str, Value] = {"shard": DUE_SHARD, "now": stamp(now) if now else _NEVER}
    condition = "#due_pk = :shard AND #due_at <= :now"
    table = deployment.names.directory_table
    items = query(deployment.dynamodb, table, condition, values, IndexName=_DUE_INDEX)
    return [(_tenant_of(item), item["due_at"]) for item in items]


def _tenant_of(item: Mapping[str, Any]) -> str:
    return str(item["pk"]).removeprefix("T#")


def update_platform(
    deployment: Deployment, tenant: str, values: Mapping[str, Value], condition: Condition | None = None
) -> bool:
    """Change some attributes (None removes one); whether the condition held."""
    table = deployment.names.directory_table
    update = Update(table, keys.platform(tenant), assignments(values), values, condition)
    try:
        write(deployment.dynamodb, update)
    except ConditionFailed:
        return False
    return True


def note_sent(
    deployment: Deployment, tenant: str, item: Mapping[str, Any], external_ids: Sequence[str], now: datetime
) -> None:
    """Put down who is to be delivered since a moment ago; whether they wait, `GET /health` looks up.

    `item` is the platform's: of those whom it names as many are kept as there is room for.
    """
    people = [*dict.fromkeys([*external_ids[::-1], *sent_last_in(item)[::-1]])][:NOTED]
    update_platform(deployment, tenant, {"sent_last": {"at": stamp(now), "people": people[::-1]}})


def sent_last_in(item: Mapping[str, Any]) -> list[str]:
    """Return some of those who are to be delivered since a moment ago, the last one at the end."""
    return list((item.get("sent_last") or {"people": []})["people"])


def microseconds_between(item: Mapping[str, Any]) -> int:
    """Return how much time a platform wants between two requests, 0 if it has no limit."""
    allowed = (item.get("settings") or {}).get("requests_per_minute")
    return -(-_MINUTE // int(allowed)) if allowed else 0


def rests(item: Mapping[str, Any], now: datetime) -> bool:
    """Whether a platform is left alone for a while: it is down, or asked for that."""
    return str(item.get("rests_until", "")) > stamp(now)


def reserve(deployment: Deployment, tenant: str, what: str, took: int, span: tuple[int, int]) -> int | None:
    """Reserve `took` microseconds of what a platform can take, and return when they begin (since 1970).

    `what` names the line: whoever comes later gets the time after, so that all workers together keep the pace. `span`
    is now, and the latest that the reserved time may end: None if it would end later.
    """
    now, latest = span
    while True:
        item = platform_item(deployment, tenant)
        begin = max(now, int(item.get(what, 0)))
        if begin + took > latest:
            return None
        seen = item.get(what)
        same = "attribute_not_exists(#{0})" if seen is None else "#{0} = :seen"
        unchanged = Condition("someone else reserved meanwhile", same.format(what), {"seen": seen})
        if update_platform(deployment, tenant, {what: begin + took}, unchanged):
            return begin
