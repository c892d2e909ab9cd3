"""MiniStack, mended where it must be for us. Runs in MiniStack's own environment (see install.py).

Paths of a REST API stay as they were sent, as they do on AWS. MiniStack decodes them before it looks for the route:
`/job-titles/Chef%2FCook` would be nowhere, and `a%252Fb` be taken for `a/b`.

Queues stay fast when they are long. MiniStack looks at every message of a queue, several times, for each one that is
sent or received: with 50,000 people on their way to the learning platform that alone would take most of an hour. The
functions here do the same as those whose place they take, with as few looks as possible.
"""

from __future__ import annotations

import json
import sys
import time
from bisect import bisect_left
from itertools import islice
from operator import itemgetter
from typing import Any

from ministack import app
from ministack.services import sqs

type Message = dict[str, Any]
type Queue = dict[str, Any]

_slow = {name: getattr(sqs, name) for name in ("_dlq_sweep", "_ensure_msg_fields", "_expire_retained")}
_execute_decoded = app._handle_execute_api_request  # noqa: SLF001 - we stand in for functions of that module
_slow_delete = sqs._delete_messages_for_esm  # noqa: SLF001 - we stand in for functions of that module


async def execute_as_sent(host: str, path: str, *request: Any, raw_path: str | None = None, **more: Any) -> Any:  # noqa: ANN401 - MiniStack's own arguments
    """Hand a request to an API, with its path as it was sent."""
    return await _execute_decoded(host, raw_path or path, *request, raw_path=raw_path, **more)


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
    if policy and _most_receives(queue) >= int(json.loads(policy)["maxReceiveCount"]):
        _slow["_dlq_sweep"](queue)


def _most_receives(queue: Queue) -> int:
    """Return how often some message was received, in a FIFO queue the most that ever was."""
    if queue["is_fifo"]:
        return int(queue.get("most_receives", 0))
    return max(map(itemgetter("receive_count"), queue["messages"]), default=0)


def ensure_msg_fields(message: Message) -> None:
    """Complete a message that another service put into the queue; `seq` is the last field to be completed."""
    if "seq" not in message:
        _slow["_ensure_msg_fields"](message)


def collect_fifo(queue: Queue, most: int, visibility: int, now: float) -> list[Message]:
    """Take the first visible messages of groups of which none is being worked on; `taken` are those that are."""
    messages = queue["messages"]
    known = [one for one in queue.get("taken", ()) if one["visible_at"] > now and _place(messages, one) is not None]
    busy = {one["group_id"] for one in known}
    free = (one for one in messages if one["visible_at"] <= now and one["group_id"] not in busy)
    taken = list(islice(free, most))
    for message in taken:
        _take(message, visibility, now)
    queue["taken"] = known + taken
    queue["most_receives"] = max([queue.get("most_receives", 0), *(one["receive_count"] for one in taken)])
    return taken


def delete_messages(url: str, handles: set[str]) -> None:
    """Delete what a function has worked on."""
    with sqs._queues_lock:  # noqa: SLF001 - as above
        queue = sqs._get_q(url)  # noqa: SLF001 - as above
        done = [one for one in queue.get("taken", ()) if one["receipt_handle"] in handles]
        for message in done:
            place = _place(queue["messages"], message)
            if place is not None:
                del queue["messages"][place]
    others = handles - {one["receipt_handle"] for one in done}
    if others:
        _slow_delete(url, others)


def _take(message: Message, visibility: int, now: float) -> None:
    message["receipt_handle"] = sqs.new_uuid()
    message["visible_at"] = now + visibility
    message["receive_count"] += 1
    if message.get("first_receive_at") is None:
        message["first_receive_at"] = now


def _place(messages: list[Message], message: Message) -> int | None:
    """Return where a message of a FIFO queue stands; they stand in the order of their sequence numbers."""
    place = bisect_left(messages, message["seq"], key=itemgetter("seq"))
    return place if place < len(messages) and messages[place] is message else None


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


def keep_paths_as_sent() -> None:
    """Put our function in the place of MiniStack's."""
    app._handle_execute_api_request = execute_as_sent  # noqa: SLF001 - as above


if __name__ == "__main__":
    make_queues_fast()
    keep_paths_as_sent()
    sys.exit(app.main())
