"""Single feeds against a given directory: the system and the model tell the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model import generated
from tests.model.profile import EXAMPLES
from tests.model.state import Cells
from tests.model.twin import Twin


def founded(*feeds: list[Cells]) -> Twin:
    """A company with reference data, to which these feeds came; settled after each."""
    twin = Twin()
    twin.deliver([{"name": title} for title in generated.TITLES[:2]], kind="job-titles")
    twin.deliver([{"name": "Bar"}], kind="departments")
    twin.deliver([{"feed_id": feed_id, "name": name} for feed_id, name in generated.UNITS], kind="business-units")
    twin.settle()
    for rows in feeds:
        twin.deliver(rows)
        twin.settle()
    return twin


@settings(max_examples=EXAMPLES)
@given(generated.dense_feeds(), generated.dense_feeds(most=16))
def test_3_6_who_gets_which_address_is_as_the_rules_say(before: list[Cells], feed: list[Cells]) -> None:
    founded(before, feed)


@settings(max_examples=EXAMPLES)
@given(generated.feeds(), generated.feeds(most=14))
def test_1_6_every_row_ends_as_the_rules_say(before: list[Cells], feed: list[Cells]) -> None:
    founded(before, feed)


@settings(max_examples=EXAMPLES // 4)
@given(st.lists(generated.feeds(most=5, faulty=4), min_size=3, max_size=6))
def test_7_4_problems_come_last_and_go_as_the_rules_say(feeds: list[list[Cells]]) -> None:
    founded(*feeds)


@pytest.mark.parametrize("people", [pytest.param(24, id="3.11-the-longest-ring"), pytest.param(25, id="3.11-too-long")])
def test_3_11_rings(people: int) -> None:
    def row(number: int, address: int) -> Cells:
        named = {"external_id": f"r{number}", "first_name": "Ana", "last_name": "Sol", "job_title": "Chef"}
        return named | {"email": f"r{address % people}@x.es"}

    ring = [row(number, number + 1) for number in range(people)]
    twin = founded([row(number, number) for number in range(people)])
    twin.deliver([*ring, row(99, 3)], source="hr-a")  # a source's first feed is not guarded (6.4)
    twin.settle()
    assert twin.told[5].counts["parked"] == (1 if people == 24 else 26)
