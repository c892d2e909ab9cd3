"""What is held, shown, released and discarded (section 6, 3.3)."""

import pytest

from peoplefeed.runs.holding import HoldChanged, release
from tests.integration.runs.company import HEADER, TENANT, founded, line, run_item
from tests.integration.runs.office import (
    active,
    connect,
    discarded,
    fed,
    holds,
    poll,
    record,
    released,
    set_,
    staff,
    upload,
)
from tests.integration.runs.test_line import entries, people
from tests.integration.runs.test_ownership import codes
from tests.integration.runs.test_retries import still_open
from tests.worlds.faults import KILL_AFTER
from tests.worlds.world import World

FIELDS = ("external_id", "first_name", "last_name", "email", "job_title", "department", "status")


def leaving(count: int, start: int = 0) -> list[str]:
    return [line(f"E{n}", f"p{n}@x.es", status="Inactive") for n in range(start, start + count)]


def test_6_1_more_leavers_than_a_tenth_are_held_and_joiners_and_movers_flow() -> None:
    world = founded(50)
    number = upload(world, *leaving(11), line("E20", "new@x.es"), line("N1", "n1@x.es"))
    counts = run_item(world, number)["counts"]
    assert (counts["held"], counts["updated"], counts["created"], counts["deactivated"]) == (11, 1, 1, 0)
    assert set(codes(world, number)) == {"LEAVERS_HELD"}
    (hold,) = holds(world)
    assert (hold.source, hold.safeguard, hold.runs, hold.notice.would) == (
        "upload",
        "leavers",
        (number,),
        {"deactivated": 11},
    )
    assert len(active(world)) == 51


def test_3_10_who_is_said_to_be_as_they_were_stays_so_when_an_older_row_is_released() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    upload(world, line("E3", "p3@x.es"), line("E40", "p40@x.es"))
    (hold,) = holds(world)
    number = released(world, hold)
    assert run_item(world, number)["counts"]["superseded"] == 1
    assert {"E3", "E4"} & active(world) == {"E3"}
    assert still_open(world) == []


def test_3_10_so_it_is_where_a_feed_is_held_as_a_whole() -> None:
    world = founded(50)
    upload(world, *(line(f"E{n}", f"p{n}@x.es", last="Luz") for n in range(11)))
    upload(world, line("E3", "p3@x.es"))
    (hold,) = holds(world)
    released(world, hold)
    assert (people(world)["E3"]["last_name"], people(world)["E4"]["last_name"]) == ("Sol", "Luz")


def test_3_10_so_it_is_if_a_full_feed_of_another_source_says_so() -> None:
    world = World()
    records = staff(world, "hr", 50)
    upload(world, line("Z1", "z1@x.es"))
    upload(world, *leaving(11))
    poll(world, "hr", *records)
    (hold,) = holds(world)
    number = released(world, hold)
    assert run_item(world, number)["counts"]["superseded"] == 11
    assert len(active(world)) == 51


def test_3_10_so_it_is_if_the_row_stands_in_the_line_before_the_release() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    (hold,) = holds(world)
    world.put_feed(TENANT, HEADER + line("E40", "p40@x.es", title="Waiter"))
    world.put_feed(TENANT, HEADER + line("E3", "p3@x.es"))
    world.step("import")
    world.step("import")
    released(world, hold)
    assert {"E3", "E4"} & active(world) == {"E3"}


def test_3_10_so_it_is_between_two_parts_of_a_release() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    upload(world, *leaving(12, 20))
    (hold,) = holds(world)
    release(world.deployment, TENANT, hold, world.clock())
    world.put_feed(TENANT, HEADER + line("E25", "p25@x.es"))
    world.settle()
    assert {"E24", "E25"} & active(world) == {"E25"}


def test_7_6_what_another_safeguard_holds_too_stays_held() -> None:
    world = founded(50)
    set_(world, identity_change="hold")
    upload(world, *leaving(11))
    upload(world, line("E0", "eva@x.es", first="Eva", last="Luz"))
    assert sorted(str(one["code"]) for one in still_open(world) if one["external_id"] == "E0") == [
        "IDENTITY_HELD",
        "LEAVERS_HELD",
    ]
    (identity, _) = sorted(holds(world), key=lambda hold: hold.safeguard)
    discarded(world, identity)
    assert [str(one["code"]) for one in still_open(world) if one["external_id"] == "E0"] == ["LEAVERS_HELD"]


def test_3_10_an_unchanged_row_costs_nothing_where_nothing_is_held() -> None:
    world = founded(50)
    before = people(world)["E3"]
    upload(world, line("E3", "p3@x.es"))
    assert people(world)["E3"] == before


def test_1_9_a_simulated_feed_names_no_hold_that_nobody_could_release() -> None:
    world = founded(50)
    number = fed(world, HEADER + "".join(leaving(11)), simulate="true")
    said = [str(entry["message"]) for entry in entries(world, number)]
    assert len(said) == 11
    assert all(sentence.endswith("release or discard the hold that the feed would begin.") for sentence in said)


def test_7_6_what_is_released_says_nothing_of_a_newer_row_that_is_wrong() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    upload(world, line("E3", "nowhere"))
    (hold,) = holds(world)
    released(world, hold)
    assert "E3" not in active(world)
    assert [problem["code"] for problem in still_open(world)] == ["EMAIL_INVALID"]


@pytest.mark.parametrize(
    ("company", "leave", "held"),
    [
        pytest.param(50, 10, 0, id="6.1-ten-may-leave"),
        pytest.param(50, 11, 11, id="6.1-eleven-may-not"),
        pytest.param(200, 20, 0, id="6.1-a-tenth-may-leave"),
        pytest.param(200, 21, 21, id="6.1-more-than-a-tenth-may-not"),
        pytest.param(4, 4, 4, id="6.1-all-of-four"),
        pytest.param(3, 3, 0, id="6.1-all-of-three"),
    ],
)
def test_how_many_may_leave(company: int, leave: int, held: int) -> None:
    world = founded(company)
    assert run_item(world, upload(world, *leaving(leave)))["counts"]["held"] == held


def test_6_1_a_tenth_of_the_company_leaving_every_five_minutes_is_stopped() -> None:
    world = founded(100)
    for start in range(0, 50, 10):
        upload(world, *leaving(10, start))
    assert len(active(world)) == 90
    world.clock.forward(hours=25)
    upload(world, *leaving(9, 50))
    assert len(active(world)) == 81


def test_6_1_held_leavers_of_a_source_are_never_forgotten() -> None:
    world = World()
    records = staff(world, "hr-a", 60, leavers="deactivate")
    first = poll(world, "hr-a", *records[12:])
    (hold,) = holds(world)
    assert (hold.notice.would, len(active(world))) == ({"leavers": 12}, 60)
    for _ in range(2):
        poll(world, "hr-a", *records[12:])
    (hold,) = holds(world)
    assert (hold.version, hold.id) == (3, f"hr-a.leavers.{first}")
    number = released(world, hold)
    assert run_item(world, number)["counts"]["leavers"] == 12
    assert len(active(world)) == 48
    assert (holds(world), still_open(world)) == ([], [])


def test_6_3_whoever_must_answer_is_called_once_for_each_hold() -> None:
    world = World()
    records = staff(world, "hr-a", 60, leavers="deactivate")
    first, *_ = [poll(world, "hr-a", *records[12:]) for _ in range(2)]  # held in part, and again
    whole, *_ = [poll(world, "hr-a", *records[30:]) for _ in range(2)]  # held as a whole, and again
    assert [(told["run"], told["code"]) for told in world.events.details()] == [
        (first, "LEAVERS_HELD"),
        (whole, "FEED_SUSPECT"),
    ]
    in_part, as_a_whole = (told["message"] for told in world.events.details())
    assert in_part.startswith(f"Run {first} of source hr-a is held in part. ")
    assert in_part.endswith(f"release or discard the hold hr-a.leavers.{first}.")
    assert as_a_whole.endswith(f"release or discard the hold hr-a.feed.{whole}.")


def test_6_3_people_who_are_back_in_the_next_full_feed_end_the_hold() -> None:
    world = World()
    records = staff(world, "hr-a", 60, leavers="deactivate")
    poll(world, "hr-a", *records[12:])
    assert len(holds(world)) == 1
    poll(world, "hr-a", *records)
    assert (holds(world), still_open(world), len(active(world))) == ([], [], 60)


def test_6_7_what_was_released_counts_no_more() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    released(world, holds(world)[0])
    assert len(active(world)) == 39
    upload(world, *leaving(1, 20))
    assert len(active(world)) == 38


def test_6_7_a_discarded_hold_leaves_everybody_and_its_problems_are_over() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    assert len(still_open(world)) == 11
    number = discarded(world, holds(world)[0])
    assert run_item(world, number)["purpose"] == "discard"
    assert (holds(world), still_open(world), len(active(world))) == ([], [], 50)


def test_6_3_an_administrator_releases_what_they_saw_or_hears_that_it_changed() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    (seen,) = holds(world)
    upload(world, *leaving(12, 20))
    (now,) = holds(world)
    assert (now.version, now.notice.would, len(now.runs)) == (2, {"deactivated": 23}, 2)
    with pytest.raises(HoldChanged):
        release(world.deployment, TENANT, seen, world.clock())
    world.settle()


def test_6_3_who_saw_a_hold_that_was_discarded_cannot_release_the_one_that_began_after_it() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    (seen,) = holds(world)
    discarded(world, seen)
    upload(world, *leaving(12, 20))
    (now,) = holds(world)
    assert (seen.version, now.version) == (1, 1)
    with pytest.raises(HoldChanged):
        release(world.deployment, TENANT, seen, world.clock())
    world.settle()
    assert (holds(world), len(active(world))) == ([now], 50)


def test_6_3_who_is_held_twice_is_one_person_of_the_hold() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    upload(world, *leaving(12))
    (hold,) = holds(world)
    assert (hold.version, len(hold.runs), hold.notice.would) == (2, 2, {"deactivated": 12})
    assert hold.notice.examples == tuple(f"E{n}: Ana Sol" for n in range(5))
    released(world, hold)
    assert len(active(world)) == 38


def test_3_3_whose_identity_is_held_twice_is_one_person_of_the_hold() -> None:
    world = founded(5)
    set_(world, identity_change="hold")
    for _ in range(2):
        upload(world, line("E0", "new@x.es", first="Eva", last="Luna"))
    (hold,) = holds(world)
    assert (hold.notice.would, hold.notice.examples) == ({"updated": 1}, ("E0: Eva Luna",))


def test_6_3_a_release_that_another_answer_forestalls_delivers_none_of_its_parts() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    upload(world, *leaving(12, 20))
    (hold,) = holds(world)
    discarded(world, hold)
    with pytest.raises(HoldChanged):
        release(world.deployment, TENANT, hold, world.clock())
    world.settle()
    assert len(active(world)) == 50


def test_6_3_a_part_of_a_release_that_cannot_be_read_any_more_does_not_keep_the_next_from_being_delivered() -> None:
    world = founded(0)
    fields = {field: column for column, field in zip(HEADER.strip().split(","), FIELDS, strict=True)}
    connect(world, "hr", format="csv", fields=fields)
    fed(world, HEADER + "".join(line(f"E{n}", f"p{n}@x.es") for n in range(50)), source="hr")
    unread = fed(world, HEADER + "".join(leaving(11)), source="hr")
    connect(world, "hr", format="csv", fields=fields | {"external_id": "Number"})
    fed(world, HEADER.replace("External Identifier", "Number") + "".join(leaving(12, 20)), source="hr")
    (hold,) = holds(world)
    last = released(world, hold)
    assert run_item(world, last - 1)["of"] == unread
    assert (run_item(world, last - 1)["state"], run_item(world, last)["state"]) == ("failed", "finished")
    assert active(world) == {f"E{n}" for n in range(50)} - {f"E{n}" for n in range(20, 32)}


def test_9_1_a_release_whose_worker_is_killed_between_two_parts_delivers_them_all() -> None:
    world = founded(50)
    upload(world, *leaving(11))
    upload(world, *leaving(12, 20))
    (hold,) = holds(world)
    before = world.fork()
    release(world.deployment, TENANT, hold, world.clock())
    world.settle()
    expected = active(world)
    assert len(expected) == 27
    for call in range(1, 40):
        twin = before.fork()
        release(twin.deployment, TENANT, hold, twin.clock())
        twin.faults.at(len(twin.faults.log) + call, KILL_AFTER)
        twin.settle()
        assert active(twin) == expected, call


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        pytest.param([record(f"E{n}", f"p{n}@x.es") for n in range(12)], "13 rows", id="6.2-fewer-than-70-percent"),
        pytest.param(
            [record(f"E{n}", f"p{n}@x.es" if n > 10 else "broken") for n in range(20)],
            "rejected",
            id="6.2-many-rejected",
        ),
        pytest.param(
            [record(f"E{n}", f"p{n}@x.es" if n > 10 else "") for n in range(20)], "clear Email", id="6.2-many-cleared"
        ),
    ],
)
def test_a_suspect_full_feed_is_held_as_a_whole(rows: list[dict[str, str]], reason: str) -> None:
    world = World()
    staff(world, "hr-a", 20)
    before = people(world)
    number = poll(world, "hr-a", *rows, record("N1"))
    run = run_item(world, number)
    assert (run["state"], run["error_code"]) == ("held", "FEED_SUSPECT")
    assert reason in run["error_message"]
    assert (run["counts"]["held"], run["counts"]["received"]) == (len(rows) + 1, len(rows) + 1)
    assert people(world) == before
    (entry,) = entries(world, number)
    assert (entry["code"], entry["severity"]) == ("FEED_SUSPECT", "error")


def test_6_2_a_column_that_is_gone_makes_a_full_feed_suspect() -> None:
    world = founded(0)
    upload(world, *[line(f"E{n}", f"p{n}@x.es") for n in range(3)], mode="full")
    number = _without_email(world)
    assert run_item(world, number)["state"] == "held"
    assert "no column Email" in run_item(world, number)["error_message"]


def _without_email(world: World) -> int:
    body = "External Identifier,First Name,Last Name,Job Title,Department,Status\n"
    return fed(world, body + "".join(f"E{n},Ana,Sol,Chef,,\n" for n in range(3)), mode="full")


def test_6_3_a_released_feed_is_applied_with_the_old_age_and_the_held_run_is_superseded() -> None:
    world = World()
    records = staff(world, "hr-a", 20)
    number = poll(world, "hr-a", *records[:12], record("N1", "n1@x.es"))
    run = released(world, holds(world)[0])
    assert (run_item(world, run)["state"], run_item(world, run)["of"]) == ("finished", number)
    assert run_item(world, run)["age"] == run_item(world, number)["age"]
    assert run_item(world, number)["state"] == "superseded"
    assert "N1" in people(world)
    assert holds(world) == []


def test_6_3_a_discarded_feed_changes_nothing_and_its_run_says_so() -> None:
    world = World()
    records = staff(world, "hr-a", 20)
    number = poll(world, "hr-a", *records[:12], record("N1"))
    discarded(world, holds(world)[0])
    assert run_item(world, number)["state"] == "discarded"
    assert "N1" not in people(world)


def test_1_4_a_released_feed_is_superseded_by_a_newer_full_feed() -> None:
    world = World()
    records = staff(world, "hr-a", 20)
    poll(world, "hr-a", *records[:12])
    (hold,) = holds(world)
    poll(world, "hr-a", *records)
    assert holds(world) == []
    with pytest.raises(HoldChanged):
        release(world.deployment, TENANT, hold, world.clock())


def test_6_4_mass_changes_of_address_hold_the_whole_feed_with_examples() -> None:
    world = founded(50)
    number = upload(world, *[line(f"E{n}", f"p{n + 1}@x.es") for n in range(10)], line("E10", "free@x.es"))
    run = run_item(world, number)
    assert (run["state"], run["error_code"]) == ("held", "MASS_IDENTITY_CHANGE")
    (hold,) = holds(world)
    assert hold.notice.examples == tuple(f"E{n}: p{n}@x.es → p{n + 1}@x.es" for n in range(5))
    assert hold.notice.message == run["error_message"]
    assert not [word for word in ("E0", "@x.es") if word in hold.notice.message]  # 1.11
    released(world, hold)
    assert people(world)["E3"]["email"] == "p4@x.es"


def test_6_4_last_names_count_too_and_inactive_people_do_not() -> None:
    world = founded(50)
    upload(world, *leaving(10))
    renamed = [line(f"E{n}", f"p{n}@x.es", last="Luna", status="Inactive") for n in range(10)]
    assert run_item(world, upload(world, *renamed))["state"] == "finished"
    more = [line(f"E{n}", f"p{n}@x.es", last="Luna") for n in range(20, 31)]
    assert run_item(world, upload(world, *more))["state"] == "held"


@pytest.mark.parametrize(
    "mode", [pytest.param("full", id="6.1-6.2-6.4-exempt-full"), pytest.param("changes", id="6.1-exempt-changes")]
)
def test_the_first_feed_of_a_source_is_exempt(mode: str) -> None:
    world = founded(20)
    connect(world, "hr-a")
    rows = [record(f"E{n}", f"q{n}@x.es", status="Inactive") for n in range(20)]
    assert run_item(world, poll(world, "hr-a", *rows, mode=mode))["counts"]["deactivated"] == 20


def test_3_3_an_identity_change_is_held_where_the_tenant_wants_that() -> None:
    world = founded(5)
    set_(world, identity_change="hold")
    number = upload(world, line("E0", "new@x.es", first="Eva", last="Luna"), line("E1", "p1@x.es", title="Waiter"))
    assert codes(world, number) == ["IDENTITY_HELD"]
    assert (people(world)["E0"]["first_name"], people(world)["E1"]["job_title"]) == ("Ana", "Waiter")
    (hold,) = holds(world)
    assert (hold.safeguard, hold.notice.examples) == ("identity", ("E0: Eva Luna",))
    assert hold.notice.message.startswith("1 of the feed's rows would make somebody look like another person")
    assert hold.notice.message.endswith(f"release or discard the hold {hold.id}.")
    released(world, hold)
    assert people(world)["E0"]["first_name"] == "Eva"
    assert (holds(world), still_open(world)) == ([], [])


def test_3_6_who_is_held_stays_and_keeps_the_address() -> None:
    world = founded(50)
    number = upload(world, *leaving(11), line("N1", "p0@x.es"))
    assert sorted(codes(world, number)) == ["EMAIL_IN_USE", *["LEAVERS_HELD"] * 11]
    released(world, holds(world)[0])
    assert people(world)["N1"]["email"] == "p0@x.es"


def test_6_6_limits_are_the_tenants_to_set() -> None:
    world = founded(50)
    set_(world, leavers_minimum=2, leavers_percent=2)
    assert run_item(world, upload(world, *leaving(3)))["counts"]["held"] == 3


def test_1_9_a_simulated_feed_that_would_be_held_begins_no_hold() -> None:
    world = founded(50)
    number = upload(world, *leaving(11), simulate="true")
    assert run_item(world, number)["counts"]["held"] == 11
    assert holds(world) == []
