"""Who waits for the platform and why, for `GET /health`: put down by each sweep in the tenant's item.

The index of those who wait is over all tenants, so that no tenant's question can be let near it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo.marshal import Value
from peoplefeed.learning_platform.lag import since_when
from peoplefeed.learning_platform.people import Person, find_person
from peoplefeed.storage import platforms
from peoplefeed.times import stamp

LOOKED_AT = 100
"""Of so many who wait it is looked up why and since when."""

_EXAMPLES = 10
_NOT_TRIED = "not-tried-yet"


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
        "examples": [_example(person, since) for person, since in persons[:_EXAMPLES]],
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
