"""What is known of a platform's ways: what its settings say, what it says of itself, what its refusals taught us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from peoplefeed.learning_platform.mapping import Attributes

if TYPE_CHECKING:
    from peoplefeed.learning_platform import schemas
    from peoplefeed.learning_platform.settings import Quirks

_MANY = 200


@dataclass(slots=True)
class Habits:
    """What this process knows of a platform.

    `minds_capitals`: its filters tell userNames in other capitals apart, None if nobody has been there to try it with.
    """

    filters: bool = True
    minds_capitals: bool | None = None
    asked_for_capitals: bool = False
    replaces: bool = True
    patches: bool = True
    demands_version: bool = False
    page: int = _MANY
    omit: frozenset[str] = frozenset()
    attributes: Attributes = field(default_factory=Attributes)
    asked_for_schemas: bool = False
    known: schemas.Known | None = field(default=None, repr=False)
    configured: frozenset[str] = frozenset()

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

    def learn(self, described: Mapping[str, Any]) -> None:
        """Take over what the last comparison found out, where the settings do not say otherwise.

        Only what spares a request that would be refused, or finds more: whatever it promises is not believed.
        """
        if described.get("filters") is False and "filters" not in self.configured:
            self.filters = False
        self.page = min(_MANY, described.get("page") or _MANY)
        self.patches = described.get("patches") is not False
        if self.minds_capitals is None or described.get("minds_capitals"):
            self.minds_capitals = described.get("minds_capitals")
