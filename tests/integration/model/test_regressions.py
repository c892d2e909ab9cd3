"""What the machine found, as smallest examples: what ends a problem (7.6), what comes back (4.7), what is stale."""

from __future__ import annotations

from tests.model.state import Manifest
from tests.model.twin import Twin


def row(who: str, email: str = "", title: str = "Chef") -> dict[str, str]:
    return {"external_id": who, "first_name": "Ana", "last_name": "Sol", "email": email, "job_title": title}


def founded(**sources: Manifest) -> Twin:
    twin = Twin()
    for name, manifest in sources.items():
        twin.connect(name, manifest)
    twin.deliver([{"name": "Chef"}], kind="job-titles")
    twin.deliver([{"feed_id": "u1", "name": "Harbour"}], kind="business-units")
    twin.settle()
    return twin


def test_3_14_newcomers_of_one_feed_may_differ_in_leading_zeros() -> None:
    twin = founded()
    twin.deliver([row("007"), row("07"), row("p1")])
    twin.settle()


def test_4_7_an_older_feed_with_two_rows_about_someone_leaves_what_is_parked() -> None:
    twin = founded()
    twin.deliver([row("p1", title="Pilot")])
    twin.settle()
    twin.deliver([row("p1", "a@x.es"), row("p1", "b@x.es")], age="2026-11-20T10:00:00.000Z")
    twin.settle()


def test_4_7_a_newer_row_gives_what_is_parked_its_age() -> None:
    twin = founded()
    for _ in range(2):
        twin.deliver([row("p1", title="Pilot")])
        twin.settle()


def test_7_4_a_row_without_an_id_is_one_thing_however_many_columns_it_leaves_blank() -> None:
    twin = founded()
    twin.deliver([row("")], source="hr-a")
    twin.deliver([row("") | {"department": "", "status": ""}])
    twin.settle()


def test_2_6_an_unknown_title_parks_the_row_of_somebody_inactive_that_does_not_deactivate() -> None:
    twin = founded()
    twin.deliver([row("p1", "a@x.es") | {"status": "Inactive"}])
    twin.settle()
    twin.deliver([row("p1", "a@x.es", title="Pilot")])
    twin.settle()


def test_7_4_that_somebody_stands_there_twice_is_not_mended_by_a_department_that_appears() -> None:
    twin = founded()
    twin.deliver([row("p1", "a@x.es"), row("p1", "a@x.es") | {"department": "Kitchen"}], source="hr-a")
    twin.settle()
    twin.deliver([{"name": "Kitchen"}], kind="departments")
    twin.settle()


def test_4_7_of_two_who_waited_in_one_feed_for_one_address_the_higher_row_gets_it() -> None:
    twin = founded()
    twin.deliver([row("p2", "a@x.es")], source="api")
    twin.settle()
    twin.deliver([row("p3", "a@x.es"), row("p1", "a@x.es")])
    twin.settle()
    twin.deliver([row("p2", "b@x.es")], source="api")
    twin.settle()
    assert twin.tenant.people["p3"]["email"] == "a@x.es"


def test_4_7_a_row_that_is_parked_below_an_invalid_one_keeps_its_own_place() -> None:
    twin = founded()
    twin.deliver([row("p1", "a@x.es")])
    twin.settle()
    twin.deliver([row("p3", "a@x.es"), row("p3", "a@x.es") | {"last_name": " "}])
    twin.settle()


def test_2_7_presence_means_active_also_when_the_row_is_tried_again() -> None:
    twin = founded(hr=Manifest(leavers="deactivate"))
    twin.deliver([row("p1"), row("p2")], source="hr", mode="full")
    twin.settle()
    twin.deliver([row("p1") | {"status": "Inactive"}])
    twin.settle()
    twin.deliver([row("p1", title="Pilot"), row("p2")], source="hr", mode="full")
    twin.settle()
    twin.deliver([{"name": "Pilot"}], kind="job-titles")
    twin.settle()
    assert twin.tenant.people["p1"]["active"]


def test_1_5_whoever_leaves_by_absence_is_not_brought_back_by_what_was_parked() -> None:
    twin = founded(hr=Manifest(leavers="deactivate"))
    staff = [row("p1"), row("p2"), row("p3", "a@x.es"), row("p4")]
    twin.deliver(staff, source="hr", mode="full")
    twin.settle()
    twin.deliver([row("p1", "a@x.es")])
    twin.settle()
    twin.deliver(staff[1:], source="hr", mode="full")
    twin.settle()
    assert "p1" not in twin.tenant.parked


def test_7_6_a_full_feed_without_somebody_ends_what_its_source_had_wrong_of_them() -> None:
    twin = founded(hr=Manifest(), rota=Manifest())
    twin.deliver([row("p1"), row("p2")], source="hr", mode="full")
    twin.settle()
    others = [row("p7"), row("p8"), row("p9")]
    twin.deliver([row("p1"), *others], source="rota", mode="full")
    twin.settle()
    twin.deliver([row("p2")], source="rota")
    twin.settle()
    assert {problem[:2] for problem in twin.tenant.problems} == {
        ("p1", "OWNED_BY_OTHER_SOURCE"),
        ("p2", "OWNED_BY_OTHER_SOURCE"),
    }
    twin.deliver(others, source="rota", mode="full")
    twin.settle()
    assert not twin.tenant.problems


def test_7_6_what_one_source_has_wrong_is_not_mended_by_another_but_by_an_administrator() -> None:
    twin = founded(hr=Manifest(), rota=Manifest())
    twin.deliver([row("p1", "a@@x.es")], source="rota")
    twin.settle()
    twin.deliver([row("p1")], source="hr")
    twin.settle()
    assert {problem[:2] for problem in twin.tenant.problems} == {("p1", "EMAIL_INVALID")}
    twin.deliver([row("p1", "a@x.es")], source="api")
    twin.settle()
    assert not twin.tenant.problems


def test_2_6_the_title_that_somebody_left_with_is_filled_in_when_it_appears() -> None:
    twin = founded()
    twin.deliver([row("p1")])
    twin.settle()
    twin.deliver([row("p1", title="Pilot") | {"status": "Inactive"}])
    twin.settle()
    twin.deliver([{"name": "Pilot"}], kind="job-titles")
    twin.settle()
    assert (twin.tenant.people["p1"]["job_title"], twin.tenant.problems) == ("Pilot", {})


def test_4_3_a_department_is_filled_in_while_another_row_waits_for_something_else() -> None:
    twin = founded()
    twin.deliver([row("p1") | {"department": "Bar"}])
    twin.deliver([row("p1", title="Pilot")])
    twin.settle()
    twin.deliver([{"name": "Bar"}], kind="departments")
    twin.settle()
    assert (twin.tenant.people["p1"]["department"], list(twin.tenant.parked)) == ("Bar", ["p1"])


def test_7_4_a_broken_line_is_the_same_in_another_file_with_other_columns() -> None:
    twin = founded()
    required = ("external_id", "first_name", "last_name", "job_title")
    for columns in (required, (*required, "email")):
        twin.deliver([{"line": '"stray,x'}], columns=columns)
        twin.settle()


def test_1_11_nothing_is_said_of_what_is_wrong_with_a_row_about_someone_erased() -> None:
    twin = founded()
    twin.deliver([row("p1", "a@x.es") | {"status": "Inactive"}])
    twin.settle()
    twin.ask("erasure", "p1")
    twin.settle()
    twin.deliver([row("p1", "ana.sol@@x.es")])
    twin.settle()
    assert {problem[1] for problem in twin.tenant.problems} == {"PERSON_ERASED"}


def test_3_12_a_shared_address_leaves_what_a_blank_one_would() -> None:
    twin = founded(hr=Manifest(blanks="keep"))
    twin.deliver([row("p1", "a@x.es")], source="hr")
    twin.administrate("settings", {"name": "shared_addresses", "value": '["bar@x.es"]'})
    twin.settle()
    twin.deliver([row("p1", "bar@x.es")], source="hr")
    twin.settle()
    assert twin.tenant.people["p1"]["email"] == "a@x.es"


def test_2_6_who_is_inactive_is_deactivated_though_the_row_looks_like_somebody_else() -> None:
    twin = founded()
    twin.deliver([row("p1", "a@x.es"), row("p2")])
    twin.administrate("settings", {"name": "identity_change", "value": '"hold"'})
    twin.settle()
    twin.deliver([row("p1", "b@x.es") | {"first_name": "Ben", "last_name": "Rey", "status": "Inactive"}])
    twin.settle()
    assert not twin.tenant.people["p1"]["active"]


def test_1_9_a_simulation_knows_what_is_parked() -> None:
    twin = founded()
    twin.deliver([row("p1", title="Pilot")])
    twin.settle()
    twin.deliver([row("p1")], age="2026-11-20T10:00:00.000Z", simulate=True)
    twin.settle()
    assert [told.outcome for told in twin.told[4].rows] == ["superseded"]


def test_4_6_whoever_waits_for_a_name_comes_in_when_something_else_is_called_so() -> None:
    twin = founded()
    twin.deliver([row("p1")])
    twin.deliver([row("p2", title="Cook")])
    twin.settle()
    twin.administrate("job-titles", {"name": "Chef", "action": "rename", "new_name": "Cook"})
    twin.settle()
    assert {person["job_title"] for person in twin.tenant.people.values()} == {"Cook"}


def test_3_10_a_row_that_waits_does_not_become_too_old_by_a_rename_or_by_letting_go() -> None:
    twin = founded(hr=Manifest())
    twin.deliver([{"name": "Bar"}], kind="departments")
    twin.deliver([row("p1") | {"department": "Bar"}, row("p2")], source="hr")
    twin.deliver([row("p1", title="Pilot"), row("p2", title="Pilot")], source="hr")
    twin.settle()
    twin.administrate("departments", {"name": "Bar", "action": "rename", "new_name": "Lounge"})
    twin.ask("letting-go", "p2")
    twin.settle()
    twin.deliver([{"name": "Pilot"}], kind="job-titles")
    twin.settle()
    assert {person["job_title"] for person in twin.tenant.people.values()} == {"Pilot"}


def test_3_10_a_full_feed_before_the_last_is_newer_than_what_is_released() -> None:
    twin = founded(hr=Manifest())
    twin.limit(0, 0)
    twin.deliver([row("p1"), row("p2")], source="hr", mode="full")
    twin.deliver([row("p3")])
    twin.settle()
    twin.deliver([row(who) | {"last_name": "Luz"} for who in ("p1", "p2", "p3")])
    for full in (["p1", "p2", "p4"], ["p2", "p4", "p5"], ["p2", "p4", "p5"]):
        twin.settle()
        twin.deliver(map(row, full), source="hr", mode="full")
    twin.answer(0, releases=True)
    assert [twin.tenant.people[who]["last_name"] for who in ("p1", "p2", "p3")] == ["Sol", "Sol", "Luz"]


def test_3_10_who_stood_in_the_last_full_feed_twice_and_with_a_warning_stood_there() -> None:
    twin = founded(hr=Manifest())
    full = [row("p1"), row("p1"), row("p2") | {"department": "Bar"}, row("p3"), row("p3", "broken")]
    twin.deliver(full, source="hr", mode="full", age="2026-11-20T10:00:00.000Z")
    twin.deliver(full, source="hr", mode="full", age="2026-11-20T12:00:00.000Z")
    late = [row(who) | {"last_name": "Old"} for who in ("p1", "p2", "p3")]
    twin.deliver(late, source="hr", age="2026-11-20T11:00:00.000Z")
    twin.settle()
    assert {person["last_name"] for person in twin.tenant.people.values()} == {"Sol"}


def test_6_1_letting_go_is_no_feed_of_whoever_asks_for_it() -> None:
    twin = founded()
    twin.limit(0, 0)
    twin.deliver([row("p1", "a@x.es")])
    twin.ask("letting-go", "p1")
    twin.settle()
    twin.deliver([row("p1", "b@x.es")], source="api")
    twin.settle()
    assert twin.tenant.people["p1"]["email"] == "b@x.es"


def test_1_5_a_full_list_drops_what_its_own_source_parked_and_nothing_else() -> None:
    twin = founded(hr=Manifest(), rota=Manifest())
    others = [row("p7"), row("p8"), row("p9")]
    twin.deliver([row("p1", title="Pilot"), *others], source="hr", mode="full")
    twin.deliver([row("p2", title="Pilot"), row("p3", "a@@x.es")], source="rota")
    twin.settle()
    twin.deliver(others, source="hr", mode="full")
    twin.settle()
    assert list(twin.tenant.parked) == ["p2"]


def test_6_3_a_discard_is_about_one_source() -> None:
    twin = founded(hr=Manifest())
    twin.deliver([row("p1", "a@x.es"), row("p2", "b@x.es")])
    twin.deliver([row("p3", "c@x.es")], source="hr")
    twin.administrate("settings", {"name": "identity_change", "value": '"hold"'})
    twin.settle()
    other = {"first_name": "Ben", "last_name": "Rey"}
    twin.deliver([row("p1", "d@x.es") | other])
    twin.deliver([row("p3", "e@x.es") | other], source="hr")
    twin.settle()
    twin.answer(0, releases=False)
    assert [problem[:2] for problem in twin.tenant.problems] == [("p1", "IDENTITY_HELD")]


def test_1_5_a_full_list_ends_what_its_source_had_wrong_and_leaves_what_another_parked() -> None:
    twin = founded(hr=Manifest(), rota=Manifest())
    others = [row("p7"), row("p8"), row("p9")]
    twin.deliver(others, source="hr", mode="full")
    twin.deliver([row("p2", "a@@x.es")], source="hr")
    twin.deliver([row("p2", title="Pilot")], source="rota")
    twin.settle()
    twin.deliver(others, source="hr", mode="full")
    twin.settle()
    assert [problem[:2] for problem in twin.tenant.problems] == [("p2", "JOB_TITLE_NOT_FOUND")]
    assert list(twin.tenant.parked) == ["p2"]


def test_3_7_whose_row_is_refused_stays_the_former_holder() -> None:
    twin = founded()
    twin.deliver([row("p1", "a@x.es"), row("p2", "b@x.es")])
    twin.deliver([row("p1", "a@x.es") | {"status": "Inactive"}])
    twin.settle()
    twin.deliver([row("p1", "b@x.es") | {"status": "Active"}, row("p3", "a@x.es")])
    twin.settle()
    assert twin.tenant.parked.keys() == {"p1"}
    assert twin.tenant.people["p3"]["email"] == "a@x.es"


def test_3_7_who_has_an_address_on_record_no_longer_is_not_its_former_holder() -> None:
    twin = founded()
    twin.deliver([row("p1", "a@x.es")])
    twin.deliver([row("p1", "a@x.es") | {"status": "Inactive"}])
    twin.deliver([row("p1", "c@x.es") | {"status": "Inactive"}])
    twin.deliver([row("p2", "a@x.es")])
    twin.deliver([row("p3", "d@x.es")])
    twin.deliver([row("p3", "") | {"status": "Inactive"}])
    twin.deliver([row("p4", "d@x.es")])
    twin.settle()
    assert twin.tenant.last_holder == {}
