"""Reference data (section 4): feeds of its kinds, and what rows of employees say of it."""

from __future__ import annotations

from tests.model import renaming
from tests.model.rows import LONGEST, rows_of
from tests.model.state import Feed, Finding, Person, Row, Tenant

_ID_FIELD = {"job-titles": "name", "departments": "name", "business-units": "feed_id"}
_LONGEST = LONGEST["job_title"]


def process(tenant: Tenant, feed: Feed) -> tuple[list[Row], set[tuple[str, str]], set[str]]:
    """4.6: create and rename by a feed; return its rows, what is there now and was not (4.7), and who follows."""
    if any("action" in cells for cells in feed.rows):
        return renaming.process(tenant, feed)
    rows = rows_of(tenant, feed)
    for row in rows:
        _read(feed.kind, row)
    last = {row.external_id: row for row in rows if row.outcome is None}
    arrived: set[tuple[str, str]] = set()
    for row in rows:
        if row.outcome is None and last[row.external_id] is not row:
            row.settle("overwritten", "EXTERNAL_ID_DUPLICATE_IN_RUN", _ID_FIELD[feed.kind], row.external_id)  # 3.2
    for row in rows:
        if row.outcome is None:
            _apply(tenant, feed, row, arrived)
    return rows, arrived, set()


def _read(kind: str, row: Row) -> None:
    if "line" in row.cells:
        row.settle("rejected", "LINE_BROKEN", value=row.cells["line"])
        return
    for field in {_ID_FIELD[kind]: None, "name": None}:
        text = row.cells.get(field, "")
        if not text.strip():
            row.settle("rejected", "EXTERNAL_ID_MISSING" if field == "feed_id" else "REQUIRED_FIELD_MISSING", field)
        elif len(text) > _LONGEST:
            row.settle("rejected", "VALUE_TOO_LONG", field, text)
    key = row.cells.get(_ID_FIELD[kind], "")
    row.external_id = (key.strip() if kind == "business-units" else key) or None
    row.wish = {"name": row.cells.get("name")}


def _apply(tenant: Tenant, feed: Feed, row: Row, arrived: set[tuple[str, str]]) -> None:
    known, key = tenant.references[feed.kind], str(row.external_id)
    if key not in known and resolve(tenant, feed.kind, key)[0] is not None:
        row.settle("unchanged", "REFERENCE_RENAMED", "name", key)  # 4.8
    elif key not in known:
        known[key] = {"name": row.wish["name"], "aliases": set()}
        row.outcome = "created"
        arrived.add((feed.kind, key))
    elif known[key]["name"] == row.wish["name"]:
        row.outcome = "unchanged"
    else:  # 3.10: however old the feed, it follows the line
        known[key] |= {"name": row.wish["name"]}
        row.outcome = "updated"


def resolve(tenant: Tenant, kind: str, name: str) -> tuple[str | None, bool]:
    """Return the name that stands now for a name that a feed gives, None if there is none; and whether it is an alias.

    4.1: names match exactly. 4.6: the old name of something renamed stays an alias for feeds.
    """
    known = tenant.references[kind]
    if name in known:
        return name, False
    return next(((key, True) for key, reference in known.items() if name in reference["aliases"]), (None, False))


def want_what_is_gone(tenant: Tenant, row: Row, after: Person) -> None:
    """4.6: what somebody left with may be deleted; for who comes back with it, it is unknown (4.2 to 4.4)."""
    for field, kind in (("department", "departments"), ("business_unit_id", "business-units")):
        if after[field] and after[field] not in tenant.references[kind]:
            wanted = field.removesuffix("_id") + "_wanted"
            after |= {field: None, wanted: after[wanted] or after[field]}
    if after["job_title"]:
        row.wish.setdefault("job_title", after["job_title"])


def job_title(tenant: Tenant, row: Row, after: Person) -> None:
    """4.2: an unknown job title parks the row; 2.6: for someone who leaves it is a warning."""
    wanted = row.wish.get("job_title")
    if wanted is None:
        return
    name, renamed = resolve(tenant, "job-titles", wanted)
    if name is not None:
        after["job_title"] = name
        _say_if_renamed(row, "job_title", wanted, renamed=renamed)
    elif row.wish.get("active") is False:
        row.findings.append(Finding("JOB_TITLE_NOT_FOUND", "job_title", wanted))
    else:
        row.settle("parked", "JOB_TITLE_NOT_FOUND", "job_title", wanted)


def department(tenant: Tenant, row: Row, after: Person) -> None:
    """4.3: someone is in a department that exists; a name that does not is kept, and filled in when it appears.

    A row that does not speak of departments leaves what is wanted as it is, and is another one without it.
    """
    if "department" not in row.wish and not after["department_wanted"]:
        return
    wanted = row.wish.get("department", after["department_wanted"])
    name, renamed = resolve(tenant, "departments", wanted) if wanted else (None, False)
    if wanted is None or name is not None:
        after |= {"department": name, "department_wanted": None}
        _say_if_renamed(row, "department", wanted, renamed=renamed)
        return
    after["department_wanted"] = wanted
    row.findings.append(Finding("DEPARTMENT_NOT_FOUND", "department", wanted))


def business_unit(tenant: Tenant, row: Row, after: Person) -> None:
    """4.4: likewise, by feed ID; someone may have sent a unit's name instead."""
    if "business_unit_id" not in row.wish and not after["business_unit_wanted"]:
        return
    wanted = row.wish.get("business_unit_id", after["business_unit_wanted"])
    units = tenant.references["business-units"]
    if wanted is None or wanted in units:
        after |= {"business_unit_id": wanted, "business_unit_wanted": None}
        return
    named = any(unit["name"] == wanted for unit in units.values())
    after["business_unit_wanted"] = wanted
    code = "BUSINESS_UNIT_WRONG_ID_KIND" if named else "BUSINESS_UNIT_NOT_FOUND"
    row.findings.append(Finding(code, "business_unit_id", wanted))


def _say_if_renamed(row: Row, field: str, wanted: str | None, *, renamed: bool) -> None:
    if renamed:
        row.findings.append(Finding("REFERENCE_RENAMED", field, wanted))
