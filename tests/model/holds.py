"""What waits for an administrator (6.3)."""

from __future__ import annotations

from dataclasses import replace

from tests.model import problems
from tests.model.state import Feed, Hold, Tenant


class Refused(Exception):
    """The hold is not as the administrator saw it, or is gone."""


def update(tenant: Tenant, feed: Feed, safeguard: str, *, stops: bool) -> None:
    """6.3: let a feed make a hold, refresh it, or remove it because a later full feed has nothing to hold."""
    key = (feed.source, safeguard)
    hold = tenant.holds.get(key)
    if stops and hold is None:
        tenant.holds[key] = Hold(since=feed.at, version=1, runs=[feed.number])
    elif stops and hold is not None:
        if _gives_way(tenant, hold, feed):
            _supersede(tenant, hold)
            hold.runs = []
        hold.version += 1
        hold.runs.append(feed.number)
    elif hold is not None and _gives_way(tenant, hold, feed):
        _supersede(tenant, hold)
        del tenant.holds[key]


def _gives_way(tenant: Tenant, hold: Hold, feed: Feed) -> bool:
    """Whether a feed is full, and no older than what is held."""
    return feed.mode == "full" and tenant.feeds[hold.runs[-1]].age <= feed.age


def release(tenant: Tenant, source: str, safeguard: str, version: int) -> list[Feed]:
    """6.3: return the content of a hold as it is delivered again: old age, new numbers, that safeguard off."""
    hold = _as_seen(tenant, source, safeguard, version)
    _supersede(tenant, hold)
    del tenant.holds[source, safeguard]
    parts = [(run, tenant.feeds[run]) for run in hold.runs]
    return [replace(feed, purpose="release", off=feed.off | {safeguard}, held_in=run) for run, feed in parts]


def discard(tenant: Tenant, source: str, safeguard: str, version: int) -> None:
    """6.3: forget what was held; the runs held whole are discarded (1.10)."""
    hold = _as_seen(tenant, source, safeguard, version)
    for run in hold.runs:
        if tenant.states.get(run) == "held":
            tenant.states[run] = "discarded"
    del tenant.holds[source, safeguard]
    problems.forget_held(tenant, source, safeguard, hold.runs[-1])


def _as_seen(tenant: Tenant, source: str, safeguard: str, version: int) -> Hold:
    hold = tenant.holds.get((source, safeguard))
    if hold is None or hold.version != version:
        raise Refused(f"{source} {safeguard} {version}")
    return hold


def _supersede(tenant: Tenant, hold: Hold) -> None:
    """Runs held whole whose content a later one replaces, or delivers again, are superseded."""
    for run in hold.runs:
        if tenant.states.get(run) == "held":
            tenant.states[run] = "superseded"
