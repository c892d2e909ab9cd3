"""The writes that change people's delivery state.

Every one names the version it speaks of, so that a change which comes meanwhile keeps its place in the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from secrets import token_hex

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.keys import Key
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Update, assignments, write
from peoplefeed.learning_platform import links
from peoplefeed.learning_platform.person import Person
from peoplefeed.learning_platform.trouble import HoldUp
from peoplefeed.storage.outbox import attributes, send_deliveries
from peoplefeed.times import stamp

_DELIVERED = {
    "attempts": 0,
    "outbox_pk": None,
    "due": None,
    "undelivered": None,
    "unlisted": None,
    "again_since": None,
    "held_up_by": None,
    "tried_version": None,
    "displaced": None,
    "platform_problem": None,
}


def mark_delivered(deployment: Deployment, person: Person, account: str | None, at: str) -> None:
    """Take someone out of the outbox, unless they changed, or were displaced, while they were on their way."""
    if account is not None and account != person.account:
        links.remember(deployment, person.tenant, account, person.external_id, person.platform)
    done: dict[str, Value] = {"delivered_version": person.version, "delivered_at": at}
    done |= {"account": account, "account_of": person.platform}
    if person.active:
        done["relinked_to"] = None
    if _changed(deployment, person, done | _DELIVERED):
        return
    # What they have become since may have reached the platform before this did: it is sent once more (8.1).
    values = {name: value for name, value in done.items() if value is not None}
    again = attributes(person.tenant, person.external_id, at)
    expression = assignments(values) + "".join(f", #{name} = if_not_exists(#{name}, :{name})" for name in again)
    newer = Condition(
        "nobody newer is there", "attribute_exists(#active) AND #version > :sent", {"sent": person.version}
    )
    _update(deployment, Update(*_place(deployment, person), expression, values | again, newer))


def forget_outbox(deployment: Deployment, person: Person) -> None:
    """Take someone out of the outbox who has no business there."""
    _changed(deployment, person, {"outbox_pk": None, "due": None, "undelivered": None, "unlisted": None})


def without_platform(deployment: Deployment, person: Person) -> None:
    """Take someone out of the outbox while there is nobody to deliver them to: then nothing is due.

    When there is a platform again, the comparison finds them.
    """
    _changed(deployment, person, {"outbox_pk": None, "due": None, "held_up_by": HoldUp.NO_PLATFORM.value})


def postpone(deployment: Deployment, person: Person, due: datetime, hold_up: HoldUp, code: str | None = None) -> bool:
    """Note when to try again and why; the sweep does it. A version that came meanwhile does not wait (False).

    `code` is that of the problem which this makes, if it makes one.
    """
    values: dict[str, Value] = {
        **attributes(person.tenant, person.external_id, stamp(due)),
        "attempts": person.attempts_after(hold_up),
        "held_up_by": hold_up.value,
        "tried_version": person.version,
    }
    if code is not None:
        values["platform_problem"] = code
    return _changed(deployment, person, values)


def await_turn(deployment: Deployment, person: Person, until: datetime) -> None:
    """Have the sweep leave somebody alone for whom a message comes back in time. Nothing was tried yet."""
    due = attributes(person.tenant, person.external_id, stamp(until))
    _changed(deployment, person, {**due, "held_up_by": (person.held_up_by or HoldUp.RATE_LIMIT).value})


def note_try(deployment: Deployment, person: Person) -> None:
    """Note of someone who changed meanwhile that an earlier version was tried: there may be an account of theirs."""
    there = Condition("nobody is there any more", "attribute_exists(#active)")
    _write(deployment, person, {"tried_version": person.version}, there)


def mark_displaced(deployment: Deployment, person: Person, now: datetime) -> None:
    """Put someone into the outbox whose account got a placeholder from us.

    `displaced` tells a delivery that is under way that what it did may be undone: it does not take the person
    out again.
    """
    moment = stamp(now)
    values: dict[str, Value] = {
        **attributes(person.tenant, person.external_id, moment),
        "displaced": f"{moment}#{token_hex(4)}",
        "again_since": stamp(now),
        "held_up_by": (person.held_up_by or HoldUp.DISPLACED).value,
        "delivered_version": None,
        "tried_version": None,
    }
    _write(deployment, person, values, Condition("nobody is there any more", "attribute_exists(#active)"))


def mark_relinked(deployment: Deployment, person: Person, new: str, now: datetime) -> bool:
    """Note that someone's account is that of another external ID; whether they are inactive still.

    It takes the account off them before that changes, and `displaced` has whatever of theirs is under way looked at
    again.
    """
    values: dict[str, Value] = {
        "relinked_to": new,
        "account": None,
        "displaced": f"{stamp(now)}#{token_hex(4)}",
        **attributes(person.tenant, person.external_id, stamp(now)),
        "again_since": stamp(now),
        "held_up_by": (person.held_up_by or HoldUp.DISPLACED).value,
        "delivered_version": None,
        "tried_version": None,
    }
    inactive = Condition("they are active again", "#active = :inactive", {"inactive": False})
    return _write(deployment, person, values, inactive)


def mark_again(
    deployment: Deployment, person: Person, now: datetime, because: HoldUp, grace: timedelta = timedelta()
) -> bool:
    """Put someone into the outbox, although nothing of theirs changed; whether they exist.

    Only who asks for it shortens a pause that they are in already. `grace`: so long the sweep leaves them to a message.
    """
    values: dict[str, Value] = {
        **attributes(person.tenant, person.external_id, stamp(now + grace)),
        "again_since": stamp(now),
        "held_up_by": because.value,
        "delivered_version": None,
        "tried_version": None,
        "attempts": 0,
    }
    there = "attribute_exists(#active)"
    if because is not HoldUp.ASKED_FOR:
        there += " AND attribute_not_exists(#outbox_pk)"
    return _write(deployment, person, values, Condition("nobody is there, or they wait already", there))


def send_displaced(deployment: Deployment, person: Person, now: datetime) -> None:
    """Ask for the delivery of someone who was displaced, rather than wait for the sweep."""
    send_deliveries(deployment, person.tenant, [(person.external_id, person.version)], due=stamp(now))


def _changed(deployment: Deployment, person: Person, values: Mapping[str, Value]) -> bool:
    """Change the delivery state of the version that was read; whether it is still that one."""
    expression = "#version = :sent AND attribute_not_exists(#displaced)"
    expected: dict[str, Value] = {"sent": person.version}
    if displaced := person.item.get("displaced"):
        expression, expected["displaced_at"] = "#version = :sent AND #displaced = :displaced_at", displaced
    return _write(deployment, person, values, Condition("they changed meanwhile", expression, expected))


def _write(deployment: Deployment, person: Person, values: Mapping[str, Value], condition: Condition) -> bool:
    return _update(deployment, Update(*_place(deployment, person), assignments(values), values, condition))


def _place(deployment: Deployment, person: Person) -> tuple[str, Key]:
    return deployment.names.directory_table, keys.employee(person.tenant, person.external_id)


def _update(deployment: Deployment, update: Update) -> bool:
    """Write; whether the condition held."""
    try:
        write(deployment.dynamodb, update)
    except ConditionFailed:
        return False
    return True
