"""8.3: outages and rate limits cost time and nothing else; refusals are problems."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from peoplefeed.codes import Code
from peoplefeed.learning_platform.trouble import HoldUp
from peoplefeed.learning_platform.verdicts import Delivered, NothingToDo, NotWanted, Postponed
from peoplefeed.storage.platforms import put_settings
from peoplefeed.times import stamp
from tests.integration.learning_platform.conftest import SECRET, TENANT, Scene, with_platform
from tests.integration.learning_platform.odd_platform import OddPlatform, Script
from tests.integration.learning_platform.real_platform import TOKEN

BAD = Script(400, body=b'{"scimType": "invalidValue", "detail": "title: no\\nsuch title"}', method="POST")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_an_outage_waits_in_the_outbox(odd_scene: Scene, odd: OddPlatform, status: int) -> None:
    odd_scene.has("E1")
    odd.scripts.append(Script(status))
    verdict = odd_scene.deliver("E1")
    assert isinstance(verdict, Postponed)
    assert verdict.hold_up is HoldUp.OUTAGE
    item = odd_scene.item("E1")
    assert (item["attempts"], item["held_up_by"]) == (1, "outage")
    assert stamp(odd_scene.now) < item["due"] <= stamp(odd_scene.now + timedelta(seconds=30))
    assert len(odd_scene.waiting()) == 1


def test_pauses_grow_and_success_forgets_them(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1")
    for attempts in (1, 2):
        odd.scripts.append(Script(500))
        odd_scene.deliver("E1")
        assert odd_scene.item("E1")["attempts"] == attempts
        odd_scene.later(minutes=10)
    verdict = odd_scene.deliver("E1")
    assert isinstance(verdict, Delivered)
    assert verdict.lag is not None
    assert (verdict.lag.seconds, verdict.lag.excused) == (1200, True)
    assert odd_scene.item("E1")["attempts"] == 0
    assert "held_up_by" not in odd_scene.item("E1")


def test_another_message_does_not_shorten_the_pause_but_the_sweeps_does(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1")
    odd.scripts.append(Script(500))
    odd_scene.deliver("E1")
    assert odd_scene.deliver("E1") == NothingToDo()
    assert isinstance(odd_scene.deliver("E1", due=odd_scene.item("E1")["due"]), Delivered)


def test_a_new_version_does_not_wait(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1")
    odd.scripts.append(Script(500))
    odd_scene.deliver("E1")
    odd_scene.has("E1", job_title="Chef", due=stamp(odd_scene.now + timedelta(minutes=5)))
    assert isinstance(odd_scene.deliver("E1"), Delivered)


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_kept_in_both_its_forms(odd_scene: Scene, odd: OddPlatform, *, as_date: bool) -> None:
    from datetime import UTC, datetime

    moment = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    odd_scene.has("E1")
    odd.scripts.append(Script(429, {"Retry-After": moment if as_date else "3600"}))
    verdict = odd_scene.deliver("E1")
    assert isinstance(verdict, Postponed)
    assert verdict.hold_up is HoldUp.RATE_LIMIT
    assert odd_scene.item("E1")["due"] > stamp(odd_scene.now + timedelta(minutes=59))


def test_a_short_rate_limit_is_waited_for_on_the_spot(
    odd_scene: Scene, odd: OddPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("peoplefeed.learning_platform.delivery.random.uniform", lambda *_: 1.01)
    monkeypatch.setattr("time.sleep", lambda seconds: odd_scene.later(seconds=seconds))
    odd.scripts.append(Script(429, {"Retry-After": "0.1"}))
    odd_scene.has("E1")
    assert isinstance(odd_scene.deliver("E1"), Delivered)


def test_a_platform_that_is_down_is_not_asked_by_everyone(odd_scene: Scene, odd: OddPlatform) -> None:
    for number in range(40):
        odd_scene.has(f"E{number}")
    odd.scripts += [Script(503)] * 1000
    for number in range(40):
        assert isinstance(odd_scene.deliver(f"E{number}"), Postponed)
    assert len(odd.asked) == 3
    assert len(odd_scene.waiting()) == 40


def test_silence_is_an_outage(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E0")
    odd_scene.deliver("E0")
    odd.delay = 1.0
    odd_scene.has("E1")
    verdict = odd_scene.deliver("E1", seconds=0.2)
    assert isinstance(verdict, Postponed)
    assert verdict.reason == "it does not answer in time"


def test_a_batch_that_has_used_up_its_time_postpones_the_rest(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1")
    verdict = odd_scene.deliver("E1", seconds=0)
    assert isinstance(verdict, Postponed)
    assert odd.asked == []


def test_nobody_at_the_address_is_an_outage(without_platform: Scene) -> None:
    scene = with_platform(without_platform, "http://127.0.0.1:9/scim")
    scene.has("E1")
    verdict = scene.deliver("E1")
    assert isinstance(verdict, Postponed)
    assert verdict.hold_up is HoldUp.OUTAGE


@pytest.mark.parametrize("url", ["http://example.com/scim", "http://127.0.0.2/scim", "https://me:pw@example.com"])
def test_people_are_sent_over_https_only(without_platform: Scene, url: str) -> None:
    scene = with_platform(without_platform, url)
    scene.has("E1")
    verdict = scene.deliver("E1")
    assert isinstance(verdict, Postponed)
    assert verdict.hold_up is HoldUp.MISCONFIGURED


def test_an_address_that_a_tenant_gave_is_on_the_public_internet(without_platform: Scene, odd: OddPlatform) -> None:
    scene = with_platform(without_platform, "")
    scene.deployment.names = replace(scene.deployment.names, stage="prod")
    put_settings(scene.deployment, TENANT, {"url": odd.url.replace("http:", "https:")}, scene.now)
    scene.has("E1")
    verdict = scene.deliver("E1")
    assert isinstance(verdict, Postponed)
    assert verdict.hold_up is HoldUp.MISCONFIGURED
    assert verdict.reason == "'127.0.0.1' is not on the public internet"
    assert odd.described == 0


def test_a_refusal_is_a_problem_with_the_platforms_own_words(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1", first_name="Anna", last_name="Li")
    odd.scripts.append(BAD)
    assert odd_scene.deliver("E1") == NotWanted(Code.PLATFORM_REFUSED)
    problem = odd_scene.problem("E1", "PLATFORM_REFUSED")
    assert problem["message"] == (
        "The learning platform refused external Identifier E1: it answered 400: invalidValue: title: no such title. "
        "Correct the employee's data as the platform asks; it is then sent again."
    )
    assert (problem["name"], problem["severity"], problem["occurrences"]) == ("Anna Li", "error", 1)
    assert (problem["run"], problem["row"]) == (7, 1)
    assert {"open_pk", "severity_pk", "seen_sk", "story_pk", "story_sk", "expires"} <= problem.keys()
    assert odd_scene.item("E1")["due"] == stamp(odd_scene.now + timedelta(hours=1))


def test_7_4_a_refusal_that_lasts_counts_up_and_is_resolved_by_success(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1")
    odd.scripts += [BAD, BAD]
    odd_scene.deliver("E1")
    first = odd_scene.problem("E1", "PLATFORM_REFUSED")
    odd_scene.later(hours=2)
    odd_scene.deliver("E1")
    second = odd_scene.problem("E1", "PLATFORM_REFUSED")
    assert (second["occurrences"], second["first_seen"], second["seen_sk"]) == (
        2,
        first["first_seen"],
        first["seen_sk"],
    )
    assert second["last_seen"] == stamp(odd_scene.now)
    assert odd_scene.item("E1")["due"] == stamp(odd_scene.now + timedelta(hours=2))
    odd_scene.has("E1", job_title="Chef")
    verdict = odd_scene.deliver("E1")
    assert isinstance(verdict, Delivered)
    assert verdict.lag is not None
    assert verdict.lag.excused
    solved = odd_scene.problem("E1", "PLATFORM_REFUSED")
    assert solved["resolved_at"] == stamp(odd_scene.now)
    assert "open_pk" not in solved
    assert "platform_problem" not in odd_scene.item("E1")


def test_7_4_a_refusal_that_comes_back_begins_anew(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1")
    odd.scripts += [BAD, BAD]
    odd_scene.deliver("E1")
    odd_scene.later(hours=2)
    odd_scene.deliver("E1")
    odd_scene.has("E1", job_title="Chef")
    odd_scene.deliver("E1")
    odd_scene.has("E1", job_title="Cook")
    odd.scripts.append(Script(400, method="PUT"))
    odd_scene.deliver("E1")
    problem = odd_scene.problem("E1", "PLATFORM_REFUSED")
    assert (problem["occurrences"], problem["first_seen"]) == (1, stamp(odd_scene.now))
    assert "resolved_at" not in problem


def test_a_problem_that_the_log_forgot_is_told_again(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1", platform_problem="PLATFORM_REFUSED")
    odd.scripts.append(BAD)
    odd_scene.deliver("E1")
    assert odd_scene.problem("E1", "PLATFORM_REFUSED")["occurrences"] == 1


def test_another_kind_of_refusal_replaces_the_first(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1", email="anna@x.org")
    odd.scripts.append(BAD)
    odd_scene.deliver("E1")
    odd.add(userName="anna@x.org", externalId="stranger")
    odd_scene.later(hours=2)
    odd_scene.deliver("E1")
    assert "open_pk" not in odd_scene.problem("E1", "PLATFORM_REFUSED")
    assert "open_pk" in odd_scene.problem("E1", "PLATFORM_CONFLICT")


def test_an_outage_does_not_solve_a_refusal(odd_scene: Scene, odd: OddPlatform) -> None:
    odd_scene.has("E1")
    odd.scripts += [BAD, Script(500)]
    odd_scene.deliver("E1")
    odd_scene.later(hours=2)
    odd_scene.deliver("E1")
    assert "open_pk" in odd_scene.problem("E1", "PLATFORM_REFUSED")
    odd_scene.later(hours=2)
    odd_scene.deliver("E1")
    assert "resolved_at" in odd_scene.problem("E1", "PLATFORM_REFUSED")


def test_a_secret_that_was_changed_is_read_again(without_platform: Scene, odd: OddPlatform) -> None:
    scene = with_platform(without_platform, odd.url, SECRET)
    odd.token = TOKEN
    scene.has("E1")
    assert isinstance(scene.deliver("E1"), Delivered)
    odd.token = "another"
    scene.deployment.secrets.put_secret_value(SecretId=SECRET, SecretString="another")
    scene.has("E1", job_title="Chef")
    assert isinstance(scene.deliver("E1"), Delivered)


def test_a_secret_that_is_not_there_waits_for_the_operator(without_platform: Scene, odd: OddPlatform) -> None:
    scene = with_platform(without_platform, odd.url, "peoplefeed/none")
    scene.has("E1")
    verdict = scene.deliver("E1")
    assert isinstance(verdict, Postponed)
    assert verdict.hold_up is HoldUp.CREDENTIALS
    assert odd.asked == []


def test_the_token_is_not_shown_even_if_the_platform_says_it_back(without_platform: Scene, odd: OddPlatform) -> None:
    scene = with_platform(without_platform, odd.url, SECRET)
    odd.token, odd.echoes = TOKEN, f"(Authorization: Bearer {TOKEN})"
    scene.has("E1", email="old@x.org")
    scene.deliver("E1")
    odd.add(userName="anna@x.org", externalId="stranger")
    scene.has("E1", email="anna@x.org")
    scene.deliver("E1")
    message = scene.problem("E1", "PLATFORM_CONFLICT")["message"]
    assert "Bearer …" in message
    assert TOKEN not in message
