"""What is held, and what is said of it (section 6, 3.3)."""

import pytest

from tests.integration.runs.company import founded, leaving, line
from tests.integration.runs.findings import active, codes, entries, holds, people, run_item, still_open
from tests.integration.runs.office import connect, discarded, fed, poll, record, released, set_, staff, upload
from tests.worlds.world import World


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
