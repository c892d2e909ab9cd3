"""Deliberate faults that come out the same undisturbed: the reference model must find them, for it knows no code."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from peoplefeed.runs import intake
from tests.campaign.quiet import quietly
from tests.integration.model import test_regressions
from tests.integration.model.test_machine import Company
from tests.model.profile import STEPS
from tests.model.state import Manifest

COMPANIES = 300
_SETTINGS = settings(
    max_examples=COMPANIES,
    stateful_step_count=STEPS,
    phases=(Phase.generate,),
    report_multiple_bugs=False,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=tuple(HealthCheck),
)


def difference_from_model() -> str | None:
    """Return what of the model's tests fails first: a regression that is told step by step, or a drawn company."""
    with quietly(), patch.object(intake, "AT_ONCE", 2):
        return _failing_regression() or _failing_company()


def who_stands_there_as_last_time_and_otherwise_too() -> None:
    """3.2: the last row counts, also where it is the one that was there before. Drawn companies hardly ever say so."""
    twin = test_regressions.founded(hr=Manifest())
    same, other = test_regressions.row("p1", "a@x.es"), test_regressions.row("p1", "b@x.es")
    for rows in ([same], [other, same], [same, other]):
        twin.deliver([*rows, test_regressions.row("p2")], source="hr", mode="full")
        twin.settle()


def who_was_held_is_absent_again() -> None:
    """6.1: leavers that are held stay so for as long as they are absent."""
    twin = test_regressions.founded(hr=Manifest(leavers="deactivate"))
    everybody = [test_regressions.row(f"p{number}") for number in range(6)]
    twin.deliver(everybody, source="hr", mode="full")
    twin.settle()
    twin.limit(0, 10)
    for _ in range(2):
        twin.deliver(everybody[1:], source="hr", mode="full")
        twin.settle()


STORIES = (who_stands_there_as_last_time_and_otherwise_too, who_was_held_is_absent_again)


def _stories() -> dict[str, Callable[[], None]]:
    told = inspect.getmembers(test_regressions, inspect.isfunction)
    return {name: story for name, story in told if name.startswith("test_")} | {one.__name__: one for one in STORIES}


def _failing_regression() -> str | None:
    for name, story in _stories().items():
        try:
            story()
        except Exception:  # noqa: BLE001 - whatever comes out of it
            return name
    return None


def _failing_company() -> str | None:
    try:
        run_state_machine_as_test(Company, settings=_SETTINGS)
    except Exception as error:  # noqa: BLE001 - whatever comes out of it
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return None
