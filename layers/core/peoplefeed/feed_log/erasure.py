"""Taking out of the feed log what it says of a person who is erased (1.11).

That there was an entry, what became of its row and why, stays: every row is accounted for (1.6).
"""

from collections.abc import Iterator
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.keys import Key
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import query
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Update, assignments, write
from peoplefeed.feed_log.mentions import erase_mentions

_PERSONAL = ("name", "message", "value", "suggestion", "changes", "mentions", "unnamed")


def erase_story(deployment: Deployment, tenant: str, external_id: str, run: int) -> None:
    """Empty all entries of the runs before `run` about a person, and the problems that they belong to, however often.

    What is said of others does not name the person any more. What the erasure itself says, and what came later, says
    nothing personal. An index tells which entries there are: one of the seconds before may be missed, and is found by
    another erasure.
    """
    for entry in _story(deployment, tenant, external_id):
        if entry["run"] >= run:
            continue
        _empty(deployment, (entry["pk"], entry["sk"]))
        if "problem" in entry:
            _empty(deployment, keys.problem(tenant, entry["problem"]))
    erase_mentions(deployment, tenant, external_id)


def _story(deployment: Deployment, tenant: str, external_id: str) -> Iterator[dict[str, Any]]:
    table, pk = deployment.names.feed_log_table, keys.story_pk(tenant, external_id)
    return query(deployment.dynamodb, table, "#story_pk = :story_pk", {"story_pk": pk}, IndexName=keys.STORY_INDEX)


def _empty(deployment: Deployment, key: Key) -> None:
    values: dict[str, Value] = dict.fromkeys(_PERSONAL)
    there = Condition("it has expired", "attribute_exists(#pk)")
    try:
        write(deployment.dynamodb, Update(deployment.names.feed_log_table, key, assignments(values), values, there))
    except ConditionFailed:
        return
