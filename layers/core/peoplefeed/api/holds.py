"""`/holds`: what safeguards hold back, until an administrator releases or discards what they saw (6.3)."""

import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent

from peoplefeed.api.application import make_router, to_json
from peoplefeed.api.bodies import read_object
from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.api.listings import listed
from peoplefeed.api.parameters import parameters_of
from peoplefeed.api.tenant import caller_of
from peoplefeed.api.views import hold_document, run_document
from peoplefeed.api.waiting import awaited, leading_to, patience_of
from peoplefeed.deployment import here
from peoplefeed.model import Hold, Run
from peoplefeed.runs.holding import HoldChanged, discard, parts_of, release
from peoplefeed.storage.holds import find_hold, find_holds

router = make_router()

_TAG = re.compile(r'"([1-9][0-9]{0,9})"', re.ASCII)
_REMEDY = 'Look at the hold, then send the version that you saw: {"version": N} in the body, or If-Match: "N".'


@router.get("/holds")
def list_holds() -> Response[str]:
    """Return all that is held: one hold at most for each source and safeguard, so that there are no pages."""
    tenant = caller_of(router.current_event).tenant
    query = parameters_of(router.current_event)
    return listed("holds", [hold_document(hold) for hold in find_holds(here(), tenant)], None, query.given)


@router.get("/holds/<hold_id>")
def show_hold(hold_id: str) -> Response[str]:
    """Return one hold."""
    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    hold = _hold(tenant, hold_id)
    return to_json(hold_document(hold), headers={"ETag": f'"{hold.version}"'})


@router.post("/holds/<hold_id>/release")
def release_hold(hold_id: str) -> Response[str]:
    """Deliver what is held again, without the safeguard that held it."""
    tenant = caller_of(router.current_event).tenant
    hold = _hold_as_seen(tenant, hold_id)
    try:
        release(here(), tenant, hold, datetime.now(UTC))
    except HoldChanged as changed:
        raise _changed(_hold(tenant, hold_id)) from changed
    return _begun(tenant, len(hold.runs), parts_of(here(), tenant, hold))


@router.post("/holds/<hold_id>/discard")
def discard_hold(hold_id: str) -> Response[str]:
    """Let go of what is held."""
    caller = caller_of(router.current_event)
    hold = _hold_as_seen(caller.tenant, hold_id)
    try:
        number = discard(here(), caller.tenant, hold, datetime.now(UTC), caller.subject)
    except HoldChanged as changed:
        raise _changed(_hold(caller.tenant, hold_id)) from changed
    return _begun(caller.tenant, 1, [number])


def _hold(tenant: str, encoded: str) -> Hold:
    hold = find_hold(here(), tenant, unquote(encoded))
    if hold is None:
        sentence = "There is no such hold. It may have been released or discarded, or a later feed ended it."
        raise Refusal(Reason.HOLD_UNKNOWN, sentence, field="id")
    return hold


def _hold_as_seen(tenant: str, encoded: str) -> Hold:
    """Return a hold, if it is the one that the caller saw."""
    event = router.current_event
    parameters_of(event)
    seen = _version_seen(event)
    hold = _hold(tenant, encoded)
    if hold.version != seen:
        raise _changed(hold)
    return hold


def _version_seen(event: BaseProxyEvent) -> int:
    versions = {version for version in (_by_header(event), _by_body(event)) if version is not None}
    if not versions:
        raise Refusal(Reason.VERSION_MISSING, f"Nothing says which version of the hold is meant. {_REMEDY}")
    if len(versions) > 1:
        raise Refusal(Reason.FIELD_INVALID, "If-Match and version name two versions. Send one.", field="version")
    return versions.pop()


def _by_header(event: BaseProxyEvent) -> int | None:
    text = event.headers.get("if-match")
    if text is None:
        return None
    found = _TAG.fullmatch(text.strip())
    if found is None:
        raise Refusal(Reason.HEADER_INVALID, f"If-Match names no version. {_REMEDY}", field="If-Match")
    return int(found[1])


def _by_body(event: BaseProxyEvent) -> int | None:
    if not event.body:
        return None
    body = read_object(event)
    for field in body:
        if field != "version":
            raise Refusal(
                Reason.FIELD_UNKNOWN, f"There is no field {field[:100]}; there is version.", field=field[:100]
            )
    version = body.get("version")
    if version is None:
        return None
    if not isinstance(version, int) or isinstance(version, bool):
        raise Refusal(Reason.FIELD_INVALID, "version is a number.", field="version")
    return version


def _changed(hold: Hold) -> Refusal:
    sentence = f"The hold has changed since you saw it: it is version {hold.version} now. {_REMEDY}"
    return Refusal(Reason.HOLD_CHANGED, sentence, field="version", shown={"hold": hold_document(hold)})


def _begun(tenant: str, parts: int, numbers: Iterable[int]) -> Response[str]:
    """Answer with the runs that were begun, and how many follow them one after another."""
    patience = patience_of(router.current_event)
    until = time.monotonic() + patience
    runs: list[Run] = []
    for number in numbers:
        runs.append(awaited(here(), tenant, number, max(0.0, until - time.monotonic())))
        if not runs[-1].state.is_over:
            break
    is_over = bool(patience) and len(runs) == parts and runs[-1].state.is_over
    body = {"runs": [run_document(run) for run in runs], "to_follow": parts - len(runs)}
    status = HTTPStatus.OK if is_over else HTTPStatus.ACCEPTED
    return to_json(body, status, leading_to(runs[-1], waited=is_over))
