"""The system's tables in the model's plain form, and in words where the two differ.

What is the same in both by construction (versions, keys, times, sentences) is left out; what a rule speaks of is in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from peoplefeed.model import BEYOND_ROWS
from tests.model.addresses import claimed
from tests.model.problems import EVENTS
from tests.model.state import KINDS, Parked, Person, Tenant, Told
from tests.worlds.world import World

_PREFIXES = dict(zip(KINDS, ("JOB#", "DEP#", "UNIT#"), strict=True))
_PERSON = (
    "first_name",
    "last_name",
    "email",
    "job_title",
    "department",
    "business_unit_id",
    "start_date",
    "active",
    "profile",
    "source",
    "department_wanted",
    "business_unit_wanted",
)

_SHOWN = 50


@dataclass
class Seen:
    """What the tables of a world hold about one tenant."""

    people: dict[str, Person] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    parked: dict[str, tuple[str, str]] = field(default_factory=dict)
    references: dict[str, dict[str, str]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    problems: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    lines: dict[int, dict[tuple[int, str], set[str]]] = field(default_factory=dict)
    leavers: dict[int, set[str]] = field(default_factory=dict)
    feed_codes: dict[int, str] = field(default_factory=dict)
    holds: dict[tuple[str, str], tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    applied: int = 0


def look_at(world: World, slug: str) -> Seen:
    """Read both tables."""
    seen = Seen()
    for item in world.items(world.names.directory_table):
        _look_at_directory(seen, slug, item)
    log = world.items(world.names.feed_log_table)
    codes = {item["sk"]: item["code"] for item in log if "#Q#" in item["pk"]}
    for item in log:
        _look_at_log(seen, slug, item, codes)
    return seen


def _look_at_directory(seen: Seen, slug: str, item: Mapping[str, Any]) -> None:
    pk, sk = item["pk"], item["sk"]
    if pk.startswith(f"T#{slug}#U#") and "active" in item:
        seen.people[pk.split("#U#", 1)[1]] = {name: item.get(name) for name in _PERSON}
    elif pk.startswith(f"T#{slug}#E#") and "owner" in item:
        seen.claims[pk.split("#E#", 1)[1]] = item["owner"]
    elif pk.startswith(f"T#{slug}#P#") and item.get("row") is not None:
        seen.parked[sk] = (item["source"], item["position"])
    elif pk == f"T#{slug}" and sk.startswith("RUN#"):
        seen.runs[item["number"]] = dict(item)
    elif pk == f"T#{slug}" and sk.startswith("HOLD#") and "id" in item:
        seen.holds[item["source"], item["safeguard"]] = item["version"], tuple(item["runs"])
    elif pk == f"T#{slug}" and sk == "META":
        seen.applied = item["applied"]
    elif pk == f"T#{slug}":
        for kind, prefix in _PREFIXES.items():
            if sk.startswith(prefix) and "name" in item:
                seen.references[kind][sk.removeprefix(prefix)] = item["name"]


def _look_at_log(seen: Seen, slug: str, item: Mapping[str, Any], codes: Mapping[str, str]) -> None:
    pk = item["pk"]
    if pk.startswith(f"T#{slug}#Q#"):
        if "open_pk" in item:
            value = (item.get("external_id"), item["code"], item.get("field"), _short(item.get("value")))
            seen.problems[(*value, item["occurrences"])] += 1
        return
    if not pk.startswith(f"T#{slug}#L#"):
        return
    number = int(pk.split("#")[3])
    for told in item.get("repeats", [item]):
        if told.get("outcome") is None:
            seen.feed_codes[number] = told["code"]
            continue
        if (told.get("row") or 0) >= BEYOND_ROWS:
            seen.leavers.setdefault(number, set()).add(told["external_id"])
            continue
        code = codes[told["problem"]] if "repeats" in item else told.get("code")
        found = seen.lines.setdefault(number, {}).setdefault((told.get("row") or 0, told["outcome"]), set())
        found |= {code} if code else set()


def differences(seen: Seen, tenant: Tenant) -> list[str]:
    """Say what the directory and the problems differ in from the model's."""
    return [
        *_differing("employee", seen.people, {who: _plain(person) for who, person in tenant.people.items()}),
        *_differing("claim", seen.claims, {claimed(person): who for who, person in tenant.active().items()} | {}),
        *_differing("parked", seen.parked, {who: _kept(row) for who, row in tenant.parked.items()}),
        *_differing("hold", seen.holds, {key: (one.version, tuple(one.runs)) for key, one in tenant.holds.items()}),
        *_differing("problem", seen.problems, _problems(tenant)),
        *(
            difference
            for kind in KINDS
            for difference in _differing(
                kind, seen.references[kind], {key: entry["name"] for key, entry in tenant.references[kind].items()}
            )
        ),
    ]


def _kept(row: Parked) -> tuple[str, str]:
    age, number, place = row.first
    return row.source, f"{age}#{number:010d}#{place:08d}"


def _plain(person: Person) -> Person:
    return {name: person[name] for name in _PERSON}


def _problems(tenant: Tenant) -> Counter[tuple[Any, ...]]:
    """Return the open problems; rows without an external ID are told apart by nothing that both sides know."""
    return Counter(
        (subject if isinstance(subject, str) else None, code, field, _short(value), open_.occurrences)
        for (subject, code, field, value), open_ in tenant.problems.items()
    )


def _short(value: str | None) -> str | None:
    """Return a value as the log shows it: long ones are cut."""
    return value[:_SHOWN] if value else None


def _differing(what: str, system: Mapping[Any, Any], model: Mapping[Any, Any]) -> Iterator[str]:
    for key in sorted(set(system) | set(model), key=str):
        if key is None or system.get(key) == model.get(key):
            continue
        ours, theirs = system.get(key, "nothing"), model.get(key, "nothing")
        if isinstance(ours, dict) and isinstance(theirs, dict):
            names = [name for name in theirs if ours.get(name) != theirs[name]]
            ours, theirs = {name: ours.get(name) for name in names}, {name: theirs[name] for name in names}
        yield f"{what} {key}: the system has {ours}, the model {theirs}"


def run_differences(seen: Seen, number: int, told: Told) -> list[str]:
    """Say what the account of a run differs in from the model's (7.1)."""
    run = seen.runs[number]
    differing = list(_differing(f"run {number}", {"code": run.get("error_code")}, {"code": told.code}))
    if told.state != "finished":
        return differing
    counts = {name: count for name, count in run.get("counts", {}).items() if count}
    expected = {name: count for name, count in told.counts.items() if count}
    differing += _differing(f"run {number} count", counts, expected)
    if run.get("changed") is False and not seen.lines.get(number):
        return differing + [f"run {number}: {line} is not told" for line in _lines(told).items()]
    left = {str(row.external_id) for row in told.leavers if row.outcome == "deactivated"} | told.renamed
    differing += _differing(f"run {number}", {"leavers": seen.leavers.get(number, set())}, {"leavers": left})
    return differing + list(_differing(f"run {number} row", seen.lines.get(number, {}), _lines(told)))


def _lines(told: Told) -> dict[tuple[int, str], set[str]]:
    """Return what must be told of rows: all that are not simply unchanged; as row 0 that absent ones stay for now."""
    rows = {(row.place, str(row.outcome)): {finding.code for finding in row.findings} for row in told.rows}
    rows |= {(0, "held"): set(told.codes)} if told.codes else {}
    return {place: codes for place, codes in rows.items() if place[1] != "unchanged" or codes - EVENTS}


def state_differences(seen: Seen, tenant: Tenant) -> list[str]:
    """Say which runs are not in the state that they should be in (1.10)."""
    states = {number: run["state"] for number, run in seen.runs.items()}
    return list(_differing("state of run", states, tenant.states))
