"""What administrators ask for: send somebody again, compare now."""

from datetime import datetime, timedelta
from enum import StrEnum

from peoplefeed.deployment import Deployment
from peoplefeed.learning_platform.people import mark_again
from peoplefeed.learning_platform.person import find_person
from peoplefeed.learning_platform.trouble import HoldUp
from peoplefeed.storage import platforms
from peoplefeed.storage.outbox import check_entry, send_deliveries, send_entries
from peoplefeed.times import stamp

_LEASE = timedelta(minutes=10)


class Asked(StrEnum):
    """What became of asking for a delivery."""

    SENT = "sent"
    UNKNOWN = "unknown"
    NEVER_ACTIVE = "never active"
    NO_PLATFORM = "no platform"


def deliver_again(deployment: Deployment, tenant: str, external_id: str, now: datetime) -> Asked:
    """Send somebody's current state again, also if the platform has it, and whatever pause they are in."""
    person = find_person(deployment, tenant, external_id)
    if person is None:
        return Asked.UNKNOWN
    if not person.item.get("ever_active"):
        return Asked.NEVER_ACTIVE
    item = platforms.platform_item(deployment, tenant)
    if not platforms.is_delivered_to(deployment, item):
        return Asked.NO_PLATFORM
    if not mark_again(deployment, person, now, HoldUp.ASKED_FOR):
        return Asked.UNKNOWN
    platforms.note_sent(deployment, tenant, item, [external_id], now)
    send_deliveries(deployment, tenant, [(external_id, person.version)], due=stamp(now))
    return Asked.SENT


def compare_now(deployment: Deployment, tenant: str, now: datetime) -> bool:
    """Have the platform compared with the directory, or go on with that; whether there is a platform."""
    if not platforms.has_platform(deployment, tenant):
        return False
    due = stamp(now + _LEASE)  # from then on the sweep takes care of it
    platforms.update_platform(deployment, tenant, platforms.due_at(due))
    send_entries(deployment, [check_entry(tenant, due)])
    return True
