"""A world does the same on each database: the fake may stand in for the real one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.worlds.databases import Database, memory
from tests.worlds.world import NAMES, World

HEADER = "External Identifier,First Name,Last Name,Email,Job Title,Status\n"
FEEDS = [
    HEADER + "E1,Ana,Sol,ana@x.es,Chef,\nE2,Bea,Mar,bea@x.es,Chef,\nE3,Eva,Rey,,Cook,\nE4,Leo,Gil,leo@x.es,Chef,\n",
    HEADER + "E1,Ana,Sol,bea@x.es,Chef,\nE2,Bea,Mar,ana@x.es,Chef,\nE4,Leo,Gil,leo@x.es,Chef,Inactive\n",
    HEADER + "E5,Ivo,Paz,leo@x.es,Chef,\nE4,Leo,Gil,,Chef,Active\nE6,Max,Luz,broken,Chef,\n",
]


def outcome(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return both tables after people have joined, swapped addresses, left and come back."""
    names = replace(NAMES, directory_table=database.directory, feed_log_table=database.feed_log)
    world = World(names=names, dynamodb=database.client)
    world.put_feed("acme", "Name\nChef\n", kind="job-titles")
    for feed in FEEDS:
        world.put_feed("acme", feed)
        world.run_until_quiet()
        world.clock.forward(minutes=1)
    assert (world.failures, world.dead_letters()) == ([], [])
    return {"directory": world.items(names.directory_table), "feed log": world.items(names.feed_log_table)}


def test_three_feeds_leave_the_same_tables_behind_everywhere(dynamodb: Database) -> None:
    with memory() as ours:
        assert outcome(dynamodb) == outcome(ours)
