"""Whom the log names in what it says of others, so that their erasure finds that, too (1.11)."""

from collections.abc import Iterator

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.keys import Key
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import query
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Put, Update, write
from peoplefeed.model import Mention


def mention_values(mention: Mention | None) -> dict[str, Value]:
    """Return the attributes of an item whose message names somebody else, or names nobody any more."""
    if mention is None:
        return {"mentions": None, "unnamed": None}
    return {"mentions": mention.external_id, "unnamed": mention.unnamed}


def pointer(deployment: Deployment, tenant: str, external_id: str, place: Key, expires: int) -> Put:
    """Return the write by which somebody's erasure finds the item at a place, which names them. It does not itself."""
    key = keys.mention(tenant, external_id, place)
    return Put(deployment.names.feed_log_table, key, {"place": list(place), "expires": expires})


def erase_mentions(deployment: Deployment, tenant: str, external_id: str) -> None:
    """Take somebody out of what the log says of others, however often."""
    for place in _places(deployment, tenant, external_id):
        still = Condition("it names somebody else by now", "#mentions = :who", {"who": external_id})
        unnamed = "SET #message = #unnamed REMOVE #mentions, #unnamed"
        try:
            write(deployment.dynamodb, Update(deployment.names.feed_log_table, place, unnamed, {}, still))
        except ConditionFailed:
            continue


def _places(deployment: Deployment, tenant: str, external_id: str) -> Iterator[Key]:
    pk = keys.mentions_pk(tenant, external_id)
    table = deployment.names.feed_log_table
    for item in query(deployment.dynamodb, table, "#pk = :pk", {"pk": pk}, ConsistentRead=True):
        place_pk, place_sk = item["place"]
        yield place_pk, place_sk
