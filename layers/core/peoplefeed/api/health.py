"""`/health`: whether the tenant's line moves."""

from datetime import UTC, datetime, timedelta

from aws_lambda_powertools.event_handler import Response

from peoplefeed.api.application import make_router, to_json
from peoplefeed.api.parameters import parameters_of
from peoplefeed.api.tenant import caller_of
from peoplefeed.deployment import Deployment, here
from peoplefeed.model import Run
from peoplefeed.storage.runs import find_run
from peoplefeed.storage.tenants import Tenant, find_tenant

router = make_router()

LATE = timedelta(minutes=15)  # 8.2


@router.get("/health")
def show_health() -> Response[str]:
    """Return how many feeds wait and since when; `late` means longer than a change may take."""
    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    return to_json(health_of(here(), tenant, datetime.now(UTC)))


def health_of(deployment: Deployment, slug: str, now: datetime) -> dict[str, object]:
    """Return the state of a tenant's line."""
    tenant = find_tenant(deployment, slug) or Tenant(slug)
    oldest = find_run(deployment, slug, tenant.applied + 1) if tenant.waits else None
    waited = now - datetime.fromisoformat(oldest.registered_at) if oldest else timedelta()
    return {
        "status": "late" if waited > LATE else "ok",
        "line": {
            "waiting": tenant.next - 1 - tenant.applied,
            "last_applied": tenant.applied,
            "oldest": _waiting(oldest, waited) if oldest else None,
        },
    }


def _waiting(run: Run, waited: timedelta) -> dict[str, object]:
    return {
        "number": run.number,
        "state": run.state.value,
        "registered_at": run.registered_at,
        "waited_seconds": max(0, int(waited.total_seconds())),
    }
