"""The schedule: sources that are due go to the poll queue."""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import batched, chain
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.keys import DUE_INDEX
from peoplefeed.dynamo.reads import query
from peoplefeed.sources.store import DUE_SHARDS
from peoplefeed.times import stamp

_EARLY = timedelta(minutes=1)
"""Due in a moment is due now: a source polled every five minutes must not wait for every second sweep."""

_PARALLEL = 8
_BATCH = 10


class NotEnqueued(Exception):
    """The poll queue did not take some messages; the next sweep sends them again."""


def enqueue_due(deployment: Deployment, now: datetime) -> int:
    """Send every source that is due to the poll queue and return how many there were.

    A source stays due until its poll begins, so a message too many is possible and harmless.

    Raises:
        NotEnqueued: the queue refused some.
    """
    with ThreadPoolExecutor(_PARALLEL) as pool:
        due = chain.from_iterable(pool.map(lambda shard: list(_due_in(deployment, shard, now)), DUE_SHARDS))
        sent = list(pool.map(lambda some: _send(deployment, some), batched(due, _BATCH, strict=False)))
    return sum(sent)


def _due_in(deployment: Deployment, shard: str, now: datetime) -> Iterator[dict[str, str]]:
    condition, values = "#due_pk = :shard AND #due_at <= :now", {"shard": shard, "now": stamp(now + _EARLY)}
    table = deployment.names.directory_table
    return map(_message, query(deployment.dynamodb, table, condition, values, IndexName=DUE_INDEX))


def _message(item: Mapping[str, Any]) -> dict[str, str]:
    tenant, name = item["pk"].removeprefix("T#"), item["sk"].removeprefix("SOURCE#")
    return {"tenant": tenant, "source": name, "due": item["due_at"]}


def _send(deployment: Deployment, messages: Iterable[Mapping[str, str]]) -> int:
    entries: Any = [
        # The queue is fair between groups: a tenant with a thousand sources does not delay one with a single one.
        {"Id": str(index), "MessageBody": json.dumps(each), "MessageGroupId": each["tenant"]}
        for index, each in enumerate(messages)
    ]
    answer = deployment.sqs.send_message_batch(QueueUrl=deployment.names.poll_queue_url, Entries=entries)
    if answer.get("Failed"):
        raise NotEnqueued(f"{len(answer['Failed'])} sources were not put on the poll queue")
    return len(entries)
