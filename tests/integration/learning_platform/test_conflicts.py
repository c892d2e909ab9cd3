"""8.3: chains, swaps and reused addresses on platforms with unique names; accounts that are not ours."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import permutations

import pytest

from peoplefeed.codes import Code
from peoplefeed.feed_log.mentions import erase_mentions
from peoplefeed.learning_platform import placing
from peoplefeed.learning_platform.accounts import Account
from peoplefeed.learning_platform.batch import QueueRecord, deliver_batch
from peoplefeed.learning_platform.mapping import user_of, with_placeholder
from peoplefeed.learning_platform.people import mark_delivered
from peoplefeed.learning_platform.person import Person, find_person
from peoplefeed.learning_platform.trouble import HoldUp
from peoplefeed.learning_platform.verdicts import Delivered, NothingToDo, NotWanted, Postponed
from peoplefeed.storage.outbox import delivery_entries
from tests.integration.learning_platform.conftest import TENANT, Scene
from tests.integration.learning_platform.odd_platform import OddPlatform, Script
from tests.integration.learning_platform.real_platform import RealPlatform

THREE = ("A", "B", "C")
ORDERS = tuple(permutations(THREE))
STRICT = pytest.mark.parametrize("real", ["unique names", "unique addresses"], indirect=True)


def _settled(scene: Scene, **addresses: str) -> None:
    """Have people on the platform under their addresses."""
    for external_id, email in addresses.items():
        scene.has(external_id, email=email)
        scene.deliver(external_id)


def _names(real: RealPlatform) -> dict[str, str]:
    return {external_id: real.shown(external_id)["user_name"] for external_id in real.accounts()}


@STRICT
@pytest.mark.parametrize("order", ORDERS)
def test_8_3_a_chain_converges_in_any_order(scene: Scene, real: RealPlatform, order: tuple[str, ...]) -> None:
    _settled(scene, A="a@x.org", B="b@x.org", C="c@x.org")
    for external_id, email in (("A", "b@x.org"), ("B", "c@x.org"), ("C", "new@x.org")):
        scene.has(external_id, email=email)
    for external_id in order:
        scene.deliver(external_id)
    scene.settle()
    assert _names(real) == {"A": "b@x.org", "B": "c@x.org", "C": "new@x.org"}
    assert scene.waiting() == []


@STRICT
@pytest.mark.parametrize("order", ORDERS)
def test_8_3_a_ring_converges_in_any_order(scene: Scene, real: RealPlatform, order: tuple[str, ...]) -> None:
    _settled(scene, A="a@x.org", B="b@x.org", C="c@x.org")
    for external_id, email in (("A", "b@x.org"), ("B", "c@x.org"), ("C", "a@x.org")):
        scene.has(external_id, email=email)
    for external_id in order:
        scene.deliver(external_id)
    scene.settle()
    assert _names(real) == {"A": "b@x.org", "B": "c@x.org", "C": "a@x.org"}
    assert [real.shown(external_id)["emails"] for external_id in THREE] == [["b@x.org"], ["c@x.org"], ["a@x.org"]]
    assert len(real.accounts()) == 3


@STRICT
def test_8_3_two_who_swap_their_addresses_do(scene: Scene, real: RealPlatform) -> None:
    _settled(scene, A="a@x.org", B="b@x.org")
    scene.has("A", email="b@x.org")
    scene.has("B", email="a@x.org")
    scene.settle()
    assert [real.shown(external_id)["emails"] for external_id in ("A", "B")] == [["b@x.org"], ["a@x.org"]]
    assert scene.waiting() == []


def test_3_7_who_left_gives_their_name_up_to_a_newcomer(scene: Scene, real: RealPlatform) -> None:
    _settled(scene, A="bar@x.org")
    scene.has("A", active=False)
    scene.deliver("A")
    scene.has("B", email="bar@x.org")
    assert isinstance(scene.deliver("B"), Delivered)
    scene.settle()
    assert real.shown("B")["user_name"] == "bar@x.org"
    left = real.shown("A")
    assert left["user_name"].endswith("@placeholder.invalid")
    assert (left["active"], left["emails"]) == (False, ["bar@x.org"])
    assert scene.waiting() == []


def test_the_newcomer_may_come_before_the_news_that_someone_left(scene: Scene, real: RealPlatform) -> None:
    _settled(scene, A="bar@x.org")
    scene.has("A", active=False)
    scene.has("B", email="bar@x.org")
    scene.deliver("B")
    scene.deliver("A")
    scene.settle()
    assert real.shown("B")["user_name"] == "bar@x.org"
    assert real.shown("A")["active"] is False


def test_who_was_displaced_is_asked_for_at_once(scene: Scene) -> None:
    _settled(scene, A="bar@x.org")
    scene.has("A", active=False)
    scene.deliver("A")
    scene.has("B", email="bar@x.org")
    scene.deliver("B")
    (message,) = scene.messages()
    assert (message["external_id"], message["version"]) == ("A", 2)
    assert scene.deliver("A", due=message["due"]) != NothingToDo()


def test_a_delivery_that_was_under_way_does_not_undo_being_displaced(odd_scene: Scene, odd: OddPlatform) -> None:
    """A's account has its last state, then gets B's placeholder, and only then A's delivery is written down."""
    scene = odd_scene
    for external_id in ("A", "B"):
        scene.has(external_id, email=f"{external_id}@x.org")
        scene.deliver(external_id)
    scene.has("A", active=False)
    under_way = find_person(scene.deployment, TENANT, "A")
    assert under_way
    scene.has("B", email="A@x.org")
    scene.deliver("B")
    mark_delivered(scene.deployment, under_way, under_way.account, "then")
    assert scene.waits("A")
    scene.settle()
    assert odd.of("A")["active"] is False
    assert not scene.waits("A")


def test_someone_on_the_platform_without_external_id_is_adopted(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.add(userName="Anna@X.org", active=True)
    odd_scene.has("E1", email="anna@x.org", job_title="Chef")
    odd_scene.deliver("E1")
    assert len(odd.accounts) == 1
    assert odd.of("E1")["title"] == "Chef"


def test_8_3_a_strangers_account_is_never_taken_over(odd_scene: Scene, odd: OddPlatform) -> None:
    stranger = odd.add(userName="anna@x.org", externalId="stranger", title="Boss")
    odd_scene.has("E1", email="anna@x.org")
    assert odd_scene.deliver("E1") == NotWanted(Code.PLATFORM_CONFLICT)
    assert odd.accounts == {
        stranger: {"id": stranger, "userName": "anna@x.org", "externalId": "stranger", "title": "Boss"}
    }
    problem = odd_scene.problem("E1", "PLATFORM_CONFLICT")
    assert "external ID 'stranger'" in problem["message"]
    assert odd.count_of("POST") == 0


def test_1_11_whose_account_was_in_the_way_is_not_told_any_more_once_they_are_erased(
    odd_scene: Scene, odd: OddPlatform
) -> None:
    odd.add(userName="anna@x.org", externalId="E7")
    odd_scene.has("E1", email="anna@x.org")
    odd_scene.deliver("E1")
    erase_mentions(odd_scene.deployment, TENANT, "E7")
    said = odd_scene.problem("E1", "PLATFORM_CONFLICT")["message"]
    assert "way of external Identifier E1: an account has its userName or address and belongs to nobody" in said
    assert not [word for word in ("anna@x.org", "E7") if word in said]


def test_an_account_in_the_way_of_someone_who_has_one_is_not_adopted(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1", email="old@x.org")
    odd_scene.deliver("E1")
    odd.add(userName="new@x.org", title="Boss")
    odd_scene.has("E1", email="new@x.org")
    assert odd_scene.deliver("E1") == NotWanted(Code.PLATFORM_CONFLICT)
    assert odd.named("new@x.org")["title"] == "Boss"
    assert odd.of("E1")["userName"] == "old@x.org"


def test_a_second_account_of_the_same_person_is_a_conflict(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1", email="old@x.org")
    odd_scene.deliver("E1")
    odd.add(userName="new@x.org", externalId="E1")
    odd_scene.has("E1", email="new@x.org")
    assert odd_scene.deliver("E1") == NotWanted(Code.PLATFORM_CONFLICT)


def test_two_who_are_active_under_one_name_are_a_conflict(odd_scene: Scene, odd: OddPlatform) -> None:
    """Keys of addresses (2.4) can differ where the platform sees none; the first keeps the name."""
    odd_scene.has("E1", email="ﬁn@x.org")
    odd_scene.deliver("E1")
    odd_scene.has("E2", email="ﬁN@x.org")
    assert odd_scene.deliver("E2") == NotWanted(Code.PLATFORM_CONFLICT)
    assert odd.of("E1")["userName"] == "ﬁn@x.org"


def test_addresses_can_be_unique_beside_names(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.unique_addresses = True
    for external_id in ("A", "B"):
        odd_scene.has(external_id, email=f"{external_id}@x.org")
        odd_scene.deliver(external_id)
    odd_scene.has("A", active=False)
    odd_scene.deliver("A")
    odd_scene.has("B", email="A@x.org")
    odd_scene.settle()
    assert odd.of("B")["userName"] == "A@x.org"
    assert odd.of("A")["userName"] == with_placeholder(user_of(odd_scene.item("A")), TENANT)["userName"]
    assert "emails" not in odd.of("A")
    assert odd_scene.waiting() == []


def test_a_name_that_is_free_again_is_just_tried_again(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.scripts.append(Script(409, method="POST"))
    odd_scene.has("E1", email="anna@x.org")
    assert isinstance(odd_scene.deliver("E1"), Delivered)


def test_a_conflict_that_nobody_can_see_is_a_problem_with_the_platforms_words(
    odd_scene: Scene, odd: OddPlatform
) -> None:
    odd.scripts += [Script(409, body=b'{"scimType": "uniqueness", "detail": "hands off"}', method="POST")] * 4
    odd_scene.has("E1", email="anna@x.org")
    assert odd_scene.deliver("E1") == NotWanted(Code.PLATFORM_CONFLICT)
    assert "it answered 409: uniqueness: hands off" in odd_scene.problem("E1", "PLATFORM_CONFLICT")["message"]


@pytest.fixture
def crowd(odd_scene: Scene, odd: OddPlatform, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let many who left have one address on record, and come into their place one after the other.

    Whenever one of them has been moved out of it, the delivery of the next finds it free.
    """

    def _comes(number: int) -> None:
        everyone = [f"left{n}" for n in range(number)]
        for external_id in everyone:
            odd_scene.has(external_id, email="bar@x.org", active=False)
            odd_scene.deliver(external_id)
        displace = placing._displace

        def _and_another_comes(visit: placing.Visit, holder: Person, account: Account) -> None:
            displace(visit, holder, account)
            following = everyone.index(holder.external_id) + 1
            if following < number:
                odd.of(everyone[following])["userName"] = "bar@x.org"

        monkeypatch.setattr(placing, "_displace", _and_another_comes)

    return _comes


def test_8_3_a_crowd_in_ones_place_is_moved_one_by_one(
    odd_scene: Scene, odd: OddPlatform, crowd: Callable[[int], None]
) -> None:
    crowd(8)
    odd_scene.has("E1", email="bar@x.org")
    assert isinstance(odd_scene.deliver("E1"), Delivered)
    assert odd.named("bar@x.org")["externalId"] == "E1"


def test_8_3_a_crowd_that_does_not_end_costs_time_and_is_no_problem(
    odd_scene: Scene, odd: OddPlatform, crowd: Callable[[int], None]
) -> None:
    crowd(20)
    odd_scene.has("E1", email="bar@x.org")
    verdict = odd_scene.deliver("E1")
    assert isinstance(verdict, Postponed)
    assert verdict.hold_up is HoldUp.CONTENDED
    assert odd_scene.problem("E1", "PLATFORM_CONFLICT") == {}
    odd_scene.later(minutes=1)
    delivered = odd_scene.deliver("E1")
    assert isinstance(delivered, Delivered)
    assert delivered.lag is not None
    assert not delivered.lag.excused  # 8.2: a rush of our own is none of the platform's outages
    assert odd.named("bar@x.org")["externalId"] == "E1"


@pytest.mark.parametrize("seed", range(6))
def test_8_3_any_moves_of_twenty_people_delivered_side_by_side_converge(
    odd_scene: Scene, odd: OddPlatform, seed: int
) -> None:
    """No two who are active share an address (3.4); who left may have one that somebody has now (3.7)."""
    chance = random.Random(seed)  # noqa: S311 - an example, not a secret
    odd.unique_addresses = seed % 2 == 0
    everyone = [f"E{number}" for number in range(20)]
    addresses = [f"a{number}@x.org" for number in range(20)]
    for external_id, email in zip(everyone, addresses, strict=True):
        odd_scene.has(external_id, email=email)
        odd_scene.deliver(external_id)
    for _ in range(3):
        chance.shuffle(addresses)
        for external_id, email in zip(everyone, addresses, strict=True):
            match chance.randrange(4):
                case 0:
                    odd_scene.has(external_id, active=False)
                case 1:
                    odd_scene.has(external_id, active=False, email=chance.choice(addresses))
                case _:
                    odd_scene.has(external_id, active=True, email=email)
        _deliver_side_by_side(odd_scene, chance, rounds=1)
    _deliver_side_by_side(odd_scene, chance, rounds=10)
    assert odd_scene.waiting() == []
    for external_id in everyone:
        item, account = odd_scene.item(external_id), odd.of(external_id)
        assert account["active"] is item["active"]
        if item["active"]:
            assert (account["userName"], account["emails"][0]["value"]) == (item["email"], item["email"])
    assert len(odd.accounts) == 20


def _deliver_side_by_side(scene: Scene, chance: random.Random, rounds: int) -> None:
    for _ in range(rounds):
        waiting = [(item["external_id"], item["version"]) for item in scene.waiting()]
        chance.shuffle(waiting)
        records = [
            QueueRecord(entry["Id"], entry["MessageGroupId"], entry["MessageBody"])
            for entry in delivery_entries(scene.tenant, waiting)
        ]
        for verdict in deliver_batch(scene.errand(), records).values():
            assert isinstance(verdict, Delivered | NothingToDo | Postponed), verdict
        scene.later(minutes=1)
