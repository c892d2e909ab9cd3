"""What is tried again at a time (9.2), over all tenants: index `due`, of rows and of retries that were given up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import query

_SHARDS = tuple(f"RETRY#{shard:02d}" for shard in range(16))


@dataclass(slots=True)
class Due:
    """What is due: the tenants of whose `rows` some are, with when the last of those was, and `retries`, as runs."""

    rows: dict[str, str] = field(default_factory=dict)
    retries: list[tuple[str, int]] = field(default_factory=list)

    def add(self, item: Mapping[str, Any]) -> None:
        """Take what the index has: it knows an item's keys only."""
        tenant, _, is_row = item["pk"].removeprefix("T#").partition("#P#")
        if is_row:
            self.rows[tenant] = max(item["due_at"], self.rows.get(tenant, ""))
        else:
            self.retries.append((tenant, keys.number_of_run(item["sk"])))


def due_at(tenant: str, subject: str, at: str | None) -> dict[str, Value]:
    """Return the attributes by which an item is found when it is due, or not any more."""
    shard = _SHARDS[int(keys.shard(f"{tenant}#{subject}")) % len(_SHARDS)]
    return {"due_pk": shard if at else None, "due_at": at}


def find_due(deployment: Deployment, now: str) -> Due:
    """Return what is to be tried again by now, by an index that may lag."""
    due = Due()
    for item in _items(deployment, now):
        due.add(item)
    return due


def _items(deployment: Deployment, now: str) -> Iterator[dict[str, Any]]:
    condition, table = "#due_pk = :shard AND #due_at <= :now", deployment.names.directory_table
    for shard in _SHARDS:
        values: dict[str, Value] = {"shard": shard, "now": now}
        yield from query(deployment.dynamodb, table, condition, values, IndexName=keys.DUE_INDEX)
