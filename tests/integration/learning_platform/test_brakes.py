"""8.3: a platform that answers 429 gets as much as it takes, also if nobody has said how much that is."""

from __future__ import annotations

from functools import partial

from peoplefeed.learning_platform.brakes import microseconds_between, requests_per_minute_in, slow_down, speed_up
from peoplefeed.learning_platform.verdicts import Delivered
from peoplefeed.storage.platforms import platform_item
from tests.integration.learning_platform.conftest import Scene
from tests.integration.learning_platform.loads import a_load
from tests.integration.learning_platform.odd_platform import OddPlatform, Script

DAY = 86_400.0


def _every(scene: Scene) -> int:
    return microseconds_between(platform_item(scene.deployment, scene.tenant))


def _slow_down(scene: Scene) -> int:
    return slow_down(scene.deployment, scene.tenant, scene.now)


def _speed_up(scene: Scene) -> None:
    speed_up(scene.deployment, scene.tenant, platform_item(scene.deployment, scene.tenant), scene.now)


def test_a_first_load_is_no_storm_where_the_settings_name_no_limit() -> None:
    with a_load(per_second=20, slow=0.3) as load:
        load.scene.platform(url=load.odd.url)
        works = [partial(load.work, until=DAY)] * 5
        figures = load.run(partial(load.apply, 1000), *works, partial(load.sweep, until=DAY))
    assert (figures.accounts, figures.waiting, figures.most_for_one) == (1000, 0, 1)
    assert figures.seconds <= 2 * 3 * 1000 / 20
    assert figures.too_many <= 100


def test_a_429_makes_all_workers_slower_once(odd_scene: Scene) -> None:
    assert _every(odd_scene) == 0
    assert [_slow_down(odd_scene) for _ in range(3)] == [100_000] * 3
    odd_scene.later(seconds=10)
    assert (_slow_down(odd_scene), _every(odd_scene)) == (140_000, 140_000)


def test_there_is_an_end_to_that(odd_scene: Scene) -> None:
    for _ in range(30):
        _slow_down(odd_scene)
        odd_scene.later(seconds=10)
    assert _every(odd_scene) == 6_000_000


def test_what_it_takes_makes_them_faster_until_there_is_no_limit(odd_scene: Scene) -> None:
    _slow_down(odd_scene)
    found = []
    for _ in range(22):
        odd_scene.later(minutes=1)
        _speed_up(odd_scene)
        _speed_up(odd_scene)
        found.append(_every(odd_scene))
    assert found[:3] == [90_000, 81_000, 72_900]
    assert found[-2:] == [10_938, 0]


def test_it_is_never_faster_than_its_settings_say_and_can_be_slower(odd_scene: Scene) -> None:
    odd_scene.platform(requests_per_minute=660)
    assert _every(odd_scene) == 100_000
    assert _slow_down(odd_scene) == 140_000
    for _ in range(5):
        odd_scene.later(minutes=1)
        _speed_up(odd_scene)
    assert _every(odd_scene) == 100_000
    assert "slowed_to" not in platform_item(odd_scene.deployment, odd_scene.tenant)


def test_deliveries_do_both(odd_scene: Scene, odd: OddPlatform) -> None:
    odd.scripts.append(Script(429))
    odd_scene.has("E1", email="e1@x.org")
    odd_scene.deliver("E1")
    assert _every(odd_scene) == 100_000
    assert requests_per_minute_in(platform_item(odd_scene.deployment, odd_scene.tenant)) == 600
    odd_scene.later(minutes=2)
    odd_scene.has("E2", email="e2@x.org")
    assert isinstance(odd_scene.deliver("E2"), Delivered)
    assert _every(odd_scene) == 90_000
