from __future__ import annotations

import pytest

from peoplefeed.learning_platform.circuit import Circuit
from peoplefeed.learning_platform.trouble import HoldUp, Unavailable
from tests.worlds.clock import Clock

OUTAGE = Unavailable(HoldUp.OUTAGE, "it is out of order (503)")


def test_one_failure_is_no_outage_and_three_are() -> None:
    time = Clock()
    circuit = Circuit()
    for _ in range(2):
        circuit.failed(OUTAGE, time())
        circuit.check(time())
    circuit.failed(OUTAGE, time())
    with pytest.raises(Unavailable, match="left alone") as caught:
        circuit.check(time())
    assert (caught.value.hold_up, caught.value.pause) == (HoldUp.OUTAGE, 15.0)
    time.forward(seconds=15)
    circuit.check(time())


def test_rests_grow_while_it_stays_down_and_end_with_an_answer() -> None:
    time = Clock()
    circuit = Circuit()
    rests = []
    for _ in range(12):
        circuit.failed(OUTAGE, time())
        rests.append(_rest(circuit, time))
        time.forward(seconds=1000)
    assert rests == [0, 0, 15, 30, 60, 120, 240, 300, 300, 300, 300, 300]
    circuit.answered()
    circuit.failed(OUTAGE, time())
    assert _rest(circuit, time) == 0


def test_those_who_asked_at_the_same_time_are_one_strike() -> None:
    """Ten threads that are told at once to slow down would be a rest of five minutes otherwise."""
    circuit, time, slow_down = Circuit(), Clock(), Unavailable(HoldUp.RATE_LIMIT, "429")
    assert [circuit.failed(slow_down, time()) for _ in range(10)] == [1.0] * 10
    time.forward(seconds=1)
    assert circuit.failed(slow_down, time()) == 2.0


def _rest(circuit: Circuit, time: Clock) -> float:
    try:
        circuit.check(time())
    except Unavailable as trouble:
        return trouble.pause or 0
    return 0


@pytest.mark.parametrize(
    ("trouble", "rest"),
    [
        (Unavailable(HoldUp.RATE_LIMIT, "429", 7.0), 7.0),
        (Unavailable(HoldUp.RATE_LIMIT, "429"), 1.0),
        (Unavailable(HoldUp.RATE_LIMIT, "429", 1e6), 300.0),
        (Unavailable(HoldUp.OUTAGE, "503", 20.0), 20.0),
        (Unavailable(HoldUp.CREDENTIALS, "401"), 60.0),
    ],
)
def test_what_the_platform_asks_for_is_kept_at_once(trouble: Unavailable, rest: float) -> None:
    circuit, time = Circuit(), Clock()
    assert circuit.failed(trouble, time()) == rest
    assert _rest(circuit, time) == rest
