"""People as delivery sees them: an employee's item with its delivery state, and the writes that change that state.

Every write names the version it speaks of, so that a change which comes meanwhile keeps its place in the outbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_hex
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.keys import Key
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get, get_many
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Update, assignments, write
from peoplefeed.learning_platform import links
from peoplefeed.learning_platform.trouble import HoldUp
from peoplefeed.storage.outbox import Message, attributes, send_deliveries
from peoplefeed.times import stamp

_DELIVERED = {
    "attempts": 0,
    "outbox_pk": None,
    "due": None,
    "undelivered": None,
    "held_up_by": None,
    "tried_version": None,
    "displaced": None,
    "platform_problem": None,
}


@dataclass(frozen=True, slots=True)
class Person:
    """An employee's item. `version` is the one that will have been delivered, `platform` where to."""

    tenant: str
    external_id: str
    item: Mapping[str, Any] = field(repr=False)
    platform: str | None = None

    def on(self, platform: str) -> Person:
        """Return them as a platform knows them: the account that they have on another one is a stranger's there."""
        item = dict(self.item)
        if item.get("account_of") != platform:
            item.pop("account", None)
        return replace(self, item=item, platform=platform)

    @property
    def is_elsewhere(self) -> bool:
        """Whether it was another platform that they were delivered to."""
        return self.item.get("account_of") != self.platform

    @property
    def version(self) -> int:
        """The number of their last change."""
        return int(self.item["version"])

    @property
    def account(self) -> str | None:
        """Their account on the platform, if it is known."""
        return self.item.get("account")

    @property
    def active(self) -> bool:
        """Whether they are active in the directory."""
        return bool(self.item["active"])

    @property
    def relinked_to(self) -> str | None:
        """The external ID under which they came back and took their account over."""
        return self.item.get("relinked_to")

    @property
    def is_somebody_else_now(self) -> bool:
        """Whether there is no account to show them: it is that of the external ID under which they came back."""
        return self.relinked_to is not None and not self.active

    @property
    def in_outbox(self) -> bool:
        """Whether something of theirs is to be delivered."""
        return "outbox_pk" in self.item

    @property
    def needs_delivery(self) -> bool:
        """Whether the platform lacks something; someone who was never active is not its business (8.1)."""
        return bool(self.item.get("ever_active")) and self.item.get("delivered_version", 0) < self.version

    @property
    def is_delivered(self) -> bool:
        """Whether the platform should show them as they are."""
        return not self.in_outbox and not self.needs_delivery and not self.is_somebody_else_now

    def was_delivered_before(self, moment: str) -> bool:
        """Whether the last delivery was before a moment, as a stamp."""
        return str(self.item.get("delivered_at", "")) < moment

    @property
    def held_up_by(self) -> HoldUp | None:
        """Why they are not delivered yet, None if it was not tried."""
        return HoldUp(self.item["held_up_by"]) if "held_up_by" in self.item else None

    @property
    def problem(self) -> str | None:
        """The code of the problem that is open because of their delivery, if one is."""
        return self.item.get("platform_problem")

    def rests(self, message: Message, now: datetime) -> bool:
        """Whether an earlier try of this version said to wait, and this is not the message that waited."""
        due = self.item.get("due", "")
        return self.item.get("tried_version") == self.version and due > stamp(now) and due != message.due

    def attempts_after(self, hold_up: HoldUp) -> int:
        """Return how often this version has failed for this reason, the last time included."""
        same = self.held_up_by is hold_up and self.item.get("tried_version") == self.version
        return int(self.item.get("attempts", 0)) + 1 if same else 1


def find_person(deployment: Deployment, tenant: str, external_id: str) -> Person | None:
    """Return someone as they are now; None for a placeholder item, which stands for nobody."""
    item = get(deployment.dynamodb, deployment.names.directory_table, keys.employee(tenant, external_id))
    if item is None or "active" not in item:
        return None
    return Person(tenant, external_id, {"external_id": external_id, **item})


def find_people(deployment: Deployment, tenant: str, external_ids: Iterable[str]) -> dict[str, Person]:
    """Return those who exist, by external ID, as they are now."""
    wanted = (keys.employee(tenant, external_id) for external_id in external_ids)
    items = get_many(deployment.dynamodb, deployment.names.directory_table, wanted)
    found = {item["pk"].partition("#U#")[2]: item for item in items if "active" in item}
    return {
        external_id: Person(tenant, external_id, {"external_id": external_id, **item})
        for external_id, item in found.items()
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
    _changed(deployment, person, {"outbox_pk": None, "due": None, "undelivered": None})


def without_platform(deployment: Deployment, person: Person) -> None:
    """Take someone out of the outbox while there is nobody to deliver them to: then nothing is due.

    When there is a platform again, the comparison finds them.
    """
    _changed(deployment, person, {"outbox_pk": None, "due": None, "held_up_by": HoldUp.NO_PLATFORM.value})


def postpone(deployment: Deployment, person: Person, due: datetime, hold_up: HoldUp, code: str | None = None) -> None:
    """Note when to try again and why; the sweep does it. A version that came meanwhile does not wait.

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
    _changed(deployment, person, values)


def mark_displaced(deployment: Deployment, person: Person, now: datetime) -> None:
    """Put someone into the outbox whose account got a placeholder from us.

    `displaced` tells a delivery that is under way that what it did may be undone: it does not take the person
    out again.
    """
    moment = stamp(now)
    values: dict[str, Value] = {
        **attributes(person.tenant, person.external_id, moment),
        "displaced": f"{moment}#{token_hex(4)}",
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
        "held_up_by": (person.held_up_by or HoldUp.DISPLACED).value,
        "delivered_version": None,
        "tried_version": None,
    }
    inactive = Condition("they are active again", "#active = :inactive", {"inactive": False})
    return _write(deployment, person, values, inactive)


def mark_again(deployment: Deployment, person: Person, now: datetime, because: HoldUp) -> bool:
    """Put someone into the outbox, although nothing of theirs changed; whether they exist.

    Only who asks for it shortens a pause that they are in already.
    """
    values: dict[str, Value] = {
        **attributes(person.tenant, person.external_id, stamp(now)),
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
