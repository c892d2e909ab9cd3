"""Delivering one person: the whole current state, at least once, in the order of their changes (8.1).

What became of it is a value. Exceptions are faults of ours; the queue brings the message again, and at last
shows it to an operator.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Update, write
from peoplefeed.learning_platform import patience
from peoplefeed.learning_platform.lag import Lag, lag_of
from peoplefeed.learning_platform.people import Person, find_person, forget_outbox, mark_delivered, postpone
from peoplefeed.learning_platform.placing import Visit, place
from peoplefeed.learning_platform.platform import Platform, platform_of
from peoplefeed.learning_platform.trouble import HoldUp, Refused, Taken, Unavailable
from peoplefeed.storage.outbox import Message
from peoplefeed.times import stamp

if TYPE_CHECKING:
    from peoplefeed.codes import Code

_PATIENT_TRIES, _PATIENT_SECONDS = 4, 5.0


@dataclass(frozen=True, slots=True)
class Delivered:
    """The platform has it. No lag: nothing but a placeholder of ours was undone."""

    lag: Lag | None


@dataclass(frozen=True, slots=True)
class Postponed:
    """The platform cannot now; the sweep sends it when it is due. `reason` holds no personal data."""

    hold_up: HoldUp
    reason: str


@dataclass(frozen=True, slots=True)
class NotWanted:
    """The platform refused; the feed log says why."""

    code: Code


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """Delivered before, or nobody to deliver."""


type Verdict = Delivered | Postponed | NotWanted | NothingToDo


@dataclass(frozen=True, slots=True)
class Errand:
    """What all deliveries of one invocation share. `deadline` is on the monotonic clock."""

    deployment: Deployment
    clock: Callable[[], datetime]
    deadline: float


def deliver(errand: Errand, message: Message) -> Verdict:
    """Deliver whatever of this person's the platform does not have yet."""
    person = find_person(errand.deployment, message.tenant, message.external_id)
    if person is None or not person.in_outbox:
        return NothingToDo()
    if not person.needs_delivery:
        forget_outbox(errand.deployment, person)
        return NothingToDo()
    if person.rests(message, errand.clock()):
        return NothingToDo()
    try:
        account = _placed(errand, person)
    except Unavailable as trouble:
        return _postponed(errand, person, trouble)
    except Refused as refusal:
        return _refused(errand, person, refusal)
    return _delivered(errand, person, account)


def _placed(errand: Errand, person: Person) -> str | None:
    """Return the person's account, after short pauses if the platform asks for them."""
    platform = platform_of(errand.deployment, person.tenant)
    if platform is None:
        raise Unavailable(HoldUp.NO_PLATFORM, "the tenant has no learning platform")
    visit = Visit(errand.deployment, platform.client(errand.deadline), errand.clock)
    for _ in range(_PATIENT_TRIES - 1):
        try:
            return _tried(platform, visit, person)
        except Unavailable as trouble:
            _pause_or_raise(errand, trouble)
    return _tried(platform, visit, person)


def _tried(platform: Platform, visit: Visit, person: Person) -> str | None:
    platform.circuit.check()
    try:
        account = place(visit, person)
    except Unavailable as trouble:
        platform.circuit.failed(trouble)
        raise
    except Refused:
        platform.circuit.answered()
        raise
    platform.circuit.answered()
    return account


def _pause_or_raise(errand: Errand, trouble: Unavailable) -> None:
    """Wait here for what a rate limit wants, if that is short: the outbox would take minutes."""
    seconds = (1.0 if trouble.pause is None else trouble.pause) * random.uniform(1, 1.5)  # noqa: S311 - jitter
    too_long = seconds > _PATIENT_SECONDS or time.monotonic() + 2 * seconds > errand.deadline
    if trouble.hold_up is not HoldUp.RATE_LIMIT or too_long:
        raise trouble
    time.sleep(seconds)


def _postponed(errand: Errand, person: Person, trouble: Unavailable) -> Postponed:
    """Outages cost time and nothing else (8.3)."""
    now = errand.clock()
    if trouble.hold_up is HoldUp.NO_PLATFORM:
        due = patience.without_platform(now)
    else:
        due = patience.after_outage(now, person.attempts_after(trouble.hold_up), trouble.pause)
    postpone(errand.deployment, person, due, trouble.hold_up)
    return Postponed(trouble.hold_up, trouble.reason)


def _refused(errand: Errand, person: Person, refusal: Refused) -> NotWanted:
    """Refusals are problems in the feed log (8.3); now and then it is tried again, at once when they change."""
    from peoplefeed.codes import Code  # noqa: PLC0415 - few refusals, many cold starts
    from peoplefeed.learning_platform import problems  # noqa: PLC0415

    now = errand.clock()
    code = Code.PLATFORM_CONFLICT if isinstance(refusal, Taken) else Code.PLATFORM_REFUSED
    problems.report(errand.deployment, person, code, refusal.reason, now)
    due = patience.after_refusal(now, person.attempts_after(HoldUp.REFUSED))
    postpone(errand.deployment, person, due, HoldUp.REFUSED, code.value)
    return NotWanted(code)


def _delivered(errand: Errand, person: Person, account: str | None) -> Delivered:
    """Tell the log first: if we are killed in between, all of it is done again, and the log keeps the first time."""
    now = errand.clock()
    for entry in person.item.get("undelivered", ()):
        _tell_entry(errand.deployment, person, entry, stamp(now))
    if person.problem is not None:
        _resolve(errand.deployment, person, now)
    lag = lag_of(errand.deployment, person, now)
    mark_delivered(errand.deployment, person, account, stamp(now))
    return Delivered(lag)


def _resolve(deployment: Deployment, person: Person, now: datetime) -> None:
    from peoplefeed.learning_platform import problems  # noqa: PLC0415 - few refusals, many cold starts

    problems.resolve(deployment, person, now)


def _tell_entry(deployment: Deployment, person: Person, entry: str, at: str) -> None:
    """Write into an entry when the platform had it (7.2). `entry` is `<run>|<sort key>`."""
    run, _, sort_key = entry.partition("|")
    key = keys.entries_pk(person.tenant, int(run), keys.shard(person.external_id)), sort_key
    expression = "SET #delivered_at = if_not_exists(#delivered_at, :at)"
    there = Condition("the entry is not there", "attribute_exists(#pk)")
    try:
        write(deployment.dynamodb, Update(deployment.names.feed_log_table, key, expression, {"at": at}, there))
    except ConditionFailed:
        return  # it only counted up a problem (7.4), or is older than the log
