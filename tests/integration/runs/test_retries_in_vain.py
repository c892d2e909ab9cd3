"""Retries that come to nothing (9.2): they are made again, once each, and nobody else waits for them."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from peoplefeed.runs.line import advance
from peoplefeed.runs.retry import enqueue_retries
from peoplefeed.times import stamp
from tests.integration.runs.company import HEADER, TENANT, founded, line
from tests.integration.runs.findings import entries, next_number, people, run_item, runs, still_open
from tests.integration.runs.office import connect, fed, poll, record, time_passes, upload
from tests.integration.runs.trouble import always_fails
from tests.worlds.faults import Call, Refuse
from tests.worlds.world import World


@pytest.fixture
def world() -> World:
    return founded(2, tolerant=True)


def given_up(world: World, who: str) -> None:
    """Have somebody's row given up: it is due an hour later."""
    world.faults.decide = always_fails(who)
    upload(world, line(who, f"{who}@x.es"))
    world.faults.stop()


def sweeps(world: World, hours: int) -> None:
    """Let time pass while something stays due: each sweep has its line looked at, so that `settle` would not end."""
    for _ in range(12 * hours):
        world.sweep()
        world.run_until_quiet()


def planning_dies(world: World, first: int, runs: int = 1) -> None:
    """Have nobody be able to plan some runs."""
    heads = [f"{number:010d}/head" for number in range(first, first + runs)]
    world.faults.decide = lambda call: _refusal(call, heads)


def _refusal(call: Call, heads: list[str]) -> Refuse | None:
    return Refuse("AccessDenied") if any(head in str(call.request) for head in heads) else None


def retried_in_vain(world: World, times: int = 1) -> int:
    """Have the title appear for which N1 waits, and its retry given up; return the retry's number."""
    upload(world, line("N1", "n1@x.es", title="Cook"))
    number = next_number(world) + 1
    planning_dies(world, number, times)
    fed(world, "Name\nCook\n", kind="job-titles")
    return number


def purposes(world: World, first: int) -> list[str]:
    return [run_item(world, number).get("purpose", "delivery") for number, _ in runs(world) if number >= first]


def is_damaged(world: World, who: str, version: dict[str, Any]) -> None:
    world.dynamodb.update_item(
        TableName="directory",
        Key={"pk": {"S": f"T#{TENANT}#U#{who}"}, "sk": {"S": "U"}},
        UpdateExpression="SET version = :version",
        ExpressionAttributeValues={":version": version},
    )


DAMAGED, MENDED = {"S": "not a number"}, {"N": "1"}


def test_9_2_a_retry_that_is_given_up_is_made_again(world: World) -> None:
    given_up(world, "N1")
    planning_dies(world, next_number(world))
    time_passes(world, hours=4)
    assert people(world)["N1"]["email"] == "N1@x.es"
    assert still_open(world) == []


def test_9_2_it_keeps_nobody_waiting_who_is_due_meanwhile(world: World) -> None:
    given_up(world, "N1")
    planning_dies(world, number := next_number(world), 2)
    sweeps(world, hours=2)
    world.put_feed(TENANT, HEADER + line("N2", "n2@x.es"))
    world.faults.decide = always_fails("N2")
    world.run_until_quiet()
    world.faults.stop()
    sweeps(world, hours=2)
    assert {"N1", "N2"} <= set(people(world))
    assert [run_item(world, one)["state"] for one in range(number, number + 4)] == [*["failed"] * 2, *["finished"] * 2]


def test_9_2_a_retry_for_a_cause_that_is_given_up_is_made_again(world: World) -> None:
    number = retried_in_vain(world)
    time_passes(world, hours=3)
    assert people(world)["N1"]["job_title"] == "Cook"
    assert still_open(world) == []
    assert (run_item(world, number)["of"], run_item(world, number + 1)["of"]) == (number - 1, number - 1)
    time_passes(world, hours=30)
    assert purposes(world, number) == ["retry", "retry"]


def test_9_2_it_is_made_again_after_1_6_and_24_hours_and_then_once_a_day(world: World) -> None:
    number = retried_in_vain(world, times=4)
    time_passes(world, hours=55)
    tries = [run_item(world, one) for one in range(number, number + 5)]
    assert [one["state"] for one in tries] == [*["failed"] * 4, "finished"]
    pauses = [_moment(later, "registered_at") - _moment(earlier, "finished_at") for earlier, later in pairwise(tries)]
    assert [pause // timedelta(hours=1) for pause in pauses] == [1, 6, 24, 24]
    assert "N1" in people(world)


def _moment(run: dict[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(run[name])


def test_7_2_each_of_its_runs_says_when_it_is_made_again_and_somebody_is_called_once(world: World) -> None:
    number = retried_in_vain(world, times=3)
    time_passes(world, hours=20)
    for one, hours in ((number, 1), (number + 1, 6)):
        (entry,) = entries(world, one)
        again = _moment(run_item(world, one), "finished_at") + timedelta(hours=hours)
        what_follows = f"nothing needs to be done, it is kept and tried again at {again:%Y-%m-%d %H:%M} UTC."
        assert str(entry["message"]).endswith(f"The operator has been told; {what_follows}")
    (told,) = world.events.details()
    assert told["run"] == number
    assert str(told["message"]).startswith(
        f"Run {number} of source retry is failed. The operator has been told; nothing"
    )


def test_1_3_a_retry_that_is_made_again_gets_one_number_however_often_the_sweep_sees_it() -> None:
    world = founded(2, tolerant=True, lags=True)
    number = retried_in_vain(world)
    world.clock.forward(minutes=61)
    assert [enqueue_retries(world.deployment, world.clock()) for _ in range(3)] == [1, 1, 1]
    world.settle()
    assert purposes(world, number) == ["retry", "retry"]


def test_1_3_so_it_does_when_two_sweeps_come_at_once(world: World) -> None:
    number, came = retried_in_vain(world), list[int]()

    def another_comes(call: Call) -> None:
        if call.operation == "transact_write_items" and f"again/{number}" in str(call.request) and not came:
            came.append(call.number)
            assert enqueue_retries(world.deployment, world.clock()) == 1

    world.clock.forward(minutes=61)
    world.faults.watch = another_comes
    assert enqueue_retries(world.deployment, world.clock()) == 1
    world.settle()
    assert came
    assert purposes(world, number) == ["retry", "retry"]


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


def test_3_10_of_somebody_who_cannot_be_read_the_newest_row_is_kept(world: World) -> None:
    connect(world, "hr")
    world.clock.forward(minutes=5)
    older = stamp(world.clock())
    world.clock.forward(minutes=5)
    is_damaged(world, "E0", DAMAGED)
    poll(world, "hr", record("E0", "p0@x.es", last_name="Newest"), mode="changes")
    poll(world, "hr", record("E0", "p0@x.es", last_name="Older"), mode="changes", age=older)
    is_damaged(world, "E0", MENDED)
    time_passes(world, hours=8)
    assert people(world)["E0"]["last_name"] == "Newest"
