"""Comparing the platform with the directory, once a day and on demand, in slices of a function's time.

First the accounts, page after page: whose differs from the directory becomes due; strangers are reported and never
touched. Then the people: who was active at any time and is not on the platform becomes due. So whoever came while
there was no platform is delivered, and what was deleted or changed over there by hand is put right, at the platform's
pace.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get_many
from peoplefeed.dynamo.writes import Condition
from peoplefeed.learning_platform import people
from peoplefeed.learning_platform.accounts import Account
from peoplefeed.learning_platform.comparing import differences, flattened
from peoplefeed.learning_platform.links import owner_in
from peoplefeed.learning_platform.mapping import user_of
from peoplefeed.learning_platform.namesakes import namesakes_of
from peoplefeed.learning_platform.pace import NotYet
from peoplefeed.learning_platform.person import Person, find_people
from peoplefeed.learning_platform.progress import Progress
from peoplefeed.learning_platform.seen import MOST_BYTES, digest_of, find_seen, holds, remember_seen
from peoplefeed.learning_platform.trouble import HoldUp, PlatformTrouble, Refused, Unavailable
from peoplefeed.learning_platform.verdicts import Compared, NothingToDo
from peoplefeed.storage import platforms
from peoplefeed.storage.everyone import everyone_after
from peoplefeed.storage.outbox import Check, check_entry, send_changes, send_entries
from peoplefeed.times import stamp

if TYPE_CHECKING:
    from peoplefeed.learning_platform.errand import Errand
    from peoplefeed.learning_platform.platform import Found
    from peoplefeed.learning_platform.scim import Client

_SLICE_SECONDS, _SPARE_SECONDS = 20.0, 12.0
_EVERY, _LEASE = timedelta(days=1), timedelta(minutes=10)
_EXAMPLES = 20
_AT_ONCE, _GRACE = 100, timedelta(minutes=5)
"""So many whom a slice finds are sent at once, as changes are; the rest, where everybody differs, are the sweep's."""


@dataclass(slots=True)
class _Slice:
    """What one invocation does of a comparison."""

    errand: Errand
    found: Found
    tenant: str
    progress: Progress
    ends: float
    seen: bytearray = field(default_factory=bytearray)
    made_due: list[tuple[str, int]] = field(default_factory=list)

    @property
    def has_time(self) -> bool:
        return time.monotonic() < self.ends

    @property
    def platform(self) -> str:
        return self.found.platform.settings.platform

    @property
    def now(self) -> datetime:
        return self.errand.clock()


def compare(errand: Errand, check: Check) -> Compared | NothingToDo:
    """Do the next part of a comparison, unless it was done, or is somebody else's.

    Raises:
        Unavailable: the platform cannot now; the sweep sends the message again.
    """
    item = platforms.platform_item(errand.deployment, check.tenant)
    if item.get("due_at") != check.due:
        return NothingToDo()
    ends = min(time.monotonic() + _SLICE_SECONDS, errand.deadline - _SPARE_SECONDS)
    found = errand.platform_of(check.tenant)
    part = _Slice(errand, found, check.tenant, Progress.read(item, errand.clock()), ends)
    finished = _accounts_done(part) and _people_done(part)
    _put_down(part, check, finished=finished)
    return Compared(finished)


def _accounts_done(part: _Slice) -> bool:
    """Read accounts while there is time; whether all were."""
    progress = part.progress
    if progress.place is not None:
        return True
    began = progress.after
    client = part.found.platform.client(part.errand.clock, part.errand.deadline)
    if began == 0:
        _get_to_know(part, client)
    while not (done := _page_done(part, client)) and part.has_time and len(part.seen) < MOST_BYTES:
        pass
    if part.seen:
        remember_seen(part.errand.deployment, _seen_key(part, began), bytes(part.seen), part.now)
        progress.pages = [*dict.fromkeys([*progress.pages, began])]
    if done:
        progress.place = []
    return done


def _get_to_know(part: _Slice, client: Client) -> None:
    """Find out what the platform is like, and put it down for all workers; if it does not tell, all goes on."""
    from peoplefeed.learning_platform.description import get_to_know  # noqa: PLC0415 - once in a comparison

    part.found.check(part.now)
    try:
        described = get_to_know(client) | {"platform": part.platform, "as_of": stamp(part.now)}
    except PlatformTrouble:
        return
    part.found.platform.habits.learn(described)
    platforms.update_platform(part.errand.deployment, part.tenant, {"described": described})


def _page_done(part: _Slice, client: Client) -> bool:
    """Compare one page; whether it was the last. A platform that lists nobody is not compared, only filled."""
    progress = part.progress
    part.found.check(part.now)
    try:
        page = client.page(progress.after)
    except Refused as refusal:
        progress.whole, progress.why = False, f"it does not list its accounts: {refusal.reason}"
        return True
    except NotYet:
        raise
    except Unavailable as trouble:
        part.found.platform.failed(trouble, part.now)
        raise
    digests = [digest_of(account.id) for account in page.accounts]
    if page.accounts and holds(part.seen, digests[0]):
        progress.whole, progress.why = False, "it shows the same accounts on every page"
        return True
    part.seen += b"".join(digests)
    _compare_accounts(part, page.accounts)
    progress.after += len(page.accounts)
    return not page.accounts or progress.after >= page.total


def _compare_accounts(part: _Slice, accounts: list[Account]) -> None:
    progress, attributes = part.progress, part.found.platform.settings.attributes
    persons, mapped = _owners(part, accounts), part.found.item.get("mapped_at", "")
    strangers = [account for account in accounts if account.id not in persons]
    persons |= namesakes_of(part.errand.deployment, part.tenant, part.found.platform.settings, strangers)
    for account in accounts:
        progress.kept |= flattened(account.shown).keys()
    for account in accounts:
        progress.counts["accounts"] += 1
        person = persons.get(account.id)
        if person is None:
            _report(progress, account, "strangers")
        elif person.account is not None and person.account != account.id:
            _report(progress, account, "doubles", f" ({person.external_id} has {person.account})")
        elif person.is_delivered:
            user = user_of(person.item, attributes)
            if person.was_delivered_before(mapped) or differences(user, account.shown, attributes, progress.kept):
                _make_due(part, person, HoldUp.DIFFERS, "differing")


def _owners(part: _Slice, accounts: list[Account]) -> dict[str, Person]:
    """Return whose the accounts are, by the external ID that they show or by what we remember."""
    deployment, tenant = part.errand.deployment, part.tenant
    table, dynamodb = deployment.names.directory_table, deployment.dynamodb
    mute = {keys.account(tenant, account.id): account.id for account in accounts if not account.external_id}
    owner = {account.id: account.external_id for account in accounts if account.external_id}
    for item in get_many(dynamodb, table, mute):
        if remembered := owner_in(item, part.platform):
            owner[mute[item["pk"], item["sk"]]] = remembered
    persons = find_people(deployment, tenant, owner.values())
    return {account: persons[one].on(part.platform) for account, one in owner.items() if one in persons}


def _report(progress: Progress, account: Account, what: Literal["strangers", "doubles"], whose: str = "") -> None:
    progress.counts[what] += 1
    examples = progress.strangers if what == "strangers" else progress.doubles
    if len(examples) < _EXAMPLES:
        examples.append(f"{account.id}: {account.user_name}{whose}"[:200])


def _people_done(part: _Slice) -> bool:
    """Go through the directory while there is time; whether the end was reached."""
    progress, deployment = part.progress, part.errand.deployment
    seen = find_seen(deployment, (_seen_key(part, page) for page in progress.pages)) if progress.whole else frozenset()
    for external_ids, place in everyone_after(deployment, part.tenant, progress.place or []):
        for person in find_people(deployment, part.tenant, external_ids).values():
            _look_at(part, person.on(part.platform), seen)
        progress.place = place
        if not part.has_time:
            return False
    return True


def _look_at(part: _Slice, person: Person, seen: frozenset[bytes]) -> None:
    if person.in_outbox or person.is_somebody_else_now:
        return
    if person.needs_delivery:
        _make_due(part, person, HoldUp.NO_PLATFORM, "undelivered")
    elif person.is_elsewhere or (part.progress.whole and _is_missing(part, person, seen)):
        _make_due(part, person, HoldUp.DIFFERS, "missing")


def _is_missing(part: _Slice, person: Person, seen: frozenset[bytes]) -> bool:
    """Whether someone's account is gone, who was delivered before the accounts were read."""
    was_there = person.was_delivered_before(part.progress.started)
    return was_there and person.account is not None and digest_of(person.account) not in seen


def _make_due(part: _Slice, person: Person, because: HoldUp, what: str) -> None:
    grace = _GRACE if len(part.made_due) < _AT_ONCE else timedelta()
    if people.mark_again(part.errand.deployment, person, part.now, because, grace):
        part.progress.counts[what] += 1
        part.made_due.append((person.external_id, person.version))


def _put_down(part: _Slice, check: Check, *, finished: bool) -> None:
    """Remember how far it is, unless somebody else does, and have it go on."""
    deployment, progress = part.errand.deployment, part.progress
    mine = Condition("somebody else goes on", "#due_at = :mine", {"mine": check.due})
    send_changes(deployment, part.tenant, part.made_due[:_AT_ONCE], part.now)
    if finished:
        result: dict[str, Value] = {"started": progress.started, "finished": stamp(part.now), "whole": progress.whole}
        result |= {"why": progress.why, "counts": progress.counts}
        result |= {"strangers": progress.strangers, "doubles": progress.doubles}
        next_time = platforms.due_at(stamp(datetime.fromisoformat(progress.started) + _EVERY))
        platforms.update_platform(deployment, part.tenant, {"check": None, "last_check": result, **next_time}, mine)
        return
    again = stamp(max(part.now + _LEASE, datetime.fromisoformat(check.due) + timedelta(milliseconds=1)))
    values = {"check": progress.written(), **platforms.due_at(again)}
    if platforms.update_platform(deployment, part.tenant, values, mine):
        send_entries(deployment, [check_entry(part.tenant, again)])


def _seen_key(part: _Slice, page: int) -> keys.Key:
    return keys.seen_accounts(part.tenant, part.progress.started, page)
