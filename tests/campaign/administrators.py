"""What administrators ask for in a campaign: holds released or discarded (6.3), people let go of or erased (1.8)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from peoplefeed.deployment import Deployment
from peoplefeed.runs.by_hand import erase, let_go
from peoplefeed.runs.holding import discard, release
from peoplefeed.storage.holds import find_holds
from tests.worlds.world import World

type Act = Callable[[Deployment], object]


def acts(world: World, random: Random) -> list[Act]:
    """Draw what is asked for at once: nothing, one thing, or two about one hold, of which one counts."""
    tenant, now = random.choice(("acme", "acme", "bella")), world.clock()
    holds = find_holds(world.deployment, tenant)
    if holds and random.random() < 0.8:
        hold = random.choice(holds)
        either: list[Act] = [
            lambda deployment: release(deployment, tenant, hold, now),
            lambda deployment: discard(deployment, tenant, hold, now, "ann"),
        ]
        return random.sample(either, random.choice((1, 1, 2)))
    people = sorted(pk for pk, sk in _directory(world) if sk == "U" and pk.startswith(f"T#{tenant}#U#"))
    if not people:
        return []
    who = random.choice(people).partition("#U#")[2]
    ask = random.choice((let_go, let_go, erase))
    return [lambda deployment: ask(deployment, tenant, who, now, "ann")]


def _directory(world: World) -> list[tuple[str, str]]:
    return list(world.dynamodb.tables[world.names.directory_table].primary.items)
