"""Looking up what the planner must know: whom a feed speaks of or lacks, and who has the addresses that it wants."""

from collections.abc import Iterable
from datetime import datetime

from peoplefeed import telemetry
from peoplefeed.deployment import Deployment
from peoplefeed.model import OWNING_NOBODY, Feed, FeedMode, Record, Run, Safeguard
from peoplefeed.planner.employees import Sheet
from peoplefeed.planner.grouping import hold_subject
from peoplefeed.planner.journal import row_subject
from peoplefeed.planner.knowledge import Knowledge, Staff
from peoplefeed.runs.sieve import Met
from peoplefeed.storage.employees import find_claims, find_near, find_people
from peoplefeed.storage.full_feeds import FullFeed
from peoplefeed.storage.pending import find_pending
from peoplefeed.storage.staff import find_staff


def learn(
    deployment: Deployment,
    run: Run,
    sheet: Sheet,
    now: datetime,
    *,
    met: Met,
    absent: tuple[str, ...] = (),
) -> Knowledge:
    """Return what there is to know of the directory as it is now, beyond whom was `met` while the feed was read."""
    feed, tenant = run.feed, run.feed.tenant
    external_ids = {row.external_id for row in sheet.candidates}
    rejected = {row.external_id or row_subject(row.cells) for row in sheet.rejections}
    invalid = {row.external_id for row in sheet.rejections if row.external_id}  # they may have been erased (1.11)
    people = met.people
    people.add(find_people(deployment, tenant, (external_ids | invalid | set(absent)) - met.external_ids))
    near = find_near(deployment, tenant, external_ids - people.records.keys())
    claims = find_claims(deployment, tenant, _wanted_keys(sheet, people.records))
    others = {*claims.holders.values(), *claims.former.values(), *near.values()} - people.records.keys()
    found = find_people(deployment, tenant, others)
    _tell_of_damage(run, people.damaged & external_ids)
    holds = {hold.safeguard: hold for hold in met.holds}
    subjects = (external_ids | rejected | set(absent)) - met.external_ids
    if _is_full(feed) and (met.is_answered_behind or Safeguard.LEAVERS in {*holds, *feed.released}):
        subjects.add(hold_subject(feed.source))
    return Knowledge(
        records=people.records | found.records,
        holders=claims.holders,
        former=claims.former,
        pending=met.pending | find_pending(deployment, tenant, subjects),
        references=met.references,
        damaged=frozenset(people.damaged),
        erased=frozenset(people.erased),
        absent=absent,
        seen_later=met.seen_later(external_ids | invalid | set(absent)),
        near=near,
        staff=_staff(deployment, feed, met.last, now),
        holds=holds,
        is_anything_held=met.is_anything_held,
    )


def _is_full(feed: Feed) -> bool:
    return feed.mode is FeedMode.FULL


def _wanted_keys(sheet: Sheet, records: dict[str, Record]) -> set[str]:
    """Return the addresses that someone may take, and those that people who come back had (3.8)."""
    wanted = {row.email_key for row in sheet.candidates if row.email_key}
    return wanted | {record.email_key for record in records.values() if record.email_key}


def _tell_of_damage(run: Run, damaged: Iterable[str]) -> None:
    """9.2: their rows are parked; the operator hears of it."""
    if number := len(set(damaged)):
        facts = {"tenant": run.feed.tenant, "run": run.number, "items": number}
        telemetry.fault("employees cannot be read", ValueError(), facts)


def _staff(deployment: Deployment, feed: Feed, last: FullFeed | None, now: datetime) -> Staff:
    """Return what safeguards measure by: a source's own people, or for uploads all of the tenant's (6.1)."""
    book = find_staff(deployment, feed.tenant)
    everybody = sum(book.active.values())
    return Staff(
        active=everybody if feed.source in OWNING_NOBODY else book.active.get(feed.source, 0),
        left_lately=book.left_lately(feed.source, now),
        is_first=feed.source not in book.fed,
        rows=last.rows if last else None,
        columns=last.columns if last else (),
    )
