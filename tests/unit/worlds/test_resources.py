"""The tables and queues that tests have are those that `template.yaml` deploys."""

from __future__ import annotations

from typing import Any

import pytest

from command.local.template import read_template
from tests.unit.template.translation import PROJECT
from tests.worlds import tables
from tests.worlds.world import World

LOCAL = pytest.mark.parametrize(
    ("resource", "made"), [("Directory", tables.directory("Directory")), ("FeedLog", tables.feed_log("FeedLog"))]
)


@pytest.fixture(scope="module")
def deployed() -> dict[str, Any]:
    resources: dict[str, Any] = read_template(PROJECT / "template.yaml")["Resources"]
    return resources


@LOCAL
def test_keys_and_attributes_are_the_same(deployed: dict[str, Any], resource: str, made: dict[str, Any]) -> None:
    properties = deployed[resource]["Properties"]

    assert made["KeySchema"] == properties["KeySchema"]
    assert made["AttributeDefinitions"] == properties["AttributeDefinitions"]
    assert made["BillingMode"] == properties["BillingMode"]


@LOCAL
def test_indexes_have_the_same_keys_and_project_the_same(
    deployed: dict[str, Any], resource: str, made: dict[str, Any]
) -> None:
    assert _by_name(made) == _by_name(deployed[resource]["Properties"])


@LOCAL
def test_items_expire_by_the_same_attribute(deployed: dict[str, Any], resource: str, made: dict[str, Any]) -> None:
    assert made["TableName"] == resource
    assert tables.TIME_TO_LIVE["TimeToLiveSpecification"] == deployed[resource]["Properties"]["TimeToLiveSpecification"]


@pytest.mark.parametrize(
    ("resource", "queue"),
    [
        ("PollQueue", "poll"),
        ("SlowPollQueue", "slow-poll"),
        ("ImportQueue", "import"),
        ("UpsertQueue", "upsert"),
        ("DeliveryQueue", "delivery.fifo"),
    ],
)
def test_queues_hide_and_bury_messages_alike(deployed: dict[str, Any], resource: str, queue: str) -> None:
    properties, ours = deployed[resource]["Properties"], World().sqs.queues[queue]

    assert ours.visibility == properties["VisibilityTimeout"]
    assert ours.most_receives == properties["RedrivePolicy"]["maxReceiveCount"]
    assert ours.fifo == properties.get("FifoQueue", False)


def _by_name(table: dict[str, Any]) -> dict[str, Any]:
    indexes = table["GlobalSecondaryIndexes"]
    return {
        index["IndexName"]: (
            index["KeySchema"],
            index["Projection"]["ProjectionType"],
            sorted(index["Projection"].get("NonKeyAttributes", ())),
        )
        for index in indexes
    }
