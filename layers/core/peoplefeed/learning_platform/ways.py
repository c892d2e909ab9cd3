"""Who may have a place that somebody else's account is in: a decision from values.

UserNames are unique on most platforms, so that in a chain or a swap someone of ours can still be where a person
belongs; who left can be there for ever (3.7); and so can strangers.
"""

from enum import StrEnum

from peoplefeed.learning_platform.mapping import Attributes, folded, same_name, user_name
from peoplefeed.learning_platform.person import Person
from peoplefeed.learning_platform.settings import Rehires

STRANGER = "has its userName or address and belongs to nobody in the directory"
SECOND = "is a second account of the same person"
ACTIVE_TOO = "has its userName or address and is active in the directory as well"


class Way(StrEnum):
    """What to do about the account in the way."""

    DISPLACE = "give it a placeholder until its owner is delivered"
    RELINK = "it is the former account of the same person: take it over"
    STEP_ASIDE = "take a placeholder: its owner is entitled to the place"


def way_past(person: Person, holder: Person | None, attributes: Attributes, rehires: Rehires) -> Way | str:
    """Return the way past an account of `holder` (None: nobody of ours), or why there is none, as a clause."""
    if holder is None:
        return STRANGER
    if holder.external_id == person.external_id:
        return SECOND
    if holder.relinked_to == person.external_id or (rehires is Rehires.RELINK and is_rehire(person, holder)):
        return Way.RELINK
    belongs_there = same_name(user_name(holder.item, attributes), user_name(person.item, attributes))
    if not belongs_there or (person.active and not holder.active):
        return Way.DISPLACE
    # 3.7: who left keeps the address on record and claims it no longer
    return ACTIVE_TOO if person.active else Way.STEP_ASIDE


def is_rehire(person: Person, holder: Person) -> bool:
    """Whether a newcomer is someone who left: the same address, which is theirs now (3.7), and the same name."""
    came_and_left = person.active and person.account is None and not holder.active
    return came_and_left and _is_called(person) is not None and _is_called(person) == _is_called(holder)


def _is_called(person: Person) -> tuple[str, str, str] | None:
    found = tuple(folded(str(person.item.get(field) or "")) for field in ("email", "first_name", "last_name"))
    return (found[0], found[1], found[2]) if all(found) else None
