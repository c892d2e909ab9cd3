"""`/platform` and `/employees/…/deliver`: the tenant's learning platform, and sending somebody there again."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from peoplefeed.api.application import make_router, to_json
from peoplefeed.api.bodies import read_object
from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.api.log import unknown_employee
from peoplefeed.api.parameters import external_id_in_path, parameters_of
from peoplefeed.api.tenant import caller_of
from peoplefeed.deployment import Deployment, here
from peoplefeed.learning_platform.brakes import requests_per_minute_in
from peoplefeed.learning_platform.requests import Asked, compare_now, deliver_again
from peoplefeed.learning_platform.settings import described_in, settings_of
from peoplefeed.storage.platforms import is_compared, is_delivered_to, platform_item, put_settings

router = make_router()

_NONE = "There is no learning platform. Give the tenant one with PUT /platform."


@router.get("/platform")
def show_platform() -> Response[str]:
    """Return a platform's settings, whether it rests or is slowed down, and what the last comparison found."""
    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    return to_json(platform_document(here(), tenant))


@router.put("/platform")
def put_platform() -> Response[str]:
    """Give the tenant a platform, or other settings. Everybody is compared with it some minutes later."""
    from peoplefeed.learning_platform.form import FormError, read_form  # noqa: PLC0415 - once in a blue moon

    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    try:
        settings = read_form(tenant, read_object(router.current_event))
    except FormError as error:
        raise Refusal(Reason.FIELD_INVALID, str(error), field=error.place) from error
    put_settings(here(), tenant, settings, datetime.now(UTC))
    return to_json(platform_document(here(), tenant))


@router.delete("/platform")
def delete_platform() -> Response[str]:
    """Forget the tenant's settings: the deployment's platform is theirs again, if there is one."""
    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    put_settings(here(), tenant, None, datetime.now(UTC))
    return to_json(platform_document(here(), tenant))


@router.post("/platform/compare")
def compare_platform() -> Response[str]:
    """Compare the platform with the directory now; its outcome is in `GET /platform`."""
    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    if not compare_now(here(), tenant, datetime.now(UTC)):
        raise Refusal(Reason.PLATFORM_MISSING, _NONE)
    return to_json({"comparing": True}, HTTPStatus.ACCEPTED, {"Location": "/platform"})


@router.post("/employees/<external_id>/deliver")
def deliver_employee(external_id: str) -> Response[str]:
    """Send an employee to the learning platform again."""
    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    known = external_id_in_path(external_id)
    asked = deliver_again(here(), tenant, known, datetime.now(UTC)) if known else Asked.UNKNOWN
    match asked:
        case Asked.UNKNOWN:
            raise unknown_employee()
        case Asked.NEVER_ACTIVE:
            sentence = "They have never been active, and only who has been is delivered (8.1)."
            raise Refusal(Reason.NEVER_ACTIVE, sentence)
        case Asked.NO_PLATFORM:
            raise Refusal(Reason.PLATFORM_MISSING, _NONE)
        case Asked.SENT:
            return to_json({"external_id": known, "delivering": True}, HTTPStatus.ACCEPTED)


def platform_document(deployment: Deployment, tenant: str) -> dict[str, Any]:
    """Return what is known of a tenant's platform: always all keys."""
    item = platform_item(deployment, tenant)
    settings = item.get("settings")
    origin = "tenant" if settings is not None else "deployment" if is_delivered_to(deployment, item) else None
    return {
        "delivers": is_delivered_to(deployment, item),
        "settings_of": origin,
        "settings": settings,
        "rests_until": item.get("rests_until"),
        "rests_because": item.get("rests_because"),
        "slowed_to_per_minute": requests_per_minute_in(item),
        "next_comparison": item["due_at"] if is_compared(item) else None,
        "described": _described(deployment, tenant, item),
        "comparing": _progress(item.get("check")),
        "last_comparison": item.get("last_check"),
    }


def _described(deployment: Deployment, tenant: str, item: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the last comparison found out about the platform that the tenant has now."""
    settings = settings_of(deployment, tenant, item)
    described = described_in(item, settings) if settings else None
    return {name: value for name, value in described.items() if name != "platform"} if described else None


def _progress(check: dict[str, Any] | None) -> dict[str, Any] | None:
    return {"started": check["started"], "counts": check["counts"]} if check else None
