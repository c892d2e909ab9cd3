"""What happens to queues in a random life of theirs; run by MiniStack's own interpreter, see test_ministack_server.py.

Prints one line for each step: what was received, and how the queues stand afterwards.
"""

import itertools
import random
import sys
import time
from typing import Any

from ministack.services import sqs

STEPS = 400
GROUPS, WORK = 5, 12


class Life:
    """One queue with its dead letters, in a time that we make pass."""

    def __init__(self, seed: int, *, fifo: bool) -> None:
        self.chance = random.Random(f"{seed} {fifo}")  # noqa: S311 - the same lives every time
        self.now, self.handles, self.fifo = 1_000_000.0, [""], fifo
        numbers = itertools.count()
        time.time = lambda: self.now
        sqs.new_uuid = lambda: f"uuid-{next(numbers)}"
        suffix = f"-{seed}" + (".fifo" if fifo else "")
        kind = {"FifoQueue": "true", "DeduplicationScope": "messageGroup"} if fifo else {}
        dead = self._queue(f"dead{suffix}", kind)
        arn = sqs._get_q(dead)["attributes"]["QueueArn"]
        policy = f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": 3}}'
        limits = {"VisibilityTimeout": "60", "MessageRetentionPeriod": "3600", "RedrivePolicy": policy}
        self.url = self._queue(f"queue{suffix}", kind | limits)
        self.queues = [sqs._get_q(self.url), sqs._get_q(dead)]

    def _queue(self, name: str, attributes: dict[str, str]) -> str:
        return str(sqs._act_create_queue({"QueueName": name, "Attributes": attributes}, None)["QueueUrl"])

    def step(self) -> Any:
        """Do one thing or another, and return what came of it."""
        return self.chance.choice(
            [self.send, self.send, self.send, self.receive, self.receive, self.delete, self.wait]
        )()

    def send(self) -> Any:
        group, work = self.chance.randrange(GROUPS), self.chance.randrange(WORK)
        message = {"QueueUrl": self.url, "MessageBody": f"{group}-{work}"}
        if self.fifo:
            message |= {"MessageGroupId": f"g{group}", "MessageDeduplicationId": f"d{work}"}
        return sqs._act_send_message(message, self.url)["MessageId"]

    def receive(self) -> Any:
        found = sqs._receive_messages_for_esm(self.url, self.chance.choice([1, 3, 10]))
        self.handles += [message["receipt_handle"] for message in found]
        return [(message["body"], message["receive_count"]) for message in found]

    def delete(self) -> Any:
        done = set(self.chance.sample(self.handles, min(len(self.handles), 4)))
        if self.chance.random() < 0.2:  # as a client does it, not as a function
            handle = next(iter(sorted(done - {""})), "none")
            try:
                return sqs._act_delete_message({"QueueUrl": self.url, "ReceiptHandle": handle}, self.url)
            except Exception as error:  # noqa: BLE001 - it is part of what came of it
                return type(error).__name__
        return sqs._delete_messages_for_esm(self.url, done)

    def wait(self) -> Any:
        self.now += self.chance.choice([1, 10, 61, 301, 2000])
        return self.now

    def standing(self) -> Any:
        """Return how the queues stand: what is in them in which order, how often it was received, what is hidden."""
        return [
            [
                (m["body"], m["receive_count"], m["visible_at"] > self.now, m["receipt_handle"])
                for m in queue["messages"]
            ]
            for queue in self.queues
        ]


def main() -> None:
    """Live through a few lives, with MiniStack's functions or with ours."""
    if sys.argv[1] == "ours":
        sys.path.append(sys.argv[2])
        import ministack_server  # type: ignore[import-not-found]  # a script beside the package

        ministack_server.make_queues_fast()
    for seed, fifo in itertools.product(range(6), (True, False)):
        life = Life(seed, fifo=fifo)
        for _ in range(STEPS):
            print(life.step(), life.standing())


if __name__ == "__main__":
    main()
