"""What is held back before anything is decided: a suspect feed, mass changes, many leavers (section 6, 1.5, 3.3)."""

from collections import Counter
from collections.abc import Iterable, Sequence

from peoplefeed.codes import IDENTITIES_HELD, Code, Facts, finding, message
from peoplefeed.model import BEYOND_ROWS, Finding, Notice, Outcome, Safeguard, example_of
from peoplefeed.planner.knowledge import Knowledge, Occasion
from peoplefeed.planner.open_problems import is_held_for
from peoplefeed.planner.verdicts import Verdict
from peoplefeed.rules.fields import COLUMNS

_CLEARABLE = ("email", "department", "business_unit_id", "start_date")
_EXAMPLES = 5
_ALL_OF_FEW = 3  # 6.1: all of a company may leave only if that is three people


def hold_id(occasion: Occasion, knowledge: Knowledge, safeguard: Safeguard) -> str:
    """Return what sentences call a hold of this feed's source: as before, or by the run that begins it (6.3).

    What is only simulated begins none that anybody could release (1.9).
    """
    if occasion.simulates:
        return "that the feed would begin"
    hold = knowledge.holds.get(safeguard)
    return hold.id if hold else f"{occasion.source}.{safeguard}.{occasion.number}"


def would(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Return what rows would do, by outcome; who is absent counts as `leavers` (1.6)."""
    return dict(Counter(_would(verdict) for verdict in verdicts if verdict.changes))


def _would(verdict: Verdict) -> str:
    if verdict.candidate.row >= BEYOND_ROWS:
        return "leavers"
    return outcome_of(verdict).value


def outcome_of(verdict: Verdict) -> Outcome:
    """Return what becomes of a row that is applied (1.6)."""
    before, after = verdict.before, verdict.after
    if not verdict.changes:
        return Outcome.UNCHANGED
    if before is None:
        return Outcome.CREATED
    if before.employee.active == after.active:
        return Outcome.UPDATED
    return Outcome.REACTIVATED if after.active else Outcome.DEACTIVATED


# The whole feed.


def suspicion(
    occasion: Occasion,
    knowledge: Knowledge,
    verdicts: Sequence[Verdict],
    rows: int,
    rejected: int,
    columns: Sequence[str],
) -> Notice | None:
    """Return why the whole feed is held (6.2, 6.4), None where nothing speaks against it."""
    if knowledge.staff.is_first:
        return None
    if occasion.is_full and occasion.guards(Safeguard.FEED):
        reason = _reason(occasion, knowledge, verdicts, rows, rejected, columns)
        if reason:
            hold = hold_id(occasion, knowledge, Safeguard.FEED)
            text = message(Code.FEED_SUSPECT, reason=reason, hold=hold)
            return Notice(Safeguard.FEED, Code.FEED_SUSPECT, text, would(verdicts))
    return _mass_identity(occasion, knowledge, verdicts) if occasion.guards(Safeguard.MASS_IDENTITY) else None


def _reason(
    occasion: Occasion,
    knowledge: Knowledge,
    verdicts: Sequence[Verdict],
    rows: int,
    rejected: int,
    columns: Sequence[str],
) -> str | None:
    settings, staff = occasion.settings, knowledge.staff
    if staff.rows is not None and rows * 100 < staff.rows * settings.rows_percent:
        least = f"{settings.rows_percent} % are expected at least"
        return f"it has {rows} rows, the full feed before had {staff.rows}; {least}."
    if rejected > (limit := settings.limit("rejected", rows)):
        return f"{rejected} of its {rows} rows are rejected; {limit} may be."
    gone = [COLUMNS.get(name, name) for name in staff.columns if columns and name not in columns]
    if gone:
        return f"it has no column {gone[0]} any more; the full feed before had it."
    for name, cleared in _cleared(verdicts).items():
        if cleared > (limit := settings.limit("cleared", rows)):
            return f"it would clear {COLUMNS[name]} for {cleared} employees; {limit} may be cleared."
    return None


def _cleared(verdicts: Iterable[Verdict]) -> Counter[str]:
    """Count for how many each field would be cleared; an address that is shared does not count (3.12)."""
    cleared: Counter[str] = Counter()
    for verdict in verdicts:
        if verdict.before is None or any(said.code == Code.EMAIL_SHARED for said in verdict.warnings):
            continue
        for name in _CLEARABLE:
            if getattr(verdict.before.employee, name) is not None and getattr(verdict.after, name) is None:
                cleared[name] += 1
    return cleared


def _mass_identity(occasion: Occasion, knowledge: Knowledge, verdicts: Sequence[Verdict]) -> Notice | None:
    """6.4: too many addresses or last names change at once."""
    changed = [verdict for verdict in verdicts if _changes_identity(verdict)]
    staff = knowledge.staff.active
    limit = occasion.settings.limit("identity", staff)
    if len(changed) <= limit:
        return None
    examples = tuple(_old_and_new(verdict) for verdict in changed[:_EXAMPLES])
    hold = hold_id(occasion, knowledge, Safeguard.MASS_IDENTITY)
    text = message(Code.MASS_IDENTITY_CHANGE, number=len(changed), staff=staff, limit=limit, hold=hold)
    return Notice(Safeguard.MASS_IDENTITY, Code.MASS_IDENTITY_CHANGE, text, would(verdicts), examples)


def _changes_identity(verdict: Verdict) -> bool:
    if verdict.before is None or not verdict.before.employee.active:
        return False
    return verdict.new_address or verdict.before.employee.last_name != verdict.after.last_name


def _old_and_new(verdict: Verdict) -> str:
    before = verdict.before.employee if verdict.before else verdict.after
    pairs = ((before.email, verdict.after.email), (before.last_name, verdict.after.last_name))
    told = ", ".join(f"{old or '–'} → {new or '–'}" for old, new in pairs if old != new)  # noqa: RUF001 - a dash stands for nothing
    return example_of(verdict.external_id, told)


# Some of its rows.


def too_many_leave(occasion: Occasion, knowledge: Knowledge, leaving: int) -> Facts | None:
    """6.1: return the facts where more would leave than may, those of the last 24 hours counted in."""
    staff = knowledge.staff
    if staff.is_first or not leaving or not occasion.guards(Safeguard.LEAVERS):
        return None
    limit = occasion.settings.limit("leavers", staff.active)
    everybody = leaving >= staff.active > _ALL_OF_FEW
    if leaving + staff.left_lately <= limit and not everybody:
        return None
    lately = f" ({staff.left_lately} left in the last 24 hours)" if staff.left_lately else ""
    hold = hold_id(occasion, knowledge, Safeguard.LEAVERS)
    return {"number": leaving, "staff": staff.active, "limit": limit, "lately": lately, "hold": hold}


def leaving_row_held(row: int, facts: Facts) -> Finding:
    """Return what is said of a row whose deactivation is held (6.1)."""
    return finding(Code.LEAVERS_HELD, field="status", value="Inactive", place=f"Row {row}: the feed", row=row, **facts)


def absent_held(facts: Facts, unreadable: int) -> Finding:
    """Return what is said of all whom a feed lacks, where their leaving is held (6.1, 1.5)."""
    if unreadable:
        return finding(Code.LEAVERS_UNCERTAIN, unreadable=unreadable, **facts)
    return finding(Code.LEAVERS_HELD, place="The feed", **facts)


def leavers_notice(occasion: Occasion, knowledge: Knowledge, found: Finding, held: Sequence[Verdict]) -> Notice:
    """Return what is held of those who would leave; `found` is said of all of them."""
    added = _added(occasion, knowledge, Code.LEAVERS_HELD, held)
    return _notice(Safeguard.LEAVERS, found.code, found.message, added)


def identity_notice(occasion: Occasion, knowledge: Knowledge, held: Sequence[Verdict]) -> Notice:
    """Return what is held of those who would look like other people (3.3)."""
    hold, code = hold_id(occasion, knowledge, Safeguard.IDENTITY), Code.IDENTITY_HELD
    text = IDENTITIES_HELD.format(number=len(held), hold=hold)
    return _notice(Safeguard.IDENTITY, code, text, _added(occasion, knowledge, code, held))


def _added(occasion: Occasion, knowledge: Knowledge, code: Code, held: Sequence[Verdict]) -> list[Verdict]:
    """Return what a feed adds to a hold (6.3): a full one takes its place, of changes only who was not held before."""
    if occasion.is_full:
        return [*held]
    pending = knowledge.pending
    before = {who for who, one in pending.items() if is_held_for(one, code, occasion.source)}
    return [verdict for verdict in held if verdict.external_id not in before]


def _notice(safeguard: Safeguard, code: str, text: str, held: Sequence[Verdict]) -> Notice:
    names = tuple(example_of(verdict.external_id, verdict.after.name or "–") for verdict in held[:_EXAMPLES])  # noqa: RUF001 - likewise
    return Notice(safeguard, code, text, would(held), names)
