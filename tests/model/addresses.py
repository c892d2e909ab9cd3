"""Who gets which address (3.4-3.8, 3.11), from the definition: everyone moves, then what cannot be is taken back.

Two rows that both get what they want never become wrong by a third being refused, unless the third had to make
room. So taking back one by one what contradicts the rules, until nothing does, leaves the largest set of rows that
can be applied together; `tests/unit/model/test_addresses.py` holds it against all sets there are.
"""

from __future__ import annotations

from tests.model.state import Finding, Person, Row, Tenant, address_key

RING_LIMIT = 24


def claimed(person: Person | None) -> str | None:
    """Return the address that a person claims: only the active do (3.4, 3.7)."""
    return address_key(person["email"]) if person is not None and person["active"] else None


def settle(tenant: Tenant, rows: list[Row]) -> None:
    """3.5, 3.6: park the rows that cannot have their address after the whole of the feed."""
    moving = [row for row in rows if row.outcome is None]
    while True:
        refused = _refused(tenant, moving)
        if not refused:
            break
        for row, finding in refused:
            moving.remove(row)
            row.outcome, row.findings = "parked", [finding]


def _refused(tenant: Tenant, moving: list[Row]) -> list[tuple[Row, Finding]]:
    """Return the rows that cannot be applied if all the others of `moving` are."""
    moves = {row.external_id: row for row in moving}
    stays = {claimed(person): who for who, person in tenant.people.items() if who not in moves}
    refused = []
    for row in moving:
        wanted = claimed(row.after)
        if wanted is None or wanted == claimed(row.before):
            continue
        keeps = any(wanted == claimed(other.after) == claimed(other.before) for other in moving)
        higher = any(wanted == claimed(other.after) and other.place < row.place for other in moving)
        if wanted in stays or keeps or higher:  # 3.6
            refused.append((row, Finding("EMAIL_IN_USE", "email", (row.after or {})["email"])))
    return refused or _long_rings(moving)


def _long_rings(moving: list[Row]) -> list[tuple[Row, Finding]]:
    """3.11: return the rows of rings of more than 24 people."""
    has = {claimed(row.before): row for row in moving if claimed(row.before) is not None}
    long: list[Row] = []
    for row in moving:
        ring = _ring(row, has)
        if len(ring) > RING_LIMIT and row not in long:
            long += ring
    return [(row, Finding("EMAIL_RING_TOO_LONG", "email", (row.after or {})["email"])) for row in long]


def _ring(row: Row, has: dict[str | None, Row]) -> list[Row]:
    """Return the people who pass their addresses on in a ring with a row's; none if it is in no ring."""
    ring = [row]
    while True:
        ahead = has.get(claimed(ring[-1].after))
        if ahead is None or ahead is ring[-1] or ahead in ring[1:]:
            return []
        if ahead is row:
            return ring
        ring.append(ahead)


def remark_reuse(tenant: Tenant, row: Row, applied: list[Row]) -> None:
    """3.7: say whose address it was, if its last holder is deactivated and has it on record, after the whole feed."""
    wanted = claimed(row.after)
    if wanted is None or wanted == claimed(row.before):
        return
    former = tenant.last_holder.get(wanted)
    after = {str(other.external_id): other.after for other in applied} | {str(row.external_id): None}
    if former is not None and has_on_record(after.get(former, tenant.people.get(former)), wanted):
        row.findings.append(Finding("EMAIL_REUSED", "email", (row.after or {})["email"]))


def remember_leavers(tenant: Tenant, rows: list[Row]) -> None:
    """3.7: the deactivated no longer claim their address, but it is known who had it."""
    for row in rows:
        if claimed(row.before) is not None and has_on_record(row.after, str(claimed(row.before))):
            tenant.last_holder[str(claimed(row.before))] = str(row.external_id)


def forget_taken(tenant: Tenant) -> None:
    """3.7: whose address was taken, or is not on record any more, is no longer its last holder."""
    for key, last in list(tenant.last_holder.items()):
        if tenant.holder(key) is not None or not has_on_record(tenant.people.get(last), key):
            del tenant.last_holder[key]


def has_on_record(person: Person | None, key: str) -> bool:
    """Whether somebody is deactivated and has an address that they do not claim (3.7)."""
    return person is not None and not person["active"] and address_key(person["email"]) == key
