"""Finding someone's place on the platform: their account, one to adopt, or a new one; and making way for them.

UserNames are unique on most platforms, so that in a chain or a swap someone else of ours can still be where a person
belongs. They get a placeholder and are delivered again; who the directory says belongs there stays (8.3).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from peoplefeed.deployment import Deployment
from peoplefeed.learning_platform import people
from peoplefeed.learning_platform.mapping import (
    User,
    has_placeholder,
    same_name,
    user_of,
    with_placeholder,
    without_emails,
)
from peoplefeed.learning_platform.people import Person, find_person
from peoplefeed.learning_platform.scim import Account, Client
from peoplefeed.learning_platform.trouble import Gone, Refused, Taken

_TRIES = 4


class Conflict(Taken):
    """Someone who stays is in the way."""

    def __init__(self, cause: Refused, sentence: str) -> None:
        """Keep who that is, beside what the platform said."""
        super().__init__(cause.status, cause.words)
        self.sentence = sentence

    @property
    def reason(self) -> str:
        """What is in the way, as a clause for the feed log."""
        return f"{self.sentence} ({super().reason})"


@dataclass(frozen=True, slots=True)
class Visit:
    """What a delivery works with."""

    deployment: Deployment
    client: Client
    clock: Callable[[], datetime]


def place(visit: Visit, person: Person) -> str | None:
    """Make the platform show a person as they are, and return their account (None: it does not tell).

    Raises:
        PlatformTrouble: it does not show them. `Taken`: because of another account.
    """
    user = user_of(person.item)
    for _ in range(_TRIES - 1):
        try:
            return _sent(visit.client, person, user)
        except Taken as taken:
            user = _with_way_made(visit, person, user, taken)
        except Gone:
            continue  # found, and deleted before it could be changed
    return _sent(visit.client, person, user)


def _sent(client: Client, person: Person, user: User) -> str | None:
    known = person.account
    if known is not None:
        try:
            client.replace(known, user)
        except Gone:
            pass  # deleted on the platform: they are to be there, so they are made again
        else:
            return known
    found = _own_account(client, person, user)
    if found is None:
        return client.create(user)
    client.replace(found.id, user)
    return found.id


def _own_account(client: Client, person: Person, user: User) -> Account | None:
    """Return the account that is this person's: of their external ID, or of their name and nobody's yet."""
    own = client.with_external_id(person.external_id)
    if not own and not has_placeholder(user):
        own = [account for account in client.with_user_name(user["userName"]) if not account.external_id]
    return min(own, key=lambda account: account.id, default=None)


def _with_way_made(visit: Visit, person: Person, user: User, taken: Taken) -> User:
    """Return what to send next, after someone else has been moved out of the way if they should be."""
    if has_placeholder(user):
        return _with_less(user, taken)
    account = _in_the_way(visit.client, person, user)
    if account is None:
        return user  # free again, or kept from us: the next try tells
    holder = _holder(visit.deployment, person, account, taken)
    belongs_there = same_name(holder.user_name, user["userName"])
    if not belongs_there or (person.active and not holder.active):
        _displace(visit, holder, account)
        return user
    if person.active:
        raise Conflict(
            taken, f"{_described(account)} has its userName or address and is active in the directory as well"
        )
    return with_placeholder(user, person.tenant)  # 3.7: who left keeps the address on record and claims it no longer


def _in_the_way(client: Client, person: Person, user: User) -> Account | None:
    """Return an account that has this person's userName or, where that is free, their address."""
    found = [account for account in client.with_user_name(user["userName"]) if account.id != person.account]
    if not found and "emails" in user:
        found = [account for account in client.with_email(user["userName"]) if account.id != person.account]
    return found[0] if found else None


def _with_less(user: User, taken: Taken) -> User:
    """Addresses can be unique beside userNames."""
    if "emails" not in user:
        raise taken
    return without_emails(user)


def _holder(deployment: Deployment, person: Person, account: Account, taken: Taken) -> Person:
    """Return the person of ours to whom an account belongs.

    Raises:
        Conflict: it is nobody's, or a stranger's: it is never taken over.
    """
    if not account.external_id:
        raise Conflict(
            taken, f"{_described(account)} has its userName or address and belongs to nobody in the directory"
        )
    if account.external_id == person.external_id:
        raise Conflict(taken, f"{_described(account)} is a second account of the same person")
    holder = find_person(deployment, person.tenant, account.external_id)
    if holder is None:
        raise Conflict(
            taken, f"{_described(account)} has its userName or address and belongs to nobody in the directory"
        )
    return holder


def _described(account: Account) -> str:
    shown = f"the account {account.id} ('{account.user_name}'"
    return f"{shown}, external ID '{account.external_id}')" if account.external_id else f"{shown})"


def _displace(visit: Visit, holder: Person, account: Account) -> None:
    """Give someone a placeholder until they are delivered themselves.

    They are marked before, so that nobody is forgotten if we are killed in between, and after, so that a delivery
    of theirs which was faster than the placeholder is done again.
    """
    people.mark_displaced(visit.deployment, holder, visit.clock())
    try:
        visit.client.replace(account.id, without_emails(with_placeholder(user_of(holder.item), holder.tenant)))
    except Gone:
        return
    now = visit.clock()
    people.mark_displaced(visit.deployment, holder, now)
    people.send_displaced(visit.deployment, holder, now)
