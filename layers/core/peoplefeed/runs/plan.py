"""Planning a run: read the whole feed, decide, and put the decision down once (design, section 2).

Nothing is written to the directory here. A planner that is killed leaves nothing behind but files that
nobody refers to; two planners of one run put down two plans, of which the first one counts.
"""

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from peoplefeed import telemetry
from peoplefeed.codes import Code, feed_error
from peoplefeed.deployment import Deployment
from peoplefeed.feed_log.entries import shards_of
from peoplefeed.model import (
    FeedError,
    FeedKind,
    FeedMode,
    PlanHead,
    Record,
    Run,
    RunState,
    empty_counts,
)
from peoplefeed.model.plan import PLAN_FORMAT
from peoplefeed.planner.employees import plan_employees
from peoplefeed.planner.journal import row_subject
from peoplefeed.planner.knowledge import Decision, Knowledge, Occasion
from peoplefeed.planner.reference_data import plan_references
from peoplefeed.readers import UnreadableFeed
from peoplefeed.rules.references import References
from peoplefeed.runs.comparison import comparison_for
from peoplefeed.runs.fingerprints import Comparison, write_records
from peoplefeed.runs.intake import Intake, read_references, take_in
from peoplefeed.runs.register import place_of
from peoplefeed.sources.store import manifest_of
from peoplefeed.storage import plans
from peoplefeed.storage.employees import find_claims, find_people
from peoplefeed.storage.full_feeds import FullFeed, find_last_full_feed
from peoplefeed.storage.pending import find_pending
from peoplefeed.storage.references import all_references
from peoplefeed.storage.tenants import Tenant
from peoplefeed.times import stamp

OWNING_NOBODY = frozenset({"upload", "api"})
"""What administrators send owns nobody and may change anybody (3.13)."""

_IN_MEMORY = 16 * 1024 * 1024


class FeedRefused(Exception):
    """The feed is not applied at all. `state` is what its run ends in."""

    def __init__(self, state: RunState, error: FeedError) -> None:
        """Keep the state and the reason."""
        super().__init__(error.message)
        self.state, self.error = state, error


def plan_of(deployment: Deployment, tenant: Tenant, run: Run, now: datetime) -> PlanHead:
    """Return the plan of a run: the one it has, or the one made here.

    Raises:
        FeedRefused: the feed cannot be read (1.7), or a newer one of its source is applied (1.4).
    """
    existing = plans.find_head(deployment, tenant.slug, run.number)
    if existing:
        return existing
    place = place_of(run.feed.key)
    if place.kind is None or place.mode is None:
        raise FeedRefused(RunState.FAILED, feed_error(Code.KIND_UNKNOWN, value=run.feed.key))
    last = find_last_full_feed(deployment, run.feed)
    _refuse_if_older(run, last)
    try:
        head = _make(deployment, tenant, run, last, now)
    except UnreadableFeed as unreadable:
        raise FeedRefused(RunState.FAILED, unreadable.error) from unreadable
    return plans.put_head(deployment, tenant.slug, run.number, head)


def _refuse_if_older(run: Run, last: FullFeed | None) -> None:
    if run.feed.mode is FeedMode.FULL and last and run.feed.age < last.age:
        error = feed_error(Code.FEED_OLDER, age=run.feed.age, newer=last.age)
        raise FeedRefused(RunState.SUPERSEDED, error)


def _make(deployment: Deployment, tenant: Tenant, run: Run, last: FullFeed | None, now: datetime) -> PlanHead:
    if run.feed.kind is not FeedKind.EMPLOYEES:
        return _make_for_references(deployment, run, now)
    comparison = comparison_for(deployment, run, last, now)
    manifest = manifest_of(deployment, tenant.slug, run.feed.source)
    intake = take_in(deployment, run.feed, manifest, tenant.epoch, comparison)
    _refuse_if_empty(run, intake.received)
    knowledge = _learn(deployment, tenant.slug, intake)
    if knowledge.damaged:  # 9.2: their rows are parked; the operator hears of it
        facts = {"tenant": tenant.slug, "run": run.number, "items": len(knowledge.damaged)}
        telemetry.fault("employees cannot be read", ValueError(), facts)
    decision = plan_employees(_occasion(run), intake.candidates, intake.rejections, knowledge)
    counts = _counts(decision, intake.received, intake.unchanged)
    fingerprints = _store_fingerprints(deployment, run, comparison, intake, decision)
    head = _head(deployment, run, decision, counts, now)
    return replace(head, ignored_columns=intake.ignored, fingerprints=fingerprints)


def _make_for_references(deployment: Deployment, run: Run, now: datetime) -> PlanHead:
    feed = run.feed
    rows, ignored = read_references(deployment, feed, manifest_of(deployment, feed.tenant, feed.source))
    _refuse_if_empty(run, len(rows))
    known = {reference.key: reference for reference in all_references(deployment, feed.tenant, [feed.kind])}
    decision = plan_references(_occasion(run), feed.kind, rows, known)
    head = _head(deployment, run, decision, _counts(decision, len(rows), 0), now)
    return replace(head, ignored_columns=ignored)


def _refuse_if_empty(run: Run, received: int) -> None:
    if run.feed.mode is FeedMode.FULL and not received:
        reason = "A full list without anybody would mean that nobody works here."
        raise FeedRefused(RunState.FAILED, feed_error(Code.FEED_EMPTY, reason=reason))


def _occasion(run: Run) -> Occasion:
    owner = None if run.feed.source in OWNING_NOBODY else run.feed.source
    return Occasion(run.number, run.feed.age, run.feed.source, owner)


def _learn(deployment: Deployment, tenant: str, intake: Intake) -> Knowledge:
    """Look up everyone whom the feed speaks of, and everyone who has an address that it wants."""
    external_ids = {row.external_id for row in intake.candidates}
    rejected = {row.external_id or row_subject(row.cells) for row in intake.rejections}
    people = find_people(deployment, tenant, external_ids)
    claims = find_claims(deployment, tenant, _wanted_keys(intake, people.records))
    others = {*claims.holders.values(), *claims.former.values()} - external_ids
    holders = find_people(deployment, tenant, others)
    return Knowledge(
        records=people.records | holders.records,
        holders=claims.holders,
        former=claims.former,
        pending=find_pending(deployment, tenant, external_ids | rejected),
        references=References.of(all_references(deployment, tenant)),
        damaged=frozenset(people.damaged),
    )


def _wanted_keys(intake: Intake, records: dict[str, Record]) -> set[str]:
    """Return the addresses that someone may take, and those that people who come back had (3.8)."""
    wanted = {row.email_key for row in intake.candidates if row.email_key}
    return wanted | {record.email_key for record in records.values() if record.email_key}


def _counts(decision: Decision, received: int, unchanged: int) -> dict[str, int]:
    counts = empty_counts() | decision.counts
    counts["received"] = received
    counts["unchanged"] += unchanged
    return counts


def _store_fingerprints(
    deployment: Deployment, run: Run, comparison: Comparison, intake: Intake, decision: Decision
) -> str | None:
    if run.feed.mode is not FeedMode.FULL:
        return None
    with SpooledTemporaryFile(_IN_MEMORY) as file:
        stream = cast("IO[bytes]", file)
        write_records(stream, comparison.records(intake.fresh_fingerprints(decision.settled)))
        prefix = f"{plans.folder(run.feed.tenant, run.number)}fingerprints"
        return plans.put_file(deployment, prefix, "bin", stream)


def _store_touched(deployment: Deployment, run: Run, external_ids: Iterable[str]) -> str | None:
    content = "\0".join(external_ids).encode()
    if not content:
        return None
    prefix = f"{plans.folder(run.feed.tenant, run.number)}touched"
    return plans.put_file(deployment, prefix, "txt", io.BytesIO(content))


def _head(deployment: Deployment, run: Run, decision: Decision, counts: dict[str, int], now: datetime) -> PlanHead:
    body, chunks = plans.put_body(deployment, run.feed.tenant, run.number, decision.groups)
    return PlanHead(
        format=PLAN_FORMAT,
        at=stamp(now),
        body=body,
        chunks=tuple(chunks),
        counts=counts,
        received=counts["received"],
        codes=decision.codes,
        touched=_store_touched(deployment, run, decision.touched),
        is_news=decision.is_news,
        log_shards=shards_of(entry for group in decision.groups for entry in group.entries),
    )
