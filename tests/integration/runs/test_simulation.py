"""What is only simulated is told in the log of its own run, and nowhere else (1.9)."""

from __future__ import annotations

import pytest

from peoplefeed.feed_log.queries import LogFilter, is_known_to_log, log_page
from peoplefeed.model import Severity
from tests.integration.runs.company import TENANT, founded, line
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
