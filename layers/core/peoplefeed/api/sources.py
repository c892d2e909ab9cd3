"""`/sources`: the HR systems of a tenant, each by its manifest."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from typing import Any

from aws_lambda_powertools.event_handler import Response

from peoplefeed.api.application import make_router, to_json
from peoplefeed.api.bodies import read_object
from peoplefeed.api.cursors import from_cursor, refused_cursor, to_cursor
from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.api.listings import listed
from peoplefeed.api.parameters import parameters_of
from peoplefeed.api.tenant import caller_of
from peoplefeed.deployment import Deployment, here
from peoplefeed.dynamo.writes import ConditionFailed
from peoplefeed.runs.preview import preview_document, preview_of
from peoplefeed.sources.connection import Safety
from peoplefeed.sources.fetching import Poll
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.mistakes import ManifestError, check_place, parse_manifest
from peoplefeed.sources.signing import secrets_manager
from peoplefeed.sources.standing import standing_of
from peoplefeed.sources.store import (
    Source,
    pause_source,
    put_source,
    remove_source,
    resume_source,
    source_of,
    sources_of,
)
from peoplefeed.storage.holds import find_holds

router = make_router()

_CHECK_SECONDS = 20  # API Gateway gives up after 29
_CHECK_BYTES = 16 * 1024 * 1024
_CHECK_FILE_BYTES = 400 * 1024 * 1024  # what goes to a file, and no further than to the first records
_DEFAULT_SAMPLES, _MOST_SAMPLES = 20, 100


@router.get("/sources")
def list_sources() -> Response[str]:
    """Return the sources by name, and how each of them is doing."""
    tenant = caller_of(router.current_event).tenant
    query = parameters_of(router.current_event)
    question = ("sources", tenant)
    after = _after(from_cursor(question, query.cursor))
    later = (source for source in sources_of(here(), tenant) if source.manifest.name > after)
    shown = list(islice(later, query.limit))
    last = shown[-1].manifest.name if next(later, None) else None
    documents = [_document(here(), source, _now()) for source in shown]
    return listed("sources", documents, to_cursor(question, (last,) if last else None), query.given)


@router.get("/sources/<name>")
def show_source(name: str) -> Response[str]:
    """Return one source with its manifest."""
    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    return to_json(_whole(_known(tenant, name)))


@router.put("/sources/<name>")
def put(name: str) -> Response[str]:
    """Connect a source, or correct its manifest."""
    event = router.current_event
    tenant = caller_of(event).tenant
    parameters_of(event)
    body = read_object(event)
    if body.setdefault("name", name) != name:
        sentence = f"The manifest is that of another source than '{name[:100]}'. A source never changes its name."
        raise Refusal(Reason.MANIFEST_INVALID, sentence, field="name")
    is_new = put_source(here(), tenant, _manifest(tenant, body), _now())
    return to_json(_whole(_known(tenant, name)), HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@router.delete("/sources/<name>")
def remove(name: str) -> Response[str]:
    """Forget a source; whom it brought stays."""
    return _changed(name, lambda deployment, tenant: _remove(deployment, tenant, name))


@router.post("/sources/<name>/pause")
def pause(name: str) -> Response[str]:
    """Poll a source no more."""
    return _changed(name, lambda deployment, tenant: pause_source(deployment, tenant, name))


@router.post("/sources/<name>/resume")
def resume(name: str) -> Response[str]:
    """Poll a source again."""
    return _changed(name, lambda deployment, tenant: resume_source(deployment, tenant, name, _now()))


@router.post("/sources/check")
def check() -> Response[str]:
    """Try a manifest: fetch a few records and say what it makes of them. Nothing is written."""
    event = router.current_event
    tenant = caller_of(event).tenant
    parameters_of(event)
    body = read_object(event)
    wanted, limit = body.get("manifest"), body.get("limit", _DEFAULT_SAMPLES)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= _MOST_SAMPLES:
        raise Refusal(Reason.FIELD_INVALID, f"limit is a number from 1 to {_MOST_SAMPLES}.", field="limit")
    if not isinstance(wanted, dict) or body.keys() - {"manifest", "limit"}:
        raise Refusal(Reason.FIELD_INVALID, "Send the manifest as `manifest`, and perhaps a `limit`.", field="manifest")
    manifest = _manifest(tenant, wanted)
    if not manifest.is_polled:
        sentence = "What is dropped cannot be fetched. Try the manifest on a file: peoplefeed source check --file."
        raise Refusal(Reason.MANIFEST_INVALID, sentence, field="transport")
    names = here().names
    safety = Safety(names.stage == "local", _CHECK_SECONDS, _CHECK_BYTES, _CHECK_FILE_BYTES, names.source_hosts)
    poll = Poll(_now(), "check", safety)
    return to_json(preview_document(preview_of(tenant, manifest, secrets_manager(here()), poll, limit)))


def _changed(name: str, change: Callable[[Deployment, str], None]) -> Response[str]:
    tenant = caller_of(router.current_event).tenant
    parameters_of(router.current_event)
    try:
        change(here(), tenant)
    except ConditionFailed:
        raise _unknown(name) from None
    source = source_of(here(), tenant, name)
    return to_json(_document(here(), source, _now()) if source else {"name": name, "removed": True})


def _remove(deployment: Deployment, tenant: str, name: str) -> None:
    """6.3: a release reads the held feed again, as the manifest says: without one it would mean something else."""
    held = find_holds(deployment, tenant, name)
    if held:
        sentence = f"Something of this source is held: release or discard {held[0].id} first."
        raise Refusal(Reason.SOURCE_HELD, sentence, field="name")
    remove_source(deployment, tenant, name, _now())


def _manifest(tenant: str, body: dict[str, Any]) -> SourceManifest:
    """Return the manifest that a body is.

    Raises:
        Refusal: all its mistakes, at their places.
    """
    names = here().names
    try:
        manifest = parse_manifest(json.dumps(body))
        check_place(manifest, tenant, names.source_hosts, local=names.stage == "local")
    except ManifestError as error:
        sentence = " ".join(f"{mistake.place}: {mistake.message}" for mistake in error.mistakes)
        raise Refusal(
            Reason.MANIFEST_INVALID, f"{sentence} Nothing was changed.", field=error.mistakes[0].place
        ) from None
    return manifest


def _known(tenant: str, name: str) -> Source:
    source = source_of(here(), tenant, name)
    if source is None:
        raise _unknown(name)
    return source


def _unknown(name: str) -> Refusal:
    return Refusal(
        Reason.SOURCE_UNKNOWN, f"There is no source '{name[:100]}'; GET /sources lists those that are there."
    )


def _document(deployment: Deployment, source: Source, now: datetime) -> dict[str, Any]:
    manifest = source.manifest
    trouble = {"code": source.trouble, "since": source.troubled_since, "failures": source.failures}
    return {
        "name": manifest.name,
        "kind": manifest.kind.value,
        "mode": manifest.mode.value,
        "transport": manifest.transport,
        "base_url": manifest.base_url,
        "poll_every_minutes": manifest.poll_every_minutes if manifest.is_polled else None,
        "state": standing_of(deployment, source, now).value,
        "next_poll": source.due_at,
        "last_poll": source.last_poll,
        "last_feed": source.last_feed,
        "trouble": trouble if source.failures else None,
    }


def _whole(source: Source) -> dict[str, Any]:
    manifest = source.manifest.model_dump(mode="json", exclude_defaults=True)
    return _document(here(), source, _now()) | {"manifest": manifest}


def _after(mark: tuple[str | int, ...] | None) -> str:
    match mark:
        case None:
            return ""
        case (str(name),):
            return name
        case _:
            raise refused_cursor()


def _now() -> datetime:
    return datetime.now(UTC)
