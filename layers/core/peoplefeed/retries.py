"""Coming back sooner: a message that failed need not wait for the queue's whole visibility timeout.

The timeout must outlast the longest run of a function; a fault shows in a second.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from botocore.exceptions import ClientError

from peoplefeed import telemetry
from peoplefeed.deployment import Deployment

_FIRST_SECONDS, _MOST_SECONDS = 2, 900


class Received(Protocol):
    """A message as a function receives it."""

    @property
    def receipt_handle(self) -> str:
        """What the queue knows this delivery by."""

    @property
    def attributes(self) -> object:
        """The queue's own attributes of the message."""


@contextmanager
def sooner(deployment: Deployment, queue_url: str, record: Received) -> Iterator[None]:
    """Let a message whose handling fails come back after 2, 4, 8 … seconds."""
    try:
        yield
    except Exception:
        received = int(getattr(record.attributes, "approximate_receive_count", None) or 1)
        seconds = min(_FIRST_SECONDS * 2 ** (received - 1), _MOST_SECONDS)
        telemetry.logger.exception("a message failed", extra={"event": "message-failed", "received": received})
        with suppress(ClientError):  # it took so long that the message is somebody else's by now
            deployment.sqs.change_message_visibility(
                QueueUrl=queue_url, ReceiptHandle=record.receipt_handle, VisibilityTimeout=seconds
            )
        raise
