"""What administrators alone do with reference data: rename, delete, remove an old name (4.6, 4.8)."""

from __future__ import annotations

from typing import Any

from tests.model.state import Feed, Row, Tenant

type Done = tuple[list[Row], set[tuple[str, str]], set[str]]

_FIELD = {"job-titles": "job_title", "departments": "department", "business-units": "business_unit_id"}


def process(tenant: Tenant, feed: Feed) -> Done:
    """Do what a feed of one row asks for; return it, what is there now that was not before (4.7), and who follows."""
    (cells,) = feed.rows
    row = Row(1, cells, feed.age, feed.source)
    key = cells.get("feed_id") or cells["name"]
    if key not in tenant.references[feed.kind]:
        row.settle("rejected", "REFERENCE_UNKNOWN", "name", key)
        return [row], set(), set()
    return _ACTIONS[cells["action"]](tenant, feed, row, key)


def _rename(tenant: Tenant, feed: Feed, row: Row, old: str) -> Done:
    known, new = tenant.references[feed.kind], row.cells["new_name"]
    taken = any(new in {key, *entry["aliases"]} for key, entry in known.items() if key != old)
    if taken:
        row.settle("rejected", "REFERENCE_EXISTS", "name", new)
    elif new == old:
        row.outcome = "unchanged"
    if row.outcome:
        return [row], set(), set()
    aliases = (known.pop(old)["aliases"] | {old}) - {new}
    known[new] = {"name": new, "aliases": aliases}
    row.outcome = "updated"
    return [row], {(feed.kind, name) for name in {new, *aliases}}, _follow(tenant, feed, _FIELD[feed.kind], old, new)


def _follow(tenant: Tenant, feed: Feed, field: str, old: str, new: str) -> set[str]:
    """4.6: all holders change, whenever anybody spoke of them last."""
    holders = {who for who, person in tenant.people.items() if person[field] == old}
    for who in holders:
        person = tenant.people[who]
        position = (person["position"][0], feed.number, 1)  # 3.10: nobody spoke of them
        tenant.people[who] = person | {field: new, "position": position}
    return holders


def _delete(tenant: Tenant, feed: Feed, row: Row, key: str) -> Done:
    known = tenant.references[feed.kind]
    if any(person[_FIELD[feed.kind]] == key for person in tenant.active().values()):
        row.settle("rejected", "REFERENCE_IN_USE", "name", known[key]["name"])
    else:
        del known[key]
        row.outcome = "updated"
    return [row], set(), set()


def _remove_alias(tenant: Tenant, feed: Feed, row: Row, key: str) -> Done:
    entry: dict[str, Any] = tenant.references[feed.kind][key]
    alias = row.cells["new_name"]
    if alias not in entry["aliases"]:
        row.settle("rejected", "REFERENCE_UNKNOWN", "name", alias)
    else:
        entry["aliases"] = entry["aliases"] - {alias}
        row.outcome = "updated"
    return [row], {(feed.kind, name) for name in {key, *entry["aliases"]}} if row.outcome == "updated" else set(), set()


_ACTIONS = {"rename": _rename, "delete": _delete, "remove-alias": _remove_alias}
