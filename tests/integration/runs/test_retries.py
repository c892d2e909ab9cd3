"""What is refused comes back by itself once its cause is gone (4.7, 9.2)."""

from datetime import datetime, timedelta
from itertools import pairwise

from peoplefeed.runs.retry import enqueue_retries
from tests.integration.runs.company import PROFILES, founded, line
from tests.integration.runs.findings import codes, entries, people, problems, run_item, runs, still_open
from tests.integration.runs.office import act, connect, fed, poll, record, staff, time_passes, upload
from tests.integration.runs.trouble import always_fails
from tests.worlds.world import World

WITHOUT_DEPARTMENT = "External Identifier,First Name,Last Name,Job Title,Status\n"


def test_4_7_a_row_with_an_unknown_title_is_applied_when_the_title_appears() -> None:
    world = founded(1)
    upload(world, line("N1", "n1@x.es", title="Cook"), line("N2", "n2@x.es", title="Baker"))
    number = fed(world, "Name\nCook\n", kind="job-titles")
    assert people(world)["N1"]["job_title"] == "Cook"
    assert [problem["external_id"] for problem in still_open(world)] == ["N2"]
    retry = run_item(world, number + 1)
    assert (retry["purpose"], retry["of"], retry["counts"]["received"], retry["state"]) == (
        "retry",
        number,
        1,
        "finished",
    )
    assert len(runs(world)) == number + 1


def test_4_7_a_row_is_applied_when_the_address_becomes_free() -> None:
    world = founded(2)
    upload(world, line("N1", "p0@x.es"))
    upload(world, line("E0", "other@x.es"))
    assert people(world)["N1"]["email"] == "p0@x.es"
    assert still_open(world) == []


def test_4_7_of_two_who_wait_for_one_address_the_older_row_gets_it_and_the_other_waits_on() -> None:
    world = founded(2)
    upload(world, line("N1", "p0@x.es"))
    world.clock.forward(minutes=1)
    upload(world, line("N2", "p0@x.es"))
    upload(world, line("E0", "p0@x.es", status="Inactive"))
    assert people(world)["N1"]["email"] == "p0@x.es"
    assert "N2" not in people(world)
    (problem,) = still_open(world)
    assert (problem["external_id"], problem["occurrences"]) == ("N2", 2)
    assert "N1" in str(problem["message"])


def test_4_7_who_waits_for_each_other_comes_in_one_after_the_other() -> None:
    world = founded(3)
    upload(world, line("E1", "p0@x.es"))
    upload(world, line("E2", "p1@x.es"))
    upload(world, line("E0", "free@x.es"))
    assert {who: item["email"] for who, item in people(world).items()} == {
        "E0": "free@x.es",
        "E1": "p0@x.es",
        "E2": "p1@x.es",
    }
    assert still_open(world) == []


def test_3_5_two_who_swap_do_so_when_the_title_that_one_of_them_lacked_appears() -> None:
    world = founded(3)
    upload(world, line("E0", "p1@x.es", title="Cook"), line("E1", "p0@x.es"), line("E2", "p1@x.es"))
    fed(world, "Name\nCook\n", kind="job-titles")
    assert [people(world)[who]["email"] for who in ("E0", "E1", "E2")] == ["p1@x.es", "p0@x.es", "p2@x.es"]
    assert [problem["external_id"] for problem in still_open(world)] == ["E2"]


def test_3_5_two_who_swap_in_two_feeds_do_so_once_both_have_come() -> None:
    world = founded(3)
    upload(world, line("E0", "p1@x.es"))
    number = upload(world, line("E1", "p0@x.es"))
    assert [people(world)[who]["email"] for who in ("E0", "E1")] == ["p1@x.es", "p0@x.es"]
    assert still_open(world) == []
    assert len(runs(world)) == number + 1


def test_3_5_a_ring_that_stays_open_is_tried_once_and_no_more() -> None:
    world = founded(3)
    upload(world, line("E0", "p1@x.es"), line("E2", "p1@x.es", title="Cook"))
    upload(world, line("E1", "p2@x.es"))
    number = upload(world, line("E1", "p2@x.es"))
    assert len(runs(world)) == number
    assert [people(world)[f"E{n}"]["email"] for n in range(3)] == ["p0@x.es", "p1@x.es", "p2@x.es"]


def test_4_7_who_waits_for_an_address_that_is_kept_is_not_tried_again_for_another_title() -> None:
    world = founded(2)
    upload(world, line("E0", "p0@x.es", title="Cook"), line("E1", "p0@x.es"))
    fed(world, "Name\nCook\n", kind="job-titles")
    (problem,) = still_open(world)
    assert (problem["external_id"], problem["occurrences"]) == ("E1", 1)


def test_4_7_a_missing_department_is_filled_in_when_it_appears() -> None:
    world = founded(1)
    upload(world, line("N1", "n1@x.es", department="Bar"))
    assert people(world)["N1"].get("department") is None
    fed(world, "Name\nBar\n", kind="departments")
    assert people(world)["N1"]["department"] == "Bar"
    assert still_open(world) == []


def test_4_3_who_comes_back_to_a_department_that_was_deleted_wants_it_and_is_without_it() -> None:
    world = founded(2)
    fed(world, "Name\nSpa\n", kind="departments")
    upload(world, line("E0", "p0@x.es", department="Spa"))
    fed(world, WITHOUT_DEPARTMENT + "E0,Ana,Sol,Chef,Inactive\n")
    act(world, "departments", name="Spa", action="delete")
    number = fed(world, WITHOUT_DEPARTMENT + "E0,Ana,Sol,Chef,Active\n")
    assert codes(world, number) == ["DEPARTMENT_NOT_FOUND"]
    assert (people(world)["E0"].get("department"), people(world)["E0"]["department_wanted"]) == (None, "Spa")
    fed(world, "Name\nSpa\n", kind="departments")
    assert people(world)["E0"]["department"] == "Spa"


def test_7_6_what_waited_says_nothing_of_a_newer_row_that_is_wrong() -> None:
    world = founded(1)
    upload(world, line("N1", "n1@x.es", title="Cook"))
    upload(world, line("N1", "nowhere", title="Cook"))
    fed(world, "Name\nCook\n", kind="job-titles")
    assert people(world)["N1"]["email"] == "n1@x.es"
    assert [problem["code"] for problem in still_open(world)] == ["EMAIL_INVALID"]


def test_4_7_a_row_that_fails_again_for_another_cause_waits_for_that() -> None:
    world = founded(1)
    upload(world, line("N1", "p0@x.es", title="Cook"))
    number = fed(world, "Name\nCook\n", kind="job-titles")
    assert codes(world, number + 1) == ["EMAIL_IN_USE"]
    upload(world, line("E0", "free@x.es"))
    assert people(world)["N1"]["email"] == "p0@x.es"


def test_4_7_a_newer_row_replaces_the_parked_one() -> None:
    world = founded(1)
    upload(world, line("N1", "n1@x.es", title="Cook"))
    upload(world, line("N1", "n1@x.es", title="Waiter"))
    fed(world, "Name\nCook\n", kind="job-titles")
    assert people(world)["N1"]["job_title"] == "Waiter"


def test_4_7_an_address_that_passes_on_to_somebody_else_is_not_free_and_nobody_is_tried_again() -> None:
    world = founded(2)
    upload(world, line("N1", "p0@x.es"))
    number = upload(world, line("E0", "free@x.es"), line("E1", "p0@x.es"))
    assert codes(world, number) == []
    assert len(runs(world)) == number


def test_4_7_nothing_waits_and_no_run_is_begun_for_it() -> None:
    world = founded(2)
    number = fed(world, "Name\nCook\n", kind="job-titles")
    upload(world, line("E0", "free@x.es"))
    assert len(runs(world)) == number + 1


def test_4_7_a_retried_row_of_a_source_is_still_that_sources() -> None:
    world = World()
    staff(world, "hr-a", 1)
    poll(world, "hr-a", record("N1", job_title="Cook"), mode="changes")
    fed(world, "Name\nCook\n", kind="job-titles")
    assert people(world)["N1"]["source"] == "hr-a"


def test_9_2_what_failed_by_a_fault_of_ours_is_tried_again_after_1_6_and_24_hours() -> None:
    world = founded(2, tolerant=True)
    world.faults.decide = always_fails("N1")
    upload(world, line("N1", "n1@x.es"))
    time_passes(world, hours=60)
    begun = [datetime.fromisoformat(str(run_item(world, number)["registered_at"])) for number, _ in runs(world)[2:]]
    hours = [(later - earlier).total_seconds() / 3600 for earlier, later in pairwise(begun)]
    assert [int(hour) for hour in hours] == [1, 6, 24]
    world.faults.stop()
    assert [(problem["code"], problem["occurrences"]) for problem in still_open(world)] == [("INTERNAL_ERROR", 4)]
    assert [len(entries(world, number)) for number, _ in runs(world)[2:]] == [1, 0, 0, 0]
    upload(world, line("N1", "n1@x.es"))
    assert "N1" in people(world)
    assert still_open(world) == []


def test_9_2_what_else_is_open_about_somebody_stays_so_when_their_change_is_given_up() -> None:
    world = founded(0, tolerant=True)
    fed(world, "Name\nKitchen\n", kind="departments")
    upload(world, line("N1", department="Nowhere"))
    world.faults.decide = always_fails("N1")
    upload(world, line("N1", last="Gil", department="Nowhere"))
    world.faults.stop()
    upload(world, line("N1", last="Gil", department="Kitchen"))
    assert people(world)["N1"]["department"] == "Kitchen"
    assert still_open(world) == []


def test_7_4_what_comes_back_is_another_problem_and_the_first_keeps_its_count_and_end() -> None:
    world = founded(0)
    fed(world, "Name\nKitchen\n", kind="departments")
    begun = [upload(world, line("N1", department=name)) for name in ("Nowhere", "Nowhere", "Kitchen", "Nowhere")]
    first, second = sorted(problems(world), key=lambda problem: str(problem["first_seen"]))
    assert [(one["run"], one["occurrences"]) for one in (first, second)] == [(begun[0], 2), (begun[3], 1)]
    assert first["resolved_at"] == run_item(world, begun[2])["planned_at"]
    assert still_open(world) == [second]


def test_5_2_the_profile_that_an_administrator_named_is_that_of_whoever_was_parked() -> None:
    world = founded(0)
    fed(world, PROFILES + line("N1", title="Cook", status="manager"), uploaded_by="ann@x.es")
    fed(world, PROFILES + line("N2", title="Cook", status="manager"))
    fed(world, "Name\nCook\n", kind="job-titles")
    assert (people(world)["N1"]["profile"], people(world)["N2"]["profile"]) == ("manager", "employee")


def test_5_2_so_it_is_of_whoever_was_given_up() -> None:
    world = founded(0, tolerant=True)
    world.faults.decide = always_fails("N1")
    fed(world, PROFILES + line("N1", status="manager"), uploaded_by="ann@x.es")
    world.faults.stop()
    time_passes(world, hours=2)
    assert people(world)["N1"]["profile"] == "manager"


def test_7_2_it_says_when_it_is_tried_again_and_when_it_is_not() -> None:
    world = founded(2, tolerant=True)
    world.faults.decide = always_fails("N1")
    number = upload(world, line("N1", "n1@x.es"))
    [problem] = still_open(world)
    planned = datetime.fromisoformat(str(run_item(world, number)["planned_at"]))
    again = f"{planned + timedelta(hours=1):%Y-%m-%d %H:%M} UTC."
    assert str(problem["message"]).endswith(f"nothing needs to be done, it is kept and tried again at {again}")
    time_passes(world, hours=60)
    [problem] = still_open(world)
    assert str(problem["message"]).endswith("it was tried often enough: send it again when that is mended.")


def test_9_2_a_retry_that_is_due_gets_one_number_however_often_the_sweep_comes_before_its_turn() -> None:
    world = founded(2, tolerant=True)
    world.faults.decide = always_fails("N1")
    upload(world, line("N1", "n1@x.es"))
    world.faults.stop()
    world.clock.forward(minutes=61)
    for _ in range(3):
        assert enqueue_retries(world.deployment, world.clock()) == 1
        world.clock.forward(minutes=5)
    assert [run_item(world, number).get("purpose") for number, _ in runs(world)[3:]] == ["retry"]


def test_9_2_it_is_applied_by_itself_once_the_fault_is_mended() -> None:
    world = founded(2, tolerant=True)
    world.faults.decide = always_fails("N1")
    upload(world, line("N1", "n1@x.es"))
    world.faults.stop()
    time_passes(world, hours=2)
    assert people(world)["N1"]["email"] == "n1@x.es"
    assert still_open(world) == []


def test_3_13_a_retry_of_another_source_meets_the_same_rule() -> None:
    world = World()
    staff(world, "hr-a", 1)
    connect(world, "hr-b")
    poll(world, "hr-a", record("E0", "p0@x.es", status="Inactive"), mode="changes")
    poll(world, "hr-b", record("E0", "p0@x.es", job_title="Cook", status="Active"), mode="changes")
    fed(world, "Name\nCook\n", kind="job-titles")
    assert (people(world)["E0"]["source"], people(world)["E0"]["job_title"]) == ("hr-b", "Cook")
