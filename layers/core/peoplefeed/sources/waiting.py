"""Whether a source's last feed is still on its way through the line: then it is not polled again."""

from datetime import datetime, timedelta

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.reads import get
from peoplefeed.sources.store import Source
from peoplefeed.storage.tenants import find_tenant
from peoplefeed.times import stamp

_PATIENCE = timedelta(hours=1)
"""How long a landed feed may take to get a number. If its notice was lost, the next poll makes up for it."""


def last_feed_waits(deployment: Deployment, source: Source, now: datetime) -> bool:
    """Return whether the line has not passed the feed that this source landed last."""
    if source.last_feed is None:
        return False
    number = _number_of(deployment, source)
    if number is None:
        return (source.landed_at or "") > stamp(now - _PATIENCE)
    tenant = find_tenant(deployment, source.tenant)
    return tenant is not None and tenant.applied < number


def _number_of(deployment: Deployment, source: Source) -> int | None:
    """Return the number that the feed got when it was delivered (1.3)."""
    digest = keys.delivery_digest(source.last_feed or "", source.last_version or "")
    delivery = get(deployment.dynamodb, deployment.names.directory_table, keys.delivery(source.tenant, digest))
    return int(delivery["number"]) if delivery else None
