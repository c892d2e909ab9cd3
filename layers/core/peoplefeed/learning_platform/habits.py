"""What is known of a platform's ways: what its settings say, what it says of itself, what its refusals taught us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from peoplefeed.learning_platform.mapping import Attributes

if TYPE_CHECKING:
    from peoplefeed.learning_platform import schemas
    from peoplefeed.learning_platform.settings import Quirks

_MANY = 200


@dataclass(slots=True)
class Habits:
    """What this process knows of a platform. `minds_capitals`: its filters tell userNames in other capitals apart."""

    filters: bool = True
    minds_capitals: bool = False
    replaces: bool = True
    patches: bool = True
    demands_version: bool = False
    page: int = _MANY
    omit: frozenset[str] = frozenset()
    attributes: Attributes = field(default_factory=Attributes)
    asked_for_configuration: bool = False
    asked_for_schemas: bool = False
    known: schemas.Known | None = field(default=None, repr=False)
    configured: frozenset[str] = frozenset()
    lock: Lock = field(default_factory=Lock, repr=False)

    @staticmethod
    def of(quirks: Quirks, attributes: Attributes) -> Habits:
        """Return what settings say of a platform."""
        habits = Habits(attributes=attributes, omit=frozenset(name.lower() for name in quirks.omit))
        said = {name: getattr(quirks, name) for name in ("filters", "replaces", "demands_version")}
        for name, value in said.items():
            if value is not None:
                setattr(habits, name, value)
        habits.configured = frozenset(name for name, value in said.items() if value is not None)
        return habits

    def learn(self, configuration: Mapping[str, Any]) -> None:
        """Take over what a platform says of itself (RFC 7643 §5), where the settings do not say otherwise.

        Only what spares a request that would be refused: whatever it promises is not believed.
        """
        filters, patch = _part(configuration, "filter"), _part(configuration, "patch")
        if filters.get("supported") is False and "filters" not in self.configured:
            self.filters = False
        most = filters.get("maxResults")
        if isinstance(most, int) and most > 0:
            self.page = min(_MANY, most)
        self.patches = patch.get("supported") is not False


def _part(configuration: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = configuration.get(name)
    return part if isinstance(part, dict) else {}
