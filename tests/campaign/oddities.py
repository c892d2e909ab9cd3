"""What befalls messages, out of the blue: they come again, get lost, or come back while someone is still at work."""

from __future__ import annotations

from random import Random

from tests.worlds.queues import Message
from tests.worlds.world import World


def deliver_again(world: World, random: Random) -> str | None:
    """Any message may come again, at any time; return which."""
    if not world.sqs.sent:
        return None
    queue, one = random.choice(world.sqs.sent)
    now = world.clock()
    world.sqs.queues[queue].messages.append(Message(one.id, one.body, now, now, one.group, one.deduplication))
    return f"again: {queue} {one.body[:90]}"


def lose(world: World) -> str:
    """A message goes missing (8.4). What S3 tells of a feed does not: nobody else knows of it."""
    for queue in world.sqs.queues.values():
        if queue.name != "delivery.fifo":
            queue.messages = [one for one in queue.messages if "Records" in one.body or one.handle is not None]
    return "lost: what waited"


def let_time_pass(world: World) -> str | None:
    """Messages come back while whoever has them is still at work."""
    comes_back = world.sqs.next_visible()
    if comes_back is None:
        return None
    world.clock.until(comes_back)
    return "time passes"
