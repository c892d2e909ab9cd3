"""How things must end: the same feeds, whole, in the order of their numbers, by one worker to whom nothing happens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from peoplefeed.dynamo.marshal import from_item
from peoplefeed.runs.register import feed_of_object, register
from tests.campaign.companies import SmallWorld
from tests.campaign.quiet import come_to_rest, sleeping_on, work_off
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
    """Return the world that feeds make when each is over before the next one is delivered."""
    world = small.world.fork()
    world.sqs.queues["import"].messages.clear()
    with sleeping_on(world.clock):
        for feed in line:
            if feed not in small.notices:
                continue  # one of the founding
            world.sqs.send_message(QueueUrl=world.names.import_queue_url, MessageBody=small.notices[feed])
            work_off(world)
        come_to_rest(world)
    return world


def registered(small: SmallWorld) -> World:
    """Return the small world with its feeds already in their line: their order is that of their delivery."""
    world = small.world.fork()
    with sleeping_on(world.clock):
        for notice in small.notices.values():
            _register(world, notice)
    world.sqs.queues["import"].messages.clear()
    for tenant in sorted({feed.tenant for feed in small.feeds}):
        world.sqs.send_message(QueueUrl=world.names.import_queue_url, MessageBody=f'{{"tenant": "{tenant}"}}')
    return world


def _register(world: World, notice: str) -> None:
    (record,) = json.loads(notice)["Records"]
    described = record["s3"]["object"]
    feed = feed_of_object(world.deployment, described["key"], described["versionId"])
    if feed is not None:
        register(world.deployment, feed, world.clock())
