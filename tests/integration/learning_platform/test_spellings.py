"""UserNames are the same in any capitals (RFC 7643 §4.1.1), also on platforms whose filters tell them apart."""

from __future__ import annotations

import pytest

from peoplefeed.codes import Code
from peoplefeed.learning_platform import scim
from peoplefeed.learning_platform.batch import QueueRecord, deliver_batch
from peoplefeed.learning_platform.verdicts import Delivered, NotWanted
from peoplefeed.storage.outbox import delivery_entries
from tests.integration.learning_platform.conftest import Scene, with_platform
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


# Names are not unique: nothing but the search for them keeps us from second accounts.


@pytest.fixture
def lenient(odd: OddPlatform) -> OddPlatform:
    odd.unique_names = False
    return odd


def test_8_1_the_first_newcomer_of_all_adopts_a_third_spelling_as_well(odd_scene: Scene, lenient: OddPlatform) -> None:
    """Before any comparison: whether capitals matter is tried before the first account is made."""
    there = lenient.add(userName=THEIRS, title="Boss")
    odd_scene.has("E1", email=OURS, job_title="Chef")
    assert isinstance(odd_scene.deliver("E1"), Delivered)
    assert (odd_scene.item("E1")["account"], len(lenient.accounts)) == (there, 1)
    assert lenient.of("E1")["title"] == "Chef"


def test_8_1_so_do_all_of_a_first_batch(odd_scene: Scene, lenient: OddPlatform) -> None:
    for number in range(10):
        lenient.add(userName=f"E{number}@X.ORG")
        odd_scene.has(f"e{number}", email=f"e{number}@X.org")
    entries = delivery_entries(odd_scene.tenant, [(f"e{number}", 1) for number in range(10)])
    records = [QueueRecord(entry["Id"], entry["MessageGroupId"], entry["MessageBody"]) for entry in entries]
    verdicts = deliver_batch(odd_scene.errand(), records).values()
    assert all(isinstance(verdict, Delivered) for verdict in verdicts)
    assert (len(lenient.accounts), lenient.readings()) == (10, 1)


def test_8_3_a_strangers_third_spelling_is_a_conflict_before_any_comparison(
    odd_scene: Scene, lenient: OddPlatform
) -> None:
    lenient.add(userName=THEIRS, externalId="stranger")
    odd_scene.has("E1", email=OURS)
    assert odd_scene.deliver("E1") == NotWanted(Code.PLATFORM_CONFLICT)
    assert len(lenient.accounts) == 1


def _methods(odd: OddPlatform) -> list[str]:
    found = [request.split()[0] for request in odd.asked]
    odd.asked.clear()
    return found


def test_trying_it_costs_a_process_two_requests_once(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.compares_capitals = False
    odd.add(userName="stranger@x.org")
    costs = []
    for external_id in ("E1", "E2"):
        odd_scene.has(external_id, email=f"{external_id}@x.org".lower())
        odd_scene.deliver(external_id)
        costs.append(_methods(odd))
    assert costs == [["GET", "GET", "GET", "GET", "POST"], ["GET", "GET", "POST"]]


def test_and_nothing_once_a_comparison_has_told(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.compares_capitals = False
    odd.add(userName="stranger@x.org")
    odd_scene.compare()
    anew = with_platform(odd_scene, odd.url)  # a process without memory
    odd.asked.clear()
    anew.has("E1", email="ana@x.org")
    anew.deliver("E1")
    assert _methods(odd) == ["GET", "GET", "POST"]
