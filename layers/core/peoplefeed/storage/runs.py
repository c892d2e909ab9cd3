"""Runs and the marks of their chunks, as items."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get, query
from peoplefeed.dynamo.writes import Condition, Put, Update, assignments
from peoplefeed.model import Feed, FeedError, FeedKind, FeedMode, Purpose, Run, RunState, Safeguard, empty_counts
from peoplefeed.storage.due import due_at

ITS_STATE_MOVED_ON = "the run's state moved on"


def run_from(item: Mapping[str, Any]) -> Run:
    """Return the run that an item holds."""
    feed = Feed(
        tenant=item["pk"].removeprefix("T#"),
        source=item["source"],
        kind=FeedKind(item["kind"]),
        mode=FeedMode(item["mode"]),
        key=item["key"],
        version_id=item["version_id"],
        age=item["age"],
        uploaded_by=item.get("uploaded_by"),
        purpose=Purpose(item.get("purpose", Purpose.DELIVERY)),
        of=item.get("of"),
        released=tuple(Safeguard(name) for name in item.get("released", ())),
        rest=tuple(item.get("rest", ())),
        after=item.get("after"),
        errand=item.get("errand", ""),
        simulate=item.get("simulate", False),
        writing=item.get("writing"),
        tried=item.get("tried", 0),
    )
    error = FeedError(item["error_code"], item["error_message"]) if "error_code" in item else None
    return Run(
        number=item["number"],
        feed=feed,
        state=RunState(item["state"]),
        counts=empty_counts() | item.get("counts", {}),
        registered_at=item["registered_at"],
        planned_at=item.get("planned_at"),
        finished_at=item.get("finished_at"),
        plan_key=item.get("plan_key"),
        chunks=item.get("chunks", 0),
        done=item.get("done", 0),
        corrected=item.get("corrected", 0),
        attempts=item.get("attempts", 0),
        changed=item.get("changed", False),
        ignored_columns=tuple(item.get("ignored_columns", ())),
        codes=item.get("codes", {}),
        error=error,
    )


def find_number(deployment: Deployment, tenant: str, digest: str) -> int | None:
    """Return the number that a delivered object version has, None if it has none yet (1.3)."""
    item = get(deployment.dynamodb, deployment.names.directory_table, keys.delivery(tenant, digest))
    return int(item["number"]) if item else None


def find_run(deployment: Deployment, tenant: str, number: int) -> Run | None:
    """Return a run as it is now."""
    item = get(deployment.dynamodb, deployment.names.directory_table, keys.run(tenant, number))
    return run_from(item) if item else None


def new_run(deployment: Deployment, feed: Feed, number: int, registered_at: str) -> Put:
    """Return the write that lets a run begin, waiting."""
    values: dict[str, Value] = {
        "number": number,
        "source": feed.source,
        "kind": feed.kind.value,
        "mode": feed.mode.value,
        "key": feed.key,
        "version_id": feed.version_id,
        "age": feed.age,
        "uploaded_by": feed.uploaded_by,
        "purpose": feed.purpose.value if feed.purpose is not Purpose.DELIVERY else None,
        "of": feed.of,
        "released": list(feed.released) or None,
        "rest": list(feed.rest) or None,
        "after": feed.after,
        "errand": feed.errand or None,
        "simulate": feed.simulate or None,
        "writing": feed.writing,
        "tried": feed.tried or None,
        "state": RunState.WAITING.value,
        "registered_at": registered_at,
    }
    absent = Condition("the run exists", "attribute_not_exists(#pk)")
    return Put(deployment.names.directory_table, keys.run(feed.tenant, number), values, absent)


def taking_up(deployment: Deployment, run: Run, planner: str, now: str, until: str, writing: str | None) -> Update:
    """Return the write by which one planner takes a run up, so that others need not plan it as well.

    That spares work and nothing else: two plans of one run would be no harm, the first one counts. A planner
    that is delivered again takes its own run up again; anyone may once `until` has passed. `writing` says how
    uploads are written now that it is its turn (6.6).
    """
    values: dict[str, Value] = {"state": RunState.PLANNING.value, "planner": planner, "planning_until": until}
    values |= {"writing": writing} if writing else {}
    condition = Condition(
        "another planner is at it, or the plan is made",
        "#state = :waiting OR (#state = :state AND (#planner = :planner OR #planning_until < :now))",
        {"waiting": RunState.WAITING.value, "now": now},
    )
    expression = f"{assignments(values)} ADD #attempts :one"
    key = keys.run(run.feed.tenant, run.number)
    return Update(deployment.names.directory_table, key, expression, values | {"one": 1}, condition)


def adopting(deployment: Deployment, run: Run, values: Mapping[str, Value]) -> Update:
    """Return the write that makes a plan the run's: its chunks may be applied."""
    values = {"state": RunState.APPLYING.value} | dict(values)
    condition = Condition(
        ITS_STATE_MOVED_ON,
        "#state = :waiting OR #state = :planning",
        {"waiting": RunState.WAITING.value, "planning": RunState.PLANNING.value},
    )
    key = keys.run(run.feed.tenant, run.number)
    return Update(deployment.names.directory_table, key, assignments(values), values, condition)


def closing(deployment: Deployment, run: Run, state: RunState, values: Mapping[str, Value]) -> Update:
    """Return the write that ends a run."""
    values = {"state": state.value, "planner": None, "planning_until": None} | dict(values)
    condition = Condition(ITS_STATE_MOVED_ON, "#state = :before", {"before": run.state.value})
    key = keys.run(run.feed.tenant, run.number)
    return Update(deployment.names.directory_table, key, assignments(values), values, condition)


def ending_hold(deployment: Deployment, tenant: str, number: int, state: RunState) -> Update:
    """Return the write by which a held run becomes discarded, or superseded by what came of it (1.10)."""
    values: dict[str, Value] = {"state": state.value}
    condition = Condition("the run is not held any more", "#state = :held", {"held": RunState.HELD.value})
    table = deployment.names.directory_table
    return Update(table, keys.run(tenant, number), assignments(values), values, condition)


def following(deployment: Deployment, run: Run) -> Update:
    """Return the write that notes that another run follows; it belongs in the transaction that numbers that one."""
    values: dict[str, Value] = {"followed": True}
    condition = Condition(ITS_STATE_MOVED_ON, "#state = :before", {"before": run.state.value})
    key = keys.run(run.feed.tenant, run.number)
    return Update(deployment.names.directory_table, key, assignments(values), values, condition)


def due_again(run: Run, at: str | None) -> dict[str, Value]:
    """Return the attributes by which the sweep finds a retry that was given up, when it is due again (9.2)."""
    return due_at(run.feed.tenant, str(run.number), at)


def asked_again(deployment: Deployment, run: Run) -> Update:
    """Return the write that notes that a retry is made again; it belongs in the transaction that numbers that one."""
    condition = Condition("it was asked for again before", "attribute_exists(#due_at)")
    values, key = due_again(run, None), keys.run(run.feed.tenant, run.number)
    return Update(deployment.names.directory_table, key, assignments(values), values, condition)


def chunk_mark(deployment: Deployment, run: Run, chunk: int, corrections: Mapping[str, Value]) -> Put:
    """Return the write that marks a chunk complete, once. `corrections` say what had to be given up in it."""
    absent = Condition("the chunk is complete", "attribute_not_exists(#pk)")
    key = keys.chunk(run.feed.tenant, run.number, chunk)
    return Put(deployment.names.directory_table, key, {"complete": True} | dict(corrections), absent)


def chunk_counted(deployment: Deployment, run: Run, refused: int) -> Update:
    """Return the write that counts a complete chunk, and how many groups were given up in it."""
    condition = Condition(ITS_STATE_MOVED_ON, "#state = :applying", {"applying": RunState.APPLYING.value})
    key = keys.run(run.feed.tenant, run.number)
    expression = "ADD #done :one, #corrected :refused"
    values: dict[str, Value] = {"one": 1, "refused": refused}
    return Update(deployment.names.directory_table, key, expression, values, condition)


def is_chunk_complete(deployment: Deployment, run: Run, chunk: int) -> bool:
    """Whether a chunk was applied, logged and counted."""
    key = keys.chunk(run.feed.tenant, run.number, chunk)
    return get(deployment.dynamodb, deployment.names.directory_table, key) is not None


def chunk_marks(deployment: Deployment, tenant: str, number: int) -> Iterator[dict[str, Any]]:
    """Yield the marks of a run's complete chunks; `chunk` is the chunk's index."""
    prefix = keys.chunk(tenant, number, 0)[1].rsplit("#", 1)[0] + "#"
    for item in query(
        deployment.dynamodb,
        deployment.names.directory_table,
        "#pk = :pk AND begins_with(#sk, :prefix)",
        {"pk": keys.tenant_pk(tenant), "prefix": prefix},
        ConsistentRead=True,
    ):
        yield item | {"chunk": int(item["sk"].rsplit("#", 1)[1])}


def with_state(run: Run, state: RunState) -> Run:
    """Return the run in another state."""
    return replace(run, state=state)
