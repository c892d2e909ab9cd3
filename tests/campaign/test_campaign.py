"""What CI runs of the campaign; `docs/proof.md` tells of the rest. Each in a process of its own, as everyone would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.campaign.model_hunt import STORIES
from tests.worlds import dynamodb_local

_ROOT = Path(__file__).parents[2]
_SECONDS = 1500
_SLOW = pytest.mark.timeout(_SECONDS + 60)


def ran(*words: str, module: str = "tests.campaign") -> dict[str, str]:
    """Run the campaign's command; return its table. Whatever diverges fails the test, and shows how to see it again."""
    command = [sys.executable, "-m", module, *words]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        command, cwd=_ROOT, capture_output=True, text=True, check=False, env=environment, timeout=_SECONDS
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"
    return table_of(done.stdout)


def table_of(printed: str) -> dict[str, str]:
    lines = (line.rsplit(maxsplit=1) for line in printed.splitlines() if line.strip())
    return {name.strip(): value for name, value in lines}


def figure(table: dict[str, str], name: str) -> int:
    return int(table[name].replace(",", ""))


@_SLOW
@pytest.mark.parametrize(
    ("schedules", "rate"),
    [
        pytest.param("1700", "0.08", id="9.1-faults-at-8-percent-of-all-calls"),
        pytest.param("300", "0.20", id="9.1-faults-at-20-percent-of-all-calls"),
    ],
)
def test_schedules_end_as_if_nothing_had_happened(schedules: str, rate: str) -> None:
    table = ran("--schedules", schedules, "--fault-rate", rate)
    assert table["divergences"] == "0"
    assert figure(table, "faults") > int(schedules)
    assert figure(table, "holds released") > 0
    assert figure(table, "holds discarded") > 0


@_SLOW
def test_9_2_what_keeps_failing_is_given_up_and_made_in_the_end() -> None:
    table = ran("--schedules", "200", "--fault-rate", "0.20", "--give-up-at", "2")
    assert table["divergences"] == "0"
    assert figure(table, "groups given up") > 0


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param("274428", id="two-tenants-may-each-have-a-run-that-follows-a-run-of-the-same-number"),
        pytest.param("222704", id="1.11-what-is-said-of-somebody-after-their-erasure-stays"),
    ],
)
def test_a_schedule_that_diverged_once_does_so_no_more(seed: str) -> None:
    assert ran("--schedules", "1", "--first", seed, "--fault-rate", "0.08")["divergences"] == "0"


@_SLOW
def test_9_1_every_single_fault_at_every_call_of_a_small_world_changes_nothing() -> None:
    table = ran("--exhaustive", "--worlds", "1", "--first", "3")
    assert table["divergences"] == "0"
    assert figure(table, "single faults") > 500


@_SLOW
@pytest.mark.parametrize(
    "mutant",
    [
        "a group is no transaction",
        "a chunk is counted twice",
        "a chunk is complete before it is logged",
        "a run is finished with chunks to do",
        "a failed registration drops the feed",
    ],
)
def test_a_deliberate_fault_is_found(mutant: str) -> None:
    assert figure(ran("--mutants", "--only", mutant), "found by the campaign") == 1


@_SLOW
def test_what_comes_out_the_same_in_both_arms_is_found_by_the_model() -> None:
    assert figure(ran("--mutants", "--only", "nothing is tried again"), "found by the model") == 1


@pytest.mark.parametrize("story", STORIES)
def test_what_the_model_is_told_for_a_deliberate_fault_is_as_it_says_without_one(story: Callable[[], None]) -> None:
    story()


def test_a_deliberate_fault_that_nobody_knows_is_an_error() -> None:
    command = [sys.executable, "-m", "tests.campaign", "--mutants", "--only", "no such thing"]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=_SECONDS)
    assert (done.returncode, "'no such thing'" in done.stderr) == (2, True)


@_SLOW
@pytest.mark.dynamodb_local
def test_9_1_workers_killed_over_a_real_database() -> None:
    reason = dynamodb_local.why_not()
    if reason:
        pytest.skip(reason)
    table = ran("--rounds", "3", module="tests.campaign.killed")
    assert (table["rounds"], table["divergences"]) == ("3", "0")
