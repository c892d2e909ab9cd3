"""Finding someone's place on the platform: their account, one to adopt, or a new one; and making way for them (8.3).

    LINKED     we know their account        PUT       200 → THERE    404 → UNLINKED           409 → BLOCKED
    UNLINKED   we know none                 search    theirs, by externalId → LINKED
                                                      by userName: nobody's → LINKED (adopted)
                                                                   somebody's → BLOCKED      nobody → NEW
    NEW        nobody is in their place     POST      201 → THERE                             409 → BLOCKED
    BLOCKED    an account is in the way     `way_past` decides from whose it is:
                                                      DISPLACE, STEP_ASIDE → again from the start
                                                      RELINK → PUT to that account → THERE
                                                      no way → a conflict for the feed log

A race with another worker shows as 404 or 409 and leads back to the start. What nobody in sight explains is, after some
rounds, a conflict in the platform's own words. Where others of ours come and go in the place (several who left can have
one address on record, 3.7) every round is progress; if they keep coming, it is tried again later, and is no conflict.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from peoplefeed.deployment import Deployment
from peoplefeed.learning_platform import links, people
from peoplefeed.learning_platform.accounts import Account
from peoplefeed.learning_platform.lookup import Lookup
from peoplefeed.learning_platform.mapping import (
    User,
    has_placeholder,
    same_name,
    user_of,
    with_placeholder,
    without_emails,
)
from peoplefeed.learning_platform.pace import NotYet
from peoplefeed.learning_platform.person import Person, find_person
from peoplefeed.learning_platform.scim import Client
from peoplefeed.learning_platform.settings import Rehires, Settings
from peoplefeed.learning_platform.trouble import Conflict, Gone, HoldUp, Refused, Taken
from peoplefeed.learning_platform.ways import Way, is_rehire, way_past

_ROUNDS, _UNEXPLAINED = 12, 3


@dataclass(frozen=True, slots=True)
class Visit:
    """What a delivery works with."""

    deployment: Deployment
    client: Client
    lookup: Lookup
    clock: Callable[[], datetime]
    settings: Settings

    def user_of(self, person: Person) -> User:
        """Return a person as this platform gets them."""
        return user_of(person.item, self.settings.attributes)

    def owner_of(self, person: Person, account: Account) -> str | None:
        """Return the external ID of whom an account belongs to, who is of this person's tenant."""
        return links.owner_of(self.deployment, person.tenant, account, self.settings.platform)


@dataclass(frozen=True, slots=True)
class Rehire:
    """Someone came back under a new external ID: whose account there was, and what was done about it."""

    former: str
    account: Rehires


@dataclass(frozen=True, slots=True)
class Placed:
    """The platform shows the person. `account` is None where it does not tell its id."""

    account: str | None
    rehire: Rehire | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    """What to send next. `explained`: it was seen why the last try failed, and something was done about it."""

    user: User
    rehire: Rehire | None = None
    explained: bool = True


class _Blocked(Exception):
    """An account is, or seems to be, in the way."""

    def __init__(self, account: Account | None, refusal: Taken | None) -> None:
        """Keep which, if that is known, and what the platform said of it, if it was asked."""
        super().__init__()
        self.account, self.refusal = account, refusal


def place(visit: Visit, person: Person) -> Placed:
    """Make the platform show a person as they are.

    Raises:
        PlatformTrouble: it does not show them. `Taken`: because of another account.
    """
    step, unexplained = _Step(visit.user_of(person)), 0
    for _ in range(_ROUNDS):
        try:
            return Placed(_sent(visit, person, step.user), step.rehire)
        except (_Blocked, Gone) as obstacle:
            if unexplained == _UNEXPLAINED:
                raise _refusal_of(obstacle) from obstacle
            if isinstance(obstacle, _Blocked):
                following = _with_way_made(visit, person, step.user, obstacle)
                if isinstance(following, Placed):
                    return following
                step = replace(following, rehire=following.rehire or step.rehire)
            unexplained += isinstance(obstacle, Gone) or not step.explained
    raise NotYet(HoldUp.CONTENDED, "others of ours come and go in the place of somebody")


def _refusal_of(obstacle: _Blocked | Gone) -> Refused:
    if isinstance(obstacle, Gone):
        return obstacle
    return obstacle.refusal or Conflict("its place is taken again and again", None)


def _sent(visit: Visit, person: Person, user: User) -> str | None:
    """Send a person where they belong, and return their account."""
    client = visit.client
    try:
        if person.account is not None:
            try:
                client.replace(person.account, user)
            except Gone:
                pass  # deleted on the platform: they are to be there, so they are made again
            else:
                return person.account
        found = _own_account(visit, person, user)
        if found is None:
            return _created(visit, user)
        client.replace(found.id, user)
    except Taken as taken:
        raise _Blocked(None, taken) from taken
    return found.id


def _created(visit: Visit, user: User) -> str | None:
    """Make an account; where nobody can tell its id, or whether it was made, the next question is asked anew."""
    account = None
    try:
        account = visit.client.create(user)
    finally:
        if account is None:
            visit.lookup.forget()
    return account


def _own_account(visit: Visit, person: Person, user: User) -> Account | None:
    """Return the account that is this person's: of their external ID, or of their name and nobody's yet."""
    own = visit.lookup.with_external_id(person.external_id)
    if own or has_placeholder(user):
        return _first(own)
    named = visit.lookup.with_user_name(user["userName"])
    owners = {account.id: visit.owner_of(person, account) for account in named}
    free = [account for account in named if owners[account.id] in {None, person.external_id}]
    if named and not free:
        raise _Blocked(_first(named), None)
    return _first(free)


def _first(accounts: list[Account]) -> Account | None:
    return min(accounts, key=lambda account: account.id, default=None)


def _with_way_made(visit: Visit, person: Person, user: User, blocked: _Blocked) -> _Step | Placed:
    """Return what to send next, after someone else has been moved out of the way if they should be."""
    if has_placeholder(user):
        return _Step(_with_less(user, blocked))
    account = blocked.account or _in_the_way(visit.lookup, person, user)
    if account is None:
        return _Step(user, explained=False)  # free again, or kept from us: the next round tells
    owner = visit.owner_of(person, account)
    if (
        owner in {None, person.external_id}
        and person.account is None
        and same_name(account.user_name, user["userName"])
    ):
        return _Step(user, explained=False)  # it can be theirs: it was not found, or not there, when it was looked for
    holder = find_person(visit.deployment, person.tenant, owner) if owner else None
    match way_past(person, holder, visit.settings.attributes, visit.settings.rehires):
        case Way.RELINK if holder:
            return _relinked(visit, person, holder, account)
        case Way.DISPLACE if holder:
            _displace(visit, holder, account)
            came_back = is_rehire(person, holder)
            return _Step(user, Rehire(holder.external_id, Rehires.NEW) if came_back else None)
        case Way.STEP_ASIDE:
            return _Step(with_placeholder(user, person.tenant))
        case reason:
            whose = account.external_id or (holder.external_id if holder else None)
            raise Conflict(f"{_described(account)} {reason}", blocked.refusal, f"an account {reason}", whose)


def _in_the_way(lookup: Lookup, person: Person, user: User) -> Account | None:
    """Return an account that has this person's userName, in any spelling, or where that is free their address."""
    lookup.look_again()
    name, addresses = user["userName"], [email["value"] for email in user.get("emails", ())]
    ways: list[Callable[[], list[Account]]] = [lambda: lookup.with_user_name(name)]
    ways += [partial(lookup.with_email, address) for address in addresses]
    ways.append(lambda: lookup.in_any_spelling(name))
    return next((account for way in ways for account in way() if account.id != person.account), None)


def _with_less(user: User, blocked: _Blocked) -> User:
    """Addresses can be unique beside userNames."""
    if "emails" not in user:
        raise blocked.refusal or Conflict("its placeholder is taken", None)
    return without_emails(user)


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
        user = with_placeholder(visit.user_of(holder), holder.tenant)
        visit.client.replace(account.id, without_emails(user))
    except Gone:
        return
    now = visit.clock()
    people.mark_displaced(visit.deployment, holder, now)
    people.send_displaced(visit.deployment, holder, now)


def _relinked(visit: Visit, person: Person, holder: Person, account: Account) -> _Step | Placed:
    """Give someone who came back their former account; who they were is not delivered to it any more."""
    user = visit.user_of(person)
    if not people.mark_relinked(visit.deployment, holder, person.external_id, visit.clock()):
        return _Step(
            user, explained=False
        )  # they have become active meanwhile, so that they are somebody else after all
    relinked = Rehire(holder.external_id, Rehires.RELINK)
    linked = replace(person, item={**person.item, "account": account.id})
    placed = Placed(_sent(visit, linked, user), relinked)
    people.send_displaced(visit.deployment, holder, visit.clock())
    return placed
