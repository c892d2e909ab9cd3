"""What safeguards hold back until an administrator releases or discards it (section 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Safeguard(StrEnum):
    """What holds: many leavers (6.1, 1.5), a suspect feed (6.2), mass changes of identity (6.4), one of them (3.3)."""

    LEAVERS = "leavers"
    FEED = "feed"
    MASS_IDENTITY = "mass-identity"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Notice:
    """What a safeguard holds back in one run: why, what it would do (outcome to number), and some examples."""

    safeguard: Safeguard
    code: str
    message: str
    would: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[str, ...] = ()

    def without(self, external_id: str) -> "Notice":
        """Return the notice with no example of somebody (1.11)."""
        theirs = example_of(external_id, "")
        return replace(self, examples=tuple(one for one in self.examples if not one.startswith(theirs)))


def example_of(external_id: str, what: str) -> str:
    """Return an example of a notice: whom it shows, and what of them."""
    return f"{external_id}: {what}"


def source_and_safeguard(hold_id: str) -> tuple[str, Safeguard]:
    """Return whose hold it is, and which one, as its ID says: `hr.leavers.7`. A source's name may have dots itself.

    Raises:
        ValueError: no hold is called so.
    """
    source, safeguard, _ = hold_id.rsplit(".", 2)
    return source, Safeguard(safeguard)


@dataclass(frozen=True, slots=True)
class Hold:
    """All that one safeguard holds back of one source (6.3).

    `runs` are those whose content is held; `version` counts up with each run that adds to it or refreshes it.
    """

    id: str
    source: str
    since: str
    version: int
    runs: tuple[int, ...]
    notice: Notice

    @property
    def safeguard(self) -> Safeguard:
        """The safeguard that holds."""
        return self.notice.safeguard
