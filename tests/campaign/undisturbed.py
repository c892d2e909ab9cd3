"""How things must end: the same feeds, whole, in the order of their numbers, by one worker to whom nothing happens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from peoplefeed.dynamo.marshal import from_item
from peoplefeed.runs.queues import wake
from peoplefeed.runs.register import feed_of_object, register
from tests.campaign.companies import SmallWorld
from tests.campaign.promises import Broken
from tests.campaign.quiet import come_to_rest, sleeping_on
from tests.worlds.world import World

type Feed = tuple[str, str]
"""The key and the version of a feed's object."""


def line_of(world: World) -> list[Feed]:
    """Return the feeds in the order of their numbers, one tenant after the other."""
    directory = world.dynamodb.tables[world.names.directory_table].primary.items
    return order_of([from_item(item) for (_, sk), item in directory.items() if sk.startswith("RUN#")])


def order_of(runs: Iterable[Mapping[str, Any]]) -> list[Feed]:
    """Return the same of the items of runs, wherever they are."""
    in_order = sorted(runs, key=lambda run: (run["pk"], run["number"]))
    return [(run["key"], run["version_id"]) for run in in_order]


def undisturbed(small: SmallWorld, line: Sequence[Feed]) -> World:
    """Return the world that feeds make which get these numbers, worked off by one worker to whom nothing happens.

    What a run makes the line go on with (4.7) gets its number where it got it in `line`: until then it is worked off.
    """
    world = small.world.fork()
    world.sqs.queues["import"].messages.clear()
    with sleeping_on(world.clock):
        known = set(line_of(world))
        for feed in line:
            if feed in small.notices:
                _register(world, small.notices[feed])
            elif feed not in known:
                _work_off_until(world, feed)
        _wake_all(small, world)
        come_to_rest(world)
    return world


def _work_off_until(world: World, feed: Feed) -> None:
    """Work off until this feed has a number, and no further."""
    for tenant in ("acme", "bella"):
        wake(world.deployment, tenant)
    while feed not in line_of(world):
        waiting = world.waiting()
        if not waiting:
            raise Broken(f"{feed} has a number, and without trouble it would have none")
        world.work_off(waiting[0], world.receive(waiting[0]), world.deployment)


def registered(small: SmallWorld) -> World:
    """Return the small world with its feeds already in their line: their order is that of their delivery."""
    world = small.world.fork()
    with sleeping_on(world.clock):
        for notice in small.notices.values():
            _register(world, notice)
    world.sqs.queues["import"].messages.clear()
    _wake_all(small, world)
    return world


def _wake_all(small: SmallWorld, world: World) -> None:
    for tenant in sorted({feed.tenant for feed in small.feeds}):
        wake(world.deployment, tenant)


def _register(world: World, notice: str) -> None:
    (record,) = json.loads(notice)["Records"]
    described = record["s3"]["object"]
    feed = feed_of_object(world.deployment, described["key"], described["versionId"])
    if feed is not None:
        register(world.deployment, feed, world.clock())
