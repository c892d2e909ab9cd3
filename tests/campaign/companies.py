"""Small worlds, drawn by lot: a company or two that exist, and feeds that are about to come in."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from random import Random
from unittest.mock import patch

from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.store import pause_source, put_source
from peoplefeed.storage import plans
from peoplefeed.times import stamp
from tests.campaign.feeds import COLUMNS_OF, Author, Delivery
from tests.campaign.peaceful import PeacefulAuthor
from tests.campaign.quiet import come_to_rest, sleeping_on
from tests.worlds.world import NAMES, World

COMPANIES = 64
"""So many companies are founded in each process; the feeds that come to them are always others."""


@dataclass(frozen=True, slots=True)
class SmallWorld:
    """A world whose feeds lie in its bucket. `notices` tell the import queue of each, by key and version.

    Chunks hold so few groups that small feeds have several. In a `peaceful` one nobody needs what somebody else has.
    """

    world: World
    notices: dict[tuple[str, str], str]
    feeds: list[Delivery]
    chunk_groups: int
    delivers: bool
    people: frozenset[str]
    peaceful: bool = False

    @property
    def rows(self) -> int:
        return sum(feed.rows for feed in self.feeds)

    def in_force(self) -> AbstractContextManager[object]:
        """Let plans have chunks of this world's size."""
        return patch.object(plans, "CHUNK_GROUPS", self.chunk_groups)


@lru_cache(maxsize=2 * COMPANIES)
def _company(seed: int, write: type[Author]) -> tuple[SmallWorld, list[Author]]:
    """Found a company or two; nothing has happened to them yet."""
    random = Random(f"company {seed}")
    delivers = random.random() < 0.25
    names = replace(NAMES, learning_platform_url="https://platform.test" if delivers else "")
    if not delivers:
        names = replace(names, delivery_queue_url="")
    world = World(names=names, tolerant=True, lags=random.random() < 0.15)
    world.dynamodb.metering.weighs = False
    for queue in world.sqs.queues.values():
        queue.most_receives = None  # giving up has a campaign of its own
    names_of_tenants = ("acme", "bella")[: random.choice((1, 1, 1, 1, 1, 1, 1, 2))]
    authors = [_author(random, name, write) for name in names_of_tenants]
    people = frozenset(who for author in authors for who in author.people)
    small = SmallWorld(world, {}, [], random.randint(1, 4), delivers, people)
    with small.in_force():
        for author in authors:
            _connect(world, author, random)
            for delivery in author.founding():
                _put(world, delivery)
                with sleeping_on(world.clock):
                    come_to_rest(world)
    world.sqs.sent.clear()
    world.clock.forward(minutes=7)
    return small, authors


def _connect(world: World, author: Author, random: Random) -> None:
    """Let an HR system's full lists mean who has left (1.5), or let a company be of few words: no manifest."""
    if random.random() < 0.5:
        return
    manifest = SourceManifest(
        name="hr-a", base_url="https://hr.example.com", format="csv", fields=dict(COLUMNS_OF), leavers="deactivate"
    )
    put_source(world.deployment, author.tenant, manifest, world.clock())
    pause_source(world.deployment, author.tenant, "hr-a")  # what it sends is put down here


def _author(random: Random, tenant: str, write: type[Author]) -> Author:
    people = [f"E{n}" for n in range(random.randint(6, 10))]
    addresses = [f"p{n}@x.es" for n in range(len(people) + random.randint(0, 2))]
    return write(random, tenant, people, addresses)


def small_world(seed: int, *, peaceful: bool = False) -> SmallWorld:
    """Return the small world that belongs to a number, always the same."""
    write = PeacefulAuthor if peaceful else Author
    company, authors = _company(seed % COMPANIES, write)
    random = Random(f"world {seed}")
    world = company.world.fork()
    feeds: list[Delivery] = []
    upheaval = random.choice((0, 0, 0.7))
    for author in authors:
        writer = write(random, author.tenant, author.people, author.addresses, dict(author.full), upheaval)
        feeds.extend(writer.feeds(random.choice((2, 2, 2, 3, 4))))
    random.shuffle(feeds)
    for number, feed in enumerate(feeds):
        repeats = number and random.random() < 0.1
        feeds[number] = again = replace(feed, name=f"{random.randrange(number) if repeats else number}.csv")
        _put(world, again)
        world.clock.forward(seconds=random.choice((0, 0, 1, 90)))
    queue = world.sqs.queues["import"]
    notices = {_delivered(message.body): message.body for message in queue.messages}
    return replace(company, world=world, notices=notices, feeds=feeds, peaceful=peaceful)


def _put(world: World, delivery: Delivery) -> None:
    metadata = {} if delivery.age is None else {"age": stamp(world.clock() - timedelta(minutes=delivery.age))}
    world.put_feed(
        delivery.tenant,
        delivery.content,
        source=delivery.source,
        kind=delivery.kind,
        mode=delivery.mode,
        name=delivery.name,
        **metadata,
    )


def _delivered(body: str) -> tuple[str, str]:
    (record,) = json.loads(body)["Records"]
    return record["s3"]["object"]["key"], record["s3"]["object"]["versionId"]
