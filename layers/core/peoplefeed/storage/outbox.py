"""What waits for the learning platform, and the messages that ask for its delivery (8.1, 8.4).

The outbox is an index: an employee who is not delivered carries `outbox_pk` and `due`, set by the same write that
changes them. A message only says "look at this person"; what is delivered is read then. So a lost message is a
late one, which the sweep finds, and one too many finds nothing to do.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.retries import pauses
from peoplefeed.dynamo.writes import Contention
from peoplefeed.storage.platforms import microseconds_between, note_sent, platform_item, reserve

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

BATCH = 10
_ID_LENGTH = 128
_SOON = 300 * 1_000_000  # microseconds: what is sent later, the sweep sends

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """Asks for the delivery of one person. `due` is there when the sweep asks: what it set their `due` to.

    `again`: the queue has brought it before, and nobody knows how far the delivery came.
    """

    tenant: str
    external_id: str
    version: int
    due: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """Asks for the comparison of a tenant's platform with the directory. `due` is what the platform's was set to."""

    tenant: str
    due: str


def parse_message(body: str, received: int = 1) -> Message | Check:
    """Return the message that a record of the delivery queue holds, which was received so many times."""
    found = json.loads(body)
    if "check" in found:
        return Check(found["tenant"], found["check"])
    return Message(found["tenant"], found["external_id"], found["version"], found.get("due"), received > 1)


def attributes(tenant: str, external_id: str, due: str) -> dict[str, Value]:
    """Return what marks an employee's item as not yet delivered, to be sent again from `due` on (8.4)."""
    return {"outbox_pk": keys.outbox_pk(tenant, external_id), "due": due}


def message_group(tenant: str, external_id: str) -> str:
    """Return the FIFO group that keeps one person's deliveries in order (8.1)."""
    group = f"{tenant}#{external_id}"
    if len(group) <= _ID_LENGTH and group.isascii() and group.isprintable() and " " not in group:
        return group
    return _digest(group)


def delivery_entries(
    tenant: str, changed: Iterable[tuple[str, int]], due: str | None = None
) -> list[SendMessageBatchRequestEntryTypeDef]:
    """Return the queue's entries for people and their versions; of several versions of one person the last."""
    people = dict(changed)
    return [
        delivery_entry(Message(tenant, external_id, version, due), str(number))
        for number, (external_id, version) in enumerate(people.items())
    ]


def delivery_entry(message: Message, entry_id: str) -> SendMessageBatchRequestEntryTypeDef:
    """Return the queue's entry for one message.

    The queue swallows what it saw in the last five minutes. The version lets a second change through, and
    the due time a retry of the same one.
    """
    body: dict[str, str | int] = {
        "tenant": message.tenant,
        "external_id": message.external_id,
        "version": message.version,
    }
    if message.due is not None:
        body["due"] = message.due
    return {
        "Id": entry_id,
        "MessageBody": json.dumps(body),
        "MessageGroupId": message_group(message.tenant, message.external_id),
        "MessageDeduplicationId": _digest(
            f"{message.tenant}#{message.external_id}#{message.version}#{message.due or ''}"
        ),
    }


def send_deliveries(
    deployment: Deployment, tenant: str, changed: Iterable[tuple[str, int]], due: str | None = None
) -> None:
    """Ask for the delivery of people who are in the outbox. Never fails: what is not sent now, the sweep sends."""
    send_entries(deployment, delivery_entries(tenant, changed, due))


def send_changes(deployment: Deployment, tenant: str, changed: Sequence[tuple[str, int]], now: datetime) -> None:
    """Ask for the delivery of people who have just changed, if their platform has time for them soon.

    A first load would fill the queue for hours, and everybody else's changes would stand behind it: the sweep
    sends what is left here, at the platform's pace.
    """
    if not changed:
        return
    item = platform_item(deployment, tenant)
    note_sent(deployment, tenant, item, [external_id for external_id, _ in changed], now)
    every = microseconds_between(item)
    if every:
        present = int(now.timestamp() * 1_000_000)
        if reserve(deployment, tenant, "sends_until", len(changed) * every, (present, present + _SOON)) is None:
            return
    send_deliveries(deployment, tenant, changed)


def check_entry(tenant: str, due: str) -> SendMessageBatchRequestEntryTypeDef:
    """Return the queue's entry that asks for the comparison of a tenant's platform (or its next part)."""
    return {
        "Id": "check",
        "MessageBody": json.dumps({"tenant": tenant, "check": due}),
        "MessageGroupId": _digest(f"check {tenant}"),
        "MessageDeduplicationId": _digest(f"check {tenant} {due}"),
    }


def send_entries(deployment: Deployment, entries: Iterable[SendMessageBatchRequestEntryTypeDef]) -> int:
    """Send entries of any number and return how many the queue took."""
    if not deployment.names.delivery_queue_url:
        return 0
    return sum(_send_batch(deployment, some) for some in batched(entries, BATCH, strict=False))


def _send_batch(deployment: Deployment, entries: Sequence[SendMessageBatchRequestEntryTypeDef]) -> int:
    waiting = {entry["Id"]: entry for entry in entries}
    url = deployment.names.delivery_queue_url
    try:
        for _ in pauses():
            answer = deployment.sqs.send_message_batch(QueueUrl=url, Entries=list(waiting.values()))
            waiting = {failed["Id"]: waiting[failed["Id"]] for failed in answer.get("Failed", ())}
            if not waiting:
                break
    except (Contention, ClientError, BotoCoreError) as error:
        _log.error("the delivery queue did not take %d messages: %s", len(waiting), type(error).__name__)
    return len(entries) - len(waiting)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
