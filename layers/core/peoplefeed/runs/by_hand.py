"""What an administrator asks for about one person, as feeds of their own (1.8)."""

import uuid
from datetime import datetime

from peoplefeed.deployment import Deployment
from peoplefeed.model import BY_API, Feed, FeedKind, FeedMode, Purpose
from peoplefeed.runs.register import register_and_wake
from peoplefeed.times import arrival


def let_go(deployment: Deployment, tenant: str, external_id: str, now: datetime, by: str) -> int:
    """Ask that someone's source owns them no more (3.13); return the number of the run."""
    return _ask(deployment, tenant, Purpose.LETTING_GO, external_id, now, by)


def erase(deployment: Deployment, tenant: str, external_id: str, now: datetime, by: str) -> int:
    """Ask that nothing be known of someone but the external ID; return the number of the run."""
    return _ask(deployment, tenant, Purpose.ERASURE, external_id, now, by)


def _ask(deployment: Deployment, tenant: str, purpose: Purpose, external_id: str, now: datetime, by: str) -> int:
    feed = Feed(
        tenant=tenant,
        source=BY_API,
        kind=FeedKind.EMPLOYEES,
        mode=FeedMode.CHANGES,
        key=f"{purpose}/",
        version_id=uuid.uuid4().hex,
        age=arrival(now),
        uploaded_by=by,
        purpose=purpose,
        errand=external_id,
    )
    return register_and_wake(deployment, feed, now)
