"""The line as a whole, in memory: numbers, order, redelivery, what is over and why."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from peoplefeed.dynamo import keys
from peoplefeed.dynamo.writes import ConditionFailed, Update, write
from peoplefeed.model import PlanHead, RunState
from peoplefeed.runs.desk import Desk
from peoplefeed.runs.line import start_applying
from peoplefeed.runs.plan import plan_of
from peoplefeed.runs.register import feed_of_object, register
from peoplefeed.storage.runs import find_run, following
from peoplefeed.storage.tenants import find_tenant, waiting_tenants
from tests.integration.runs.company import HEADER, TENANT, eventful_feed, founded, line, run_item, timeless
from tests.worlds import handlers
from tests.worlds.faults import KILL_BEFORE, Call, Fault, Faults, Refuse
from tests.worlds.world import NAMES, World


def runs(world: World) -> list[tuple[int, str]]:
    items = world.items(world.names.directory_table)
    return [(item["number"], item["state"]) for item in items if item["sk"].startswith("RUN#")]


def people(world: World) -> dict[str, dict[str, object]]:
    found = [item for item in world.items(world.names.directory_table) if item["sk"] == "U" and "active" in item]
    return {str(item["external_id"]): item for item in found}


def entries(world: World, number: int) -> list[dict[str, object]]:
    prefix = f"T#{TENANT}#L#{number:010d}"
    found = [item for item in world.items(world.names.feed_log_table) if item["pk"].startswith(prefix)]
    return [item for item in found if "repeats" not in item]


def problems(world: World) -> list[dict[str, object]]:
    return [item for item in world.items(world.names.feed_log_table) if "#Q#" in item["pk"]]


def test_1_3_feeds_of_a_tenant_are_applied_in_number_order() -> None:
    world = founded(1)
    for title in ("Waiter", "Chef", "Waiter"):
        world.put_feed(TENANT, HEADER + line("E0", "p0@x.es", title=title))
    world.settle()
    assert [number for number, state in runs(world) if state == "finished"] == [1, 2, 3, 4, 5]
    assert people(world)["E0"]["job_title"] == "Waiter"


def test_1_3_a_redelivered_object_has_the_number_that_it_has() -> None:
    world = founded(3)
    world.put_feed(TENANT, eventful_feed())
    (message,) = world.sqs.bodies("import")
    world.settle()
    before = timeless(world)
    for _ in range(3):
        world.sqs.send_message(QueueUrl="import", MessageBody=message)
    world.settle()
    assert timeless(world) == before


def test_9_1_every_queue_message_delivered_twice_changes_nothing() -> None:
    once, twice = founded(), founded()
    for world in (once, twice):
        world.put_feed(TENANT, eventful_feed())
    while twice.waiting():
        for queue in twice.waiting():
            for body in set(twice.sqs.bodies(queue)) if queue in {"import", "upsert"} else ():
                twice.sqs.send_message(QueueUrl=queue, MessageBody=body)
            while twice.step(queue):
                if len(twice.sqs.bodies(queue)) == 0:
                    break
    once.settle()
    twice.settle()
    assert timeless(twice) == timeless(once)


def test_1_4_a_full_feed_older_than_the_last_one_is_superseded_whole() -> None:
    world = founded(1)
    world.put_feed(TENANT, HEADER + line("E0"), mode="full", source="hr-csv", age="2026-11-20T10:00:00.000Z")
    world.put_feed(TENANT, HEADER + line("E1"), mode="full", source="hr-csv", age="2026-11-19T10:00:00.000Z")
    world.settle()
    assert run_item(world, 4)["state"] == "superseded"
    (entry,) = entries(world, 4)
    assert (entry["code"], entry["severity"]) == ("FEED_OLDER", "info")
    assert "E1" not in people(world)


def test_3_10_an_older_row_of_another_feed_is_superseded() -> None:
    world = founded(1)
    world.put_feed(TENANT, HEADER + line("E0", title="Waiter"), age="2026-11-01T10:00:00.000Z")
    world.settle()
    assert run_item(world, 3)["counts"]["superseded"] == 1
    assert people(world)["E0"]["job_title"] == "Chef"


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        pytest.param("", "changes", "FEED_EMPTY", id="1.7-an-empty-file"),
        pytest.param(HEADER, "full", "FEED_EMPTY", id="1.7-a-full-feed-of-nobody"),
        pytest.param(
            "External Identifier,First Name\n1,Ana\n", "changes", "COLUMN_MISSING", id="1.7-a-column-is-missing"
        ),
        pytest.param(b"\x1f\x8bgarbage", "changes", "FEED_UNREADABLE", id="1.7-gzip-of-garbage"),
        pytest.param("uno,dos\n1,2\n", "changes", "FEED_UNREADABLE", id="1.7-no-known-column"),
    ],
)
def test_a_feed_that_cannot_be_read_fails_with_a_sentence_and_the_line_goes_on(
    content: str | bytes, mode: str, code: str
) -> None:
    world = founded(1)
    before = people(world)
    world.put_feed(TENANT, content, mode=mode)
    world.put_feed(TENANT, HEADER + line("E9"))
    world.settle()
    failed = run_item(world, 3)
    assert (failed["state"], failed["error_code"]) == ("failed", code)
    (entry,) = entries(world, 3)
    assert (entry["code"], entry["message"]) == (code, failed["error_message"])
    assert set(people(world)) == {*before, "E9"}
    (called,) = world.events.details()
    assert called["code"] == code
    assert "{" not in called["message"]


def test_1_7_a_feed_at_an_unknown_place_says_where_it_belongs() -> None:
    world = founded(1)
    world.put_feed(TENANT, HEADER + line("E9"), kind="people")
    world.settle()
    assert run_item(world, 3)["error_code"] == "KIND_UNKNOWN"


def test_a_feed_of_an_unknown_tenant_calls_for_attention() -> None:
    world = World(names=replace(NAMES, open_tenants=False))
    world.put_feed("nobody", HEADER + line("E0"))
    world.settle()
    assert runs(world) == []
    assert [detail["code"] for detail in world.events.details()] == ["TENANT_UNKNOWN"]


def test_7_4_the_same_refusal_in_the_next_feed_counts_up_and_makes_no_entry() -> None:
    world = founded(1)
    for _ in range(3):
        world.put_feed(TENANT, HEADER + line("N1", title="Cook"))
    world.settle()
    assert [len(entries(world, number)) for number in (3, 4, 5)] == [1, 0, 0]
    (problem,) = problems(world)
    assert (problem["occurrences"], problem["last_run"], "open_pk" in problem) == (3, 5, True)


def test_7_4_a_problem_is_resolved_when_its_row_is_applied() -> None:
    world = founded(1)
    world.put_feed(TENANT, HEADER + line("N1", title="Cook"))
    world.put_feed(TENANT, "Name\nCook\n", kind="job-titles")
    world.put_feed(TENANT, HEADER + line("N1", title="Cook"))
    world.settle()
    (problem,) = problems(world)
    assert problem["resolved_at"]
    assert "open_pk" not in problem
    assert people(world)["N1"]["job_title"] == "Cook"


def directory_reads(world: World, since: int) -> int:
    """Requests to the Directory table that look at people."""
    looked = 0
    for call in world.faults.log[since:]:
        if call.operation == "batch_get_item":
            looked += sum(len(part["Keys"]) for part in call.request["RequestItems"].values())
    return looked


def test_unchanged_rows_of_a_repeated_full_feed_cost_no_request() -> None:
    world = founded(1)
    feed = HEADER + "".join(line(f"S{n}", f"s{n}@x.es") for n in range(300))
    world.put_feed(TENANT, feed, mode="full", source="hr-csv")
    world.settle()
    before = len(world.faults.log)
    world.put_feed(TENANT, feed, mode="full", source="hr-csv")
    world.run_until_quiet()
    assert run_item(world, 4)["counts"]["unchanged"] == 300
    assert directory_reads(world, before) == 0
    assert not run_item(world, 4)["changed"]


def test_a_changed_row_among_unchanged_ones_is_the_only_one_looked_at() -> None:
    world = founded(1)
    rows = [line(f"S{n}", f"s{n}@x.es") for n in range(300)]
    world.put_feed(TENANT, HEADER + "".join(rows), mode="full", source="hr-csv")
    world.settle()
    before = len(world.faults.log)
    rows[7] = line("S7", "s7@x.es", title="Waiter")
    world.put_feed(TENANT, HEADER + "".join(rows), mode="full", source="hr-csv")
    world.run_until_quiet()
    counts = run_item(world, 4)["counts"]
    assert (counts["updated"], counts["unchanged"]) == (1, 299)
    assert directory_reads(world, before) == 3  # the person, the address, what is open


def test_someone_touched_since_is_looked_at_although_the_row_is_the_same() -> None:
    world = founded(1)
    feed = HEADER + "".join(line(f"S{n}", f"s{n}@x.es") for n in range(5))
    world.put_feed(TENANT, feed, mode="full", source="hr-csv")
    world.settle()
    world.put_feed(TENANT, HEADER + line("S3", "s3@x.es", title="Waiter"))
    world.settle()
    world.put_feed(TENANT, feed, mode="full", source="hr-csv")
    world.settle()
    counts = run_item(world, 5)["counts"]
    assert (counts["updated"], counts["unchanged"]) == (1, 4)
    assert people(world)["S3"]["job_title"] == "Chef"


def test_3_2_an_id_that_now_stands_twice_is_settled_before_the_comparison() -> None:
    world = founded(1)
    rows = [line(f"S{n}", f"s{n}@x.es") for n in range(5)]
    world.put_feed(TENANT, HEADER + "".join(rows), mode="full", source="hr-csv")
    world.settle()
    rows.insert(0, line("S3", "s3@x.es", title="Waiter"))  # the old row stands below it, and counts
    world.put_feed(TENANT, HEADER + "".join(rows), mode="full", source="hr-csv")
    world.settle()
    counts = run_item(world, 4)["counts"]
    assert (counts["overwritten"], counts["unchanged"], counts["updated"]) == (1, 5, 0)
    assert people(world)["S3"]["job_title"] == "Chef"


def always_fails(external_id: str) -> Callable[[Call], Fault | None]:
    """Refuse every write of one employee's fields; giving up on them (two attributes) is let through."""

    def decide(call: Call) -> Fault | None:
        text = str(call.request)
        concerns = f"#U#{external_id}'" in text and "first_name" in text
        if call.operation in {"transact_write_items", "update_item"} and concerns:
            return Refuse("ValidationException")
        return None

    return decide


def test_9_2_what_keeps_failing_is_parked_and_the_run_says_so() -> None:
    world = founded(2, tolerant=True)
    world.faults.decide = always_fails("N1")
    world.put_feed(TENANT, HEADER + line("N0", "n0@x.es") + line("N1", "n1@x.es") + line("N2", "n2@x.es"))
    world.settle()
    counts = run_item(world, 3)["counts"]
    assert (counts["created"], counts["parked"], counts["received"]) == (2, 1, 3)
    assert {"N0", "N2"} <= set(people(world))
    assert "N1" not in people(world)
    told = {entry["external_id"]: (entry["outcome"], entry.get("code")) for entry in entries(world, 3)}
    assert told == {"N0": ("created", None), "N1": ("parked", "INTERNAL_ERROR"), "N2": ("created", None)}
    assert [problem["code"] for problem in problems(world)] == ["INTERNAL_ERROR"]


def test_9_2_who_stands_behind_a_failure_on_its_path_is_parked_too() -> None:
    world = founded(3, tolerant=True)
    world.faults.decide = always_fails("E1")
    world.put_feed(TENANT, HEADER + line("E0", "p1@x.es") + line("E1", "free@x.es") + line("E2", "other@x.es"))
    world.settle()
    assert run_item(world, 3)["counts"]["parked"] == 2
    assert {who: item["email"] for who, item in people(world).items()} == {
        "E0": "p0@x.es",
        "E1": "p1@x.es",
        "E2": "other@x.es",
    }


def test_9_2_a_later_feed_may_succeed_where_one_was_given_up() -> None:
    world = founded(1, tolerant=True)
    world.faults.decide = always_fails("N1")
    world.put_feed(TENANT, HEADER + line("N1", "n1@x.es"))
    world.settle()
    world.faults.stop()
    world.put_feed(TENANT, HEADER + line("N1", "n1@x.es"))
    world.settle()
    assert people(world)["N1"]["email"] == "n1@x.es"
    assert [("open_pk" in problem) for problem in problems(world)] == [False]


def test_9_1_a_planner_that_keeps_dying_fails_the_feed_loudly_and_the_line_goes_on() -> None:
    world = founded(1, tolerant=True)
    world.put_feed(TENANT, HEADER + line("N1"))
    world.faults.decide = lambda call: Refuse("AccessDenied") if "0000000003/head" in str(call.request) else None
    world.settle()
    world.faults.stop()
    world.put_feed(TENANT, HEADER + line("N2"))
    world.settle()
    assert (run_item(world, 3)["state"], run_item(world, 3)["error_code"]) == ("failed", "INTERNAL_ERROR")
    (told,) = world.events.details()
    assert str(told["message"]).endswith("the file is kept: send it again once the fault is mended.")
    assert "N2" in people(world)


def test_8_4_lost_chunks_and_wake_ups_are_found_by_the_sweep() -> None:
    world = founded(1)
    world.put_feed(TENANT, HEADER + line("N1"))
    world.put_feed(TENANT, HEADER + line("N2"))
    world.step("import")
    world.step("import")
    for queue in ("upsert", "import"):
        for message in world.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", ()):
            world.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert not world.waiting()
    world.settle()
    assert [state for _, state in runs(world)] == ["finished"] * 4
    assert {"N1", "N2"} <= set(people(world))


def test_2_1_the_longest_names_and_ids_fit() -> None:
    world = founded(1)
    longest = "\U0001f468"
    world.put_feed(TENANT, HEADER + line(longest * 128, first=longest * 100, last=longest * 100))
    world.settle()
    assert run_item(world, 3)["counts"]["created"] == 1


def test_9_2_a_damaged_employee_parks_the_own_row_alone() -> None:
    world = founded(2)
    key = {"pk": {"S": f"T#{TENANT}#U#E0"}, "sk": {"S": "U"}}
    damage = {":damaged": {"S": "not a number"}}
    world.dynamodb.update_item(
        TableName="directory", Key=key, UpdateExpression="SET version = :damaged", ExpressionAttributeValues=damage
    )
    world.put_feed(TENANT, HEADER + line("E0", "p0@x.es", title="Waiter") + line("E1", "p1@x.es", title="Waiter"))
    world.settle()
    counts = run_item(world, 3)["counts"]
    assert (counts["parked"], counts["updated"]) == (1, 1)
    assert [problem["code"] for problem in problems(world)] == ["INTERNAL_ERROR"]


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


def test_4_7_a_run_that_is_over_is_not_followed_for_what_began_to_wait_after_it() -> None:
    world = founded(1, tolerant=True)
    world.put_feed(TENANT, "Name\nCook\n", kind="job-titles")
    world.settle()
    run, now = find_run(world.deployment, TENANT, 3), world.clock()
    assert run
    with pytest.raises(ConditionFailed):
        register(
            world.deployment,
            replace(run.feed, key="retries/after/3"),
            now,
            [following(world.deployment, replace(run, state=RunState.APPLYING))],
        )


def test_9_1_a_feed_that_comes_while_a_run_ends_stays_in_the_sight_of_the_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The line is passed by who has seen how long it is: else nobody would look for the feed whose message is lost."""
    world = founded(1)
    monkeypatch.setattr("peoplefeed.runs.ending.wake", lambda *_: None)
    world.put_feed(TENANT, HEADER + line("E1", "e1@x.es"))
    came: list[int] = []

    def another_comes(call: Call) -> None:
        if not came and call.operation == "transact_write_items" and "applied" in str(call.request):
            came.append(call.number)
            world.put_feed(TENANT, HEADER + line("E2", "e2@x.es"))
            feed = feed_of_object(world.deployment, *_last_object(world))
            assert feed
            register(world.deployment, feed, world.clock())
            world.sqs.queues["import"].messages.clear()

    world.faults.watch = another_comes
    world.run_until_quiet()
    assert came
    assert waiting_tenants(world.deployment) == [TENANT]


def _last_object(world: World) -> tuple[str, str]:
    described = json.loads(world.sqs.bodies("import")[-1])["Records"][0]["s3"]["object"]
    return described["key"], described["versionId"]
