"""3.6 from its definition, held against all sets of rows there are."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from tests.model import addresses
from tests.model.addresses import claimed
from tests.model.state import Person, Row, Tenant

PEOPLE, ADDRESSES = "abcdef", ("v", "w", "x", "y", "z", None)


@st.composite
def quarrels(draw: st.DrawFn) -> tuple[Tenant, list[Row]]:
    """Some people with addresses, and rows by which some of them, and others, want addresses."""
    held = draw(st.permutations(ADDRESSES))
    tenant = Tenant(people={who: _person(held[n]) for n, who in enumerate(PEOPLE[:5]) if draw(st.booleans())})
    movers = draw(st.lists(st.sampled_from(PEOPLE), unique=True, max_size=6))
    rows = [Row(place, {}, "", "", external_id=who) for place, who in enumerate(movers, start=1)]
    for row in rows:
        row.before = tenant.people.get(str(row.external_id))
        row.after = _person(draw(st.sampled_from(ADDRESSES)), active=draw(st.integers(0, 4)) > 0)
    return tenant, rows


def _person(email: str | None, *, active: bool = True) -> Person:
    return {"email": email, "active": active}


def _is_right(tenant: Tenant, rows: list[Row], accepted: set[str]) -> bool:
    """3.4: nobody shares; 3.6: whoever is refused had somebody who stays, or a higher row, before them."""
    after = {row.external_id: row.after for row in rows if row.external_id in accepted}
    keys = [claimed(person) for person in ({**tenant.people, **after}).values()]
    taken = [key for key in keys if key is not None]
    if len(taken) != len(set(taken)):
        return False
    for row in rows:
        lower = [other for other in rows if claimed(other.after) == claimed(row.after) and other.place > row.place]
        wants = claimed(row.after) is not None and claimed(row.after) != claimed(row.before)
        if wants and row.external_id not in accepted and any(_gains(other, accepted) for other in lower):
            return False
    return True


def _gains(row: Row, accepted: set[str]) -> bool:
    return row.external_id in accepted and claimed(row.before) != claimed(row.after)


@given(quarrels())
def test_3_6_no_larger_set_of_rows_could_be_applied(quarrel: tuple[Tenant, list[Row]]) -> None:
    tenant, rows = quarrel
    names = [str(row.external_id) for row in rows]
    sets = [set(some) for size in range(len(names) + 1) for some in combinations(names, size)]
    best = [accepted for accepted in sets if _is_right(tenant, rows, accepted)]
    addresses.settle(tenant, rows)
    accepted = {str(row.external_id) for row in rows if row.outcome is None}
    assert accepted in best
    assert all(other <= accepted for other in best)
