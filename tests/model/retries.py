"""What is tried again by itself (4.7)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from tests.model.addresses import claimed
from tests.model.people import position_of
from tests.model.problems import APPLIED
from tests.model.state import Feed, Parked, Person, Position, Row, Tenant, address_key

type Cause = tuple[str, str]
"""What is waited for: a kind of reference and its key, or `email` and the key of an address."""

_WAITS_FOR = {"JOB_TITLE_NOT_FOUND": "job-titles", "EMAIL_IN_USE": "email", "EMAIL_RING_TOO_LONG": "email"}


def keep(tenant: Tenant, feed: Feed, rows: list[Row]) -> set[Cause]:
    """Park rows and drop those that a newer row, or the retry itself, has replaced; a rejected row leaves them.

    Return the addresses that those would give up who begin to wait for another one (3.5).
    """
    given_up: set[Cause] = set()
    for row in rows:
        who = str(row.external_id)
        if row.outcome == "parked":
            before, tenant.parked[who] = tenant.parked.get(who), _parked(feed, row)
            waits_for, has = tenant.parked[who].waits_for, claimed(tenant.people.get(who))
            begins = not row.is_retried and (before is None or before.waits_for != waits_for)
            if begins and has and waits_for[0] == "email" and waits_for[1] != has:
                given_up.add(("email", has))
        elif not row.fills_in and (row.is_retried or row.outcome in APPLIED | {"held"}):
            tenant.parked.pop(who, None)
    return given_up


def _parked(feed: Feed, row: Row) -> Parked:
    code, wanted = row.findings[0].code, row.findings[0].value
    cause = str(claimed(row.after)) if _WAITS_FOR[code] == "email" else str(wanted)
    first = row.first or position_of(feed, row)
    by_administrator = row.by_administrator if row.is_retried else feed.by_administrator
    waits_for = (_WAITS_FOR[code], cause)
    return Parked(row.cells, row.source, first, waits_for, row.blanks, row.presence_is_active, by_administrator)


def due(tenant: Tenant, causes: AbstractSet[Cause]) -> frozenset[str]:
    """Return the external IDs that waited for exactly what is there now."""
    parked = {who for who, row in tenant.parked.items() if row.waits_for in causes}
    missing = {who for who, person in tenant.people.items() if _lacked(tenant, who, person) & causes}
    return frozenset(parked | missing)


def _lacked(tenant: Tenant, who: str, person: Person) -> set[Cause]:
    """4.3, 2.6: what somebody who is here waits for themselves."""
    wanted = {("departments", person["department_wanted"]), ("business-units", person["business_unit_wanted"])}
    title = _title_left_with(tenant, who)
    return {(kind, str(key)) for kind, key in wanted if key} | ({("job-titles", title)} if title else set())


def _title_left_with(tenant: Tenant, who: str) -> str | None:
    """2.6: the unknown job title of the row that deactivated somebody."""
    titles = (one[3] for one in tenant.problems if one[:2] == (who, "JOB_TITLE_NOT_FOUND"))
    return None if who in tenant.parked else next(titles, None)


def rows_of(tenant: Tenant, feed: Feed, causes: AbstractSet[Cause]) -> list[Row]:
    """Return the rows of a retry, as they are when it is its turn: what is filled in first, then the older ones.

    Whoever has a parked row that waits for something else is filled in all the same, and waits on. Who waits for an
    address that such a row gives up is tried again with it: they may swap (3.5).
    """
    causes, rows = _with_what_they_give_up(tenant, causes), []
    for place, who in enumerate(sorted(due(tenant, causes), key=lambda who: _order(tenant, who)), start=1):
        parked = tenant.parked.get(who)
        again = parked is not None and parked.waits_for in causes
        rows.append(_again(place, who, parked) if parked and again else _filling_in(tenant, feed, place, who))
    return rows


def _with_what_they_give_up(tenant: Tenant, causes: AbstractSet[Cause]) -> AbstractSet[Cause]:
    given_up = {("email", key) for who in due(tenant, causes) if (key := _given_up(tenant, who, causes))}
    return causes if given_up <= causes else _with_what_they_give_up(tenant, causes | given_up)


def _given_up(tenant: Tenant, who: str, causes: AbstractSet[Cause]) -> str | None:
    """Return the address that somebody has and whose parked row, tried again, asks for another one, or none."""
    parked, has = tenant.parked.get(who), claimed(tenant.people.get(who))
    if parked is None or has is None or parked.waits_for not in causes or "email" not in parked.cells:
        return None
    wants = address_key(parked.cells["email"])
    return has if wants != has and (wants or parked.blanks == "clear") else None


def _order(tenant: Tenant, who: str) -> tuple[Position, str]:
    parked = tenant.parked.get(who)
    return (parked.first if parked else ("", 0, 0)), who


def _again(place: int, who: str, parked: Parked) -> Row:
    row = Row(place, parked.cells, parked.first[0], parked.source, external_id=who, is_retried=True, first=parked.first)
    row.presence_is_active, row.by_administrator = parked.presence_is_active, parked.by_administrator
    row.blanks = parked.blanks  # 6.6: as it was written when it came
    return row


def _filling_in(tenant: Tenant, feed: Feed, place: int, who: str) -> Row:
    """4.3: a row that says nothing but what is missed."""
    person = tenant.people[who]
    names = {"department": person["department_wanted"], "business_unit_id": person["business_unit_wanted"]}
    cells = {"external_id": who} | {name: value for name, value in names.items() if value}
    if title := _title_left_with(tenant, who):
        cells |= {"job_title": title, "status": "Inactive"}
    source = person["source"] or feed.source
    return Row(place, cells, person["position"][0], source, external_id=who, is_retried=True, fills_in=True)
