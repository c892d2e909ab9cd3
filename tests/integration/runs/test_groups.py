"""A group is made, or given up, once and for all, however many workers have it in their hands (9.1, 9.2)."""

import pytest

from peoplefeed.dynamo.writes import ConditionFailed
from peoplefeed.model import Change, Employee, Group, position_of
from peoplefeed.runs.groups import Bench, Overtaken, apply_group, refuse_group
from tests.integration.runs.company import TENANT
from tests.worlds.world import World


def joins(external_id: str, run: int, address: str | None = None) -> Group:
    who = Employee(external_id, "Ana", "Sol", address, "Chef")
    position = position_of("2026-03-01T10:00:00.000Z", run, 1)
    return Group(0, changes=(Change(who, 1, position, ever_active=True, email_key=address, claim=address),))


@pytest.fixture
def bench() -> Bench:
    return Bench(World().deployment, TENANT, 7, None)


@pytest.mark.parametrize("address", [None, "a@x.es"])
def test_9_2_what_one_worker_gave_up_the_other_does_not_take_for_made(bench: Bench, address: str | None) -> None:
    assert refuse_group(bench, joins("E1", 7, address))
    assert not apply_group(bench, joins("E1", 7, address))
    assert refuse_group(bench, joins("E1", 7, address))


@pytest.mark.parametrize("address", [None, "a@x.es"])
def test_9_2_what_one_worker_made_the_other_does_not_give_up(bench: Bench, address: str | None) -> None:
    assert apply_group(bench, joins("E1", 7, address))
    assert not refuse_group(bench, joins("E1", 7, address))
    assert apply_group(bench, joins("E1", 7, address))


def test_9_1_who_finds_something_later_stops(bench: Bench) -> None:
    apply_group(bench, joins("E1", 8))
    with pytest.raises(Overtaken):
        apply_group(bench, joins("E1", 7))


def test_9_2_an_address_that_the_plan_took_for_free_and_is_not_is_a_fault(bench: Bench) -> None:
    apply_group(bench, joins("E1", 7, "a@x.es"))
    with pytest.raises(ConditionFailed):
        apply_group(bench, joins("E2", 7, "a@x.es"))
