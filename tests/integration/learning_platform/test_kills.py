"""9.1: killed between any two calls, to the tables or to the platform, and delivered again: the same in the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from peoplefeed.deployment import Deployment
from peoplefeed.learning_platform.connection import Connection
from tests.integration.learning_platform.conftest import Scene, with_platform
from tests.integration.learning_platform.odd_platform import OddPlatform, running_odd_platform


class Killed(BaseException):
    """The process is no more."""


@dataclass(slots=True)
class Killer:
    """Lets so many calls pass; the next one is the last, and is made or not."""

    calls: int
    makes_the_last: bool

    def call[Result](self, function: Callable[..., Result], *arguments: Any, **named: Any) -> Result:
        self.calls -= 1
        if self.calls == -1 and not self.makes_the_last:
            raise Killed
        last = self.calls == -1
        try:
            return function(*arguments, **named)
        finally:
            if last:
                raise Killed


class _Mortal:
    """A client whose caller can be killed."""

    def __init__(self, client: Any, killer: Killer) -> None:
        self._client, self._killer = client, killer

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._client, name)
        if name == "exceptions" or not callable(attribute):
            return attribute
        return lambda *arguments, **named: self._killer.call(attribute, *arguments, **named)


def _is_killed(scene: Scene, killer: Killer) -> bool:
    """Deliver the newcomer; whether that was cut short."""
    immortal = scene.deployment
    with pytest.MonkeyPatch.context() as patch:
        ask = Connection.ask
        patch.setattr(Connection, "ask", lambda *given, **named: killer.call(ask, *given, **named))
        scene.deployment = Deployment(
            immortal.names, lambda service: _Mortal(getattr(immortal, _ATTRIBUTES.get(service, service)), killer)
        )
        try:
            scene.deliver("new")
        except Killed:
            return True
        finally:
            scene.deployment = immortal
    return False


_ATTRIBUTES = {"secretsmanager": "secrets"}


@pytest.mark.parametrize("makes_the_last", [False, True])
def test_9_1_a_kill_at_any_call_changes_nothing_in_the_end(without_platform: Scene, *, makes_the_last: bool) -> None:
    calls = 0
    while True:
        with running_odd_platform() as odd:
            scene = with_platform(without_platform, odd.url)
            _prepare(scene, odd)
            killed = _is_killed(scene, Killer(calls, makes_the_last))
            scene.deliver("new")
            scene.settle()
            _check(scene, odd)
            _forget(scene)
        if not killed:
            break
        calls += 1
    assert calls > 12


def _prepare(scene: Scene, odd: OddPlatform) -> None:
    """A newcomer has the address of someone who left, and had a problem before."""
    scene.has("left", email="bar@x.org")
    scene.deliver("left")
    scene.has("left", active=False)
    scene.deliver("left")
    scene.has("new", email="bar@x.org", platform_problem="PLATFORM_REFUSED")
    assert odd.of("left")["active"] is False


def _check(scene: Scene, odd: OddPlatform) -> None:
    assert odd.of("new")["userName"] == "bar@x.org"
    assert odd.of("left")["active"] is False
    assert len(odd.accounts) == 2
    assert scene.waiting() == []
    assert None not in scene.delivered_entries("new")
    assert scene.item("new")["account"] == odd.of("new")["id"]


def _forget(scene: Scene) -> None:
    """Take both out of the directory again."""
    for external_id in ("left", "new"):
        item = scene.item(external_id)
        key = {"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}}
        scene.deployment.dynamodb.delete_item(TableName=scene.directory, Key=key)
