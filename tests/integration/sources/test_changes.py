"""Full feeds every few hours, and between them feeds of what changed."""

from __future__ import annotations

from typing import Any

from peoplefeed.sources.fetching import Polled
from peoplefeed.sources.polling import Failed
from peoplefeed.times import stamp
from tests.integration.sources.conftest import NOW, Line
from tests.integration.sources.hr import PEOPLE, Asked, Reply, reply

SINCE: dict[str, Any] = {
    "incremental": {"query": {"since": "{since}"}, "cursor": "changed", "overlap_minutes": 10, "full_every_hours": 6}
}


def person(number: int, changed: str | None) -> dict[str, Any]:
    return PEOPLE[number] | {"changed": changed}


def mode_of(line: Line) -> str:
    return str(line.source()["last_feed"].split("/")[4])


def poll_passing(line: Line, **minutes: float) -> Polled:
    line.later(**minutes)
    line.passes()
    outcome = line.poll()
    assert isinstance(outcome, Polled), outcome
    return outcome


def test_the_first_poll_asks_for_everybody_and_the_next_for_what_changed_since_with_a_look_back(line: Line) -> None:
    line.hr.answers(reply([person(0, "2026-11-22T13:00:00Z"), person(1, None), person(2, "2026-11-20T08:00:00Z")]))
    line.connect(**SINCE)
    line.poll()
    assert (mode_of(line), line.hr.asked[0].query) == ("full", {})
    line.hr.answers(reply([person(3, "2026-11-22T13:21:00Z")]))
    poll_passing(line, minutes=15)
    assert (mode_of(line), line.hr.asked[1].query) == ("changes", {"since": "2026-11-22T12:50:00Z"})
    assert line.landed() == [person(3, "2026-11-22T13:21:00Z")]
    line.hr.answers(reply([]))
    poll_passing(line, minutes=15)
    poll_passing(line, minutes=15)
    assert [asked.query["since"] for asked in line.hr.asked[2:]] == ["2026-11-22T13:11:00Z"] * 2


def test_everybody_is_asked_for_again_when_it_is_time(line: Line) -> None:
    line.connect(**SINCE)
    line.poll()
    poll_passing(line, hours=5)
    assert mode_of(line) == "changes"
    poll_passing(line, hours=1)
    assert (mode_of(line), line.hr.asked[2].query) == ("full", {})


def test_without_a_cursor_changes_are_asked_for_since_the_last_poll_began(line: Line) -> None:
    line.connect(incremental={"query": {"since": "{since}"}, "overlap_minutes": 0})
    line.poll()
    poll_passing(line, minutes=20)
    assert line.hr.asked[1].query == {"since": "2026-11-22T13:20:39Z"}


def test_a_time_in_the_future_does_not_hide_what_comes_before_it(line: Line) -> None:
    line.hr.answers(reply([person(0, "9999-12-31T00:00:00Z")]))
    line.connect(**SINCE)
    line.poll()
    assert line.source()["since"] == stamp(NOW)


def test_a_record_with_a_time_that_is_none_is_malformed(line: Line) -> None:
    line.hr.answers(reply([person(0, "the day before")]))
    line.connect(**SINCE)
    outcome = line.poll()
    assert isinstance(outcome, Failed)
    assert (outcome.code, line.feeds()) == ("SOURCE_MALFORMED", [])


def test_a_poll_that_failed_moves_nothing(line: Line) -> None:
    line.connect(**SINCE)
    line.poll()
    before = line.source()["since"]
    line.hr.answers(reply([person(0, "2026-11-22T13:30:00Z")], 500))
    line.later(minutes=15)
    line.passes()
    assert isinstance(line.poll(), Failed)
    assert (line.source()["since"], line.source()["last_full"]) == (before, stamp(NOW))


def test_a_system_that_knows_that_time_no_more_is_asked_for_everybody(line: Line) -> None:
    line.connect(**SINCE)
    line.poll()
    line.hr.answer = lambda asked: reply([], 410) if "since" in asked.query else reply(PEOPLE)
    line.later(minutes=15)
    line.passes()
    assert isinstance(line.poll(), Failed)
    poll_passing(line, minutes=15)
    assert mode_of(line) == "full"
    assert line.unresolved() == []


def test_a_corrected_manifest_begins_with_everybody(line: Line) -> None:
    line.connect(**SINCE)
    line.poll()
    line.connect(**SINCE, filter="title == 'Waiter'")
    poll_passing(line, minutes=15)
    assert mode_of(line) == "full"


def test_a_map_of_changes_keyed_by_id_is_completed_by_details(line: Line) -> None:
    changed = {
        "1": {"id": "1", "action": "Updated"},
        "9": {"id": "9", "action": "Deleted"},
    }

    def answer(asked: Asked) -> Reply:
        match asked.path.split("/"):
            case ["", "people", "changed"]:
                return reply({"latest": "2026-11-22T13:00:00Z", "employees": changed})
            case ["", "people", number]:
                return reply(PEOPLE[int(number) - 1])
            case _:
                return reply(PEOPLE)

    line.hr.answer = answer
    line.connect(
        request={"path": "/people"},
        incremental={
            "request": {"path": "/people/changed", "query": {"since": "{since}"}},
            "records": "employees",
            "keyed_by": "id",
            "details": {"path": "/people/{id}"},
        },
        deleted="action == 'Deleted'",
    )
    line.poll()
    assert line.landed() == PEOPLE
    poll_passing(line, minutes=15)
    assert line.landed() == [PEOPLE[0] | {"id": "1", "action": "Updated"}, {"id": "9", "action": "Deleted"}]
    assert [asked.path for asked in line.hr.asked] == ["/people", "/people/changed", "/people/1"]
    changed.clear()
    line.hr.answer = lambda _asked: reply({"latest": "", "employees": []})  # how PHP writes an empty map
    assert poll_passing(line, minutes=15).key is None


def test_who_does_not_count_is_not_even_stored_but_counts_for_the_pages(line: Line) -> None:
    line.hr.pages(PEOPLE, 3)
    line.connect(paginator={"type": "page", "pages": "pages"}, records="employees", filter="id == '1' || id == '8'")
    assert isinstance(line.poll(), Polled)
    assert [record["id"] for record in line.landed()] == ["1"]
    line.passes()
    line.later(minutes=5)
    line.connect(
        paginator={"type": "page", "pages": "pages"}, records="employees", filter="id == '1'", deleted="id == '7'"
    )
    line.poll()
    assert [record["id"] for record in line.landed()] == ["1", "7"]  # who is gone is told whatever the filter says
