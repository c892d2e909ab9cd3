"""What MemorySQS keeps: queues and their messages."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.worlds.errors import Refused

MOST_BYTES = 1024 * 1024
_ID = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(slots=True)
class Message:
    """A message and what became of it. `handle` is that of its last receive."""

    id: str
    body: str
    sent: datetime
    visible_from: datetime
    group: str | None = None
    deduplication: str | None = None
    receives: int = 0
    handle: str | None = None

    def in_flight(self, now: datetime) -> bool:
        return self.handle is not None and now < self.visible_from


@dataclass(slots=True)
class Queue:
    """A queue: `visibility` in seconds, and where messages go after `most_receives`."""

    name: str
    fifo: bool = False
    visibility: int = 30
    most_receives: int | None = None
    dead_letters: Queue | None = None
    messages: list[Message] = field(default_factory=list)
    seen: dict[tuple[str, str], tuple[datetime, str]] = field(default_factory=dict)

    def available(self, now: datetime) -> list[Message]:
        """Return what may be received now, in order. A FIFO group waits while one of its messages is in flight."""
        if not self.fifo:
            return [message for message in self.messages if message.visible_from <= now]
        busy = {message.group for message in self.messages if message.visible_from > now}
        return [message for message in self.messages if message.group not in busy]


def check_message(queue: Queue, body: str, group: str | None, deduplication: str | None) -> None:
    if not body or len(body.encode()) > MOST_BYTES:
        raise Refused("InvalidParameterValue", "A message must be shorter than 1048576 bytes, and not empty.")
    if queue.fifo and (group is None or deduplication is None):
        raise Refused("MissingParameter", "A FIFO queue needs MessageGroupId and MessageDeduplicationId.")
    if not queue.fifo and deduplication is not None:
        raise Refused("InvalidParameterValue", "MessageDeduplicationId is for FIFO queues.")
    for name, value in (("MessageGroupId", group), ("MessageDeduplicationId", deduplication)):
        if value is not None and not _ID.fullmatch(value):
            raise Refused("InvalidParameterValue", f"{name} can only include alphanumeric and punctuation, 1 to 128.")


def shown(message: Message) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": str(message.receives),
        "SentTimestamp": str(int(message.sent.timestamp() * 1000)),
        "MessageGroupId": message.group,
        "MessageDeduplicationId": message.deduplication,
    }
    return {
        "MessageId": message.id,
        "ReceiptHandle": message.handle,
        "Body": message.body,
        "MD5OfBody": md5(message.body),
        "Attributes": {name: value for name, value in attributes.items() if value is not None},
    }


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
