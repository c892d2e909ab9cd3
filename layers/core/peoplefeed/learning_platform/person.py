"""People as delivery sees them: an employee's item with its delivery state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.reads import get, get_many
from peoplefeed.learning_platform.trouble import HoldUp
from peoplefeed.storage.outbox import Message
from peoplefeed.times import stamp


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
    def is_untried(self) -> bool:
        """Whether nothing of theirs can have been sent lately, so that there is no account that we just made."""
        untouched = not {"delivered_version", "tried_version", "displaced"} & self.item.keys()
        return untouched and self.held_up_by in {None, HoldUp.NO_PLATFORM, HoldUp.RATE_LIMIT}

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
