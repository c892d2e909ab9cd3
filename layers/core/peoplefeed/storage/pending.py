"""What is open about each external ID, as items (4.7, 7.4)."""

from collections.abc import Iterable, Mapping
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get_many
from peoplefeed.dynamo.writes import Condition, Put
from peoplefeed.model import Pending

_TOMBSTONE_SECONDS = 30 * 24 * 3600


def find_pending(deployment: Deployment, tenant: str, subjects: Iterable[str]) -> dict[str, Pending]:
    """Return what is open about the subjects, as it is now."""
    wanted = (keys.pending(tenant, subject) for subject in subjects)
    items = get_many(deployment.dynamodb, deployment.names.directory_table, wanted)
    found = (pending_from(item) for item in items)
    return {pending.subject: pending for pending in found if pending.problems or pending.row is not None}


def pending_from(item: Mapping[str, Any]) -> Pending:
    """Return what an item holds."""
    return Pending(
        item["sk"],
        tuple(item.get("problems", ())),
        item.get("row"),
        item.get("age"),
        item.get("source"),
        item.get("since"),
        item.get("date_format"),
    )


def write_of(deployment: Deployment, tenant: str, number: int, pending: Pending, now_seconds: int) -> Put:
    """Return the write that replaces what was open.

    Nothing open is written down too, for a month: a worker that was stopped for days must find it, not the gap
    into which it would put what it knew (9.1).
    """
    nothing = not pending.problems and pending.row is None
    values: dict[str, Value] = {
        "problems": list(pending.problems),
        "row": dict(pending.row) if pending.row is not None else None,
        "age": pending.age,
        "source": pending.source,
        "since": pending.since,
        "date_format": pending.date_format,
        "run": number,
        "expires": now_seconds + _TOMBSTONE_SECONDS if nothing else None,
    }
    newer = Condition(
        "a later run said what is open", "attribute_not_exists(#run) OR #run <= :this_run", {"this_run": number}
    )
    return Put(deployment.names.directory_table, keys.pending(tenant, pending.subject), values, newer)
