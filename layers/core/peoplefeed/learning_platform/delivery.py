"""Delivering one person: the whole current state, at least once, in the order of their changes (8.1).

What became of it is a value. Exceptions are faults of ours; the queue brings the message again, and at last
shows it to an operator.
"""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta

from peoplefeed.deployment import Deployment
from peoplefeed.learning_platform import patience
from peoplefeed.learning_platform.arrival import tell_arrival
from peoplefeed.learning_platform.errand import Errand
from peoplefeed.learning_platform.lag import lag_of
from peoplefeed.learning_platform.lookup import Lookup
from peoplefeed.learning_platform.pace import NotYet
from peoplefeed.learning_platform.people import (
    await_turn,
    forget_outbox,
    mark_delivered,
    note_try,
    postpone,
    without_platform,
)
from peoplefeed.learning_platform.person import Person, find_person
from peoplefeed.learning_platform.placing import Placed, Visit, place
from peoplefeed.learning_platform.platform import Found
from peoplefeed.learning_platform.trouble import HoldUp, Refused, Taken, Unavailable
from peoplefeed.learning_platform.verdicts import Delivered, NothingToDo, NotWanted, Postponed, Verdict, Waits
from peoplefeed.storage.outbox import Check, Message
from peoplefeed.storage.platforms import end_comparisons
from peoplefeed.times import stamp

_PATIENT_TRIES, _PATIENT_SECONDS = 4, 5.0
_REQUESTS_OF_A_NEWCOMER = 3
_SHARED_SECONDS = 60.0
"""For so long newcomers share a reading of all accounts; a message comes again after minutes (9.1)."""
_GRACE = timedelta(minutes=3)
"""A message that is to come back and does not, the sweep replaces (8.4); it counts them until then."""


def deliver(errand: Errand, message: Message, *, may_return: bool = False) -> Verdict:
    """Deliver whatever of this person's the platform does not have yet.

    `may_return`: the message can come back when the platform has a turn for it.
    """
    person = find_person(errand.deployment, message.tenant, message.external_id)
    if person is None or not person.in_outbox or person.rests(message, errand.clock()):
        return NothingToDo()
    if not person.needs_delivery:
        forget_outbox(errand.deployment, person)
        return NothingToDo()
    try:
        return _delivered_or_not(errand, person, is_new=person.is_untried and not message.again)
    except NotYet as trouble:
        appointed = may_return and trouble.hold_up is HoldUp.RATE_LIMIT and _appointed(errand, person, message)
        return appointed or _postponed(errand, person, trouble)


def _appointed(errand: Errand, person: Person, message: Message) -> Waits | None:
    """Have the message come back when there is a turn. The sweep comes for all at once, and would waste most turns."""
    platform, now = errand.platform_of(person.tenant).platform, errand.clock()
    seconds = platform.pace.appointment(_requests_of(person.on(platform.settings.platform)), now)
    if seconds is None:
        return None
    if message.due != person.item["due"]:  # the sweep has given its own messages time enough
        await_turn(errand.deployment, person, now + timedelta(seconds=seconds) + _GRACE)
    return Waits(seconds)


def _delivered_or_not(errand: Errand, person: Person, *, is_new: bool) -> Verdict:
    """Deliver somebody, or do what is to be done when that does not succeed.

    Raises:
        NotYet: all turns, or their place, are taken.
    """
    if person.is_somebody_else_now:
        return _delivered(errand, person, Placed(None))
    try:
        found = errand.platform_of(person.tenant)
        person = person.on(found.platform.settings.platform)
        placed = _placed(errand, found, person, is_new=is_new)
    except NotYet:
        raise
    except Unavailable as trouble:
        return _postponed(errand, person, trouble)
    except Refused as refusal:
        return _refused(errand, person, refusal)
    return _delivered(errand, person, placed)


def handle(errand: Errand, message: Message | Check, *, may_return: bool = False) -> Verdict:
    """Do what a message of the delivery queue asks for, or say when it is to come back, if it may."""
    match message:
        case Message():
            return deliver(errand, message, may_return=may_return)
        case Check():
            return _compared(errand, message)


def _compared(errand: Errand, check: Check) -> Verdict:
    from peoplefeed.learning_platform.reconciliation import compare  # noqa: PLC0415 - once a day, many cold starts

    try:
        return compare(errand, check)
    except Unavailable as trouble:
        if trouble.hold_up is HoldUp.NO_PLATFORM:
            end_comparisons(errand.deployment, check.tenant, errand.clock())
            return NothingToDo()
        return Postponed(trouble.hold_up, trouble.reason)


def _placed(errand: Errand, found: Found, person: Person, *, is_new: bool) -> Placed:
    """Put a person in their place, after short pauses if the platform asks for them.

    Of whom nothing was sent lately (`is_new`) the platform can have no account that we do not know of.
    """
    platform = found.platform
    client = platform.client(errand.clock, errand.deadline, _requests_of(person))
    lately = errand.began - _SHARED_SECONDS
    lookup = Lookup(client, platform.census, lately if is_new else errand.began, lately)
    visit = Visit(errand.deployment, client, lookup, errand.clock, platform.settings)
    for _ in range(_PATIENT_TRIES - 1):
        try:
            return _tried(found, visit, person)
        except Unavailable as trouble:
            _pause_or_raise(errand, trouble)
    return _tried(found, visit, person)


def _requests_of(person: Person) -> int:
    return 1 if person.account else _REQUESTS_OF_A_NEWCOMER


def _tried(found: Found, visit: Visit, person: Person) -> Placed:
    found.check(visit.clock())
    try:
        placed = place(visit, person)
    except NotYet:
        raise
    except Unavailable as trouble:
        found.platform.failed(trouble, visit.clock())
        raise
    except Refused:
        found.answered(visit.clock())
        raise
    found.answered(visit.clock())
    return placed


def _pause_or_raise(errand: Errand, trouble: Unavailable) -> None:
    """Wait here for what a rate limit wants, if that is short: the outbox would take minutes."""
    seconds = (1.0 if trouble.pause is None else trouble.pause) * random.uniform(1, 1.5)  # noqa: S311 - jitter
    too_long = seconds > _PATIENT_SECONDS or time.monotonic() + 2 * seconds > errand.deadline
    if isinstance(trouble, NotYet) or trouble.hold_up is not HoldUp.RATE_LIMIT or too_long:
        raise trouble
    time.sleep(seconds)


def _postponed(errand: Errand, person: Person, trouble: Unavailable) -> Postponed | NothingToDo:
    """Outages cost time and nothing else (8.3)."""
    if trouble.hold_up is HoldUp.NO_PLATFORM:
        without_platform(errand.deployment, person)
        return NothingToDo()
    now = errand.clock()
    attempts = 1 if isinstance(trouble, NotYet) else person.attempts_after(trouble.hold_up)
    due = patience.after_outage(now, attempts, trouble.pause)
    if not postpone(errand.deployment, person, due, trouble.hold_up):
        note_try(errand.deployment, person)
    return Postponed(trouble.hold_up, trouble.reason)


def _refused(errand: Errand, person: Person, refusal: Refused) -> NotWanted:
    """Refusals are problems in the feed log (8.3); now and then it is tried again, at once when they change."""
    from peoplefeed.codes import Code  # noqa: PLC0415 - few refusals, many cold starts
    from peoplefeed.learning_platform import problems  # noqa: PLC0415

    now = errand.clock()
    code = Code.PLATFORM_CONFLICT if isinstance(refusal, Taken) else Code.PLATFORM_REFUSED
    problems.report(errand.deployment, person, code, refusal, now)
    due = patience.after_refusal(now, person.attempts_after(HoldUp.REFUSED))
    postpone(errand.deployment, person, due, HoldUp.REFUSED, code.value)
    return NotWanted(code)


def _delivered(errand: Errand, person: Person, placed: Placed) -> Delivered:
    """Tell the log first: if we are killed in between, all of it is done again, and the log keeps the first time."""
    now = errand.clock()
    tell_arrival(errand.deployment, person, stamp(now), placed.rehire)
    if person.problem is not None:
        _resolve(errand.deployment, person, now)
    lag = lag_of(errand.deployment, person, now)
    mark_delivered(errand.deployment, person, placed.account, stamp(now))
    return Delivered(lag)


def _resolve(deployment: Deployment, person: Person, now: datetime) -> None:
    from peoplefeed.learning_platform import problems  # noqa: PLC0415 - few refusals, many cold starts

    problems.resolve(deployment, person, now)
