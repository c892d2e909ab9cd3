"""Two planners of one feed, of whom one is slow, late or mistaken (9.1)."""

import json

import pytest

from peoplefeed.dynamo import keys
from peoplefeed.dynamo.writes import Update, write
from peoplefeed.model import PlanHead
from peoplefeed.runs.desk import Desk
from peoplefeed.runs.line import start_applying
from peoplefeed.runs.plan import plan_of
from peoplefeed.storage.runs import find_run
from peoplefeed.storage.tenants import find_tenant
from tests.integration.runs.company import HEADER, TENANT, founded, line
from tests.integration.runs.findings import entries, people, run_item
from tests.worlds import handlers
from tests.worlds.faults import KILL_BEFORE, Call, Faults


def test_9_1_nobody_gives_a_feed_up_that_a_slow_planner_has_planned_after_all() -> None:
    world = founded(1, tolerant=True)
    world.put_feed(TENANT, HEADER + line("N1", "n1@x.es"))
    world.faults.decide = lambda call: KILL_BEFORE if "0000000003/head" in str(call.request) else None
    while world.kills < 5:
        if not world.step():
            world.clock.forward(minutes=17)
    world.clock.forward(minutes=17)

    def slow_planner_ends(call: Call) -> None:
        if call.operation == "get_item" and world.faults.log[-2].operation == "update_item":
            world.faults.watch = lambda _call: None
            slow, now = world.worker(Faults()), world.clock()
            tenant, run = find_tenant(slow, TENANT), find_run(slow, TENANT, 3)
            assert tenant
            assert run
            start_applying(slow, run, plan_of(slow, tenant, run, now), now)

    world.faults.stop()
    world.faults.watch = slow_planner_ends
    world.settle()
    assert run_item(world, 3)["state"] == "finished"
    assert "N1" in people(world)
    assert [entry.get("code") for entry in entries(world, 3)] == [None]


def test_9_1_what_a_planner_cannot_make_sense_of_is_the_plan_of_another_being_applied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = founded(1, tolerant=True)
    world.put_feed(TENANT, HEADER + line("N1", "n1@x.es"))
    plan, torn = Desk.head, [True]

    def head(desk: Desk) -> PlanHead:
        if not torn:
            return plan(desk)
        torn.clear()
        world.run_until_quiet()  # another planner comes, and its plan is applied
        raise KeyError("N1")

    monkeypatch.setattr(Desk, "head", head)
    world.sqs.send_message(QueueUrl="import", MessageBody=json.dumps({"tenant": TENANT}))
    world.settle()
    assert (run_item(world, 3)["state"], world.failures) == ("finished", [])


def test_9_2_what_a_planner_cannot_make_sense_of_is_a_fault_where_nobody_else_planned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = founded(1, tolerant=True)
    plan, torn = Desk.head, [True]

    def head(desk: Desk) -> PlanHead:
        if not torn:
            return plan(desk)
        torn.clear()
        raise KeyError("N1")

    monkeypatch.setattr(Desk, "head", head)
    world.put_feed(TENANT, HEADER + line("N1", "n1@x.es"))
    world.settle()
    assert [type(failure.error) for failure in world.failures] == [KeyError]
    assert run_item(world, 3)["state"] == "finished"


def test_1_4_a_planner_that_wakes_up_late_does_not_take_what_came_after_for_what_came_before() -> None:
    world = founded(1, tolerant=True)
    feed = {"mode": "full", "source": "hr-csv"}
    world.put_feed(TENANT, HEADER + line("E1", "e1@x.es"), age="2026-11-20T10:00:00.000Z", **feed)
    gone_on: list[Call] = []

    def others_go_on(call: Call) -> None:
        if "FED#" in str(call.request) and not gone_on:  # it has found no plan, and looks for the last full feed
            gone_on.append(call)
            write(world.dynamodb, taken_over)
            world.put_feed(TENANT, HEADER + line("E2", "e2@x.es"), age="2026-11-21T10:00:00.000Z", **feed)
            world.settle()

    taken_over = Update(
        world.names.directory_table,
        keys.run(TENANT, 3),
        "SET #planning_until = :long_ago",
        {"long_ago": "2026-11-01T00:00:00.000Z"},
    )
    (record,) = world.receive("import")
    handlers.import_batch(world.worker(Faults(watch=others_go_on)), record, world.clock)
    world.settle()
    assert gone_on
    assert run_item(world, 3)["state"] == "finished"
    assert [entry.get("code") for entry in entries(world, 3)] == [None]
