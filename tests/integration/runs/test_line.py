"""The line as a whole, in memory: numbers, order, redelivery, what is over and why."""

import json
from dataclasses import replace

import pytest

from peoplefeed.dynamo.writes import ConditionFailed
from peoplefeed.model import RunState
from peoplefeed.runs.register import feed_of_object, register
from peoplefeed.storage.runs import find_run, following
from peoplefeed.storage.tenants import waiting_tenants
from tests.integration.runs.company import HEADER, TENANT, eventful_feed, founded, line
from tests.integration.runs.findings import entries, people, problems, run_item, runs, timeless
from tests.integration.runs.office import act, set_, upload
from tests.integration.runs.trouble import always_fails
from tests.worlds.faults import Call, Refuse
from tests.worlds.world import NAMES, World


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


def test_1_8_everything_takes_a_number_in_the_same_line() -> None:
    world = founded(1)
    upload(world, line("N1", title="Cook"))
    set_(world, leavers_percent=20)
    act(world, "job-titles", "Waiter", "rename", "Cook")
    numbers = [number for number, state in runs(world) if state == "finished"]
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert run_item(world, 6)["purpose"] == "retry"
