"""SQS in memory: standard and FIFO queues, as far as the project uses them.

A queue's URL is its name. What was received and not deleted is there again when its visibility ends; what came too
often goes to the queue of dead letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import RLock

from tests.worlds.errors import Exceptions, Refused
from tests.worlds.operations import Answer, Request, operation
from tests.worlds.queues import MOST_BYTES, Message, Queue, check_message, md5, shown

_MOST_ENTRIES = 10
_DEDUPLICATION = timedelta(minutes=5)
_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_MESSAGE = "DelaySeconds MessageAttributes MessageGroupId MessageDeduplicationId"


class MemorySQS:
    """A client and its queues. `sent` keeps every message that a queue ever took, for those who deliver it again.

    Standard queues keep an order of their own: they give out the oldest first, unless `shuffle` says otherwise.
    """

    exceptions = Exceptions()

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.lock = RLock()
        self.queues: dict[str, Queue] = {}
        self.sent: list[tuple[str, Message]] = []
        self.shuffle: Callable[[list[Message]], None] = lambda _messages: None
        self._now = now
        self._count = 0

    # What a test asks for and no client has.

    def fork(self, now: Callable[[], datetime]) -> MemorySQS:
        """Return a client of queues that begin with the same messages."""
        twin = MemorySQS(now)
        twin.sent, twin._count = list(self.sent), self._count
        for queue in self.queues.values():
            messages = [replace(message) for message in queue.messages]
            dead_letters = queue.dead_letters and twin.queues[queue.dead_letters.name]
            twin.add(replace(queue, messages=messages, seen=dict(queue.seen), dead_letters=dead_letters))
        return twin

    def add(self, queue: Queue) -> Queue:
        self.queues[queue.name] = queue
        return queue

    def bodies(self, name: str) -> list[str]:
        """Return what waits in a queue or is in flight."""
        return [message.body for message in self.queues[name].messages]

    def next_visible(self) -> datetime | None:
        """Return when the next message that is out of sight comes back."""
        now = self._now()
        times = [one.visible_from for queue in self.queues.values() for one in queue.messages]
        return min((time for time in times if time > now), default=None)

    def deliver_again(self, name: str | None = None) -> int:
        """Put copies of everything that was ever sent into its queue again, deduplicated or not; return how many."""
        with self.lock:
            again = [(queue, message) for queue, message in self.sent if name in {None, queue}]
            for queue, message in again:
                now = self._now()
                copy = Message(message.id, message.body, now, now, message.group, message.deduplication)
                self.queues[queue].messages.append(copy)
            return len(again)

    def _queue(self, request: Request) -> Queue:
        if request["QueueUrl"] not in self.queues:
            raise Refused("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
        return self.queues[request["QueueUrl"]]

    def _new_id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}-{self._count:08d}"

    # Sending.

    @operation("QueueUrl MessageBody", _MESSAGE)
    def send_message(self, request: Request) -> Answer:
        return self._send(self._queue(request), request)

    @operation("QueueUrl Entries")
    def send_message_batch(self, request: Request) -> Answer:
        queue, entries = self._queue(request), request["Entries"]
        _check_batch(entries)
        if sum(len(entry["MessageBody"].encode()) for entry in entries) > MOST_BYTES:
            raise Refused("AWS.SimpleQueueService.BatchRequestTooLong", "Batch requests cannot be longer than 1 MiB.")
        return _each(entries, lambda entry: self._send(queue, entry))

    def _send(self, queue: Queue, entry: Request) -> Answer:
        body = entry["MessageBody"]
        group, deduplication = entry.get("MessageGroupId"), entry.get("MessageDeduplicationId")
        check_message(queue, body, group, deduplication)
        now = self._now()
        if deduplication is not None:
            at, message_id = queue.seen.get((group or "", deduplication), (None, ""))
            if at is not None and now - at < _DEDUPLICATION:
                return {"MessageId": message_id, "MD5OfMessageBody": md5(body)}
        visible_from = now + timedelta(seconds=entry.get("DelaySeconds", 0))
        message = Message(self._new_id("message"), body, now, visible_from, group, deduplication)
        queue.messages.append(message)
        self.sent.append((queue.name, message))
        if deduplication is not None:
            queue.seen[group or "", deduplication] = now, message.id
        return {"MessageId": message.id, "MD5OfMessageBody": md5(body)}

    # Receiving.

    @operation(
        "QueueUrl",
        "MaxNumberOfMessages VisibilityTimeout WaitTimeSeconds AttributeNames MessageSystemAttributeNames "
        "MessageAttributeNames",
    )
    def receive_message(self, request: Request) -> Answer:
        queue, now = self._queue(request), self._now()
        self._bury(queue, now)
        available = queue.available(now)
        if not queue.fifo:
            self.shuffle(available)
        chosen = available[: request.get("MaxNumberOfMessages", 1)]
        visible_from = now + timedelta(seconds=request.get("VisibilityTimeout", queue.visibility))
        for message in chosen:
            message.receives += 1
            message.handle = self._new_id("receipt")
            message.visible_from = visible_from
        return {"Messages": [shown(message) for message in chosen]} if chosen else {}

    def _bury(self, queue: Queue, now: datetime) -> None:
        """Move what came too often to the dead letters, as SQS does when it would be received once more."""
        if queue.most_receives is None:
            return
        for message in [one for one in queue.available(now) if one.receives >= (queue.most_receives or 0)]:
            queue.messages.remove(message)
            if queue.dead_letters is not None:
                message.visible_from, message.handle = now, None
                queue.dead_letters.messages.append(message)

    @operation("QueueUrl ReceiptHandle")
    def delete_message(self, request: Request) -> Answer:
        self._delete(self._queue(request), request)
        return {}

    @operation("QueueUrl Entries")
    def delete_message_batch(self, request: Request) -> Answer:
        queue = self._queue(request)
        _check_batch(request["Entries"])
        return _each(request["Entries"], lambda entry: self._delete(queue, entry))

    def _delete(self, queue: Queue, entry: Request) -> Answer:
        """Delete what this receipt was given for; an old receipt deletes nothing, and says nothing."""
        queue.messages = [message for message in queue.messages if message.handle != entry["ReceiptHandle"]]
        return {}

    @operation("QueueUrl ReceiptHandle VisibilityTimeout")
    def change_message_visibility(self, request: Request) -> Answer:
        queue, now = self._queue(request), self._now()
        found = [message for message in queue.messages if message.handle == request["ReceiptHandle"]]
        if not found:
            raise Refused("ReceiptHandleIsInvalid", "The specified receipt handle isn't valid.")
        if not found[0].in_flight(now):
            raise Refused("MessageNotInflight", "The specified message isn't in flight.")
        found[0].visible_from = now + timedelta(seconds=request["VisibilityTimeout"])
        return {}

    @operation("QueueUrl", "AttributeNames")
    def get_queue_attributes(self, request: Request) -> Answer:
        queue, now = self._queue(request), self._now()
        in_flight = sum(message.in_flight(now) for message in queue.messages)
        visible = sum(message.visible_from <= now for message in queue.messages)
        attributes = {
            "ApproximateNumberOfMessages": str(visible),
            "ApproximateNumberOfMessagesNotVisible": str(in_flight),
            "ApproximateNumberOfMessagesDelayed": str(len(queue.messages) - visible - in_flight),
        }
        asked = request.get("AttributeNames", ())
        return {"Attributes": {name: value for name, value in attributes.items() if {name, "All"} & set(asked)}}


def _check_batch(entries: list[Request]) -> None:
    ids = [entry["Id"] for entry in entries]
    prefix = "AWS.SimpleQueueService."
    if not ids:
        raise Refused(f"{prefix}EmptyBatchRequest", "The batch request doesn't contain any entries.")
    if len(ids) > _MOST_ENTRIES:
        raise Refused(f"{prefix}TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10.")
    if len(set(ids)) < len(ids):
        raise Refused(f"{prefix}BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.")
    if not all(_ENTRY_ID.fullmatch(entry_id) for entry_id in ids):
        raise Refused(f"{prefix}InvalidBatchEntryId", "The Id of a batch entry doesn't abide by the specification.")


def _each(entries: list[Request], do: Callable[[Request], Answer]) -> Answer:
    answer: Answer = {}
    for entry in entries:
        try:
            answer.setdefault("Successful", []).append({"Id": entry["Id"], **do(entry)})
        except Refused as refused:
            failed = {"Id": entry["Id"], "Code": refused.code, "Message": refused.message, "SenderFault": True}
            answer.setdefault("Failed", []).append(failed)
    return answer
