"""Who may change whom (3.13), who has left (1.5), what is late (1.4, 3.10), and the profiles of newcomers (5.2)."""

import pytest

from tests.integration.runs.company import PROFILES, TENANT, founded, line
from tests.integration.runs.findings import active, codes, entries, people, problems, run_item
from tests.integration.runs.office import connect, fed, poll, record, staff, upload
from tests.worlds.world import World


def test_3_13_a_row_of_another_source_for_an_active_employee_is_rejected() -> None:
    world = World()
    staff(world, "hr-a", 2)
    connect(world, "hr-b")
    number = poll(world, "hr-b", record("E0", "p0@x.es", job_title="Waiter"), mode="changes")
    assert run_item(world, number)["counts"]["rejected"] == 1
    assert codes(world, number) == ["OWNED_BY_OTHER_SOURCE"]
    assert people(world)["E0"]["job_title"] == "Chef"


def test_3_13_whoever_another_source_reactivates_is_its_own_from_then_on() -> None:
    world = World()
    staff(world, "hr-a", 2)
    connect(world, "hr-b")
    poll(world, "hr-a", record("E0", "p0@x.es", status="Inactive"), mode="changes")
    poll(world, "hr-b", record("E0", "p0@x.es", status="Active"), mode="changes")
    assert (people(world)["E0"]["active"], people(world)["E0"]["source"]) == (True, "hr-b")
    number = poll(world, "hr-a", record("E0", "p0@x.es", job_title="Waiter"), mode="changes")
    assert run_item(world, number)["counts"]["rejected"] == 1


def test_3_13_an_upload_may_change_anybody_and_is_told_that_the_source_comes_again() -> None:
    world = World()
    staff(world, "hr-a", 2)
    number = upload(world, line("E0", "p0@x.es", title="Waiter"))
    assert codes(world, number) == ["UPLOAD_OVER_SOURCE"]
    assert (people(world)["E0"]["job_title"], people(world)["E0"]["source"]) == ("Waiter", "hr-a")
    assert codes(world, upload(world, line("E0", "p0@x.es", title="Waiter"))) == []  # it changes nothing


def test_3_13_whoever_an_upload_brings_back_is_nobodys_and_nobody_says_that_the_source_comes_again() -> None:
    world = World()
    staff(world, "hr-a", 2)
    poll(world, "hr-a", record("E0", "p0@x.es", status="Inactive"), mode="changes")
    number = upload(world, line("E0", "p0@x.es", status="Active"))
    assert codes(world, number) == []
    assert (people(world)["E0"]["active"], people(world)["E0"].get("source")) == (True, None)


def test_1_5_who_is_missing_from_a_full_feed_has_left_where_the_source_says_so() -> None:
    world = World()
    records = staff(world, "hr-a", 20, leavers="deactivate")
    number = poll(world, "hr-a", *records[1:])
    assert "E0" not in active(world)
    counts = run_item(world, number)["counts"]
    assert (counts["leavers"], counts["deactivated"], counts["unchanged"], counts["received"]) == (1, 0, 19, 19)
    (entry,) = entries(world, number)
    assert (entry["external_id"], entry["outcome"]) == ("E0", "deactivated")


def test_1_5_absence_means_nothing_unless_the_source_says_so() -> None:
    world = World()
    records = staff(world, "hr-a", 20)
    poll(world, "hr-a", *records[1:])
    assert "E0" in active(world)


def test_1_5_only_whom_the_source_owns_can_be_its_leavers() -> None:
    world = World()
    records = staff(world, "hr-a", 20, leavers="deactivate")
    upload(world, line("U1", "u1@x.es"))
    poll(world, "hr-a", *records)
    assert "U1" in active(world)


def test_1_5_a_leaver_is_found_by_the_directory_where_nothing_can_be_compared() -> None:
    world = World()
    world.put_feed(TENANT, "Name\nChef\n", kind="job-titles")
    connect(world, "hr-a", leavers="deactivate")
    poll(world, "hr-a", *[record(f"E{n}") for n in range(5)], mode="changes")
    poll(world, "hr-a", *[record(f"E{n}") for n in range(1, 5)])
    assert active(world) == {"E1", "E2", "E3", "E4"}


def test_1_5_a_row_without_an_id_makes_leavers_of_nobody_until_it_is_mended() -> None:
    world = World()
    records = staff(world, "hr-a", 20, leavers="deactivate")
    number = poll(world, "hr-a", *records[1:], record(""))
    assert "E0" in active(world)
    assert codes(world, number) == ["EXTERNAL_ID_MISSING", "LEAVERS_UNCERTAIN"]
    poll(world, "hr-a", *records[1:])
    assert "E0" not in active(world)
    assert not [problem for problem in problems(world) if "open_pk" in problem]


def test_1_5_absence_drops_what_the_source_had_parked() -> None:
    world = World()
    records = staff(world, "hr-a", 5)
    poll(world, "hr-a", *records, record("N1", job_title="Cook"))
    poll(world, "hr-a", *records)
    assert not [problem for problem in problems(world) if "open_pk" in problem]
    fed(world, "Name\nCook\n", kind="job-titles")
    assert "N1" not in people(world)


def test_2_7_presence_means_active_where_absence_means_leaving() -> None:
    world = World()
    records = staff(world, "hr-a", 5, leavers="deactivate")
    upload(world, line("E0", "p0@x.es", status="Inactive"))
    poll(world, "hr-a", *records)
    assert "E0" in active(world)


def test_3_10_a_late_row_is_superseded_by_the_full_feed_that_had_the_person_unchanged() -> None:
    world = World()
    records = staff(world, "hr-a", 3)
    world.clock.forward(hours=2)
    poll(world, "hr-a", *records)
    late = poll(
        world, "hr-a", record("E0", "p0@x.es", job_title="Waiter"), mode="changes", age="2026-11-22T13:50:00.000Z"
    )
    assert run_item(world, late)["counts"]["superseded"] == 1
    assert people(world)["E0"]["job_title"] == "Chef"


def test_3_10_a_row_older_than_the_parked_one_does_not_take_its_place() -> None:
    world = founded(1)
    world.clock.forward(hours=1)
    upload(world, line("E0", "p0@x.es", title="Cook"))
    number = upload(world, line("E0", "p0@x.es", title="Waiter"), age="2026-11-22T14:00:00.000Z")
    assert run_item(world, number)["counts"]["superseded"] == 1
    fed(world, "Name\nCook\n", kind="job-titles")
    assert people(world)["E0"]["job_title"] == "Cook"


@pytest.mark.parametrize(
    ("wanted", "by", "profile", "code"),
    [
        pytest.param("manager", "ann@x.es", "manager", None, id="5.2-an-administrator-may-name-one"),
        pytest.param("Training Manager", "ann@x.es", "training-manager", None, id="5.2-as-people-write-it"),
        pytest.param("manager", "", "employee", "PROFILE_EXCEEDS_GRANT", id="5.3-nobody-grants-more-than-they-have"),
        pytest.param("boss", "ann@x.es", "employee", "PROFILE_NOT_FOUND", id="5.2-an-unknown-one"),
        pytest.param("", "ann@x.es", "employee", None, id="5.1-everyone-starts-as-employee"),
    ],
)
def test_a_profile_of_a_newcomer(wanted: str, by: str, profile: str, code: str | None) -> None:
    world = founded(1)
    by_whom = {"uploaded_by": by} if by else {}
    number = fed(world, PROFILES + line("N1", status=wanted), **by_whom)
    assert people(world)["N1"]["profile"] == profile
    assert people(world)["N1"]["products"] == ["mapal-one"]
    assert codes(world, number) == ([code] if code else [])


def test_5_2_an_upload_leaves_the_profile_of_somebody_known() -> None:
    world = founded(1)
    fed(world, PROFILES + line("E0", "p0@x.es", status="manager"), uploaded_by="ann@x.es")
    assert people(world)["E0"]["profile"] == "employee"


@pytest.mark.parametrize(
    ("known", "new"),
    [
        pytest.param("007", "7", id="3.14-a-spreadsheet-dropped-the-zeros"),
        pytest.param("7", "007", id="3.14-the-zeros-are-new"),
        pytest.param("07", "0007", id="3.14-more-zeros"),
    ],
)
def test_an_id_that_differs_in_leading_zeros_is_imported_with_a_warning(known: str, new: str) -> None:
    world = founded(0)
    upload(world, line(known))
    number = upload(world, line(new))
    assert codes(world, number) == ["EXTERNAL_ID_NEAR_DUPLICATE"]
    assert {known, new} <= set(people(world))


def test_3_14_other_numbers_are_no_near_duplicates() -> None:
    world = founded(0)
    upload(world, line("070"))
    assert codes(world, upload(world, line("7"), line("0071"), line("E7"))) == []
