"""A source that keeps failing is left alone for longer, and the feed log has one entry about it (1.13, 7.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from peoplefeed.feed_log.queries import LogFilter, log_page
from peoplefeed.sources.fetching import Polled
from peoplefeed.sources.polling import NotPolled
from peoplefeed.sources.store import pause_source, remove_source
from peoplefeed.times import stamp
from tests.integration.sources.conftest import NOW, Line
from tests.integration.sources.hr import PEOPLE, Asked, Reply, reply


def fail(line: Line, times: int, answer: Reply | None = None) -> None:
    """Let as many polls fail, each when it is due."""
    line.hr.answers(answer or reply([], 500))
    for _ in range(times):
        line.poll()
        line.now += _until_due(line)


def _until_due(line: Line) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(line.source()["due_at"]) - line.now


def test_1_13_after_three_failures_the_pauses_grow_and_each_try_is_a_single_request(line: Line) -> None:
    line.connect(poll_every_minutes=5)
    line.hr.answers(reply([], 500))
    pauses, requests = [], []
    for _ in range(7):
        before = len(line.hr.asked)
        line.poll()
        requests.append(len(line.hr.asked) - before)
        pauses.append(_until_due(line).total_seconds() / 60)
        line.now += _until_due(line)
    assert pauses == [5, 5, 10, 20, 40, 60, 60]
    assert requests == [5, 5, 5, 1, 1, 1, 1]


def test_7_2_one_entry_says_what_is_wrong_since_when_and_when_it_is_tried_again(
    line: Line, events: Callable[[], list[dict[str, Any]]]
) -> None:
    line.connect(poll_every_minutes=5)
    fail(line, 4)
    problem = line.problem()
    assert problem["code"] == "SOURCE_UNREACHABLE"
    assert "it answers with status 500." in problem["message"]
    assert "4 polls in a row have failed" in problem["message"]
    assert f"The next try is on {line.now:%Y-%m-%d at %H:%M} UTC." in problem["message"]
    assert (problem["first_seen"], problem["occurrences"]) == (stamp(NOW), 4)
    assert problem["next_try"] == line.source()["due_at"] == stamp(line.now)
    (shown,) = log_page(line.deployment, "acme", LogFilter(unresolved=True), 10, None).entries
    assert (shown["code"], shown["occurrences"]) == ("SOURCE_UNREACHABLE", 4)
    assert len(events()) == 1


def test_1_13_when_the_system_is_well_again_so_is_the_entry(line: Line) -> None:
    line.connect(poll_every_minutes=5)
    fail(line, 5)
    line.hr.answers(reply(PEOPLE))
    assert isinstance(line.poll(), Polled)
    assert line.unresolved() == []
    assert (line.problem()["resolved_at"], line.problem().get("next_try")) == (stamp(line.now), None)
    assert not {"failures", "trouble", "troubled_since"} & line.source().keys()
    assert line.source()["due_at"] > stamp(line.now)


@pytest.mark.parametrize(("asked", "minutes"), [("1800", 30), ("999999", 360), ("60", 5), ("soon", 5)])
def test_1_13_who_asks_for_a_longer_pause_gets_it_within_reason(line: Line, asked: str, minutes: int) -> None:
    line.hr.answers(reply([], 429, Retry_After=asked))
    line.connect(poll_every_minutes=5)
    line.poll()
    assert _until_due(line).total_seconds() / 60 == minutes


def test_a_source_that_is_removed_takes_its_trouble_with_it(line: Line) -> None:
    line.connect()
    fail(line, 2)
    remove_source(line.deployment, "acme", "hr", line.now)
    assert line.unresolved() == ["source:hr"]
    assert line.source()["due_at"] == stamp(line.now)  # due once more, for that
    assert line.poll(due=stamp(line.now)) == NotPolled("there is no such source")
    assert line.unresolved() == []
    assert set(line.source()) == {"pk", "sk"}


def test_a_source_that_is_removed_while_it_is_polled_begins_no_trouble(line: Line) -> None:
    line.connect()

    def remove(_asked: Asked) -> Reply:
        remove_source(line.deployment, "acme", "hr", line.now)
        return reply([], 403)

    line.hr.answer = remove
    line.poll()
    assert (line.unresolved(), line.problem()) == ([], {})


def test_a_source_that_is_paused_in_trouble_stays_in_the_log(line: Line) -> None:
    line.connect()
    fail(line, 1)
    pause_source(line.deployment, "acme", "hr")
    assert line.unresolved() == ["source:hr"]


def test_2_5_a_record_of_10_mb_costs_that_record_and_not_the_poll(line: Line) -> None:
    people = [PEOPLE[0], PEOPLE[1] | {"photo": "x" * 10_000_000}, PEOPLE[2]]
    line.hr.answers(reply(people))
    line.connect()
    assert isinstance(line.poll(), Polled)
    assert line.landed() == people
