"""Feeds of every kind and mode, the states of their runs, and what holds at every moment of them; who is who (3.1)."""

import pytest

from tests.integration.runs.company import HEADER, TENANT, founded, line
from tests.integration.runs.findings import entries, people, references, run_item, runs
from tests.worlds.faults import KILL_AFTER, Call
from tests.worlds.world import World


@pytest.mark.parametrize(
    ("kind", "content", "made"),
    [
        pytest.param("job-titles", "Name\nCook\n", {"JOB#Cook": "Cook"}, id="1.1-job-titles"),
        pytest.param("departments", "Name\nBar\n", {"DEP#Bar": "Bar"}, id="1.1-departments"),
        pytest.param("business-units", "Feed ID,Name\n7,Hotel Sol\n", {"UNIT#7": "Hotel Sol"}, id="1.1-business-units"),
    ],
)
def test_a_feed_makes_what_its_kind_says(kind: str, content: str, made: dict[str, str]) -> None:
    world = World()
    world.put_feed(TENANT, content, kind=kind)
    world.settle()
    assert references(world) == made
    assert people(world) == {}


@pytest.mark.parametrize("source", ["upload", "hr"])
@pytest.mark.parametrize("action", ["", "rename", "delete", "remove-alias"])
@pytest.mark.parametrize(
    ("kind", "key", "header"),
    [
        pytest.param("job-titles", "JOB#Chef", "Name", id="4.8-of-a-title"),
        pytest.param("business-units", "UNIT#7", "Feed ID,Name", id="4.8-of-a-unit"),
    ],
)
def test_nobody_but_an_administrator_renames_or_deletes(
    source: str, action: str, kind: str, key: str, header: str
) -> None:
    world = founded(1)
    name = "Chef" if kind == "job-titles" else "7,Hotel"
    world.put_feed(TENANT, f"{header}\n{name}\n", kind=kind)
    world.put_feed(TENANT, f"{header},Action,New Name\n{name},{action},Cook\n", kind=kind, source=source)
    world.settle()
    assert references(world)[key] == name.rpartition(",")[2]
    assert "JOB#Cook" not in references(world)
    assert (run_item(world, 4)["counts"]["unchanged"], run_item(world, 4)["ignored_columns"]) == (
        1,
        ["Action", "New Name"],
    )


def test_1_1_a_feed_of_employees_makes_people() -> None:
    world = founded(1)
    world.put_feed(TENANT, HEADER + line("E1", "e1@x.es"), kind="employees")
    world.settle()
    assert set(people(world)) == {"E0", "E1"}


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        pytest.param("staff", "changes", id="1.1-there-is-no-other-kind"),
        pytest.param("employees", "some", id="1.2-there-is-no-other-mode"),
    ],
)
def test_a_feed_that_does_not_say_what_it_is_fails(kind: str, mode: str) -> None:
    world = founded(1)
    world.put_feed(TENANT, HEADER + line("E1"), kind=kind, mode=mode)
    world.settle()
    assert (run_item(world, 3)["state"], run_item(world, 3)["error_code"]) == ("failed", "KIND_UNKNOWN")
    assert set(people(world)) == {"E0"}


@pytest.mark.parametrize(
    "mode", [pytest.param("full", id="1.2-all-records"), pytest.param("changes", id="1.2-some-of-the-records")]
)
def test_rows_are_applied_in_either_mode_and_who_is_absent_stays(mode: str) -> None:
    world = founded(2)
    world.put_feed(TENANT, HEADER + line("E0", "p0@x.es", title="Waiter") + line("N1"), mode=mode)
    world.settle()
    found = people(world)
    assert (found["E0"]["job_title"], found["E1"]["active"], found["N1"]["active"]) == ("Waiter", True, True)


def test_1_10_a_run_waits_is_planned_applied_and_finished() -> None:
    world = founded(1, tolerant=True)
    world.put_feed(TENANT, HEADER + line("E1"))
    world.put_feed(TENANT, HEADER + line("E2"))

    world.faults.decide = lambda call: KILL_AFTER if call.operation == "get_object" else None
    world.step("import")
    world.faults.stop()
    assert runs(world)[2:] == [(3, "planning")]

    world.step("import")
    assert runs(world)[2:] == [(3, "planning"), (4, "waiting")]

    world.run_until_quiet()
    assert runs(world)[2:] == [(3, "finished"), (4, "finished")]


def test_1_10_a_run_is_applying_while_its_parts_are_not_done() -> None:
    world = founded(1)
    world.put_feed(TENANT, HEADER + line("E1"))
    world.step("import")
    assert run_item(world, 3)["state"] == "applying"


def test_1_10_a_run_of_which_rows_are_refused_is_finished() -> None:
    world = founded(1)
    world.put_feed(TENANT, HEADER + line("N1", title="Cook") + line("N2", "broken") + line("N3"))
    world.settle()
    run = run_item(world, 3)
    assert (run["state"], run["counts"]["parked"], run["counts"]["rejected"]) == ("finished", 1, 1)


def test_3_1_a_later_record_overwrites_the_earlier_one_whatever_its_address() -> None:
    world = founded(1)
    world.put_feed(TENANT, HEADER + line(" E0 ", "other@x.es", title="Waiter", last="Luz"))
    world.settle()
    assert set(people(world)) == {"E0"}
    assert (people(world)["E0"]["last_name"], people(world)["E0"]["email"]) == ("Luz", "other@x.es")


def test_3_1_external_ids_that_differ_in_capitals_are_two_people() -> None:
    world = founded(1)
    world.put_feed(TENANT, HEADER + line("e0"))
    world.settle()
    assert set(people(world)) == {"E0", "e0"}


def test_3_1_the_same_external_id_of_two_tenants_is_two_people() -> None:
    world = founded(1)
    world.put_feed("other", "Name\nChef\n", kind="job-titles")
    world.put_feed("other", HEADER + line("E0", "p0@x.es", first="Eva"))
    world.settle()
    found = {item["pk"]: item["first_name"] for item in world.items(world.names.directory_table) if item["sk"] == "U"}
    assert found == {"T#acme#U#E0": "Ana", "T#other#U#E0": "Eva"}


def test_3_4_no_two_active_employees_share_an_address_at_any_moment() -> None:
    world = founded(12)
    swap = line("E0", "p1@x.es") + line("E1", "p0@x.es")
    chain = line("E2", "p3@x.es") + line("E3", "p4@x.es") + line("E4", "free@x.es")
    ring = "".join(line(f"E{5 + n}", f"p{5 + (n + 1) % 4}@x.es") for n in range(4))
    newcomer = line("N1", "p9@x.es") + line("E9", "p9@x.es", status="Inactive")
    world.put_feed(TENANT, HEADER + swap + chain + ring + newcomer + line("N2", "p10@x.es"))
    looks = 0

    def look(_: Call) -> None:
        nonlocal looks
        looks += 1
        addresses = [who["email"] for who in people(world).values() if who["active"] and who.get("email")]
        assert len(addresses) == len(set(addresses))

    world.faults.watch = look
    world.settle()
    assert looks > 20
    assert {who: people(world)[who]["email"] for who in ("E0", "E1", "E4", "N1")} == {
        "E0": "p1@x.es",
        "E1": "p0@x.es",
        "E4": "free@x.es",
        "N1": "p9@x.es",
    }


def test_3_9_an_older_row_does_not_bring_someone_to_life_who_left_before_they_came() -> None:
    world = founded(1)
    world.put_feed(TENANT, HEADER + line("E9", "e9@x.es", status="Inactive"))
    world.settle()
    world.put_feed(TENANT, HEADER + line("E9", "e9@x.es", status="Active"), age="2026-11-01T10:00:00.000Z")
    world.settle()
    assert people(world)["E9"]["active"] is False
    assert run_item(world, 4)["counts"]["superseded"] == 1


def test_7_1_a_run_is_finished_only_when_its_log_is_written() -> None:
    world = founded(1)
    rows = [line(f"N{n}", title="Cook" if n % 3 == 0 else "Chef") for n in range(450)]
    world.put_feed(TENANT, HEADER + "".join(rows))
    written: list[int] = []

    def look(call: Call) -> None:
        if "'finished'" in str(call.request):
            written.append(len(entries(world, 3)))

    world.faults.watch = look
    world.settle()
    assert run_item(world, 3)["state"] == "finished"
    assert set(written) == {450}


@pytest.mark.parametrize("before", [pytest.param(0, id="9.1-opened"), pytest.param(1, id="9.1-counted-up")])
def test_9_1_of_equal_rows_without_an_id_the_first_is_named_whichever_chunk_comes_first(before: int) -> None:
    world = founded(1)
    nobodies = [line("", "same@x.es"), *(line("", f"n{n}@x.es") for n in range(250)), line("", "same@x.es")]
    for _ in range(before):
        world.put_feed(TENANT, HEADER + line("E0") + line("", "same@x.es"))
        world.settle()
    world.put_feed(TENANT, HEADER + "".join(nobodies))
    while len(messages := list(world.sqs.queues["upsert"].messages)) < 2:
        world.step("import")
    world.sqs.queues["upsert"].messages[:] = messages[::-1]
    world.settle()
    (same,) = [
        item
        for item in world.items(world.names.feed_log_table)
        if "#Q#" in item["pk"] and item["code"] == "EXTERNAL_ID_MISSING" and item["last_row"] in {1, 252}
    ]
    assert (same["last_row"], same["row"], same["occurrences"]) == (1, 1 + before, 1 + before)
    assert same["message"].startswith("Row 1 ")
