"""How things must end: the same feeds, whole, in the order of their numbers, by one worker to whom nothing happens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from peoplefeed.dynamo.marshal import from_item
from peoplefeed.dynamo.writes import Write
from peoplefeed.model import Feed, Purpose, RunState
from peoplefeed.runs.holding import writes_ending
from peoplefeed.runs.queues import wake
from peoplefeed.runs.register import feed_of_object, register
from peoplefeed.storage.holds import find_hold
from peoplefeed.storage.runs import run_from
from tests.campaign.companies import SmallWorld
from tests.campaign.promises import Broken
from tests.campaign.quiet import come_to_rest, sleeping_on
from tests.worlds.world import World

type Name = tuple[str, str, str, str, int]
"""By what a feed is known in any world: tenant, key and version of its object, errand, the run that it follows."""

_ASKED_FOR = frozenset({Purpose.RELEASE, Purpose.DISCARD, Purpose.LETTING_GO, Purpose.ERASURE})


def line_of(world: World) -> dict[Name, Feed]:
    """Return the feeds in the order of their numbers, one tenant after the other."""
    directory = world.dynamodb.tables[world.names.directory_table].primary.items
    return order_of([from_item(item) for (_, sk), item in directory.items() if sk.startswith("RUN#")])


def order_of(runs: Iterable[Mapping[str, Any]]) -> dict[Name, Feed]:
    """Return the same of the items of runs, wherever they are."""
    in_order = sorted(runs, key=lambda run: (run["pk"], run["number"]))
    feeds = [run_from(run).feed for run in in_order]
    return {(feed.tenant, feed.key, feed.version_id, feed.errand, feed.of or 0): feed for feed in feeds}


def lost_feeds(small: SmallWorld, line: Mapping[Name, Feed]) -> list[str]:
    """Return the feeds that S3 told of and that have no number in the end (1.3, 9.1), a line each.

    No message that tells of one gets lost on its way (`Schedule._lose`), and their tenants are there: none is excused.
    """
    there = {(feed.key, feed.version_id) for feed in line.values() if feed.purpose is Purpose.DELIVERY}
    return [f"{key} version {version} has no number" for key, version in small.notices if (key, version) not in there]


def undisturbed(small: SmallWorld, line: Mapping[Name, Feed]) -> World:
    """Return the world that feeds make which get these numbers, worked off by one worker to whom nothing happens.

    What a run makes the line go on with (4.7) gets its number where it got it in `line`: until then it is worked off.
    What an administrator asked for gets it when all before is over, for so it was asked.
    """
    world = small.world.fork()
    world.sqs.queues["import"].messages.clear()
    with sleeping_on(world.clock):
        known = set(line_of(world))
        for name, feed in line.items():
            if feed.purpose is Purpose.DELIVERY and (place := (feed.key, feed.version_id)) in small.notices:
                _register(world, small.notices[place])
            elif feed.purpose in _ASKED_FOR and feed.after is None:
                _wake_all(small, world)
                come_to_rest(world)
                register(world.deployment, feed, world.clock(), _ending(world, feed))
            elif name not in known:
                _work_off_until(world, name)
        _wake_all(small, world)
        come_to_rest(world)
    return world


def undisturbed_deliveries(small: SmallWorld, world: World) -> World:
    """Return the same of what was delivered alone; what follows gets its number when its turn comes."""
    line = line_of(world)
    return undisturbed(small, {name: feed for name, feed in line.items() if feed.purpose is Purpose.DELIVERY})


def _ending(world: World, feed: Feed) -> list[Write]:
    """Return the writes by which a release, or a discard, ends its hold."""
    hold_id, _, version = feed.errand.partition("/")
    if not version:
        return []
    hold = find_hold(world.deployment, feed.tenant, hold_id)
    if hold is None or hold.version != int(version):
        raise Broken(f"{feed.errand} was released or discarded, and without trouble it would not be there: {hold}")
    state = RunState.DISCARDED if feed.purpose is Purpose.DISCARD else RunState.SUPERSEDED
    return writes_ending(world.deployment, feed.tenant, hold, state)


def _work_off_until(world: World, feed: Name) -> None:
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
