"""What no single key of a manifest can get wrong: keys that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from peoplefeed.model import FeedMode
from peoplefeed.rules.rows import STATUSES
from peoplefeed.sources.auth import ApiKey
from peoplefeed.sources.pagination import Cursor
from peoplefeed.sources.parts import PLACEHOLDER

if TYPE_CHECKING:
    from peoplefeed.sources.manifest import FieldRule, SourceManifest

type _Found = Iterator[tuple[str, str]]

_OF_JSON = ("paginator", "records", "keyed_by", "error", "empty", "filter", "details", "incremental", "deleted")
_OF_POLLS = ("base_url", "auth", "request", "rate_limit", "poll_every_minutes", *_OF_JSON[:-1])


def contradictions(manifest: SourceManifest, required: Sequence[str], optional: Sequence[str]) -> list[tuple[str, str]]:
    """Return the places of contradictions, each with a sentence that says what would be right."""
    return [
        *_in_transport(manifest),
        *_in_format(manifest),
        *_in_mode(manifest),
        *_in_cursors(manifest),
        *_in_details(manifest),
        *_in_fields(manifest, required, optional),
    ]


def _in_transport(manifest: SourceManifest) -> _Found:
    if manifest.is_polled and manifest.base_url is None:
        yield "base_url", "it is missing. Say where the HR system is, like https://api.example.com/v1."
    if not manifest.is_polled:
        for key in _OF_POLLS:
            if _is_given(manifest, key):
                yield key, "what is dropped is not asked for; leave it out, or use transport 'poll'."
    if isinstance(manifest.auth, ApiKey) and manifest.auth.body and manifest.request.method != "POST":
        yield "auth.body", "only a POST has a body; use header or query, or request.method 'POST'."


def _in_format(manifest: SourceManifest) -> _Found:
    if manifest.format == "csv":
        for key in _OF_JSON:
            if _is_given(manifest, key):
                yield key, "a file is taken as it is, whole; leave it out, or use format 'json'."


def _is_given(manifest: SourceManifest, key: str) -> bool:
    return bool(getattr(manifest, key) != type(manifest).model_fields[key].get_default())


def _in_mode(manifest: SourceManifest) -> _Found:
    if manifest.leavers == "deactivate" and manifest.mode is not FeedMode.FULL:
        yield "leavers", "only a full feed tells who has left; use 'keep', or mode 'full'."
    if manifest.incremental and manifest.mode is not FeedMode.FULL:
        yield "mode", "with incremental it is 'full'; which poll is full and which is not comes by itself."


def _in_cursors(manifest: SourceManifest) -> _Found:
    changes = manifest.incremental.paginator if manifest.incremental else None
    for place, paginator in (("paginator", manifest.paginator), ("incremental.paginator", changes)):
        if not isinstance(paginator, Cursor):
            continue
        if paginator.next is None and paginator.header is None:
            yield f"{place}.next", f"it is missing. {Cursor.model_fields['next'].description} Or name its header."
        if paginator.next is not None and paginator.header is not None:
            yield f"{place}.header", "the next page is either named in the page or in a header; leave one of them out."


def _in_fields(manifest: SourceManifest, required: Sequence[str], optional: Sequence[str]) -> _Found:
    known = (*required, *optional)
    for field, rule in manifest.fields.items():
        if field == "profile":
            yield "fields.profile", "a source never sets a profile (5.2); leave it out."
        elif field not in known:
            near = get_close_matches(field, known, n=1)
            remedy = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}."
            yield f"fields.{field}", f"there is no such field; {remedy}"
        else:
            yield from _in_rule(manifest, field, rule)
    for field in required:
        if field not in manifest.fields:
            yield f"fields.{field}", "it is required; say where a record holds it."


def _in_details(manifest: SourceManifest) -> _Found:
    inner = manifest.incremental.details if manifest.incremental else None
    for place, details in (("details", manifest.details), ("incremental.details", inner)):
        if details is not None and not PLACEHOLDER.search(f"{details.path} {details.query} {details.body}"):
            yield place, "put {id} where the HR system wants a record's id; else every record gets the same details."


def _in_status(rule: FieldRule) -> _Found:
    ours = {f"values.{word}": status for word, status in rule.values.items()}
    for place, status in (ours | {"constant": rule.constant, "default": rule.default}).items():
        if status is not None and status.strip().lower() not in STATUSES:
            yield f"fields.status.{place}", f"'{status}' is no status; use Active or Inactive."


def _in_rule(manifest: SourceManifest, field: str, rule: FieldRule) -> _Found:
    if field == "status":
        yield from _in_status(rule)
    if manifest.format == "csv" and rule.path is not None:
        yield f"fields.{field}.path", "a file has columns; use column."
    if manifest.format == "json" and rule.column is not None:
        yield f"fields.{field}.column", "a record has no columns; use path, or format 'csv'."
