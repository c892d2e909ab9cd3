"""UserNames are the same in any capitals (RFC 7643 §4.1.1), also on platforms whose filters tell them apart."""

from __future__ import annotations

import pytest

from peoplefeed.codes import Code
from peoplefeed.learning_platform import scim
from peoplefeed.learning_platform.verdicts import Delivered, NotWanted
from tests.integration.learning_platform.conftest import Scene
from tests.integration.learning_platform.odd_platform import OddPlatform

OURS, THEIRS = "Ana@x.org", "ANA@X.org"


@pytest.fixture(autouse=True)
def _minds_capitals(odd: OddPlatform) -> None:
    """Names are unique in any capitals, and found in the right ones only."""
    odd.compares_capitals = True


def test_8_1_an_account_in_a_third_spelling_is_adopted(odd_scene: Scene, odd: OddPlatform) -> None:
    there = odd.add(userName=THEIRS, title="Boss")
    odd_scene.has("E1", email=OURS, job_title="Chef")
    assert isinstance(odd_scene.deliver("E1"), Delivered)
    assert (odd_scene.item("E1")["account"], odd.of("E1")["title"], len(odd.accounts)) == (there, "Chef", 1)


def test_8_3_somebody_elses_in_a_third_spelling_is_a_conflict_that_names_it(odd_scene: Scene, odd: OddPlatform) -> None:
    there = odd.add(userName=THEIRS, externalId="stranger")
    odd_scene.has("E1", email=OURS)
    assert odd_scene.deliver("E1") == NotWanted(Code.PLATFORM_CONFLICT)
    message = odd_scene.problem("E1", "PLATFORM_CONFLICT")["message"]
    assert f"the account {there} ('{THEIRS}', external ID 'stranger')" in message
    assert list(odd.accounts) == [there]


def test_8_3_who_moves_to_a_name_that_a_stranger_has_in_a_third_spelling_is_told_which(
    odd_scene: Scene, odd: OddPlatform
) -> None:
    odd_scene.has("E1", email="old@x.org")
    odd_scene.deliver("E1")
    there = odd.add(userName=THEIRS, title="Boss")
    odd_scene.has("E1", email=OURS)
    assert odd_scene.deliver("E1") == NotWanted(Code.PLATFORM_CONFLICT)
    assert f"the account {there} ('{THEIRS}')" in odd_scene.problem("E1", "PLATFORM_CONFLICT")["message"]
    assert odd.accounts[there]["title"] == "Boss"
    assert odd.of("E1")["userName"] == "old@x.org"


def test_3_7_who_left_under_a_third_spelling_gives_it_up(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("left", email=OURS)
    odd_scene.deliver("left")
    odd_scene.has("left", active=False)
    odd_scene.deliver("left")
    odd.of("left")["userName"] = THEIRS
    odd_scene.has("E1", email=OURS)
    assert isinstance(odd_scene.deliver("E1"), Delivered)
    odd_scene.settle()
    assert odd.of("E1")["userName"] == OURS
    assert str(odd.of("left")["userName"]).endswith("@placeholder.invalid")


def test_many_in_third_spellings_are_found_by_one_reading(odd_scene: Scene, odd: OddPlatform) -> None:
    for number in range(20):
        odd.add(userName=f"E{number}@X.ORG")
    for number in range(20):
        odd_scene.has(f"e{number}", email=f"e{number}@X.org")
        assert isinstance(odd_scene.deliver(f"e{number}"), Delivered)
    assert (len(odd.accounts), odd.readings()) == (20, 1)


def test_many_who_move_to_names_of_strangers_in_third_spellings_are_told_by_one_reading(
    odd_scene: Scene, odd: OddPlatform
) -> None:
    for number in range(5):
        odd_scene.has(f"e{number}", email=f"old{number}@x.org")
        odd_scene.deliver(f"e{number}")
        odd.add(userName=f"E{number}@X.ORG")
    for number in range(5):
        odd_scene.has(f"e{number}", email=f"e{number}@X.org")
        assert odd_scene.deliver(f"e{number}") == NotWanted(Code.PLATFORM_CONFLICT)
        assert f"'E{number}@X.ORG'" in odd_scene.problem(f"e{number}", "PLATFORM_CONFLICT")["message"]
    assert odd.readings() == 1


def test_8_3_where_there_are_too_many_to_read_the_platforms_words_must_do(
    odd_scene: Scene, odd: OddPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scim, "_PAGES", 1)
    odd.page = 3
    for number in range(5):
        odd.add(userName=f"E{number}@X.ORG", externalId=f"stranger{number}")
    for number in range(5):
        odd_scene.has(f"e{number}", email=f"e{number}@X.org")
        assert odd_scene.deliver(f"e{number}") == NotWanted(Code.PLATFORM_CONFLICT)
    assert "it answered 409: uniqueness: e4@X.org is taken" in odd_scene.problem("e4", "PLATFORM_CONFLICT")["message"]
    assert odd.readings() == 1
    odd_scene.has("new", email="new@x.org")
    assert isinstance(odd_scene.deliver("new"), Delivered)


def test_a_newcomer_costs_three_requests_as_long_as_no_capitals_are_known_to_matter(
    odd_scene: Scene, odd: OddPlatform
) -> None:
    odd_scene.has("E1", email="ana@x.org")
    odd_scene.deliver("E1")
    assert [request.split()[0] for request in odd.asked] == ["GET", "GET", "POST"]
