"""What is only simulated is told in the log of its own run, and nowhere else (1.9)."""

from __future__ import annotations

import pytest

from peoplefeed.feed_log.queries import LogFilter, is_known_to_log, log_page
from peoplefeed.model import Severity
from tests.integration.runs.company import HEADER, TENANT, founded, leaving, line
from tests.integration.runs.findings import entries, holds, run_item
from tests.integration.runs.office import fed, upload
from tests.worlds.world import World


def _told(world: World, wanted: LogFilter) -> list[str | None]:
    return [entry["external_id"] for entry in log_page(world.deployment, TENANT, wanted, 100, None).entries]


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(LogFilter(), id="1.9-not-among-all-runs"),
        pytest.param(LogFilter(external_id="N1"), id="1.9-not-in-a-person-s-story"),
        pytest.param(LogFilter(severity=Severity.ERROR), id="1.9-not-among-errors"),
        pytest.param(LogFilter(unresolved=True), id="1.9-not-among-what-is-to-be-mended"),
    ],
)
def test_what_would_happen_is_told_only_to_whoever_asks_for_its_run(wanted: LogFilter) -> None:
    world = founded(1)
    before = _told(world, wanted)
    number = upload(world, line("N1", title="Cook"), line("N2"), simulate="true")
    assert sorted(map(str, _told(world, LogFilter(run=number)))) == ["N1", "N2"]
    assert _told(world, LogFilter(run=number, severity=Severity.ERROR)) == ["N1"]
    assert _told(world, wanted) == before


def test_1_9_a_file_that_could_not_be_read_is_told_and_calls_for_nobody() -> None:
    world = founded(1)
    number = fed(world, "External Identifier\nE1\n", simulate="true")
    [entry] = log_page(world.deployment, TENANT, LogFilter(run=number), 10, None).entries
    assert entry["code"] == "COLUMN_MISSING"
    assert _told(world, LogFilter(severity=Severity.ERROR)) == []
    assert world.events.details() == []


def test_1_11_whoever_was_only_simulated_can_be_erased_from_the_log() -> None:
    world = founded(1)
    upload(world, line("N1"), simulate="true")
    assert is_known_to_log(world.deployment, TENANT, "N1")
    assert not is_known_to_log(world.deployment, TENANT, "N2")


def test_1_9_a_simulated_feed_says_what_would_happen_and_changes_nothing_but_its_log() -> None:
    world = founded(2)
    upload(world, line("N9", title="Cook"))
    before = _all_but_the_run(world)
    number = upload(world, line("E0", "new@x.es"), line("N1", "p0@x.es"), line("N9", title="Cook"), simulate="true")
    counts = run_item(world, number)["counts"]
    assert (counts["updated"], counts["created"], counts["parked"]) == (1, 1, 1)
    told = {entry["external_id"]: entry.get("changes") for entry in entries(world, number)}
    assert told == {"E0": {"email": ["p0@x.es", "new@x.es"]}, "N1": None, "N9": None}
    assert _all_but_the_run(world) == before


def _all_but_the_run(world: World) -> list[dict[str, object]]:
    log = [item for item in world.items(world.names.feed_log_table) if "#Q#" in item["pk"]]
    lines = ("RUN#", "FK#", "CHUNK#", "META")
    return log + [item for item in world.items(world.names.directory_table) if not item["sk"].startswith(lines)]


def test_1_9_a_simulated_feed_names_no_hold_that_nobody_could_release() -> None:
    world = founded(50)
    number = fed(world, HEADER + "".join(leaving(11)), simulate="true")
    said = [str(entry["message"]) for entry in entries(world, number)]
    assert len(said) == 11
    assert all(sentence.endswith("release or discard the hold that the feed would begin.") for sentence in said)


def test_1_9_a_simulated_feed_that_would_be_held_begins_no_hold() -> None:
    world = founded(50)
    number = upload(world, *leaving(11), simulate="true")
    assert run_item(world, number)["counts"]["held"] == 11
    assert holds(world) == []
