"""Who is who (section 3, without addresses), and what a row makes of a person."""

from __future__ import annotations

from tests.model import references
from tests.model.state import NOBODY, Feed, Finding, Person, Position, Row, Tenant, address_key

BUILT_IN_PROFILES = ("employee", "manager", "training-manager", "administrator")

STUB: Person = {
    "first_name": None,
    "last_name": None,
    "email": None,
    "job_title": None,
    "department": None,
    "business_unit_id": None,
    "start_date": None,
    "active": False,
    "profile": "employee",
    "source": None,
    "department_wanted": None,
    "business_unit_wanted": None,
    "ever_active": False,
}


def position_of(feed: Feed, row: Row) -> Position:
    """3.10: return where a row stands in history: age, run number, row."""
    return row.age, feed.number, row.place


def refuse_erased(tenant: Tenant, row: Row) -> None:
    """1.11: nothing is known of who was erased, so nothing is said of what else is wrong with the row."""
    if row.external_id in tenant.erased and row.outcome in {None, "rejected"}:
        row.findings.clear()
        row.settle("rejected", "PERSON_ERASED", "external_id", row.external_id)


def refuse_foreign(tenant: Tenant, row: Row) -> None:
    """3.13: a row of another source for an active employee is rejected."""
    person = tenant.people.get(str(row.external_id))
    if person is None or not person["active"] or row.source in NOBODY:
        return
    if person["source"] is not None and person["source"] != row.source:
        row.findings.clear()
        row.settle("rejected", "OWNED_BY_OTHER_SOURCE", "external_id", person["source"])


_NOT_BY_ITSELF = {"PERSON_ERASED", "OWNED_BY_OTHER_SOURCE"}


def supersede_stale(tenant: Tenant, feed: Feed, row: Row) -> None:
    """3.10: a row older than what the directory last applied for that external ID is superseded, valid or not."""
    if row.fills_in or row.external_id is None:
        return  # 4.3: it says nothing new, it makes good what was missing
    if row.outcome == "overwritten" or {finding.code for finding in row.findings} & _NOT_BY_ITSELF:
        return  # 1.11, 3.2, 3.13: the row is not looked at any further
    who = str(row.external_id)
    person, parked = tenant.people.get(who), tenant.parked.get(who)
    full = tenant.full_feeds.get((row.source, "employees"))
    is_said_later = feed.purpose == "release" and stands_later(tenant, feed, who)
    older_than_person = person is not None and position_of(feed, row) < person["position"]
    older_than_full = full is not None and who in full.good and row.age < full.age and feed.mode == "changes"
    older_than_parked = parked is not None and not row.is_retried and row.age < parked.first[0]
    if older_than_person or older_than_full or older_than_parked or is_said_later:
        row.findings.clear()
        row.settle("superseded", "STALE_ROW")


def stands_later(tenant: Tenant, feed: Feed, who: str) -> bool:
    """3.10: whether a full feed of any source had somebody, changed or not, that is newer than what is released."""
    full_feeds = [full for (_, kind), full in tenant.full_feeds.items() if kind == "employees"]
    return any(feed.age < (full.age if who in full.good else full.earlier.get(who, "")) for full in full_feeds)


def next_state(tenant: Tenant, feed: Feed, row: Row) -> None:
    """2.3, 2.6, 2.7, 4.2-4.4: say what the person would be after the row; it may be parked over it."""
    row.before = tenant.people.get(str(row.external_id))
    after = dict(row.before or STUB)
    for field in ("first_name", "last_name", "email", "start_date"):
        if field in row.wish:
            after[field] = row.wish[field]
    after["active"] = _is_active(row)
    if row.before is not None and after["active"] and not row.before["active"]:
        references.want_what_is_gone(tenant, row, after)
    references.job_title(tenant, row, after)
    references.department(tenant, row, after)
    references.business_unit(tenant, row, after)
    _profile(feed, row, after)
    _owner(row, after)
    after["ever_active"] = after["ever_active"] or after["active"]
    row.after = after
    if row.outcome == "parked":
        row.findings = [finding for finding in row.findings if finding.code == "JOB_TITLE_NOT_FOUND"]


def _is_active(row: Row) -> bool:
    """2.7: without a status the new are active and the known are as they were, or there, where that means active."""
    if "active" in row.wish:
        return bool(row.wish["active"])
    return row.before is None or row.presence_is_active or bool(row.before["active"])


def _profile(feed: Feed, row: Row, after: Person) -> None:
    """5.2: an uploaded users list may name a profile for someone new; a source never does."""
    wanted = row.cells.get("profile", "").strip()
    if row.before is not None or row.source not in NOBODY or not wanted:
        return
    if wanted not in BUILT_IN_PROFILES:
        row.findings.append(Finding("PROFILE_NOT_FOUND", "profile", wanted))
    elif wanted != "employee" and not (row.by_administrator if row.is_retried else feed.by_administrator):
        row.findings.append(Finding("PROFILE_EXCEEDS_GRANT", "profile", wanted))
    else:
        after["profile"] = wanted


def _owner(row: Row, after: Person) -> None:
    """3.13: the source whose row made or last reactivated someone owns them; uploads own nobody."""
    if row.before is None or (after["active"] and not row.before["active"]):
        after["source"] = None if row.source in NOBODY else row.source


def changes(row: Row) -> bool:
    """Whether the person would differ from what they are."""
    return row.before != row.after


def outcome_of(row: Row) -> str:
    """1.6: name what an applied row did."""
    if row.before is None:
        return "created"  # 3.9: also someone unknown who is deactivated
    if not changes(row):
        return "unchanged"
    match (row.before["active"], (row.after or {})["active"]):
        case (True, False):
            return "deactivated"
        case (False, True):
            return "reactivated"  # 3.8
        case _:
            return "updated"


def is_identity_change(row: Row) -> bool:
    """3.3: whether first name, last name and address change at once."""
    return {"first_name", "last_name", "email"} <= _renewed(row)


def _renewed(row: Row) -> set[str]:
    """Return what of names and address becomes another; what was not known before does not (3.9)."""
    before, after = row.before, row.after
    if before is None or after is None:
        return set()
    names = {name for name in ("first_name", "last_name") if before[name] and before[name] != after[name]}
    return names | ({"email"} if address_key(before["email"]) != address_key(after["email"]) else set())


def remark(tenant: Tenant, row: Row) -> None:
    """3.3, 3.13, 3.14: say what is remarkable about a row that changes somebody."""
    renewed = _renewed(row)
    if is_identity_change(row):
        row.findings.append(Finding("EXTERNAL_ID_IDENTITY_CHANGED", "external_id"))
    elif renewed == {"last_name", "email"}:
        row.findings.append(Finding("NAME_CHANGED", "last_name"))
    if row.source in NOBODY and row.before is not None and (row.after or {})["source"] is not None:
        row.findings.append(Finding("UPLOAD_OVER_SOURCE", "external_id", row.external_id))
    if row.before is None and _near(tenant, str(row.external_id)):
        row.findings.append(Finding("EXTERNAL_ID_NEAR_DUPLICATE", "external_id", row.external_id))


def _near(tenant: Tenant, new: str) -> bool:
    """3.14: whether a known external ID differs in leading zeros only."""
    digits = new.isascii() and new.isdigit()
    return digits and any(who != new and who.isdigit() and who.lstrip("0") == new.lstrip("0") for who in tenant.people)
