"""Outages as networks make them, between us and scim2-server: mountebank breaks, delays and garbles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from peoplefeed.learning_platform.trouble import HoldUp
from peoplefeed.learning_platform.verdicts import Delivered, NothingToDo, Postponed
from tests.integration.learning_platform.conftest import SECRET, Scene, with_platform
from tests.integration.learning_platform.real_platform import RealPlatform
from tests.worlds.mountebank import Mountebank, answer, proxy_to, running_mountebank, why_not

RESET = {"fault": "CONNECTION_RESET_BY_PEER"}
GARBAGE = {"fault": "RANDOM_DATA_THEN_CLOSE"}
MAINTENANCE = answer(503, "<html>Back soon</html>", Retry_After="120")
STORM = answer(429, '{"detail": "slow down"}', Retry_After="90")
GATEWAY = answer(504, "upstream timed out")


@pytest.fixture(scope="module")
def mountebank() -> Iterator[Mountebank]:
    if reason := why_not():
        pytest.skip(reason)
    with running_mountebank() as running:
        yield running


def _through(scene: Scene, mountebank: Mountebank, real: RealPlatform, *responses: dict[str, Any]) -> Any:
    root, _, path = real.url.rpartition("/")
    passed_on = [proxy_to(root) if response == {} else response for response in responses]
    imposter = mountebank.imposter(*passed_on)
    return imposter, lambda url: with_platform(scene, f"{url}/{path}", SECRET)


@pytest.mark.parametrize(
    ("trouble", "hold_up"),
    [
        pytest.param(RESET, HoldUp.OUTAGE, id="reset"),
        pytest.param(GARBAGE, HoldUp.OUTAGE, id="garbage"),
        pytest.param(MAINTENANCE, HoldUp.OUTAGE, id="maintenance"),
        pytest.param(GATEWAY, HoldUp.OUTAGE, id="gateway"),
        pytest.param(STORM, HoldUp.RATE_LIMIT, id="storm"),
    ],
)
def test_8_3_trouble_on_the_way_costs_time_and_nothing_else(
    without_platform: Scene, mountebank: Mountebank, real: RealPlatform, trouble: dict[str, Any], hold_up: HoldUp
) -> None:
    imposter, through = _through(without_platform, mountebank, real, trouble)
    with imposter as url:
        scene = through(url)
        scene.has("E1", email="anna@x.org")
        verdict = scene.deliver("E1")
        assert isinstance(verdict, Postponed)
        assert verdict.hold_up is hold_up
        assert scene.waits("E1")
    with_platform(scene, real.url, SECRET)
    scene.later(minutes=10)
    assert isinstance(scene.deliver("E1", due=scene.item("E1")["due"]), Delivered)
    assert real.shown("E1")["user_name"] == "anna@x.org"


@pytest.mark.parametrize("trouble", [RESET, GARBAGE, GATEWAY], ids=["reset", "garbage", "gateway"])
@pytest.mark.parametrize("healthy", range(6))
def test_9_1_a_platform_that_fails_at_any_request_ends_with_one_account(
    without_platform: Scene, mountebank: Mountebank, real: RealPlatform, healthy: int, trouble: dict[str, Any]
) -> None:
    """It answers some requests, fails at the next, and so on."""
    imposter, through = _through(without_platform, mountebank, real, *[{}] * healthy, trouble)
    with imposter as url:
        scene = through(url)
        scene.has("E1", email="anna@x.org")
        scene.deliver("E1")
        scene.has("E1", email="anna@x.org", job_title="Chef")
        scene.later(minutes=10)
        scene.deliver("E1")
    with_platform(scene, real.url, SECRET)
    scene.later(minutes=10)
    assert isinstance(scene.deliver("E1", due=scene.item("E1").get("due")), Delivered | NothingToDo)
    assert list(real.accounts()) == ["E1"]
    assert real.shown("E1")["title"] == "Chef"
    assert scene.waiting() == []


def test_an_answer_that_never_comes_is_not_waited_for_longer_than_there_is_time(
    without_platform: Scene, mountebank: Mountebank, real: RealPlatform
) -> None:
    root, _, path = real.url.rpartition("/")
    with mountebank.imposter(proxy_to(root, wait=30_000)) as url:
        scene = with_platform(without_platform, f"{url}/{path}", SECRET)
        scene.has("E1")
        verdict = scene.deliver("E1", seconds=1)
        assert isinstance(verdict, Postponed)
        assert verdict.hold_up is HoldUp.OUTAGE
