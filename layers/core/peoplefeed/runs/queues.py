"""The messages that move the line on."""

import json
from collections.abc import Iterable
from itertools import batched
from typing import TYPE_CHECKING

from peoplefeed.deployment import Deployment

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_BATCH = 10


class NotSent(Exception):
    """The queue did not take some messages."""


def wake(deployment: Deployment, tenant: str) -> None:
    """Have the tenant's line looked at."""
    deployment.sqs.send_message(QueueUrl=deployment.names.import_queue_url, MessageBody=json.dumps({"tenant": tenant}))


def send_chunks(deployment: Deployment, tenant: str, number: int, chunks: Iterable[int]) -> None:
    """Have chunks applied. The group makes the queue fair between tenants; it orders nothing.

    Raises:
        NotSent: the queue refused some; the sweep would find them, but trying again is sooner.
    """
    for some in batched(chunks, _BATCH, strict=False):
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {
                "Id": str(chunk),
                "MessageBody": json.dumps({"tenant": tenant, "run": number, "chunk": chunk}),
                "MessageGroupId": tenant,
            }
            for chunk in some
        ]
        answer = deployment.sqs.send_message_batch(QueueUrl=deployment.names.upsert_queue_url, Entries=entries)
        if answer.get("Failed"):
            raise NotSent(f"{len(answer['Failed'])} chunks of run {number}")
