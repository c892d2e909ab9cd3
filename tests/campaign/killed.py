"""Worker processes that are killed by SIGKILL, over a real database.

    uv run python -m tests.campaign.killed --rounds 200

DynamoDB Local holds the tables; queues and bucket are in this process, and reached over pipes. Workers are killed
at any moment and others started in their place; in the end both tables must be what the same feeds make of them
undisturbed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from multiprocessing.process import BaseProcess
from random import Random
from typing import Any

from peoplefeed.deployment import Deployment, Names
from peoplefeed.dynamo.marshal import from_item
from peoplefeed.runs.sweep import sweep_line
from peoplefeed.storage.tenants import waiting_tenants
from tests.campaign.campaign import same_hashes
from tests.campaign.companies import SmallWorld, small_world
from tests.campaign.promises import broken_in
from tests.campaign.quiet import NEVER, giving_up_at, quiet, quietly
from tests.campaign.states import differences, state_in, state_of
from tests.campaign.undisturbed import lost_feeds, order_of, undisturbed
from tests.campaign.wire import serve
from tests.campaign.workers import Place, work
from tests.worlds import dynamodb_local
from tests.worlds.databases import on_dynamodb_local
from tests.worlds.world import World

WORKERS = 3
_VISIBILITY = {"import": 1, "upsert": 1}
_ROUND_SECONDS = 120.0
_SHOWN = 8


@dataclass(slots=True)
class Team:
    """The workers, wherever they are in their lives."""

    place: Place
    services: dict[str, Any]
    processes: list[BaseProcess] = field(default_factory=list)
    kills: int = 0

    def hire(self) -> None:
        ours, theirs = multiprocessing.Pipe()
        process = _context().Process(target=work, args=(self.place, theirs), daemon=True)
        process.start()
        theirs.close()
        serve(ours, self.services)
        self.processes.append(process)

    def kill(self, process: BaseProcess) -> None:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        self.processes.remove(process)
        self.kills += 1


def _context() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.campaign.workers", "boto3"])
    return context


@dataclass(slots=True)
class Figures:
    """What rounds came to."""

    rounds: int = 0
    kills: int = 0
    rows: int = 0
    divergences: dict[int, list[str]] = field(default_factory=dict)


def run_rounds(endpoint: str, rounds: int, first: int = 0, kills: int = 6) -> Figures:
    """Run rounds, each with a small world of its own."""
    figures = Figures()
    for seed in range(first, first + rounds):
        with quietly():
            wrong, killed, rows = _round(endpoint, seed, kills)
        figures.rounds += 1
        figures.kills += killed
        figures.rows += rows
        if wrong:
            figures.divergences[seed] = wrong[:_SHOWN]
    return figures


def _round(endpoint: str, seed: int, kills: int) -> tuple[list[str], int, int]:
    with quiet():
        random, small = Random(seed), _without_delivery(seed)
    world = small.world.fork()
    for name, seconds in _VISIBILITY.items():
        world.sqs.queues[name].visibility = seconds
    with on_dynamodb_local(endpoint) as database:
        names = replace(small.world.names, directory_table=database.directory, feed_log_table=database.feed_log)
        _copy_tables(small.world, database.client, names)
        place = Place(endpoint, names, datetime.now().astimezone() - world.clock(), small.chunk_groups)
        world.clock._now = place.now()
        world.sqs._now = world.s3._now = place.now
        services = {"sqs": world.sqs, "s3": world.s3, "events": world.events}
        ours = Deployment(names, {**services, "dynamodb": database.client}.__getitem__)
        team = Team(place, services)
        try:
            _let_them_work(team, random, kills, ours, world)
        finally:
            for process in list(team.processes):
                team.kill(process)
        return _wrong_with(small, ours, world), team.kills - WORKERS, small.rows


def _without_delivery(seed: int) -> SmallWorld:
    """Delivery has no part in this."""
    return next(small for small in map(small_world, range(seed * 1000, seed * 1000 + 1000)) if not small.delivers)


def _let_them_work(team: Team, random: Random, kills: int, ours: Deployment, world: World) -> None:
    for _ in range(WORKERS):
        team.hire()
    for _ in range(kills):
        time.sleep(random.uniform(0.02, 0.3))
        team.kill(random.choice(team.processes))
        team.hire()
    end = time.monotonic() + _ROUND_SECONDS
    while waiting_tenants(ours) or any(world.sqs.queues[name].messages for name in _VISIBILITY):
        if time.monotonic() > end:
            return  # the comparison says what is missing
        time.sleep(0.3)
        if not any(world.sqs.queues[name].messages for name in _VISIBILITY):
            sweep_line(ours, team.place.now())


def _copy_tables(world: World, client: Any, names: Names) -> None:
    for ours, theirs in (
        (world.names.directory_table, names.directory_table),
        (world.names.feed_log_table, names.feed_log_table),
    ):
        for item in world.dynamodb.tables[ours].primary.items.values():
            client.put_item(TableName=theirs, Item=dict(item))


def _wrong_with(small: SmallWorld, ours: Deployment, world: World) -> list[str]:
    directory, log = (
        list(_scan(ours.dynamodb, name)) for name in (ours.names.directory_table, ours.names.feed_log_table)
    )
    runs = [from_item(item) for item in directory if item["sk"]["S"].startswith("RUN#")]
    with quiet(), small.in_force(), giving_up_at(NEVER):
        calm = undisturbed(small, order_of(runs))
    wrong = [*broken_in(map(from_item, directory), map(from_item, log)), *lost_feeds(small, order_of(runs))]
    return wrong + differences(state_of(calm), state_in(directory, log, world.s3.content))


def _scan(client: Any, table: str) -> Iterator[Any]:
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def main() -> int:
    """Run the rounds that were asked for; 1 if anything diverged."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign.killed", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kills", type=int, default=6, help="how many workers are killed in a round")
    asked = parser.parse_args()
    if not same_hashes():
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(  # noqa: S606 - the same program once more
            sys.executable, [sys.executable, "-m", "tests.campaign.killed", *sys.argv[1:]]
        )
    reason = dynamodb_local.why_not()
    if reason:
        print(reason)
        return 2
    began = time.monotonic()
    with dynamodb_local.started() as endpoint:
        figures = run_rounds(endpoint, asked.rounds, asked.first, asked.kills)
    for name, value in (
        ("rounds", figures.rounds),
        ("workers killed", figures.kills),
        ("rows", figures.rows),
        ("seconds", round(time.monotonic() - began)),
        ("divergences", len(figures.divergences)),
    ):
        print(f"{name:<20}{value:>14,}")
    for seed, wrong in figures.divergences.items():
        print(f"\nuv run python -m tests.campaign.killed --rounds 1 --first {seed}")
        print("\n".join(f"  {line[:400]}" for line in wrong))
    return 1 if figures.divergences else 0


if __name__ == "__main__":
    sys.exit(main())
