"""What administrators ask for beside rows: to let go of somebody (3.13), to erase them (1.11), settings (6.6)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tests.model import retries
from tests.model.people import STUB
from tests.model.state import Feed, Row, Settings, Tenant, Told, address_key


def process(tenant: Tenant, feed: Feed) -> Told:
    """Do what a feed of purpose letting-go or erasure asks for; it counts as one row."""
    row = Row(1, {}, feed.age, feed.source, external_id=feed.of, outcome="unchanged")
    person = tenant.people.get(feed.of)
    if feed.purpose == "erasure":
        row.outcome = "updated"
        _erase(tenant, feed)
    elif person is not None and person["source"] is not None and feed.of not in tenant.erased:
        row.outcome = "updated"
        tenant.people[feed.of] = person | {"source": None, "position": (person["position"][0], feed.number, 1)}
    return Told(rows=[row])


def _erase(tenant: Tenant, feed: Feed) -> None:
    who = feed.of
    ever = tenant.people.get(who, STUB)["ever_active"]
    tenant.people[who] = STUB | {"ever_active": ever, "position": (feed.age, feed.number, 1)}
    tenant.erased.add(who)
    tenant.parked.pop(who, None)
    tenant.last_holder = {key: last for key, last in tenant.last_holder.items() if last != who}
    for problem in [problem for problem in tenant.problems if problem[0] == who]:
        del tenant.problems[problem]


def change_settings(tenant: Tenant, feed: Feed) -> tuple[list[Row], set[retries.Cause]]:
    """6.6: all of the rows' settings, or none. 3.12: nobody need wait for an address that is shared now."""
    before = tenant.settings
    for cells in feed.rows:
        tenant.settings = _with(tenant.settings, cells["name"], cells["value"])
    rows = [Row(place, cells, feed.age, feed.source, outcome="unchanged") for place, cells in enumerate(feed.rows, 1)]
    for row in rows:
        name = _FIELDS[row.cells["name"]]
        if getattr(before, name) != getattr(tenant.settings, name):
            row.outcome = "updated"
    return rows, {("email", key) for key in tenant.settings.shared - before.shared}


_FIELDS = {"identity_change": "identity", "shared_addresses": "shared", "blanks": "blanks"}


def _with(settings: Settings, name: str, value: str) -> Settings:
    values: dict[str, Any] = {_FIELDS[name]: json.loads(value)}
    if name == "shared_addresses":
        values["shared"] = frozenset(map(address_key, values["shared"]))
    return replace(settings, **values)
