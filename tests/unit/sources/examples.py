"""Manifests for the tests of sources."""

from __future__ import annotations

import json
from typing import Any

from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.mistakes import parse_manifest

FIELDS: dict[str, Any] = {"external_id": "id", "first_name": "first", "last_name": "last", "job_title": "title"}


def document(**changes: Any) -> dict[str, Any]:
    """A small manifest as a document, with changes; None takes a key out."""
    whole = {"name": "hr", "base_url": "https://hr.example.com", "fields": FIELDS} | changes
    return {key: value for key, value in whole.items() if value is not None}


def manifest(**changes: Any) -> SourceManifest:
    """A small manifest with changes."""
    return parse_manifest(json.dumps(document(**changes)))
