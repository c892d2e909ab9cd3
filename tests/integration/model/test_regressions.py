"""What the machine found, each as its smallest example. The mark goes when the system has it right."""

from __future__ import annotations

from tests.model.twin import Twin


def row(who: str, email: str = "", title: str = "Chef") -> dict[str, str]:
    return {"external_id": who, "first_name": "Ana", "last_name": "Sol", "email": email, "job_title": title}


def founded() -> Twin:
    twin = Twin()
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
