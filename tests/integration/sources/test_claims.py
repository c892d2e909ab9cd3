"""A source is polled at its own interval, and never while its last feed is being processed (1.12)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.writes import ConditionFailed
from peoplefeed.model import Feed, FeedKind, FeedMode
from peoplefeed.runs.register import register
from peoplefeed.sources.fetching import Polled
from peoplefeed.sources.polling import LEASE, NotPolled
from peoplefeed.sources.store import Source as Stored
from peoplefeed.sources.store import (
    end_claim,
    manifest_of,
    pause_source,
    remove_source,
    resume_source,
    source_of,
    sources_of,
    take_claim,
)
from peoplefeed.times import stamp
from tests.integration.sources.conftest import NOW, Line
from tests.integration.sources.hr import Asked, Reply, reply

BUSY = NotPolled("it is being polled already")
WAITS = NotPolled("its last feed is still being processed")


def stored(line: Line) -> Stored:
    found = source_of(line.deployment, line.tenant, "hr")
    assert found
    return found


def number_of_last_feed(line: Line, *, register_as: Deployment) -> int:
    """Give the landed feed its number, as its notice would."""
    source = stored(line)
    assert source.last_feed
    assert source.last_version
    kind, mode, age = FeedKind.EMPLOYEES, FeedMode.FULL, stamp(line.now)
    feed = Feed(line.tenant, "hr", kind, mode, source.last_feed, source.last_version, age)
    return register(register_as, feed, line.now)


@pytest.fixture
def open_deployment(deployment: Deployment) -> Deployment:
    """A deployment where tenants come into being with their first feed."""
    return Deployment(replace(deployment.names, open_tenants=True), deployment._client)


def set_applied(line: Line, number: int) -> None:
    line.deployment.dynamodb.update_item(
        TableName="directory",
        Key={"pk": {"S": f"T#{line.tenant}"}, "sk": {"S": "META"}},
        UpdateExpression="SET applied = :number",
        ExpressionAttributeValues={":number": {"N": str(number)}},
    )


def test_a_source_whose_last_feed_has_no_number_yet_is_not_polled_for_an_hour(line: Line) -> None:
    line.connect()
    assert isinstance(line.poll(), Polled)
    line.later(minutes=59)
    assert line.poll() == WAITS
    line.later(minutes=2)  # its notice was lost
    assert isinstance(line.poll(), Polled)


def test_1_12_a_source_is_polled_again_when_the_line_has_passed_its_last_feed(
    line: Line, open_deployment: Deployment
) -> None:
    line.connect()
    line.poll()
    number = number_of_last_feed(line, register_as=open_deployment)
    line.later(hours=5)
    assert line.poll() == WAITS
    set_applied(line, number)
    assert isinstance(line.poll(), Polled)


def test_a_source_that_is_not_there_is_not_polled(line: Line) -> None:
    assert line.poll() == NotPolled("there is no such source")
    assert manifest_of(line.deployment, "acme", "hr") is None


def test_a_paused_source_is_not_polled_until_it_is_resumed(line: Line) -> None:
    line.connect()
    pause_source(line.deployment, "acme", "hr")
    assert line.poll() == NotPolled("it is paused")
    line.connect(blanks="keep")  # a corrected manifest does not resume it
    assert line.poll() == NotPolled("it is paused")
    assert "due_at" not in line.source()
    resume_source(line.deployment, "acme", "hr", line.now)
    assert isinstance(line.poll(due=stamp(NOW)), Polled)


def test_a_source_that_is_paused_while_it_is_polled_stays_paused(line: Line) -> None:
    line.connect()

    def pause(_asked: Asked) -> Reply:
        pause_source(line.deployment, "acme", "hr")
        return reply([])

    line.hr.answer = pause
    assert isinstance(line.poll(), Polled)
    assert line.source()["paused"] is True
    assert not {"due_at", "due_pk", "polling_since"} & line.source().keys()


def test_nobody_pauses_what_is_not_there(line: Line) -> None:
    with pytest.raises(ConditionFailed):
        pause_source(line.deployment, "acme", "hr")
    with pytest.raises(ConditionFailed):
        resume_source(line.deployment, "acme", "hr", NOW)
    assert line.source() == {}


def test_a_source_is_polled_by_one_at_a_time(line: Line) -> None:
    line.connect()
    seen = stored(line)
    assert take_claim(line.deployment, seen, NOW, LEASE)
    assert not take_claim(line.deployment, seen, NOW, LEASE)
    assert line.poll() == BUSY
    line.later(minutes=21)  # who claimed it has died
    assert isinstance(line.poll(), Polled)


def test_a_poll_whose_lease_ran_out_says_nothing_about_the_next(line: Line) -> None:
    line.connect()
    first = stored(line)
    assert take_claim(line.deployment, first, NOW, LEASE)
    line.later(minutes=21)
    assert take_claim(line.deployment, stored(line), line.now, LEASE)
    end_claim(line.deployment, first, NOW, {"failures": 9}, stamp(line.now))
    assert (stored(line).polling_since, stored(line).failures) == (stamp(line.now), 0)


def test_a_late_copy_of_a_message_of_the_schedule_does_nothing(line: Line) -> None:
    line.connect(poll_every_minutes=5)
    assert isinstance(line.poll(due=stamp(NOW)), Polled)
    line.later(hours=2)
    assert line.poll(due=stamp(NOW)) == NotPolled("it has been polled meanwhile")
    assert isinstance(line.poll(due="2026-11-22T13:25:39.123Z"), Polled)


def test_a_fault_of_ours_gives_the_claim_back_so_that_the_message_counts_again(line: Line) -> None:
    line.connect()
    line.deployment.s3.delete_bucket(Bucket="feeds-of-test")
    for _ in range(2):
        with pytest.raises(line.deployment.s3.exceptions.NoSuchBucket):
            line.poll(due=stamp(NOW))
    assert "polling_since" not in line.source()


def test_1_12_after_a_poll_the_source_is_due_again_an_interval_after_its_start(line: Line) -> None:
    line.connect(poll_every_minutes=30)
    line.poll()
    assert (stored(line).due_at, stored(line).last_poll) == ("2026-11-22T13:50:39.123Z", stamp(NOW))
    line.later(minutes=90)
    line.hr.answers(reply([], 500))
    line.poll()
    assert stored(line).due_at == "2026-11-22T15:20:39.123Z"


def test_a_corrected_manifest_is_due_at_once_and_keeps_what_was_known(line: Line) -> None:
    line.connect()
    line.poll()
    line.later(minutes=1)
    manifest = line.connect(blanks="keep")
    assert stored(line).due_at == stamp(line.now)
    assert stored(line).last_feed == line.feeds()[0]
    assert manifest_of(line.deployment, "acme", "hr") == manifest


def test_sources_are_listed_by_name_and_each_tenant_has_its_own(line: Line) -> None:
    for name in ("b", "a"):
        line.connect(name=name)
    line.tenant = "other"
    line.connect(name="c")
    assert [source.manifest.name for source in sources_of(line.deployment, "acme")] == ["a", "b"]
    remove_source(line.deployment, "acme", "a", NOW)
    assert [source.manifest.name for source in sources_of(line.deployment, "acme")] == ["b"]


def test_a_source_with_the_secret_of_another_tenant_is_not_connected(line: Line) -> None:
    with pytest.raises(ValueError, match=r"auth\.secret"):
        line.connect(auth={"type": "bearer", "secret": "peoplefeed/sources/other/hr"})
    assert line.source() == {}
