"""Making a group's changes: one conditional write, or one transaction.

A failed condition whose stored position is ours means: done before. One that is later means: the run has been
finished without us, so we stop. Any other failed condition is a fault.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.writes import ConditionFailed, Contention, Write, transact, write
from peoplefeed.feed_log.entries import entry_key
from peoplefeed.model import Group, Position
from peoplefeed.storage import employees, references, settings

_MOST_WRITES, _WRITES_OF_A_CHANGE = 75, 3  # of a transaction (DynamoDB allows 100); employee, claim, release


class Overtaken(Exception):
    """The run is over; whatever this worker still wanted to do has been done."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where groups are applied: for which tenant and run. `due` is when an undelivered change is sent again (8.4)."""

    deployment: Deployment
    tenant: str
    number: int
    due: str


def portions(groups: Sequence[Group]) -> Iterator[list[Group]]:
    """Yield the groups in order, those that may share a transaction together.

    Independent groups touch disjoint items. Those that need a transaction anyway cost the same together, in a
    fraction of the requests; a plain update would cost twice as much in one.
    """
    portion: list[Group] = []
    for group in groups:
        shares = group.path is None and any(change.touches_addresses for change in group.changes)
        if portion and (not shares or _size(portion) + _size([group]) > _MOST_WRITES):
            yield portion
            portion = []
        if shares:
            portion.append(group)
        else:
            yield [group]
    if portion:
        yield portion


def _size(groups: Sequence[Group]) -> int:
    """Return how many writes groups may need."""
    return sum(_WRITES_OF_A_CHANGE * len(group.changes) for group in groups)


def applied_together(bench: Bench, groups: Sequence[Group]) -> bool:
    """Try all in one transaction. If any was dealt with before, or fails, each must be looked at by itself."""
    if len(groups) == 1:
        return False
    try:
        transact(bench.deployment.dynamodb, [single for group in groups for single in _writes(bench, group)])
    except (ConditionFailed, Contention, ClientError):
        return False
    return True


def apply_group(bench: Bench, group: Group) -> bool:
    """Make the group's changes; whether they are made, now or before. False: someone gave them up."""
    writes = _writes(bench, group)
    if not writes:
        return True
    return _attempt(bench, writes)


def _attempt(bench: Bench, writes: Sequence[Write]) -> bool:
    try:
        if len(writes) == 1:
            write(bench.deployment.dynamodb, writes[0])
        else:
            transact(bench.deployment.dynamodb, writes)
    except ConditionFailed as failed:
        return not _was_refused(failed)
    return True


def _was_refused(failed: ConditionFailed) -> bool:
    """Whether a change that was dealt with before was given up rather than made.

    Raises:
        Overtaken: something later is stored.
        ConditionFailed: a condition failed that should have held.
    """
    for failure in failed.failures:
        mine = _position(failure.write)
        if mine is None or failure.stored is None:
            continue
        stored = failure.stored["position"]
        if stored > mine:
            raise Overtaken(failure.meaning)
        return bool(failure.stored.get("refused") == mine)
    raise failed


def _position(single: Write) -> Position | None:
    mine = single.condition.values.get("mine") if single.condition else None
    return mine if isinstance(mine, str) else None


def _writes(bench: Bench, group: Group) -> list[Write]:
    writes: list[Write] = [references.write_of(bench.deployment, bench.tenant, change) for change in group.references]
    if group.settings:
        writes.append(settings.write_of(bench.deployment, bench.tenant, group.settings))
    for change in group.changes:
        log_keys = [
            f"{bench.number}|{entry_key(bench.tenant, bench.number, entry)[1]}"
            for entry in group.entries
            if entry.version is not None and entry.external_id == change.after.external_id and not entry.repeats
        ]
        writes.extend(employees.writes_of(bench.deployment, bench.tenant, change, bench.due, log_keys))
    return writes


def refuse_group(bench: Bench, group: Group) -> bool:
    """Make sure that nobody makes the group's changes any more; False if somebody has made them."""
    writes: list[Write] = [
        employees.refusal_of(bench.deployment, bench.tenant, change.after.external_id, change.position)
        for change in group.changes
    ]
    writes += [references.refusal_of(bench.deployment, bench.tenant, change) for change in group.references]
    if group.settings:
        writes.append(settings.refusal_of(bench.deployment, bench.tenant, group.settings))
    try:
        if len(writes) == 1:
            write(bench.deployment.dynamodb, writes[0])
        elif writes:
            transact(bench.deployment.dynamodb, writes)
    except ConditionFailed as failed:
        return _was_refused(failed)
    return True
