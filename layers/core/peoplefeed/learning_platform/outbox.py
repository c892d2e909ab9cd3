"""The sweep: sends what is due, and what a lost message left behind (8.4).

It claims before it sends: `due` moves on first, so that two sweeps do not send the same, and the message carries the
new time, by which the delivery knows that it was meant. A queue that is still full is left alone, so that a backlog
is not enqueued again and again.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import batched, chain, islice
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.reads import query
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Update, write
from peoplefeed.storage.outbox import BATCH, Message, delivery_entry, send_entries
from peoplefeed.times import stamp

AT_MOST = 10_000
_QUEUE_IS_BUSY = 1_000
_AGAIN = timedelta(minutes=10)
_AT_ONCE = 8


def sweep_outbox(deployment: Deployment, now: datetime) -> int:
    """Send what is due, and return how many messages that was."""
    if not deployment.names.delivery_queue_url or _waiting_in_queue(deployment) >= _QUEUE_IS_BUSY:
        return 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        batches = batched(_due_items(deployment, now), BATCH, strict=False)
        return sum(pool.map(lambda items: _sent(deployment, items, now), batches))


def _waiting_in_queue(deployment: Deployment) -> int:
    answer = deployment.sqs.get_queue_attributes(
        QueueUrl=deployment.names.delivery_queue_url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def _due_items(deployment: Deployment, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield who is due, the longest waiting of each shard first."""
    share = AT_MOST // keys.SHARDS
    return chain.from_iterable(islice(_of_shard(deployment, shard, now), share) for shard in keys.ALL_SHARDS)


def _of_shard(deployment: Deployment, shard: str, now: datetime) -> Iterator[dict[str, Any]]:
    return query(
        deployment.dynamodb,
        deployment.names.directory_table,
        "#outbox_pk = :outbox_pk AND #due <= :now",
        {"outbox_pk": f"OUTBOX#{shard}", "now": stamp(now)},
        IndexName=keys.OUTBOX_INDEX,
    )


def _sent(deployment: Deployment, items: tuple[dict[str, Any], ...], now: datetime) -> int:
    again = stamp(now + _AGAIN)
    claimed = [item for item in items if _claim(deployment, item, again)]
    return send_entries(
        deployment, [delivery_entry(_message(item, again), str(number)) for number, item in enumerate(claimed)]
    )


def _claim(deployment: Deployment, item: dict[str, Any], again: str) -> bool:
    """Move an item's due time on; whether it was still what the index said."""
    expected = Condition("delivered, changed or claimed meanwhile", "#due = :seen", {"seen": item["due"]})
    key = item["pk"], item["sk"]
    update = Update(deployment.names.directory_table, key, "SET #due = :again", {"again": again}, expected)
    try:
        write(deployment.dynamodb, update)
    except ConditionFailed:
        return False
    return True


def _message(item: dict[str, Any], due: str) -> Message:
    tenant, _, external_id = item["pk"].removeprefix("T#").partition("#U#")
    return Message(tenant, external_id, item["version"], due)
