"""Retries that come to nothing (9.2): they are made again, once each, and nobody else waits for them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from peoplefeed.runs.line import advance
from peoplefeed.runs.retry import enqueue_retries
from tests.integration.runs.company import TENANT, founded, line, run_item
from tests.integration.runs.office import fed, upload
from tests.integration.runs.test_line import always_fails, people
from tests.integration.runs.test_retries import still_open, time_passes
from tests.worlds.world import World


@pytest.fixture
def world() -> World:
    return founded(2, tolerant=True)


def given_up(world: World, who: str) -> None:
    """Have somebody's row given up: it is due an hour later."""
    world.faults.decide = always_fails(who)
    upload(world, line(who, f"{who}@x.es"))
    world.faults.stop()


def is_damaged(world: World, who: str, version: dict[str, Any]) -> None:
    world.dynamodb.update_item(
        TableName="directory",
        Key={"pk": {"S": f"T#{TENANT}#U#{who}"}, "sk": {"S": "U"}},
        UpdateExpression="SET version = :version",
        ExpressionAttributeValues={":version": version},
    )


DAMAGED, MENDED = {"S": "not a number"}, {"N": "1"}


def test_9_2_what_is_due_is_tried_by_a_planner_whose_clock_is_behind(world: World) -> None:
    given_up(world, "N1")
    due = next(str(item["due_at"]) for item in world.items("directory") if item["sk"] == "N1")
    world.clock.until(datetime.fromisoformat(due))
    assert enqueue_retries(world.deployment, world.clock()) == 1
    advance(world.deployment, TENANT, "a planner", world.clock() - timedelta(seconds=1))
    world.settle()
    assert "N1" in people(world)


def test_9_2_who_cannot_be_filled_in_for_damage_keeps_no_other_retry_waiting(world: World) -> None:
    upload(world, line("E0", "p0@x.es", department="Nowhere"))
    is_damaged(world, "E0", DAMAGED)
    number = fed(world, "Name\nNowhere\n", kind="departments") + 1
    assert run_item(world, number)["counts"]["parked"] == 1
    time_passes(world, hours=2)
    given_up(world, "N1")
    time_passes(world, hours=40)
    assert "N1" in people(world)
    assert sorted(str(one["code"]) for one in still_open(world)) == ["DEPARTMENT_NOT_FOUND", "INTERNAL_ERROR"]


def test_4_3_what_appeared_while_somebody_was_damaged_is_filled_in_once_they_are_mended(world: World) -> None:
    upload(world, line("E0", "p0@x.es", department="Nowhere"))
    is_damaged(world, "E0", DAMAGED)
    fed(world, "Name\nNowhere\n", kind="departments")
    time_passes(world, hours=2)
    is_damaged(world, "E0", MENDED)
    time_passes(world, hours=8)
    assert people(world)["E0"]["department"] == "Nowhere"
    assert still_open(world) == []
