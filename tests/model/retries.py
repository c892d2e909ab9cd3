"""What is tried again by itself (4.7)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from tests.model.addresses import claimed
from tests.model.people import position_of
from tests.model.problems import APPLIED
from tests.model.state import Feed, Parked, Row, Tenant

type Cause = tuple[str, str]
"""What is waited for: a kind of reference and its key, or `email` and the key of an address."""

_WAITS_FOR = {"JOB_TITLE_NOT_FOUND": "job-titles", "EMAIL_IN_USE": "email", "EMAIL_RING_TOO_LONG": "email"}


def keep(tenant: Tenant, feed: Feed, rows: list[Row]) -> None:
    """Park rows and drop those that a newer row, or the retry itself, has replaced; a rejected row leaves them."""
    for row in rows:
        who = str(row.external_id)
        if row.outcome == "parked":
            tenant.parked[who] = _parked(feed, row)
        elif row.is_retried or row.outcome in APPLIED | {"held"}:
            tenant.parked.pop(who, None)


def _parked(feed: Feed, row: Row) -> Parked:
    code, wanted = row.findings[0].code, row.findings[0].value
    cause = str(claimed(row.after)) if _WAITS_FOR[code] == "email" else str(wanted)
    first = row.first or position_of(feed, row)
    return Parked(row.cells, row.source, first, (_WAITS_FOR[code], cause), row.blanks, row.presence_is_active)


def due(tenant: Tenant, causes: AbstractSet[Cause]) -> frozenset[str]:
    """Return the external IDs that waited for exactly what is there now."""
    parked = {who for who, row in tenant.parked.items() if row.waits_for in causes}
    missing = {
        who
        for who, person in tenant.people.items()
        if ("departments", person["department_wanted"]) in causes
        or ("business-units", person["business_unit_wanted"]) in causes
    }
    return frozenset(parked | missing)


def rows_of(tenant: Tenant, feed: Feed, who: frozenset[str]) -> list[Row]:
    """Return the rows of a retry, as they are when it is its turn: the older ones first, then what is filled in."""
    parked = sorted((tenant.parked[one].first, one) for one in who if one in tenant.parked)
    rows = [_again(place, one, tenant.parked[one]) for place, (_, one) in enumerate(parked, start=1)]
    missing = sorted(one for one in who if one not in tenant.parked and _misses(tenant, one))
    return rows + [_filling_in(tenant, feed, len(rows) + place, one) for place, one in enumerate(missing, start=1)]


def _again(place: int, who: str, parked: Parked) -> Row:
    row = Row(place, parked.cells, parked.first[0], parked.source, external_id=who, is_retried=True, first=parked.first)
    row.blanks, row.presence_is_active = parked.blanks, parked.presence_is_active
    return row


def _misses(tenant: Tenant, who: str) -> bool:
    person = tenant.people.get(who)
    return person is not None and bool(person["department_wanted"] or person["business_unit_wanted"])


def _filling_in(tenant: Tenant, feed: Feed, place: int, who: str) -> Row:
    """4.3: a row that says nothing but what is missed."""
    person = tenant.people[who]
    names = {"department": person["department_wanted"], "business_unit_id": person["business_unit_wanted"]}
    cells = {"external_id": who} | {name: value for name, value in names.items() if value}
    source = person["source"] or feed.source
    return Row(place, cells, person["position"][0], source, external_id=who, is_retried=True, fills_in=True)
