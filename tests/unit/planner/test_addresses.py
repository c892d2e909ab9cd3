"""Who gets which address: small cases by clause, and Hypothesis against exhaustive search."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peoplefeed.planner.addresses import RING_LIMIT, Move, Settlement, TornReading, settle


def moves(*wishes: tuple[str, str | None, str | None]) -> list[Move]:
    """Rows in file order: who, the address they have, the address they want."""
    return [Move(row, who, held, target) for row, (who, held, target) in enumerate(wishes, start=1)]


def accepted(wishes: list[Move], settlement: Settlement) -> set[str]:
    return {move.external_id for move in wishes} - settlement.refused.keys()


def alone(wishes: list[Move], settlement: Settlement) -> set[str]:
    """Who is accepted and has to wait for nobody."""
    together = {who for sequence in (*settlement.paths, *settlement.rings) for who in sequence}
    assert together <= accepted(wishes, settlement)
    return accepted(wishes, settlement) - together


@pytest.mark.parametrize(
    ("wishes", "holders", "expected", "refused"),
    [
        pytest.param([("a", None, "x")], {}, {"a"}, {}, id="3.4-a-free-address-is-taken"),
        pytest.param([("a", None, "x")], {"x": "z"}, set(), {"a": "z"}, id="3.6-whoever-holds-it-and-stays-keeps-it"),
        pytest.param(
            [("a", None, "x"), ("b", None, "x")], {}, {"a"}, {"b": "a"}, id="3.6-of-two-newcomers-the-higher-row-wins"
        ),
        pytest.param(
            [("b", None, "x"), ("a", "x", "y")], {"x": "a"}, {"a", "b"}, {}, id="3.5-a-chain-whatever-the-order"
        ),
        pytest.param([("a", "x", "y"), ("b", "y", "x")], {"x": "a", "y": "b"}, {"a", "b"}, {}, id="3.5-a-swap"),
        pytest.param(
            [("n", None, "x"), ("a", "x", None)], {"x": "a"}, {"n", "a"}, {}, id="3.5-a-newcomer-above-the-leaver"
        ),
        pytest.param(
            [("a", "x", "y"), ("b", "y", "z")],
            {"x": "a", "y": "b", "z": "c"},
            set(),
            {"a": "b", "b": "c"},
            id="3.6-a-chain-that-ends-at-someone-who-stays-is-refused-whole",
        ),
    ],
)
def test_addresses_are_settled_by_how_things_stand_after_the_feed(
    wishes: list[tuple[str, str | None, str | None]],
    holders: dict[str, str],
    expected: set[str],
    refused: dict[str, str],
) -> None:
    settlement = settle(moves(*wishes), holders)
    assert accepted(moves(*wishes), settlement) == expected
    assert {who: refusal.holder for who, refusal in settlement.refused.items()} == refused


@pytest.mark.parametrize(
    ("size", "is_accepted"),
    [
        pytest.param(RING_LIMIT, True, id="3.11-a-ring-of-24-is-accepted"),
        pytest.param(RING_LIMIT + 1, False, id="3.11-a-ring-of-25-is-parked"),
    ],
)
def test_a_ring_must_fit_into_one_transaction(size: int, is_accepted: bool) -> None:  # noqa: FBT001 - the expectation
    people = [f"p{number}" for number in range(size)]
    ring = [(who, f"x{number}", f"x{(number + 1) % size}") for number, who in enumerate(people)]
    settlement = settle(moves(*ring), {f"x{number}": who for number, who in enumerate(people)})
    assert accepted(moves(*ring), settlement) == (set(people) if is_accepted else set())
    assert {refusal.ring for refusal in settlement.refused.values()} == (set() if is_accepted else {size})


def test_a_path_lists_whoever_frees_an_address_before_whoever_takes_it() -> None:
    settlement = settle(moves(("c", None, "y"), ("b", "y", "x"), ("a", "x", None)), {"x": "a", "y": "b"})
    assert settlement.paths == [["a", "b", "c"]]


def test_two_who_have_one_address_are_a_reading_that_cannot_be() -> None:
    wishes = moves(("a", "x", "free"), ("b", "y", "x"), ("c", "x", "y"))
    with pytest.raises(TornReading):
        settle(wishes, {"x": "a", "y": "b"})


_ADDRESSES = "uvwxyz"


@st.composite
def boards(draw: st.DrawFn) -> tuple[list[Move], dict[str, str]]:
    """A few people, some with addresses, each of whom may want another, or none."""
    people = [f"p{number}" for number in range(draw(st.integers(1, 6)))]
    shuffled = draw(st.permutations(_ADDRESSES))
    has = {who: address for who, address in zip(people, shuffled, strict=False) if draw(st.booleans())}
    in_feed = draw(st.permutations(people))[: draw(st.integers(1, len(people)))]
    wanted = [(who, has.get(who), draw(st.sampled_from([None, *_ADDRESSES]))) for who in in_feed]
    wishes = moves(*(wish for wish in wanted if wish[1] != wish[2]))
    return wishes, {address: who for who, address in has.items()}


def exhaustive(wishes: list[Move], holders: dict[str, str]) -> set[str]:
    """The largest set of moves that leaves no address with two people, given that only the first may claim it."""
    first: dict[str, str] = {}
    for move in wishes:
        if move.target is not None:
            first.setdefault(move.target, move.external_id)
    candidates = [move for move in wishes if move.target is None or first[move.target] == move.external_id]
    for size in range(len(candidates), -1, -1):
        for chosen in combinations(candidates, size):
            after = dict(zip(holders.values(), holders.keys(), strict=True))
            after.update({move.external_id: move.target for move in chosen})  # type: ignore[misc]
            taken = [address for address in after.values() if address is not None]
            if len(taken) == len(set(taken)):
                return {move.external_id for move in chosen}
    raise AssertionError("nobody moving is always possible")


@given(boards())
@settings(max_examples=1500, deadline=None)
def test_the_settlement_equals_exhaustive_search(board: tuple[list[Move], dict[str, str]]) -> None:
    wishes, holders = board
    settlement = settle(wishes, holders)
    assert accepted(wishes, settlement) == exhaustive(wishes, holders)


@given(boards())
@settings(max_examples=500, deadline=None)
def test_done_in_order_no_step_finds_its_address_taken(board: tuple[list[Move], dict[str, str]]) -> None:
    wishes, holders = board
    by_id = {move.external_id: move for move in wishes}
    settlement = settle(wishes, holders)
    claims = dict(holders)
    for ring in settlement.rings:
        assert {by_id[who].held for who in ring} == {by_id[who].target for who in ring}
        claims.update({by_id[who].target or "": who for who in ring})
    for path in (*settlement.paths, *([who] for who in sorted(alone(wishes, settlement)))):
        for who in path:
            move = by_id[who]
            if move.target is not None:
                assert move.target not in claims
                claims[move.target] = who
            if move.held is not None:
                assert claims.pop(move.held) == who
