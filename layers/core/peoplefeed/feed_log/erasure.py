"""Taking out of the feed log what it says of a person who is erased (1.11).

That there was an entry, what became of its row and why, stays: every row is accounted for (1.6).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from peoplefeed.codes import Code
from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.keys import Key
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.pages import LAST, Listing, in_all_shards, merged
from peoplefeed.dynamo.reads import query
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Update, assignments, write
from peoplefeed.feed_log.mentions import erase_mentions

_PERSONAL = ("name", "message", "value", "suggestion", "changes", "mentions", "unnamed")
_EXPECTED = 100


def erase_story(deployment: Deployment, tenant: str, external_id: str, run: int) -> None:
    """Empty all entries and problems of the runs before `run` about a person, however often.

    What is said of others does not name the person any more. What the erasure itself says, and what came later, says
    nothing personal. An index tells which entries there are: one of the seconds before may be missed, and is found by
    another erasure.
    """
    for item in (*_story(deployment, tenant, external_id), *_problems(deployment, tenant, external_id)):
        if item["run"] < run and not _is_of_erasure(item):
            _empty(deployment, (item["pk"], item["sk"]))
    erase_mentions(deployment, tenant, external_id)


def _is_of_erasure(item: Mapping[str, Any]) -> bool:
    """Whether this is what an erasure says, or what is said because of one: it names nobody."""
    return "erased" in (item.get("changes") or ()) or item.get("code") == Code.PERSON_ERASED


def _story(deployment: Deployment, tenant: str, external_id: str) -> Iterator[dict[str, Any]]:
    table, pk = deployment.names.feed_log_table, keys.story_pk(tenant, external_id)
    return query(deployment.dynamodb, table, "#story_pk = :story_pk", {"story_pk": pk}, IndexName=keys.STORY_INDEX)


def _problems(deployment: Deployment, tenant: str, external_id: str) -> Iterator[dict[str, Any]]:
    """Yield what is or was wrong with a person's rows. Problems can outlive the entries that they began with (7.5)."""
    partitions = in_all_shards(keys.problem(tenant, "")[0])
    beginning = f"{external_id}#"
    listing = Listing(deployment.names.feed_log_table, partitions, low=beginning, high=beginning + LAST)
    found = merged(deployment.dynamodb, listing, _EXPECTED)
    return (item for item in found if item.get("external_id") == external_id)


def _empty(deployment: Deployment, key: Key) -> None:
    values: dict[str, Value] = dict.fromkeys(_PERSONAL)
    there = Condition("it has expired", "attribute_exists(#pk)")
    try:
        write(deployment.dynamodb, Update(deployment.names.feed_log_table, key, assignments(values), values, there))
    except ConditionFailed:
        return
