"""What is open about each external ID, as items (4.7, 7.4)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.pages import Listing, in_all_shards, merged
from peoplefeed.dynamo.reads import get_many
from peoplefeed.dynamo.writes import Condition, Put
from peoplefeed.model import Pending, Said
from peoplefeed.storage.due import due_at

_TOMBSTONE_SECONDS = 30 * 24 * 3600
_EXPECTED = 1000


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
        {problem: Said(*said) for problem, said in item.get("problems", {}).items()},
        item.get("row"),
        item.get("position"),
        item.get("source"),
        item.get("since"),
        item.get("date_format"),
        tuple(item.get("causes", ())),
        item.get("retry_at"),
        item.get("tried", 0),
        item.get("fills_in", False),
        item.get("grant"),
        item.get("keeps_blanks"),
    )


def all_pending(deployment: Deployment, tenant: str) -> Iterator[Pending]:
    """Yield all that is open in a tenant, as it is now; all partitions are asked at once."""
    listing = Listing(deployment.names.directory_table, in_all_shards(keys.pending(tenant, "")[0]))
    for item in merged(deployment.dynamodb, listing, _EXPECTED):
        pending = pending_from(item)
        if pending.problems or pending.row is not None:
            yield pending


def write_of(deployment: Deployment, tenant: str, number: int, pending: Pending, now_seconds: int) -> Put:
    """Return the write that replaces what was open.

    Nothing open is written down too, for a month: a worker that was stopped for days must find it, not the gap
    into which it would put what it knew (9.1).
    """
    nothing = not pending.problems and pending.row is None
    values: dict[str, Value] = {
        "problems": {problem: list(said) for problem, said in pending.problems.items()},
        "row": dict(pending.row) if pending.row is not None else None,
        "position": pending.position,
        "source": pending.source,
        "since": pending.since,
        "date_format": pending.date_format,
        "keeps_blanks": pending.keeps_blanks,
        "causes": list(pending.causes) or None,
        "retry_at": pending.retry_at,
        "tried": pending.tried or None,
        "fills_in": pending.fills_in or None,
        "grant": pending.grant,
        "run": number,
        "expires": now_seconds + _TOMBSTONE_SECONDS if nothing else None,
        **due_at(tenant, pending.subject, pending.retry_at),
    }
    newer = Condition(
        "a later run said what is open", "attribute_not_exists(#run) OR #run <= :this_run", {"this_run": number}
    )
    return Put(deployment.names.directory_table, keys.pending(tenant, pending.subject), values, newer)
