"""7.4, 8.3: what the platform said, in its own words, and one line of problems for what it said to many."""

from __future__ import annotations

import json

from peoplefeed.feed_log.summary import ProblemFilter, ProblemLine, summary_of
from tests.integration.learning_platform.conftest import Scene
from tests.integration.learning_platform.odd_platform import OddPlatform, Script


def _lines(scene: Scene) -> dict[str | None, ProblemLine]:
    return {line.value: line for line in summary_of(scene.deployment, scene.tenant, ProblemFilter()).lines}


def _refuses(odd: OddPlatform, *details: str) -> None:
    odd.scripts += [Script(400, body=json.dumps({"detail": detail}).encode(), method="POST") for detail in details]


def test_what_it_said_to_many_is_one_line_each(odd_scene: Scene, odd: OddPlatform) -> None:
    _refuses(odd, "it wants a phone number", "it wants a phone number", "such a title is too long")
    for external_id in ("E1", "E2", "E3"):
        odd_scene.has(external_id)
        odd_scene.deliver(external_id)
    lines = _lines(odd_scene)
    assert {said: line.people for said, line in lines.items()} == {
        "it answered 400: it wants a phone number": 2,
        "it answered 400: such a title is too long": 1,
    }
    assert {line.document["mender"] for line in lines.values()} == {"administrator"}


def test_what_it_says_of_one_person_only_makes_no_line_of_its_own(odd_scene: Scene, odd: OddPlatform) -> None:
    for number in range(3):
        _refuses(odd, f"Ana{number} SOL (E{number}@X.org) has no manager; E{number} needs one, E100 too")
        odd_scene.has(f"E{number}", email=f"e{number}@x.org", first_name=f"Ana{number}", last_name="Sol")
        odd_scene.deliver(f"E{number}")
        odd_scene.later(seconds=1)
    [(said, line)] = _lines(odd_scene).items()
    assert said == "it answered 400: … … (…) has no manager; … needs one, E100 too"
    assert line.people == 3
    assert "Ana2 SOL (E2@X.org) has no manager" in str(line.message)


def test_8_3_conflicts_of_a_kind_are_one_line_and_each_names_its_account(odd_scene: Scene, odd: OddPlatform) -> None:
    for number in range(3):
        odd.add(userName=f"e{number}@x.org", externalId=f"stranger{number}")
        odd_scene.has(f"E{number}", email=f"e{number}@x.org")
        odd_scene.deliver(f"E{number}")
    [(said, line)] = _lines(odd_scene).items()
    assert said == "an account has its userName or address and belongs to nobody in the directory"
    assert (line.code, line.people) == ("PLATFORM_CONFLICT", 3)
    assert "external ID 'stranger1'" in odd_scene.problem("E1", "PLATFORM_CONFLICT")["message"]


def test_a_line_follows_what_it_says_now(odd_scene: Scene, odd: OddPlatform) -> None:
    _refuses(odd, "it wants a phone number", "such a title is too long")
    odd_scene.has("E1")
    odd_scene.deliver("E1")
    odd_scene.later(hours=2)
    odd_scene.deliver("E1", due=odd_scene.item("E1")["due"])
    assert [*_lines(odd_scene)] == ["it answered 400: such a title is too long"]
