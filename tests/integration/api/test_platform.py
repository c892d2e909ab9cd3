"""`/platform`, `/employees/…/deliver` and the deliveries in `/health`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from peoplefeed.learning_platform.people import mark_delivered, postpone
from peoplefeed.learning_platform.person import find_person
from peoplefeed.learning_platform.trouble import HoldUp
from peoplefeed.storage.platforms import platform_item, put_settings, update_platform
from peoplefeed.times import stamp
from tests.integration.api.scene import TENANT, Scene

URL = "https://learn.example/scim/v2"
STAFF = "External Identifier,First Name,Last Name,Email,Job Title,Status\nE1,Ann,Bee,a@x.org,Chef,Active\n"


@pytest.fixture
def staffed(scene: Scene) -> Scene:
    """E1 works here, E2 never did, and the platform is known but its queue is not worked off."""
    put_settings(scene.deployment, TENANT, {"url": URL}, scene.world.clock())
    scene.world.put_feed(TENANT, "Name\nChef\n", kind="job-titles")
    scene.world.put_feed(TENANT, STAFF + "E2,Bo,Bee,,Chef,Inactive\n")
    while scene.world.step("import") or scene.world.step("upsert"):
        pass
    return scene


def _sent(scene: Scene) -> int:
    return len(scene.world.sqs.bodies(scene.world.names.delivery_queue_url))


def test_a_platform_is_put_shown_and_forgotten(scene: Scene) -> None:
    assert scene.gets("/platform").json["settings_of"] is None
    settings = {"url": f"{URL}/", "secret": f"peoplefeed/platforms/{TENANT}/token", "requests_per_minute": 1200}
    put = scene.asks("PUT", "/platform", body=settings)
    assert put.status == 200
    shown = scene.gets("/platform").json
    assert shown == put.json
    assert (shown["delivers"], shown["settings_of"], shown["settings"]["url"]) == (True, "tenant", URL)
    assert shown["next_comparison"] is not None
    assert scene.asks("DELETE", "/platform").json["settings"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://learn.example"}, "url"),
        ({"url": URL, "secret": "peoplefeed/platforms/other/token"}, "secret"),
        ({"url": URL, "colour": "blue"}, "colour"),
    ],
)
def test_settings_that_cannot_be_used_change_nothing(scene: Scene, body: dict[str, Any], field: str) -> None:
    refused = scene.asks("PUT", "/platform", body=body)
    assert refused.error == (400, "FIELD_INVALID")
    assert refused.json["field"] == field
    assert platform_item(scene.deployment, TENANT) == {}


def test_somebody_is_sent_again(staffed: Scene) -> None:
    before = _sent(staffed)
    answer = staffed.asks("POST", "/employees/E1/deliver")
    assert (answer.status, answer.json) == (202, {"external_id": "E1", "delivering": True})
    assert _sent(staffed) == before + 1
    assert staffed.gets("/employees/E1").json["delivery"]["pending"] is True


@pytest.mark.parametrize(
    ("external_id", "error"),
    [("nobody", (404, "EMPLOYEE_UNKNOWN")), ("E2", (409, "NEVER_ACTIVE")), ("%20", (404, "EMPLOYEE_UNKNOWN"))],
)
def test_who_cannot_be_sent_is_refused(staffed: Scene, external_id: str, error: tuple[int, str]) -> None:
    assert staffed.asks("POST", f"/employees/{external_id}/deliver").error == error


def test_without_a_platform_nobody_is_sent_and_nothing_compared(staffed: Scene) -> None:
    staffed.asks("PUT", "/platform", body={"url": None})
    assert staffed.asks("POST", "/employees/E1/deliver").error == (409, "PLATFORM_MISSING")
    assert staffed.asks("POST", "/platform/compare").error == (409, "PLATFORM_MISSING")
    assert staffed.gets("/health").json["delivery"]["message"] == "There is no learning platform."


def test_a_comparison_is_asked_for(staffed: Scene) -> None:
    before = _sent(staffed)
    assert staffed.asks("POST", "/platform/compare").status == 202
    assert _sent(staffed) == before + 1


def test_health_says_that_everyone_is_delivered(scene: Scene) -> None:
    put_settings(scene.deployment, TENANT, {"url": URL}, scene.world.clock())
    delivery = scene.gets("/health").json["delivery"]
    assert (delivery["message"], delivery["waiting"]) == ("Everyone is delivered, oldest waiting 0 s.", 0)


def test_health_says_who_waits_since_when_and_why(staffed: Scene) -> None:
    staffed.world.sweep()
    staffed.world.clock.forward(minutes=20)
    health = staffed.gets("/health").json
    assert health["status"] == "late"
    delivery = health["delivery"]
    assert delivery["message"] == "1 person waits, oldest waiting 1500 s: not-tried-yet (1)."
    (example,) = delivery["examples"]
    assert (example["external_id"], example["reason"], example["attempts"]) == ("E1", "not-tried-yet", 0)


def test_health_says_who_waits_before_a_sweep_has_counted_them(staffed: Scene) -> None:
    delivery = staffed.gets("/health").json["delivery"]
    assert delivery["message"].startswith("At least 1 person waits, oldest waiting 0 s: not-tried-yet (1).")
    assert [example["external_id"] for example in delivery["examples"]] == ["E1"]


def test_health_knows_everyone_of_the_last_few_feeds(staffed: Scene) -> None:
    for number in (3, 4):
        staffed.world.put_feed(TENANT, STAFF.replace("E1,", f"E{number},").replace("a@", f"a{number}@"))
        while staffed.world.step("import") or staffed.world.step("upsert"):
            pass
    delivery = staffed.gets("/health").json["delivery"]
    assert delivery["message"].startswith("At least 3 people wait")
    assert {example["external_id"] for example in delivery["examples"]} == {"E1", "E3", "E4"}


def test_health_says_when_many_were_counted(staffed: Scene) -> None:
    header, row = STAFF.splitlines()
    rows = [row.replace("E1,", f"M{number},").replace("a@", f"m{number}@") for number in range(30)]
    staffed.world.put_feed(TENANT, "\n".join([header, *rows]))
    while staffed.world.step("import") or staffed.world.step("upsert"):
        pass
    staffed.world.sweep()
    counted = stamp(staffed.world.clock())
    staffed.world.clock.forward(minutes=2)
    delivery = staffed.gets("/health").json["delivery"]
    assert (delivery["waiting"], delivery["as_of"]) == (31, counted)
    assert delivery["message"].endswith(f" Counted at {counted}, and every five minutes.")


def test_health_knows_who_was_asked_for_before_a_sweep_has_counted_them(staffed: Scene) -> None:
    person = find_person(staffed.deployment, TENANT, "E1")
    assert person
    mark_delivered(staffed.deployment, person, "account", stamp(staffed.world.clock()))
    update_platform(staffed.deployment, TENANT, {"sent_last": None})
    staffed.asks("POST", "/employees/E1/deliver")
    delivery = staffed.gets("/health").json["delivery"]
    assert delivery["message"].startswith("At least 1 person waits, oldest waiting 0 s: asked-for (1).")


def test_health_counts_from_when_somebody_was_asked_for_if_nothing_of_theirs_changed(staffed: Scene) -> None:
    """Also when the platform was down then: their last change arrived a month ago."""
    clock, person = staffed.world.clock, find_person(staffed.deployment, TENANT, "E1")
    assert person
    mark_delivered(staffed.deployment, person, "account", stamp(clock()))
    clock.forward(minutes=30 * 24 * 60)
    staffed.asks("POST", "/employees/E1/deliver")
    asked_for = find_person(staffed.deployment, TENANT, "E1")
    assert asked_for
    postpone(staffed.deployment, asked_for, clock() + timedelta(minutes=5), HoldUp.OUTAGE)
    clock.forward(minutes=2)
    health = staffed.gets("/health").json
    assert health["delivery"]["message"] == "At least 1 person waits, oldest waiting 120 s: outage (1)."
    assert health["status"] == "ok"


def test_health_forgets_who_was_delivered_before_the_next_sweep_does(staffed: Scene) -> None:
    staffed.world.sweep()
    person = find_person(staffed.deployment, TENANT, "E1")
    assert person
    mark_delivered(staffed.deployment, person, "account", stamp(staffed.world.clock()))
    delivery = staffed.gets("/health").json["delivery"]
    assert (delivery["message"], delivery["waiting"]) == ("Everyone is delivered, oldest waiting 0 s.", 0)


def test_health_says_that_the_platform_is_left_alone(staffed: Scene) -> None:
    until = stamp(staffed.world.clock() + timedelta(days=3650))
    update_platform(staffed.deployment, TENANT, {"rests_until": until, "rests_because": "outage"})
    delivery = staffed.gets("/health").json["delivery"]
    assert delivery["message"].endswith(f" The learning platform is left alone until {until}.")
    assert delivery["rests_because"] == "outage"


def test_health_forgets_who_does_not_wait_any_more(staffed: Scene) -> None:
    staffed.world.sweep()
    staffed.asks("PUT", "/platform", body={"url": None})
    staffed.world.run_until_quiet()
    put_settings(staffed.deployment, TENANT, {"url": URL}, staffed.world.clock())
    staffed.world.sweep()
    assert staffed.gets("/health").json["delivery"]["waiting"] == 0
