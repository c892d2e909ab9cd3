"""MiniStack, with queues that stay fast when they are long. Runs in MiniStack's own environment (see install.py).

MiniStack looks at every message of a queue, several times, for each one that is sent or received: with 50,000
people on their way to the learning platform that alone would take most of an hour. The functions here
do the same as those whose place they take, with as few looks as possible.
"""

from __future__ import annotations

import json
import sys
import time
from operator import itemgetter
from typing import Any

from ministack import app
from ministack.services import sqs

type Message = dict[str, Any]
type Queue = dict[str, Any]

_slow = {name: getattr(sqs, name) for name in ("_dlq_sweep", "_ensure_msg_fields", "_expire_retained")}


def prune_dedup(queue: Queue) -> None:
    """Forget the IDs of messages sent more than five minutes ago; the oldest stand first."""
    known, now = queue["dedup_cache"], time.time()
    while known and known[oldest := next(iter(known))]["expire"] <= now:
        del known[oldest]


def expire_retained(queue: Queue) -> None:
    """Drop what has been kept for too long, if the oldest message has: it stands first."""
    messages = queue["messages"]
    if messages and messages[0]["sent_at"] + float(queue["attributes"]["MessageRetentionPeriod"]) <= time.time():
        _slow["_expire_retained"](queue)


def dlq_sweep(queue: Queue) -> None:
    """Move what failed too often to the dead letters, if anything did."""
    policy = queue["attributes"].get("RedrivePolicy")
    most = max(map(itemgetter("receive_count"), queue["messages"]), default=0)
    if policy and most >= int(json.loads(policy)["maxReceiveCount"]):
        _slow["_dlq_sweep"](queue)


def ensure_msg_fields(message: Message) -> None:
    """Complete a message that another service put into the queue; `seq` is the last field to be completed."""
    if "seq" not in message:
        _slow["_ensure_msg_fields"](message)


def collect_fifo(queue: Queue, most: int, visibility: int, now: float) -> list[Message]:
    """Take the first visible messages of groups of which none is being worked on."""
    messages = queue["messages"]
    for message in messages:
        ensure_msg_fields(message)
    busy = {one["group_id"] for one in messages if one["receive_count"] and one["visible_at"] > now}
    taken: list[Message] = []
    for message in messages:
        if len(taken) == most:
            break
        if message["visible_at"] <= now and message["group_id"] not in busy:
            _take(message, visibility, now)
            taken.append(message)
    return taken


def delete_messages(url: str, handles: set[str]) -> None:
    """Delete what a function has worked on."""
    if not handles:
        return
    with sqs._queues_lock:  # noqa: SLF001 - we stand in for a function of that module
        queue = sqs._get_q(url)  # noqa: SLF001 - the same
        queue["messages"] = [one for one in queue["messages"] if one.get("receipt_handle") not in handles]


def _take(message: Message, visibility: int, now: float) -> None:
    message["receipt_handle"] = sqs.new_uuid()
    message["visible_at"] = now + visibility
    message["receive_count"] += 1
    if message.get("first_receive_at") is None:
        message["first_receive_at"] = now


FASTER = {
    "_prune_dedup": prune_dedup,
    "_expire_retained": expire_retained,
    "_dlq_sweep": dlq_sweep,
    "_ensure_msg_fields": ensure_msg_fields,
    "_collect_fifo": collect_fifo,
    "_delete_messages_for_esm": delete_messages,
}


def make_queues_fast() -> None:
    """Put the functions of this module in the place of MiniStack's."""
    for name, function in FASTER.items():
        getattr(sqs, name)  # an error, should another MiniStack no longer have it
        setattr(sqs, name, function)


if __name__ == "__main__":
    make_queues_fast()
    sys.exit(app.main())
