"""The sweep: sends what is due, and what a lost message left behind (8.4), at each platform's pace.

It claims before it sends: `due` moves on first, so that two sweeps do not send the same, and the message carries the
new time, by which the delivery knows that it was meant. Who was claimed and is still there is in the queue: they
count, so that a backlog is not enqueued again and again; and to a queue that nobody works off nothing is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched, chain, islice, zip_longest
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.reads import query
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Update, write
from peoplefeed.learning_platform.brakes import microseconds_between
from peoplefeed.learning_platform.trouble import HoldUp
from peoplefeed.learning_platform.waiting import LOOKED_AT, note_waiting
from peoplefeed.storage import platforms
from peoplefeed.storage.outbox import BATCH, Message, check_entry, delivery_entry, send_entries
from peoplefeed.times import stamp

AT_MOST = 10_000
PROBES = 10
"""How many ask a platform that was down whether it is up again."""

_QUEUE_IS_BUSY = 1_000
_AGAIN, _AGAIN_AT_A_PACE = timedelta(minutes=10), timedelta(minutes=20)
_PERIOD = 300 * 1_000_000  # microseconds until the next sweep
_AT_ONCE = 8
_NEW_AT_ONCE = 500
"""Of so many tenants a sweep begins to fill a new platform; the next one goes on."""

type Item = Mapping[str, Any]


@dataclass(slots=True)
class _Backlog:
    """Who of a tenant is due, how many are on their way already, and some of all who wait."""

    due: list[Item] = field(default_factory=list)
    under_way: int = 0
    waiting: int = 0
    some: list[str] = field(default_factory=list)

    def add(self, other: _Backlog) -> None:
        """Add who waits in another shard."""
        self.due += other.due
        self.under_way += other.under_way
        self.waiting += other.waiting
        self.some += other.some


@dataclass(frozen=True, slots=True)
class _Share:
    """What a tenant gets of a sweep."""

    due: list[Item]
    again: str
    paced: bool


def sweep_outbox(deployment: Deployment, now: datetime) -> int:
    """Send what is due, and return how many messages that was."""
    if not deployment.names.delivery_queue_url:
        return 0
    _register_who_has_one_now(deployment, now)
    checks = _send_checks(deployment, now)
    backlogs = _backlogs(deployment, now)
    _note_who_waits(deployment, backlogs, now)
    shares = _shares(deployment, backlogs, now)
    in_turn = chain.from_iterable(zip_longest(*([(share, item) for item in share.due] for share in shares)))
    chosen = islice((pair for pair in in_turn if pair is not None), AT_MOST)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return checks + sum(pool.map(lambda some: _sent(deployment, some), batched(chosen, BATCH, strict=False)))


def _backlogs(deployment: Deployment, now: datetime) -> dict[str, _Backlog]:
    """Return who waits, by tenant: the longest waiting of each shard first."""
    found: dict[str, _Backlog] = {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for shard in pool.map(lambda name: _of_shard(deployment, name, now), keys.ALL_SHARDS):
            for tenant, backlog in shard.items():
                found.setdefault(tenant, _Backlog()).add(backlog)
    return found


def _of_shard(deployment: Deployment, shard: str, now: datetime) -> dict[str, _Backlog]:
    share, found, present = -(-AT_MOST // keys.SHARDS), dict[str, _Backlog](), stamp(now)
    soon = stamp(now + _AGAIN_AT_A_PACE)
    for item in _waiting(deployment, shard):
        backlog = found.setdefault(_tenant_of(item), _Backlog())
        backlog.waiting += 1
        if len(backlog.some) < LOOKED_AT // keys.SHARDS or backlog.waiting <= 1:
            backlog.some.append(_external_id_of(item))
        if item["due"] > present:
            backlog.under_way += item["due"] <= soon
        elif len(backlog.due) < share:
            backlog.due.append(item)
    return found


def _waiting(deployment: Deployment, shard: str) -> Iterator[Item]:
    return query(
        deployment.dynamodb,
        deployment.names.directory_table,
        "#outbox_pk = :outbox_pk",
        {"outbox_pk": f"OUTBOX#{shard}"},
        IndexName=keys.OUTBOX_INDEX,
    )


def _note_who_waits(deployment: Deployment, backlogs: Mapping[str, _Backlog], now: datetime) -> None:
    """Put down who waits; and of those that were noted before, that nobody does any more."""
    known = {tenant for tenant, _ in platforms.due_platforms(deployment)}
    for tenant, backlog in backlogs.items():
        note_waiting(deployment, tenant, backlog.waiting, backlog.some[:LOOKED_AT], now)
    for tenant in known - backlogs.keys():
        if "waiting" in platforms.platform_item(deployment, tenant):
            note_waiting(deployment, tenant, 0, (), now)


def _shares(deployment: Deployment, backlogs: Mapping[str, _Backlog], now: datetime) -> list[_Share]:
    if not any(backlog.due for backlog in backlogs.values()):
        return []
    items = {tenant: platforms.platform_item(deployment, tenant) for tenant in backlogs}
    paced = {tenant for tenant, item in items.items() if microseconds_between(item)}
    others = _waiting_in_queue(deployment) - sum(backlogs[tenant].under_way for tenant in paced)
    late = others - sum(backlog.waiting for tenant, backlog in backlogs.items() if tenant not in paced)
    queued = {tenant: late if tenant in paced else others for tenant in items}
    return [_share(item, backlogs[tenant], now, queued[tenant]) for tenant, item in items.items()]


def _share(platform: Item, backlog: _Backlog, now: datetime, queued: int) -> _Share:
    """Return whom of a tenant to send now: what the platform can take until the next sweep, less what it has.

    Nobody, if the queue still holds more than that of what should have been delivered by now (`queued`).
    """
    every = microseconds_between(platform)
    most = max(1, _PERIOD // every) if every else AT_MOST
    if platforms.rests(platform, now) or queued >= max(_QUEUE_IS_BUSY, most if every else 0):
        most = 0
    elif every:
        most -= backlog.under_way
    if "rests_until" in platform:
        most = min(most, PROBES)
    due = sorted(backlog.due, key=lambda item: str(item["due"]))[: max(0, most)]
    return _Share(due, stamp(now + (_AGAIN_AT_A_PACE if every else _AGAIN)), paced=bool(every))


def _waiting_in_queue(deployment: Deployment) -> int:
    answer = deployment.sqs.get_queue_attributes(
        QueueUrl=deployment.names.delivery_queue_url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def _sent(deployment: Deployment, some: Iterable[tuple[_Share, Item]]) -> int:
    claimed = [(share, item) for share, item in some if _claim(deployment, share, item)]
    messages = [_message(item, share.again) for share, item in claimed]
    return send_entries(deployment, [delivery_entry(message, str(number)) for number, message in enumerate(messages)])


def _claim(deployment: Deployment, share: _Share, item: Item) -> bool:
    """Move an item's due time on; whether it was still what the index said.

    Who had to wait for a platform's pace is excused for that (8.2).
    """
    expression, values = "SET #due = :again", {"again": share.again}
    if share.paced:
        expression += ", #held_up_by = if_not_exists(#held_up_by, :pace)"
        values["pace"] = HoldUp.RATE_LIMIT.value
    expected = Condition("delivered, changed or claimed meanwhile", "#due = :seen", {"seen": item["due"]})
    key = item["pk"], item["sk"]
    try:
        write(deployment.dynamodb, Update(deployment.names.directory_table, key, expression, values, expected))
    except ConditionFailed:
        return False
    return True


def _message(item: Item, due: str) -> Message:
    return Message(_tenant_of(item), _external_id_of(item), item["version"], due)


def _external_id_of(item: Item) -> str:
    return str(item["pk"]).partition("#U#")[2]


def _tenant_of(item: Item) -> str:
    return str(item["pk"]).removeprefix("T#").partition("#U#")[0]


def _register_who_has_one_now(deployment: Deployment, now: datetime) -> None:
    """Have the deployment's new platform compared for tenants that had none: that fills it (8.1)."""
    if deployment.names.learning_platform_url:
        for tenant in islice(platforms.awaiting_tenants(deployment), _NEW_AT_ONCE):
            platforms.register(deployment, tenant, now)


def _send_checks(deployment: Deployment, now: datetime) -> int:
    """Have the platforms compared whose time it is, and those whose comparison stands still."""
    again, sent = stamp(now + _AGAIN), 0
    for tenant, due in platforms.due_platforms(deployment, now):
        unchanged = Condition("somebody else sends it, or it goes on", "#due_at = :seen", {"seen": due})
        if platforms.update_platform(deployment, tenant, platforms.due_at(again), unchanged):
            sent += send_entries(deployment, [check_entry(tenant, again)])
    return sent
