from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from peoplefeed.dynamo.writes import Put, write
from peoplefeed.learning_platform.people import mark_delivered
from peoplefeed.learning_platform.person import find_person
from peoplefeed.learning_platform.verdicts import Delivered, NothingToDo
from peoplefeed.model import Feed, FeedKind, FeedMode
from peoplefeed.storage.runs import new_run
from peoplefeed.times import stamp
from tests.integration.learning_platform.conftest import NOW, RUN, TENANT, Scene
from tests.integration.learning_platform.real_platform import RealPlatform

pytestmark = pytest.mark.parametrize("clients", ["memory", "moto"], indirect=True)

ANNA = {"first_name": "Anna", "last_name": "Ö'Neill", "email": "Anna@example.com", "job_title": "Chef"}


def test_a_newcomer_is_shown_as_they_are(scene: Scene, real: RealPlatform) -> None:
    scene.has("E 1", **ANNA, department="Kitchen", business_unit_id="U1", profile="training-manager")
    assert isinstance(scene.deliver("E 1"), Delivered)
    assert real.shown("E 1") == {
        "user_name": "Anna@example.com",
        "names": ("Anna", "Ö'Neill"),
        "emails": ["Anna@example.com"],
        "active": True,
        "title": "Chef",
        "roles": ["training-manager"],
        "department": "Kitchen",
        "organization": "U1",
        "employee_number": "E 1",
    }


def test_who_has_no_address_goes_by_their_external_id(scene: Scene, real: RealPlatform) -> None:
    scene.has('quote"\\back', first_name="Bo", last_name="Li")
    scene.deliver('quote"\\back')
    assert real.shown('quote"\\back')["user_name"] == 'quote"\\back'
    assert real.shown('quote"\\back')["emails"] == []


def test_success_leaves_the_outbox_and_is_written_down(scene: Scene, real: RealPlatform) -> None:
    scene.has("E1", **ANNA)
    scene.later(seconds=30)
    scene.deliver("E1")
    item = scene.item("E1")
    assert {"outbox_pk", "due", "undelivered"} & item.keys() == set()
    assert (item["delivered_version"], item["attempts"]) == (1, 0)
    assert item["delivered_at"] == stamp(scene.now)
    assert item["account"] == real.accounts()["E1"]["id"]
    assert scene.delivered_entries("E1") == [stamp(scene.now)]


def test_a_change_replaces_the_whole_state_and_what_is_gone_is_cleared(scene: Scene, real: RealPlatform) -> None:
    scene.has("E1", **ANNA, department="Kitchen", profile="training-manager")
    scene.deliver("E1")
    scene.has("E1", job_title="Cook", department=None, email=None, active=False, profile="employee")
    scene.deliver("E1")
    assert len(real.accounts()) == 1
    shown = real.shown("E1")
    assert (shown["title"], shown["department"], shown["emails"], shown["roles"]) == ("Cook", None, [], [])
    assert (shown["active"], shown["user_name"]) == (False, "E1")


def test_an_entry_keeps_the_first_time_that_the_platform_had_it(scene: Scene) -> None:
    scene.has("E1", **ANNA)
    scene.deliver("E1")
    first = stamp(scene.now)
    scene.later(minutes=5)
    scene.has("E1", job_title="Cook", undelivered=[f"{RUN}|created#00000001#00", f"{RUN}|created#00000002#00"])
    scene.deliver("E1")
    assert scene.delivered_entries("E1") == [first, stamp(scene.now)]


def test_a_message_that_comes_twice_asks_the_platform_once(scene: Scene, real: RealPlatform) -> None:
    scene.has("E1", **ANNA)
    scene.deliver("E1")
    before = real.accounts()
    assert scene.deliver("E1") == NothingToDo()
    assert real.accounts() == before


def test_8_1_who_was_never_active_is_not_delivered(scene: Scene, real: RealPlatform) -> None:
    scene.has("E1", **ANNA, active=False, ever_active=False)
    assert scene.deliver("E1") == NothingToDo()
    assert real.accounts() == {}
    assert not scene.waits("E1")


def test_a_placeholder_item_stands_for_nobody(scene: Scene, real: RealPlatform) -> None:
    scene.has("E1", active=None)
    assert scene.deliver("E1") == NothingToDo()
    assert scene.deliver("nobody") == NothingToDo()
    assert real.accounts() == {}


def test_someone_with_our_external_id_is_linked_rather_than_made_again(scene: Scene, real: RealPlatform) -> None:
    """What a worker leaves behind that was killed after the platform made the account."""
    scene.has("E1", **ANNA)
    scene.deliver("E1")
    account = scene.item("E1")["account"]
    scene.has("E1", account=None, email="anna.new@example.com")
    scene.deliver("E1")
    assert scene.item("E1")["account"] == account
    assert real.shown("E1")["user_name"] == "anna.new@example.com"


def test_an_account_deleted_on_the_platform_is_made_again(scene: Scene, real: RealPlatform) -> None:
    scene.has("E1", **ANNA)
    scene.deliver("E1")
    real.storage.resources = []
    scene.has("E1", job_title="Cook")
    assert isinstance(scene.deliver("E1"), Delivered)
    assert real.shown("E1")["title"] == "Cook"
    assert scene.item("E1")["account"] == real.accounts()["E1"]["id"]


def test_a_version_that_comes_during_delivery_stays_in_the_outbox(scene: Scene, real: RealPlatform) -> None:
    scene.has("E1", **ANNA)
    create = real.storage.create

    def while_it_changes(*args: object) -> object:
        scene.has("E1", job_title="Cook")
        return create(*args)  # type: ignore[arg-type]

    real.storage.create = while_it_changes  # type: ignore[method-assign, assignment]
    scene.deliver("E1")
    item = scene.item("E1")
    assert scene.waits("E1")
    assert (item["version"], item["delivered_version"]) == (2, 1)
    assert item["account"] == real.accounts()["E1"]["id"]
    scene.deliver("E1")
    assert not scene.waits("E1")
    assert real.shown("E1")["title"] == "Cook"


def test_8_1_who_was_delivered_late_is_sent_once_more(scene: Scene) -> None:
    """An older state that reaches the platform after a newer one does not have the last word."""
    scene.has("E1")
    older = find_person(scene.deployment, TENANT, "E1")
    scene.has("E1", last_name="Mar")
    scene.deliver("E1")
    assert older
    assert not scene.waits("E1")
    mark_delivered(scene.deployment, older, older.account, stamp(NOW))
    assert scene.waits("E1")
    assert isinstance(scene.deliver("E1"), Delivered)
    assert (scene.item("E1")["delivered_version"], scene.waits("E1")) == (2, False)


def test_8_2_lag_counts_from_having_the_feed(scene: Scene) -> None:
    old_row = stamp(NOW - timedelta(days=3))  # 3.10: what is tried again keeps its age
    feed = Feed(TENANT, "hr", FeedKind.EMPLOYEES, FeedMode.FULL, "key", "version", old_row)
    put = new_run(scene.deployment, feed, RUN, stamp(NOW - timedelta(seconds=5)))
    assert isinstance(put, Put)
    write(scene.deployment.dynamodb, put)
    scene.has("E1", **ANNA, position=f"{old_row}#0000000007#00000001")
    scene.later(seconds=7)
    verdict = scene.deliver("E1")
    assert isinstance(verdict, Delivered)
    assert verdict.lag is not None
    assert (verdict.lag.seconds, verdict.lag.excused) == (12.0, False)


@pytest.mark.parametrize(
    ("created", "received", "excused"), [(1000, 1000, True), (1000, 2001, False), (999, 999, False)]
)
def test_8_2_a_first_load_is_excused(scene: Scene, created: int, received: int, *, excused: bool) -> None:
    feed = Feed(TENANT, "hr", FeedKind.EMPLOYEES, FeedMode.FULL, "key", "version", stamp(NOW))
    put = new_run(scene.deployment, feed, RUN, stamp(NOW))
    assert isinstance(put, Put)
    counts = {"created": created, "received": received}
    write(scene.deployment.dynamodb, replace(put, attributes={**put.attributes, "counts": counts}))
    scene.has("E1", **ANNA)
    verdict = scene.deliver("E1")
    assert isinstance(verdict, Delivered)
    assert verdict.lag is not None
    assert verdict.lag.excused is excused


def test_lag_counts_from_the_age_where_the_run_is_forgotten(scene: Scene) -> None:
    scene.has("E1", **ANNA)
    scene.later(seconds=9)
    verdict = scene.deliver("E1")
    assert isinstance(verdict, Delivered)
    assert verdict.lag is not None
    assert verdict.lag.seconds == 9.0


def test_without_a_platform_nobody_is_due_and_what_waited_is_remembered(without_platform: Scene) -> None:
    scene = without_platform
    scene.has("E1", **ANNA)
    assert scene.deliver("E1") == NothingToDo()
    assert not scene.waits("E1")
    assert scene.item("E1")["undelivered"]
