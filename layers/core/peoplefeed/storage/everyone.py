"""Going through all people of a tenant, page after page, from any place on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import key_item, to_value

if TYPE_CHECKING:
    from peoplefeed.deployment import Deployment

_PAGE = 100

type Mark = list[str]
"""Where to go on: the shard, and the names and external ID of the last one there; empty for the beginning."""


def everyone_after(deployment: Deployment, tenant: str, mark: Sequence[str]) -> Iterator[tuple[list[str], Mark]]:
    """Yield the external IDs of all people behind a mark, 100 or fewer at once, and where to go on after them.

    By an index that may lag a little.
    """
    first, *last = mark or [keys.ALL_SHARDS[0]]
    for shard in keys.ALL_SHARDS[keys.ALL_SHARDS.index(first) :]:
        yield from _of_shard(deployment, tenant, shard, last if shard == first else [])


def _of_shard(deployment: Deployment, tenant: str, shard: str, last: Sequence[str]) -> Iterator[tuple[list[str], Mark]]:
    name_pk = f"T#{tenant}#N#{shard}"
    request: dict[str, Any] = {
        "TableName": deployment.names.directory_table,
        "IndexName": keys.PEOPLE_INDEX,
        "KeyConditionExpression": "name_pk = :pk",
        "ExpressionAttributeValues": {":pk": to_value(name_pk)},
        "Limit": _PAGE,
    }
    while True:
        if last:
            name_sk, external_id = last
            names = {"name_pk": {"S": name_pk}, "name_sk": {"S": name_sk}}
            request["ExclusiveStartKey"] = key_item(keys.employee(tenant, external_id)) | names
        answer = deployment.dynamodb.query(**cast("Any", request))
        found = [(item["name_sk"]["S"], item["pk"]["S"].partition("#U#")[2]) for item in answer["Items"]]
        if found:
            last = found[-1]
            yield [external_id for _, external_id in found], [shard, *last]
        if "LastEvaluatedKey" not in answer:
            return
