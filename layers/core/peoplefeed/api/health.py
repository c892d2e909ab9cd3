"""`/health`: whether the tenant's line moves, and whether the learning platform has everybody."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools.event_handler import Response

from peoplefeed.api.application import make_router, to_json
from peoplefeed.api.parameters import parameters_of
from peoplefeed.api.tenant import caller_of
from peoplefeed.deployment import Deployment, here
from peoplefeed.model import Run
from peoplefeed.storage.platforms import is_delivered_to, platform_item, rests
from peoplefeed.storage.runs import find_run
from peoplefeed.storage.tenants import Tenant, find_tenant

router = make_router()

LATE = timedelta(minutes=15)  # 8.2


@router.get("/health")
def show_health() -> Response[str]:
    """Return how many feeds and people wait and since when; `late` means longer than a change may take."""
    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    return to_json(health_of(here(), tenant, datetime.now(UTC)))


def health_of(deployment: Deployment, slug: str, now: datetime) -> dict[str, object]:
    """Return the state of a tenant's line and of its deliveries; the latter is at most five minutes old (8.4)."""
    tenant = find_tenant(deployment, slug) or Tenant(slug)
    oldest = find_run(deployment, slug, tenant.applied + 1) if tenant.waits else None
    waited = _since(oldest.registered_at, now) if oldest else timedelta()
    item = platform_item(deployment, slug)
    waiting = item.get("waiting") or {}
    undelivered = _since(waiting.get("oldest_since"), now)
    return {
        "status": "late" if max(waited, undelivered) > LATE else "ok",
        "line": {
            "waiting": tenant.next - 1 - tenant.applied,
            "last_applied": tenant.applied,
            "oldest": _waiting(oldest, waited) if oldest else None,
        },
        "delivery": _delivery(deployment, item, waiting, now),
    }


def _delivery(
    deployment: Deployment, item: Mapping[str, Any], waiting: Mapping[str, Any], now: datetime
) -> dict[str, object]:
    delivers = is_delivered_to(deployment, item)
    people, seconds = waiting.get("people", 0), _seconds(_since(waiting.get("oldest_since"), now))
    return {
        "message": _sentence(people, seconds, item, now) if delivers else "There is no learning platform.",
        "waiting": people,
        "oldest_waiting_seconds": seconds,
        "reasons": waiting.get("reasons", {}),
        "examples": waiting.get("examples", []),
        "rests_until": item["rests_until"] if rests(item, now) else None,
        "rests_because": item["rests_because"] if rests(item, now) else None,
    }


def _sentence(people: int, seconds: int, item: Mapping[str, Any], now: datetime) -> str:
    if not people:
        return "Everyone is delivered, oldest waiting 0 s."
    reasons = sorted(item["waiting"]["reasons"].items(), key=lambda pair: -pair[1])
    why = ", ".join(f"{word} ({number})" for word, number in reasons)
    resting = f" The learning platform is left alone until {item['rests_until']}." if rests(item, now) else ""
    noun = "person waits" if people == 1 else "people wait"
    return f"{people} {noun}, oldest waiting {seconds} s: {why}.{resting}"


def _waiting(run: Run, waited: timedelta) -> dict[str, object]:
    return {
        "number": run.number,
        "state": run.state.value,
        "registered_at": run.registered_at,
        "waited_seconds": _seconds(waited),
    }


def _since(moment: str | None, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(moment) if moment else timedelta()


def _seconds(waited: timedelta) -> int:
    return max(0, int(waited.total_seconds()))
