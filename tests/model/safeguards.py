"""What a feed must not do unseen (section 6, 3.3). Each returns whether it stops the feed, or which rows."""

from __future__ import annotations

from collections.abc import Iterable

from tests.model.people import is_identity_change
from tests.model.state import NOBODY, Feed, Person, Row, Tenant, address_key

_CLEARABLE = ("email", "department", "business_unit_id", "start_date")


def is_guarded(tenant: Tenant, feed: Feed, safeguard: str) -> bool:
    """A source's first feed is exempt, and so is what an administrator released (6.3) or what is tried again (4.7)."""
    return feed.source in tenant.applied_sources and safeguard not in feed.off and feed.purpose != "retry"


def is_suspect(tenant: Tenant, feed: Feed, rows: list[Row]) -> bool:
    """6.2: far fewer rows, many rejected, a column gone, a field cleared for many."""
    last = tenant.full_feeds.get((feed.source, "employees"))
    if feed.mode != "full":
        return False
    rejected = sum(row.outcome == "rejected" for row in rows)
    return (
        (last is not None and len(rows) < tenant.settings.rows_kept * last.rows)
        or (last is not None and not set(last.columns) <= set(feed.columns))
        or rejected > _limit(tenant.settings.rejected, len(rows))
        or any(_cleared(rows, field) > _limit(tenant.settings.cleared, len(rows)) for field in _CLEARABLE)
    )


def _cleared(rows: list[Row], field: str) -> int:
    open_rows = (row for row in rows if row.outcome is None and row.before is not None and row.after is not None)
    return sum(bool((row.before or {})[field]) and not (row.after or {})[field] for row in open_rows)


def is_mass_identity_change(tenant: Tenant, feed: Feed, rows: list[Row]) -> bool:
    """6.4: the address or the last name of many active employees would change."""
    changed = [row for row in rows if row.outcome is None and _is_renamed(row)]
    return len(changed) > _limit(tenant.settings.identities, len(guarded_people(tenant, feed)))


def _is_renamed(row: Row) -> bool:
    before, after = row.before, row.after
    if before is None or after is None or not before["active"]:
        return False
    return before["last_name"] != after["last_name"] or address_key(before["email"]) != address_key(after["email"])


def too_many_leavers(tenant: Tenant, feed: Feed, rows: Iterable[Row]) -> list[Row]:
    """6.1: return the rows, and the leavers that stand in none, to be held; none if they are few enough."""
    leaving = [row for row in rows if row.outcome is None and _deactivates(row)]
    guarded = guarded_people(tenant, feed)
    recent = sum(at > feed.last_day and source == feed.source for at, source, _ in tenant.deactivations)
    everybody = len(guarded) > 3 and set(guarded) <= {row.external_id for row in leaving}
    if leaving and (everybody or len(leaving) + recent > _limit(tenant.settings.leavers, len(guarded))):
        return leaving
    return []


def _deactivates(row: Row) -> bool:
    return row.before is not None and row.before["active"] and not (row.after or {})["active"]


def guarded_people(tenant: Tenant, feed: Feed) -> dict[str, Person]:
    """6.1: return the active employees that the source owns; an upload is measured by all of the tenant's."""
    everybody = tenant.active()
    if feed.source in NOBODY:
        return everybody
    return {who: person for who, person in everybody.items() if person["source"] == feed.source}


def _limit(setting: tuple[int, float], people: int) -> float:
    floor, share = setting
    return max(floor, share * people)


def stolen_identities(tenant: Tenant, feed: Feed, rows: list[Row]) -> list[Row]:
    """3.3: return the rows to be held where a tenant chose so. Whoever is deactivated is deactivated (2.6)."""
    if tenant.settings.identity != "hold" or "identity" in feed.off or feed.purpose == "retry":  # 6.7
        return []
    return [row for row in rows if row.outcome is None and row.wish.get("active", True) and is_identity_change(row)]
