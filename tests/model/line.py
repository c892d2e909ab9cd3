"""A tenant's feeds, one after another, each as if at once (section 1)."""

from __future__ import annotations

from copy import deepcopy

from tests.model import addresses, by_hand, holds, leavers, people, problems, references, retries, rows, safeguards
from tests.model.state import OUTCOMES, Feed, FullFeed, Row, Tenant, Told

_REQUIRED = {
    "employees": {"external_id", "first_name", "last_name", "job_title"},
    "job-titles": {"name"},
    "departments": {"name"},
    "business-units": {"feed_id", "name"},
    "settings": {"name", "value"},
}


def process(tenant: Tenant, feed: Feed, retried: frozenset[retries.Cause] = frozenset()) -> Told:
    """Process one feed, the next in number order (1.3); `retried` says what a retry is about (4.7)."""
    if feed.purpose == "discard":
        tenant.states[feed.number] = "finished"
        return Told(counts={"received": 0})
    tenant.feeds[feed.number] = feed
    told = _process(deepcopy(tenant) if feed.simulate else tenant, feed, retried)  # 1.9
    tenant.states[feed.number] = told.state
    return told


def _process(tenant: Tenant, feed: Feed, retried: frozenset[retries.Cause]) -> Told:
    refused = _unreadable(feed) or _older(tenant, feed)
    if refused:
        return refused
    told, causes, was_anything_held = Told(), set[retries.Cause](), bool(tenant.holds)
    claims_before = {addresses.claimed(person) for person in tenant.people.values()}
    if feed.purpose in {"letting-go", "erasure"}:
        told = by_hand.process(tenant, feed)
    elif feed.kind == "settings":
        told.rows, causes = by_hand.change_settings(tenant, feed)
    elif feed.kind == "employees":
        told = employees(tenant, feed, retried)
    else:
        told.rows, causes, told.renamed = references.process(tenant, feed)  # 7.4: its entries are events
    told.counts = _counts(told)
    if told.state == "finished" and feed.mode == "full":
        _remember_full_feed(tenant, feed, told.rows, was_anything_held=was_anything_held)
    freed = claims_before - {addresses.claimed(person) for person in tenant.people.values()} - {None}
    told.freed = frozenset(causes | told.given_up | {("email", str(key)) for key in freed})
    told.retry = frozenset() if feed.simulate else retries.due(tenant, told.freed)
    return told


def _unreadable(feed: Feed) -> Told | None:
    """1.7: a feed that cannot be read fails before anything is written."""
    if feed.purpose == "retry":
        return None
    if not _REQUIRED[feed.kind] <= set(feed.columns):
        return Told(state="failed", code="COLUMN_MISSING")
    if feed.mode == "full" and not feed.rows:
        return Told(state="failed", code="FEED_EMPTY")
    return None


def _older(tenant: Tenant, feed: Feed) -> Told | None:
    """1.4: a full feed older than the last applied one of its source is superseded whole."""
    last = tenant.full_feeds.get((feed.source, feed.kind))
    if feed.mode == "full" and last is not None and feed.age < last.age:
        return Told(state="superseded", code="FEED_OLDER")
    return None


def employees(tenant: Tenant, feed: Feed, retried: frozenset[retries.Cause]) -> Told:
    """Judge the rows of a feed of employees, clause by clause, and apply what is left of them."""
    told = Told(rows=retries.rows_of(tenant, feed, retried) if feed.purpose == "retry" else rows.rows_of(tenant, feed))
    for row in told.rows:
        rows.read(tenant, row)  # 2.5
    rows.settle_duplicates(told.rows)  # 3.2
    for row in told.rows:
        people.refuse_erased(tenant, row)  # 1.11
    for row in _open(told.rows):
        people.refuse_foreign(tenant, row)  # 3.13
    for row in told.rows:
        people.supersede_stale(tenant, feed, row)  # 3.10
    for row in _open(told.rows):
        people.next_state(tenant, feed, row)  # 4.2-4.4, 2.6, 2.7, 3.12
    told.leavers = leavers.find(tenant, feed, told.rows)  # 1.5
    if _is_held_whole(tenant, feed, told):  # 6.2, 6.4
        return told
    is_anything_held = bool(tenant.holds)
    _hold_rows(tenant, feed, told)  # 3.3, 6.1
    addresses.settle(tenant, _open(told.rows) + _open(told.leavers))  # 3.4-3.8, 3.11
    _apply(tenant, feed, told)
    if is_anything_held and feed.mode == "changes":
        _note_unchanged(tenant, feed, told.rows)
    return told


def _open(some: list[Row]) -> list[Row]:
    return [row for row in some if row.outcome is None]


def _is_held_whole(tenant: Tenant, feed: Feed, told: Told) -> bool:
    for safeguard, code, stops in (
        ("feed", "FEED_SUSPECT", safeguards.is_suspect),
        ("mass-identity", "MASS_IDENTITY_CHANGE", safeguards.is_mass_identity_change),
    ):
        if safeguards.is_guarded(tenant, feed, safeguard) and stops(tenant, feed, told.rows):
            holds.update(tenant, feed, safeguard, stops=True)
            told.state, told.code, told.rows, told.leavers = "held", code, [], []
            return True
    for safeguard in ("feed", "mass-identity"):  # 6.3: only a feed that is applied has the last word
        holds.update(tenant, feed, safeguard, stops=False)
    return False


def _hold_rows(tenant: Tenant, feed: Feed, told: Told) -> None:
    for row in (stolen := safeguards.stolen_identities(tenant, feed, told.rows)):
        row.findings.clear()
        after = row.after or {}
        row.settle("held", "IDENTITY_HELD", "external_id", f"{after['first_name']} {after['last_name']}")
    holds.update(tenant, feed, "identity", stops=bool(stolen))
    held = _held_leavers(tenant, feed, told)
    for row in held:
        row.findings.clear()
        row.settle("held", *(() if row.is_leaver else ("LEAVERS_HELD", "status", "Inactive")))
    holds.update(tenant, feed, "leavers", stops=bool(held))


def _held_leavers(tenant: Tenant, feed: Feed, told: Told) -> list[Row]:
    """6.1, and 1.5: where nobody knows who is missing, nobody leaves for being missing."""
    uncertain = told.leavers if leavers.are_uncertain(told.rows) and "leavers" not in feed.off else []
    counted, held = [*told.rows, *([] if uncertain else told.leavers)], []
    if safeguards.is_guarded(tenant, feed, "leavers"):
        held = safeguards.too_many_leavers(tenant, feed, counted)
    if uncertain:
        told.codes.append("LEAVERS_UNCERTAIN")
    elif any(row.is_leaver for row in held):
        told.codes.append("LEAVERS_HELD")
    return held + uncertain


def _apply(tenant: Tenant, feed: Feed, told: Told) -> None:
    """1.6: give every row that is left its outcome, and make the people what it says."""
    applied = _open(told.rows) + _open(told.leavers)
    addresses.remember_leavers(tenant, applied)
    for row in applied:
        row.outcome = people.outcome_of(row)
        if row.outcome == "unchanged":
            row.findings = [finding for finding in row.findings if finding.code not in problems.EVENTS]
            continue
        people.remark(tenant, row)
        addresses.remark_reuse(tenant, row, applied)
    for row in applied:
        if row.outcome != "unchanged":
            _write(tenant, feed, row)
    addresses.forget_taken(tenant)
    left = [row for row in told.leavers if row.outcome == "deactivated"]
    told.given_up = retries.keep(tenant, feed, told.rows + left)
    problems.note(tenant, feed, told.rows + left)
    if feed.mode == "full" and feed.purpose != "retry":
        leavers.drop_parked_of_the_absent(tenant, feed, told.rows)
        problems.resolve_rows_that_are_gone(tenant, feed, told.rows)
        problems.note_absent(tenant, feed, told.codes)
    tenant.applied_sources |= {feed.source} if feed.purpose == "delivery" else set()


def _note_unchanged(tenant: Tenant, feed: Feed, rows: list[Row]) -> None:
    """3.10: that somebody is as they were is the newest word about them, should an older row be released (6.3)."""
    for row in rows:
        if row.outcome == "unchanged" and not row.fills_in:
            tenant.people[str(row.external_id)] |= {"position": people.position_of(feed, row)}


def _write(tenant: Tenant, feed: Feed, row: Row) -> None:
    who, after = str(row.external_id), dict(row.after or {})
    after["position"] = (row.before or after)["position"] if row.fills_in else people.position_of(feed, row)
    tenant.people[who] = after
    if row.outcome == "deactivated" and feed.purpose == "delivery":
        tenant.deactivations.append((feed.at, feed.source, who))  # 6.1


def _remember_full_feed(tenant: Tenant, feed: Feed, all_rows: list[Row], *, was_anything_held: bool) -> None:
    """1.4, 3.10, 6.2: what later feeds of the source are measured by."""
    good = {str(row.external_id) for row in all_rows if row.outcome in problems.APPLIED}
    last, earlier = tenant.full_feeds.get((feed.source, feed.kind)), dict[str, str]()
    if last is not None and was_anything_held:
        had = last.earlier | dict.fromkeys(last.good, last.age)
        earlier = {who: age for who, age in had.items() if who not in good}
    full = FullFeed(feed.age, feed.number, len(all_rows), feed.columns, good, earlier)
    tenant.full_feeds[feed.source, feed.kind] = full


def _counts(told: Told) -> dict[str, int]:
    """1.6: received is the sum of the outcomes; leavers are counted apart."""
    counts = {outcome: sum(row.outcome == outcome for row in told.rows) for outcome in OUTCOMES}
    deactivated = sum(row.outcome == "deactivated" for row in told.leavers)
    return {"received": len(told.rows), **counts, "leavers": deactivated}
