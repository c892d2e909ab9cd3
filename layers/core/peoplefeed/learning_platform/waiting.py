"""Who waits for the platform and why, for `GET /health`: put down by each sweep in the tenant's item.

The index of those who wait is over all tenants, so that no tenant's question can be let near it. What came since the
last sweep is seen by looking at the people who were sent last.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.marshal import Value
from peoplefeed.learning_platform.lag import since_when
from peoplefeed.learning_platform.person import Person, find_person
from peoplefeed.storage import platforms
from peoplefeed.times import stamp

LOOKED_AT = 100
"""Of so many who wait it is looked up why and since when."""

_NOT_TRIED = "not-tried-yet"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many people wait (`at_least`: that is not all of them, perhaps), since when, why, and some of them.

    `as_of` is when they were counted, None if that is now.
    """

    people: int
    oldest_since: str | None
    reasons: Mapping[str, int]
    examples: Sequence[Mapping[str, Any]]
    at_least: bool = False
    as_of: str | None = None


NOBODY = Waiting(0, None, {}, ())


def who_waits(deployment: Deployment, tenant: str, item: Mapping[str, Any]) -> Waiting:
    """Return who waits: as the last sweep saw it, unless it is known better by now. `item` is the platform's."""
    if not platforms.is_delivered_to(deployment, item):
        return NOBODY
    noted = item.get("waiting") or {"people": 0, "examples": []}
    by_name = [example["external_id"] for example in noted["examples"]]
    if noted["people"] > len(by_name):
        seen = noted["people"], noted["oldest_since"], noted["reasons"], noted["examples"]
        return Waiting(*seen, as_of=noted["as_of"])
    found = find_one_by_one(deployment, tenant, dict.fromkeys([*by_name, *platforms.sent_last_in(item)]))
    return _described(sorted(found, key=lambda pair: pair[1]), frozenset(by_name))


def _described(persons: Sequence[tuple[Person, str]], counted: Collection[str]) -> Waiting:
    """Describe who waits, the longest waiting first; there may be more unless a sweep has counted all of them."""
    if not persons:
        return NOBODY
    at_least = any(person.external_id not in counted for person, _ in persons)
    reasons = Counter(reason_of(person) for person, _ in persons)
    examples = [_example(person, since) for person, since in persons[: platforms.NOTED]]
    return Waiting(len(persons), persons[0][1], reasons, examples, at_least)


def note_waiting(deployment: Deployment, tenant: str, waiting: int, some: Iterable[str], now: datetime) -> None:
    """Put down how many of a tenant wait, and what is known of `some` of them; nothing if nobody waits."""
    persons = list(find_one_by_one(deployment, tenant, some))
    reasons = Counter(reason_of(person) for person, _ in persons)
    persons.sort(key=lambda pair: pair[1])
    values: dict[str, Value] = {
        "people": waiting,
        "looked_at": len(persons),
        "as_of": stamp(now),
        "oldest_since": persons[0][1] if persons else None,
        "reasons": dict(reasons),
        "examples": [_example(person, since) for person, since in persons[: platforms.NOTED]],
    }
    platforms.update_platform(deployment, tenant, {"waiting": values if waiting else None})


def find_one_by_one(deployment: Deployment, tenant: str, external_ids: Iterable[str]) -> Iterable[tuple[Person, str]]:
    """Yield those who still wait, and since when."""
    for external_id in external_ids:
        person = find_person(deployment, tenant, external_id)
        if person is not None and person.in_outbox:
            yield person, since_when(deployment, person)


def reason_of(person: Person) -> str:
    """Return why somebody waits, in one word."""
    return person.held_up_by.value if person.held_up_by else _NOT_TRIED


def _example(person: Person, since: str) -> Mapping[str, Any]:
    return {
        "external_id": person.external_id,
        "reason": reason_of(person),
        "since": since,
        "attempts": int(person.item.get("attempts", 0)),
        "due": person.item.get("due"),
    }
