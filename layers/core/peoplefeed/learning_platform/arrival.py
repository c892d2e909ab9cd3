"""Telling the feed log when the platform had a person's changes (7.2).

What is delivered is the whole current state, so that every earlier change arrives with it. An employee's item lists the
entries of the changes that wait; where it cannot list them all (`unlisted`: there was no platform when they were made),
the person's story is read backwards, as far as it has not been told.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.keys import Key
from peoplefeed.dynamo.reads import query
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Update, write
from peoplefeed.learning_platform.person import Person
from peoplefeed.learning_platform.placing import Rehire

_PAGE = 25
"""Entries of a story that are read at once: who changed more often than that while there was no platform is rare."""


def tell_arrival(deployment: Deployment, person: Person, at: str, rehire: Rehire | None) -> None:
    """Write into the entries of all changes up to this version when the platform had them, and as whom.

    The oldest first: whoever is killed in between and comes again reads back to the first that was told.
    """
    listed = [_key_of(person, entry) for entry in person.item.get("undelivered", ())]
    for key in dict.fromkeys([*reversed(list(_unlisted(deployment, person))), *listed]):
        _tell(deployment, key, at, rehire)


def _key_of(person: Person, entry: str) -> Key:
    """Return where an entry lies that an item lists as `<run>|<sort key>`."""
    run, _, sort_key = entry.partition("|")
    return keys.entries_pk(person.tenant, int(run), keys.shard(person.external_id)), sort_key


def _unlisted(deployment: Deployment, person: Person) -> Iterator[Key]:
    """Yield the entries of changes that were not told yet, the latest first; none where the item lists them all."""
    before = int(person.item.get("delivered_version", 0))
    if "unlisted" not in person.item or before + 1 >= person.version:
        return
    changes = (entry for entry in _story(deployment, person) if _is_change(entry))
    waiting = takewhile(lambda entry: entry["version"] > before and "delivered_at" not in entry, changes)
    yield from ((entry["pk"], entry["sk"]) for entry in waiting if entry["version"] <= person.version)


def _story(deployment: Deployment, person: Person) -> Iterator[dict[str, Any]]:
    """Yield what was logged about a person, the latest first, by an index that may lag a little.

    What it lacks are the last seconds: those entries are listed.
    """
    return query(
        deployment.dynamodb,
        deployment.names.feed_log_table,
        "#story_pk = :story_pk",
        {"story_pk": keys.story_pk(person.tenant, person.external_id)},
        IndexName=keys.STORY_INDEX,
        ScanIndexForward=False,
        Limit=_PAGE,
    )


def _is_change(entry: dict[str, Any]) -> bool:
    """Whether this tells a change that was made: no problem (those have no outcome), nothing simulated (1.9)."""
    return "outcome" in entry and "version" in entry and "simulated" not in entry


def _tell(deployment: Deployment, key: Key, at: str, rehire: Rehire | None) -> None:
    expression, values = "SET #delivered_at = if_not_exists(#delivered_at, :at)", {"at": at}
    if rehire:
        expression += ", #rehire = :rehire, #former_external_id = :former"
        values |= {"rehire": rehire.account.value, "former": rehire.former}
    there = Condition("the entry is not there", "attribute_exists(#pk)")
    try:
        write(deployment.dynamodb, Update(deployment.names.feed_log_table, key, expression, values, there))
    except ConditionFailed:
        return  # it only counted up a problem (7.4), or is older than the log
