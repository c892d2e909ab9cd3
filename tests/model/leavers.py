"""Who has left, because a full feed lacks them (1.5)."""

from __future__ import annotations

from tests.model.people import stands_later
from tests.model.state import Feed, Row, Tenant

BEHIND_ALL_ROWS = 99_999_999


def find(tenant: Tenant, feed: Feed, rows: list[Row]) -> list[Row]:
    """Return the active employees that the source owns and its full feed lacks, as rows that deactivate them.

    Someone whom something newer than the feed changed is not one of them, nor someone of whom a newer row waits.
    """
    if feed.mode != "full" or feed.manifest.leavers != "deactivate":
        return []
    present = {row.external_id for row in rows}
    behind = (feed.age, feed.number, BEHIND_ALL_ROWS)
    newer = {who for who, parked in tenant.parked.items() if parked.first[0] > feed.age}
    if feed.purpose == "release":
        newer |= {who for who in tenant.people if stands_later(tenant, feed, who)}
    return [
        _leaver(feed, who, tenant)
        for who, person in sorted(tenant.active().items())
        if person["source"] == feed.source and who not in present | newer and person["position"] < behind
    ]


def _leaver(feed: Feed, who: str, tenant: Tenant) -> Row:
    person = tenant.people[who]
    row = Row(BEHIND_ALL_ROWS, {}, feed.age, feed.source, external_id=who, is_leaver=True)
    row.before, row.after = person, person | {"active": False}
    return row


def are_uncertain(rows: list[Row]) -> bool:
    """Whether a row is about someone whom nobody can tell, who may be one of the leavers."""
    return any(row.external_id is None for row in rows)


def drop_parked_of_the_absent(tenant: Tenant, feed: Feed, rows: list[Row]) -> None:
    """Drop what the source had parked until then about those whom its full feed lacks."""
    present = {row.external_id for row in rows}
    for who, parked in list(tenant.parked.items()):
        is_older = parked.first[:2] <= (feed.age, feed.number)
        if parked.source == feed.source and who not in present and is_older:
            del tenant.parked[who]
