"""What arrives on the import queue, and what is done about it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from peoplefeed import telemetry
from peoplefeed.attention import ask_for_attention
from peoplefeed.deployment import Deployment
from peoplefeed.model import Run
from peoplefeed.runs.line import advance
from peoplefeed.runs.register import UnknownTenant, feed_of_object, is_on_its_way, register

_FEEDS = "feeds/"


def handle_import(deployment: Deployment, body: Mapping[str, Any], now: datetime, message_id: str) -> Run | None:
    """Register the feeds that a notification tells of, or take a wake-up; then look at the tenants' lines.

    S3's test event, and notifications of anything but feeds, are for nobody: folders and unfinished files (1.14).
    """
    tenants = {body["tenant"]} if "tenant" in body else set(_register_all(deployment, body, now))
    run = None
    for tenant in sorted(tenants):
        run = advance(deployment, tenant, message_id, now)
    return run


def _register_all(deployment: Deployment, body: Mapping[str, Any], now: datetime) -> Iterator[str]:
    for record in body.get("Records", ()):
        described = record["s3"]["object"]
        key = unquote_plus(described["key"])
        if not key.startswith(_FEEDS):
            continue
        if is_on_its_way(key):
            telemetry.logger.info("a file is not there yet", extra={"event": "file-on-its-way"})
            continue
        feed = feed_of_object(deployment, key, described["versionId"])
        if feed is None:
            telemetry.logger.warning("a feed object is gone", extra={"event": "feed-gone"})
            continue
        try:
            register(deployment, feed, now)
        except UnknownTenant as unknown:
            telemetry.logger.error("a feed is for nobody", extra={"event": "unknown-tenant", "tenant": feed.tenant})
            ask_for_attention(deployment, feed.tenant, unknown.error.code, unknown.error.message)
            continue
        yield feed.tenant
