"""How the design is spoiled: what a deliberate fault puts in the place of what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from peoplefeed.dynamo.marshal import from_item, key_item, to_item
from peoplefeed.dynamo.writes import Condition, Delete, Put, Update, write
from peoplefeed.feed_log import erasure
from peoplefeed.planner import grouping
from peoplefeed.runs import apply, comparison, erasing, finish, groups, intake, messages, register, sweep
from peoplefeed.storage import employees, pending, plans
from peoplefeed.storage.runs import find_run

type Patches = tuple[tuple[Any, str, Any], ...]
"""What owns something, its name there, and what takes its place."""


def without_condition(owner: Any, name: str) -> Patches:
    """Let a write that a function returns have no condition."""
    made = getattr(owner, name)
    return ((owner, name, lambda *given, **named: replace(made(*given, **named), condition=None)),)


def one_after_the_other(dynamodb: Any, writes: list[Put | Update | Delete]) -> None:
    for single in writes:
        write(dynamodb, single)


def ignoring_releases() -> Patches:
    def writes_of(*given: Any) -> list[Any]:
        made, change = writes(*given), given[2]
        return made[:-1] if change.release is not None else made

    writes = employees.writes_of
    return ((employees, "writes_of", writes_of),)


def complete_before_logging() -> Patches:
    log, complete = apply._log, apply._complete

    def complete_and_log(work: Any) -> None:
        complete(work)
        log(work)

    return ((apply, "_log", lambda _work: None), (apply, "_complete", complete_and_log))


def _always_true(**values: str) -> Condition:
    """Return a condition that always holds, with what it was asked about."""
    about = "".join(f" OR #pk = :{name}" for name in values)
    return Condition("always", f"attribute_exists(#pk) OR attribute_not_exists(#pk){about}", values)


def position_ignored() -> Patches:
    return ((employees, "_not_newer", lambda mine: _always_true(mine=mine)),)


def every_fingerprint_counts() -> Patches:
    def fresh(taken: intake.Intake, *_: Any) -> dict[str, bytes]:
        return {row.external_id: taken.digests[row.row] for row in taken.candidates}

    return ((intake.Intake, "fresh_fingerprints", fresh),)


def finish_unasked() -> Patches:
    def finish_at_once(deployment: Any, tenant: str, number: int, now: Any) -> Any:
        run = find_run(deployment, tenant, number)
        return finish._finish(deployment, run, now) if run and not run.state.is_over else run

    return tuple((owner, "finish_if_done", finish_at_once) for owner in (apply, sweep))


def head_overwritten() -> Patches:
    def put_head(deployment: Any, tenant: str, number: int, head: Any) -> Any:
        key = f"{plans.folder(tenant, number)}head.json"
        deployment.s3.put_object(Bucket=deployment.names.feed_bucket, Key=key, Body=plans._HEAD.dump_json(head))
        return head

    return ((plans, "put_head", put_head), (plans, "find_head", lambda *_: None), *_head_seen())


def _head_seen() -> Patches:
    find = plans.find_head
    return ((plans, "_head_of", find), (comparison, "find_head", find))


def files_without_digest() -> Patches:
    put = plans.put_file

    def put_file(deployment: Any, prefix: str, ending: str, file: Any) -> str:
        if not prefix.endswith("body"):
            return put(deployment, prefix, ending, file)
        file.seek(0)
        key = f"{prefix}.{ending}"
        deployment.s3.put_object(Bucket=deployment.names.feed_bucket, Key=key, Body=file)
        return key

    return ((plans, "put_file", put_file),)


def problems_counted_again() -> Patches:
    from peoplefeed.feed_log import problems

    return ((problems, "_not_said_yet", lambda _moment: _always_true()),)


def batches_left_unfinished() -> Patches:
    from peoplefeed.feed_log import entries

    def put_many(dynamodb: Any, puts: Any) -> None:
        request: dict[str, Any] = {}
        for put in puts:
            item = key_item(put.key) | to_item(put.attributes)
            request.setdefault(put.table, []).append({"PutRequest": {"Item": item}})
        if request:
            dynamodb.batch_write_item(RequestItems=request)

    return ((entries, "put_many", put_many),)


def reads_left_unfinished() -> Patches:
    def get_many(dynamodb: Any, table: str, some: Any) -> Iterator[Any]:
        wanted = [key_item(key) for key in dict.fromkeys(some)]
        if wanted:
            answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": wanted, "ConsistentRead": True}})
            yield from map(from_item, answer["Responses"].get(table, ()))

    return ((employees, "get_many", get_many), (pending, "get_many", get_many))


def numbers_without_transaction() -> Patches:
    return ((register, "transact", one_after_the_other),)


def a_number_each_time() -> Patches:
    return ((register, "find_number", lambda *_: None), (register, "Condition", lambda *_: _always_true()))


def failed_registrations_forgotten() -> Patches:
    def register_or_not(*given: Any, **named: Any) -> int | None:
        try:
            return register.register(*given, **named)
        except Exception:  # noqa: BLE001 - that is the fault
            return None

    return ((messages, "register", register_or_not),)


def nobody_is_overtaken() -> Patches:
    def done(failed: Any) -> bool:
        for failure in failed.failures:
            mine = groups._position(failure.write)
            if mine is not None and failure.stored is not None:
                return bool(failure.stored.get("refused") == mine)
        raise failed

    def write_pending(work: Any, single: Any) -> None:
        write(work.deployment.dynamodb, replace(single, condition=None))

    return ((groups, "_was_refused", done), (apply, "_write_pending", write_pending))


def paths_backwards() -> Patches:
    from peoplefeed.planner import addresses

    paths = addresses._Board._paths
    return ((addresses._Board, "_paths", lambda board: (path[::-1] for path in paths(board))),)


def chunks_at_once() -> Patches:
    write_chunks = plans._write_chunks

    def without_order(file: Any, some: Any) -> Iterator[Any]:
        return (replace(chunk, after=None) for chunk in write_chunks(file, some))

    return ((plans, "_write_chunks", without_order),)


def refused_without_position() -> Patches:
    made = employees.refusal_of

    def refusal_of(*given: Any) -> Update:
        refusal = made(*given)
        return replace(refusal, expression="SET #refused = :refused", values={"refused": refusal.values["refused"]})

    return ((employees, "refusal_of", refusal_of),)


def held_leavers_forgotten() -> Patches:
    """Let whoever is absent and held be nobody's business any more."""
    return ((grouping.Grouping, "_outstanding", lambda _board: iter(())),)


def erased_by_halves() -> Patches:
    return ((erasing, "erase_story", nothing),)


def named_beside_others() -> Patches:
    return ((erasure, "erase_mentions", nothing),)


def shown_while_held() -> Patches:
    return ((erasing, "forget_examples", nothing),)


def nothing(*_: Any, **__: Any) -> None:
    return None
