"""`/health`: whether the tenant's line moves, and whether the learning platform has everybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import Response

from peoplefeed.api.application import make_router, to_json
from peoplefeed.api.parameters import parameters_of
from peoplefeed.api.tenant import caller_of
from peoplefeed.deployment import Deployment, here
from peoplefeed.model import Run
from peoplefeed.storage.platforms import is_delivered_to, platform_item, rests
from peoplefeed.storage.runs import find_run
from peoplefeed.storage.tenants import Tenant, find_tenant

if TYPE_CHECKING:
    from peoplefeed.learning_platform.waiting import Waiting

router = make_router()

LATE = timedelta(minutes=15)  # 8.2


@router.get("/health")
def show_health() -> Response[str]:
    """Return how many feeds and people wait and since when; `late` means longer than a change may take."""
    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    return to_json(health_of(here(), tenant, datetime.now(UTC)))


def health_of(deployment: Deployment, slug: str, now: datetime) -> dict[str, object]:
    """Return the state of a tenant's line and of its deliveries.

    How many wait is counted every five minutes (8.4); whether somebody waits who came since is looked up.
    """
    from peoplefeed.learning_platform.waiting import who_waits  # noqa: PLC0415 - one route of many

    tenant = find_tenant(deployment, slug) or Tenant(slug)
    oldest = find_run(deployment, slug, tenant.applied + 1) if tenant.waits else None
    waited = _since(oldest.registered_at, now) if oldest else timedelta()
    item = platform_item(deployment, slug)
    waiting = who_waits(deployment, slug, item)
    undelivered = _since(waiting.oldest_since, now)
    return {
        "status": "late" if max(waited, undelivered) > LATE else "ok",
        "line": {
            "waiting": tenant.next - 1 - tenant.applied,
            "last_applied": tenant.applied,
            "oldest": _waiting(oldest, waited) if oldest else None,
        },
        "delivery": _delivery(waiting, item, now, delivers=is_delivered_to(deployment, item)),
    }


def _delivery(waiting: Waiting, item: Mapping[str, Any], now: datetime, *, delivers: bool) -> dict[str, object]:
    seconds, resting = _seconds(_since(waiting.oldest_since, now)), rests(item, now)
    return {
        "message": _sentence(waiting, seconds, item, now) if delivers else "There is no learning platform.",
        "waiting": waiting.people,
        "as_of": waiting.as_of,
        "oldest_waiting_seconds": seconds,
        "reasons": waiting.reasons,
        "examples": waiting.examples,
        "rests_until": item["rests_until"] if resting else None,
        "rests_because": item["rests_because"] if resting else None,
    }


def _sentence(waiting: Waiting, seconds: int, item: Mapping[str, Any], now: datetime) -> str:
    resting = f" The learning platform is left alone until {item['rests_until']}." if rests(item, now) else ""
    if not waiting.people:
        return f"Everyone is delivered, oldest waiting 0 s.{resting}"
    why = ", ".join(f"{word} ({number})" for word, number in sorted(waiting.reasons.items(), key=lambda one: -one[1]))
    who = f"{waiting.people} {'person waits' if waiting.people == 1 else 'people wait'}"
    known = f"At least {who}" if waiting.at_least else who
    counted = f" Counted at {waiting.as_of}, and every five minutes." if waiting.as_of else ""
    return f"{known}, oldest waiting {seconds} s: {why}.{counted}{resting}"


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
