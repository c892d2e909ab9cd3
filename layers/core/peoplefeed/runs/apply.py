"""Applying a chunk of a plan (design, section 2).

Everything here may be done any number of times, by any number of workers at once, stopped anywhere, with the same
effect.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from peoplefeed import telemetry
from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.writes import ConditionFailed, Write, transact, write
from peoplefeed.feed_log.entries import Moment, write_entries
from peoplefeed.feed_log.problems import record_problems, resolve_problems
from peoplefeed.model import Group, PlanHead, Run, RunState
from peoplefeed.runs.corrections import corrected, corrections_of
from peoplefeed.runs.erasing import erase, erase_again
from peoplefeed.runs.finish import finish_if_done
from peoplefeed.runs.groups import Bench, Overtaken, applied_together, apply_group, portions, refuse_group
from peoplefeed.runs.queues import send_chunks, wake
from peoplefeed.storage import pending, plans
from peoplefeed.storage.employees import zero_marks
from peoplefeed.storage.outbox import send_changes
from peoplefeed.storage.platforms import await_platform, is_delivered_to, platform_item
from peoplefeed.storage.runs import chunk_counted, chunk_mark, chunk_marks, find_run, is_chunk_complete
from peoplefeed.times import seconds, stamp

GIVE_UP_AT = 5
"""The receive of a message at which groups that still fail are parked with INTERNAL_ERROR (design)."""

_DELIVERY_GRACE = timedelta(minutes=5)


class GroupsFailed(Exception):
    """Some groups could not be applied, for reasons nobody expected."""


@dataclass(slots=True)
class _Work:
    """A chunk in the hands of a worker. `refused` are the groups that were given up, by whomever."""

    deployment: Deployment
    run: Run
    head: PlanHead
    index: int
    now: datetime
    groups: list[Group]
    delivers: bool
    closed_paths: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    failed: dict[int, Exception] = field(default_factory=dict)

    @property
    def tenant(self) -> str:
        return self.run.feed.tenant

    @property
    def bench(self) -> Bench:
        due = stamp(self.now + _DELIVERY_GRACE) if self.delivers else None
        return Bench(self.deployment, self.tenant, self.run.number, due)

    @property
    def moment(self) -> Moment:
        return Moment(self.tenant, self.run.number, self.head.at, seconds(self.head.at), self.run.feed.simulate)


def handle_chunk(deployment: Deployment, body: Mapping[str, Any], now: datetime, receive_count: int) -> Run | None:
    """Apply the chunk that a message of `send_chunks` names."""
    return apply_chunk(deployment, body["tenant"], body["run"], body["chunk"], now=now, receive_count=receive_count)


def apply_chunk(
    deployment: Deployment, tenant: str, number: int, index: int, *, now: datetime, receive_count: int = 1
) -> Run | None:
    """Apply one chunk and count it; return its run.

    Raises:
        GroupsFailed: before the fifth receive; after it what fails is parked, and the line goes on (9.2).
    """
    run = find_run(deployment, tenant, number)
    if run is None or run.state is not RunState.APPLYING:
        if run and run.state.is_over:
            wake(deployment, tenant)
            erase_again(deployment, run, index)
        return run
    began = time.monotonic()
    head = plans.head_of(deployment, tenant, number)
    groups = plans.read_chunk(deployment, head, index)
    platform = platform_item(deployment, tenant)
    work = _Work(deployment, run, head, index, now, groups, delivers=is_delivered_to(deployment, platform))
    if not work.delivers:
        await_platform(deployment, tenant, platform, now)
    try:
        is_late = not _do(work, give_up=receive_count >= GIVE_UP_AT)
    except Overtaken:
        is_late = True
        wake(deployment, tenant)
    if is_late:
        erase_again(deployment, run, index)
        return finish_if_done(deployment, tenant, number, now)
    telemetry.chunk_done(run, index, len(work.groups), time.monotonic() - began)
    return finish_if_done(deployment, tenant, number, now)


def _do(work: _Work, *, give_up: bool) -> bool:
    """Do what a chunk says; False if somebody else had completed it while this worker was still writing."""
    is_first = True
    if not is_chunk_complete(work.deployment, work.run, work.index):
        if not work.run.feed.simulate:
            _apply_all(work, give_up=give_up)
        _log(work)
        is_first = _complete(work)
    if work.delivers and not work.run.feed.simulate:  # 1.9
        _have_delivered(work)
    following = [index for index, chunk in enumerate(work.head.chunks) if chunk.after == work.index]
    send_chunks(work.deployment, work.tenant, work.run.number, following)
    return is_first


def _have_delivered(work: _Work) -> None:
    """Ask for the delivery of whoever changed.

    Only now: who is delivered marks the entries, which must not be written again after that (7.2).
    """
    changes = (change for group in work.groups for change in group.changes)
    delivered = (change for change in changes if change.ever_active and not change.only_notes)
    changed = [(change.after.external_id, change.version) for change in delivered]
    send_changes(work.deployment, work.tenant, changed, work.now)


def _apply_all(work: _Work, *, give_up: bool) -> None:
    work.closed_paths = _closed_before(work)
    newcomers = (change.after.external_id for group in work.groups for change in group.changes if change.version == 1)
    for mark in zero_marks(work.deployment, work.tenant, newcomers):  # 3.14: few, and the same however often
        write(work.deployment.dynamodb, mark)
    for groups in portions(work.groups):
        if not applied_together(work.bench, groups):
            for group in groups:
                _apply_or_note(work, group)
    if work.failed:
        _deal_with_failures(work, give_up=give_up)


def _closed_before(work: _Work) -> set[int]:
    """Return the path that was given up in the chunk before, if this one goes on with it."""
    before = work.head.chunks[work.index].after
    if before is None:
        return set()
    marks = chunk_marks(work.deployment, work.tenant, work.run.number)
    return {path for mark in marks if mark["chunk"] == before for path in mark.get("closed_paths", ())}


def _apply_or_note(work: _Work, group: Group) -> None:
    if not work.closed_paths.isdisjoint({group.path, group.behind}):
        work.failed[group.id] = GroupsFailed(f"group {group.id} is behind one that failed on its path")
        return
    try:
        applied = apply_group(work.bench, group)
    except Overtaken:
        raise
    except Exception as error:  # noqa: BLE001 - 9.2: one row never stops a feed
        work.failed[group.id] = error
        applied = False
    else:
        if not applied:
            work.refused.add(group.id)
    if not applied and group.path is not None:
        work.closed_paths.add(group.path)


def _deal_with_failures(work: _Work, *, give_up: bool) -> None:
    """Let the message come back, or on its fifth receive give up what fails, and what stands behind it (9.2)."""
    first = next(iter(work.failed.values()))
    facts = {"tenant": work.tenant, "run": work.run.number, "chunk": work.index, "groups": len(work.failed)}
    if not give_up:
        telemetry.logger.warning("groups failed", extra={"event": "retry", "error": type(first).__name__, **facts})
        raise GroupsFailed(f"{len(work.failed)} groups of chunk {work.index}") from first
    telemetry.fault("groups are given up", first, facts)
    for group in work.groups:
        if group.id in work.failed and refuse_group(work.bench, group):
            work.refused.add(group.id)


def _log(work: _Work) -> None:
    """Write what the groups have to say, corrected where they were given up."""
    feed = work.run.feed
    groups = [corrected(work.moment, feed, group) if group.id in work.refused else group for group in work.groups]
    entries = [entry for group in groups for entry in group.entries]
    for change in (change for group in groups for change in group.changes if change.erases):
        erase(work.deployment, work.tenant, change.after.external_id, work.run.number)
    write_entries(work.deployment, work.moment, work.index, entries)
    if work.run.feed.simulate:
        return
    record_problems(work.deployment, work.moment, entries)
    resolve_problems(work.deployment, work.moment, (problem for group in groups for problem in group.resolved))
    for group in groups:
        for open_now in group.pending:
            _write_pending(
                work, pending.write_of(work.deployment, work.tenant, work.run.number, open_now, work.moment.seconds)
            )


def _write_pending(work: _Work, single: Write) -> None:
    try:
        write(work.deployment.dynamodb, single)
    except ConditionFailed as failed:
        raise Overtaken("a later run said what is open") from failed


def _complete(work: _Work) -> bool:
    """Count the chunk, once however often it is applied; whether it was not counted before."""
    refused = [group for group in work.groups if group.id in work.refused]
    corrections = corrections_of(refused)
    try:
        transact(
            work.deployment.dynamodb,
            [
                chunk_mark(work.deployment, work.run, work.index, corrections),
                chunk_counted(work.deployment, work.run, len(refused)),
            ],
        )
    except ConditionFailed:
        return False
    return True
