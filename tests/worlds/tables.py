"""Both tables, defined once for every test: in memory, on moto and on DynamoDB Local.

`tests/unit/worlds/test_resources.py` holds these definitions against those of `template.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from peoplefeed.model import Employee

TIME_TO_LIVE = {"TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True}}
_PEOPLE = [*(field.name for field in fields(Employee)), "version"]


def directory(name: str) -> dict[str, Any]:
    """The parameters of CreateTable for the directory."""
    return _table(
        name,
        _index("people-by-name", "name_pk", "name_sk", include=_PEOPLE),
        _index("outbox", "outbox_pk", "due", include=["version", "external_id"]),
        _index("line", "line_pk", "line_sk", include=()),
        _index("due", "due_pk", "due_at", include=()),
    )


def feed_log(name: str) -> dict[str, Any]:
    """The parameters of CreateTable for the feed log."""
    return _table(
        name,
        _index("story", "story_pk", "story_sk"),
        _index("unresolved", "open_pk", "seen_sk"),
        _index("problems", "severity_pk", "seen_sk"),
    )


def create_tables(client: Any, directory_name: str, feed_log_name: str) -> None:
    """Create both tables by any client: the fake's, moto's or a real one."""
    for definition in (directory(directory_name), feed_log(feed_log_name)):
        client.create_table(**definition)
        client.update_time_to_live(TableName=definition["TableName"], **TIME_TO_LIVE)


def _table(name: str, *indexes: dict[str, Any]) -> dict[str, Any]:
    schemas = [_keys("pk", "sk"), *(index["KeySchema"] for index in indexes)]
    attributes = sorted({part["AttributeName"] for schema in schemas for part in schema})
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _keys("pk", "sk"),
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in attributes],
        "GlobalSecondaryIndexes": list(indexes),
    }


def _keys(hash_key: str, range_key: str) -> list[dict[str, str]]:
    return [{"AttributeName": hash_key, "KeyType": "HASH"}, {"AttributeName": range_key, "KeyType": "RANGE"}]


def _index(name: str, hash_key: str, range_key: str, include: Iterable[str] | None = None) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": "ALL"}
    if include is not None:
        others = list(include)
        projection = (
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": others} if others else {"ProjectionType": "KEYS_ONLY"}
        )
    return {"IndexName": name, "KeySchema": _keys(hash_key, range_key), "Projection": projection}
