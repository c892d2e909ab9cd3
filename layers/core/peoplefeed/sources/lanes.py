"""Two lanes for polls, so that nobody waits behind an HR system that hangs (9.3).

Whoever is well is polled in the quick lane, where nobody may stay for long. Who does not get through there, or
fails, goes on in the slow lane, and begins there until it is well and quick again. Each lane has a queue and
workers of its own.
"""

import json
from dataclasses import dataclass

from peoplefeed.deployment import Deployment
from peoplefeed.sources.store import Source

QUICK_SECONDS = 20.0
"""How long a poll may take in the quick lane; a system that hangs holds a worker for as long, once."""

_SURELY_QUICK = QUICK_SECONDS / 2


@dataclass(frozen=True, slots=True)
class LeftToSlowLane:
    """The poll needs more time or patience than the quick lane has, and goes on in the slow one."""

    reason: str


def is_slow(source: Source) -> bool:
    """Whether a source begins in the slow lane."""
    return source.slow or source.failures > 0 or source.checkpoint is not None


def was_slow(source: Source, seconds: float) -> bool:
    """Whether a source that was seen whole in so many seconds stays in the slow lane, if it was there."""
    return is_slow(source) and (source.checkpoint is not None or seconds > _SURELY_QUICK)


def to_slow_lane(deployment: Deployment, source: Source, *, delay: int = 0, **what: str | None) -> None:
    """Send a message for the slow lane that says what to do, `due` or `resume` as `Poll` has them."""
    deployment.sqs.send_message(
        QueueUrl=deployment.names.slow_poll_queue_url,
        MessageBody=json.dumps({"tenant": source.tenant, "source": source.manifest.name, **what}),
        DelaySeconds=delay,
        MessageGroupId=source.tenant,  # fair between tenants, like the quick lane's
    )
