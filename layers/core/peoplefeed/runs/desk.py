"""Where one run is planned: what it is for decides what is read, learned and judged."""

from dataclasses import replace
from datetime import datetime
from functools import cached_property

from peoplefeed.codes import Code, feed_error
from peoplefeed.deployment import Deployment
from peoplefeed.model import (
    OWNING_NOBODY,
    FeedError,
    FeedKind,
    FeedMode,
    Notice,
    PlanHead,
    Purpose,
    Run,
    RunState,
    Safeguard,
)
from peoplefeed.planner.by_hand import plan_erasure, plan_letting_go
from peoplefeed.planner.discarding import plan_discard
from peoplefeed.planner.employees import Sheet, judge_employees, plan_employees
from peoplefeed.planner.knowledge import Decision, Knowledge, Occasion
from peoplefeed.planner.reference_data import plan_references
from peoplefeed.planner.settings import plan_settings
from peoplefeed.rules.profiles import ADMINISTRATOR
from peoplefeed.rules.references import References
from peoplefeed.rules.rows import Candidate, RowSettings
from peoplefeed.rules.settings import Settings
from peoplefeed.runs.absence import absent_from
from peoplefeed.runs.comparison import comparison_for, seen_earlier
from peoplefeed.runs.fingerprints import Comparison
from peoplefeed.runs.holders import holders_of
from peoplefeed.runs.intake import Intake, read_references, take_in
from peoplefeed.runs.lateness import Lateness
from peoplefeed.runs.learning import learn
from peoplefeed.runs.parked import rows_again
from peoplefeed.runs.plan_files import PlanFiles
from peoplefeed.runs.reading import Form, form_of_feed
from peoplefeed.runs.refusing import FeedRefused, Held
from peoplefeed.runs.sieve import Met, Sieve
from peoplefeed.sources.manifest import SourceManifest
from peoplefeed.sources.store import manifest_of
from peoplefeed.storage.full_feeds import FullFeed
from peoplefeed.storage.holds import find_holds
from peoplefeed.storage.pending import all_pending, find_pending
from peoplefeed.storage.references import all_references
from peoplefeed.storage.settings import find_settings
from peoplefeed.storage.tenants import Tenant, find_tenant
from peoplefeed.times import stamp


def _refuse_if_empty(run: Run, received: int) -> None:
    if run.feed.mode is FeedMode.FULL and not received:
        reason = "A full list without anybody would mean that nobody works here."
        raise FeedRefused(RunState.FAILED, feed_error(Code.FEED_EMPTY, reason=reason))


class Desk:
    """Where one run is planned."""

    def __init__(self, deployment: Deployment, tenant: Tenant, run: Run, last: FullFeed | None, now: datetime) -> None:
        """Take a run, and the last applied full feed of its source."""
        self._deployment, self._tenant, self._run, self._last, self._now = deployment, tenant, run, last, now
        self._settings = find_settings(deployment, tenant.slug)
        self._files = PlanFiles(deployment, run, now)

    def head(self) -> PlanHead:
        """Plan what the run is for."""
        match self._run.feed:
            case feed if feed.purpose is Purpose.RETRY:
                return self._retry()
            case feed if feed.purpose is Purpose.DISCARD:
                return self._discard()
            case feed if feed.purpose in {Purpose.LETTING_GO, Purpose.ERASURE}:
                return self._by_hand()
            case feed if feed.kind is FeedKind.EMPLOYEES:
                return self._employees()
            case feed if feed.kind is FeedKind.SETTINGS:
                return self._change_settings()
        return self._references()

    def _employees(self) -> PlanHead:
        run, manifest, form = self._run, *self._written()
        leavers = manifest.leavers if manifest else "keep"
        leave = leavers == "deactivate" and run.feed.mode is FeedMode.FULL
        limits = self._limits(manifest)
        occasion = replace(self._occasion(form.rows), leaves_absent=leave, settings=limits)
        comparison = comparison_for(self._deployment, run, self._last, self._now, leavers=leavers)
        sieve = Sieve(self._deployment, self._tenant.slug, occasion, self._met)
        intake = take_in(self._deployment, run.feed, form, self._tenant.epoch, comparison, sieve)
        _refuse_if_empty(run, intake.received)
        absent = absent_from(self._deployment, run, intake, comparison, leave=leave)
        knowledge = self._learn(intake.sheet, absent)
        judgement = judge_employees(occasion, intake.sheet, knowledge)
        if judgement.refusal:
            raise _held(judgement.refusal, intake.received)
        body = self._files.body(judgement.groups())
        decision = judgement.decision()
        fingerprints = self._fingerprints(comparison, intake, decision)
        head = self._files.head_of(body, decision, intake.received, intake.unchanged)
        return replace(
            head,
            ignored_columns=intake.ignored,
            fingerprints=fingerprints,
            columns=intake.columns,
            reconciled=not comparison.content,
            leavers=leavers,
        )

    def _fingerprints(self, comparison: Comparison, intake: Intake, decision: Decision) -> str | None:
        """Put down what the next full feed of the source is compared with; None for a feed that is no standard.

        3.10: while anything is held it says also whom earlier ones had, which are newer than what may be released.
        """
        feed, earlier = self._run.feed, dict[str, bytes]()
        if feed.mode is not FeedMode.FULL or feed.simulate:
            return None
        fresh = intake.fresh_fingerprints(decision, feed.age)
        if self._met.is_anything_held:
            earlier = seen_earlier(self._deployment, self._last, comparison, fresh)
        return self._files.fingerprints(comparison.records(fresh, decision.outstanding, earlier))

    def _retry(self) -> PlanHead:
        """4.7, 9.2: rows of several sources and ages, judged as one feed. No safeguard stands in their way twice."""
        again = rows_again(self._deployment, self._run)
        occasion = replace(self._occasion(), origins=again.origins, released=tuple(Safeguard))
        decision = plan_employees(occasion, again.sheet, self._learn(again.sheet))
        return self._files.head(decision, again.sheet.rows)

    def _discard(self) -> PlanHead:
        feed, pending = self._run.feed, all_pending(self._deployment, self._tenant.slug)
        decision = plan_discard(feed.errand, pending, feed.of or self._run.number)
        return self._files.head(decision, 0)

    def _by_hand(self) -> PlanHead:
        external_id = self._run.feed.errand
        knowledge = self._learn(Sheet([Candidate(1, external_id, {}, None, active=None, cells={})]))
        plan = plan_erasure if self._run.feed.purpose is Purpose.ERASURE else plan_letting_go
        return self._files.head(plan(self._occasion(), external_id, knowledge), 1)

    def _change_settings(self) -> PlanHead:
        rows, ignored = read_references(self._deployment, self._run.feed, Form())
        decision = plan_settings(self._occasion(), rows)
        return replace(self._files.head(decision, len(rows)), ignored_columns=ignored)

    def _references(self) -> PlanHead:
        run, (_, form) = self._run, self._written()
        rows, ignored = read_references(self._deployment, run.feed, form)
        _refuse_if_empty(run, len(rows))
        known = {one.key: one for one in all_references(self._deployment, self._tenant.slug, [run.feed.kind])}
        holders = holders_of(self._deployment, run, rows, known)
        whom = {record.employee.external_id for records in holders.values() for record in records}
        pending = find_pending(self._deployment, self._tenant.slug, whom)
        decision = plan_references(self._occasion(), run.feed.kind, rows, known, holders, pending)
        return replace(self._files.head(decision, len(rows)), ignored_columns=ignored)

    def _written(self) -> tuple[SourceManifest | None, Form]:
        manifest = manifest_of(self._deployment, self._tenant.slug, self._run.feed.source)
        return manifest, form_of_feed(self._run.feed, manifest, self._settings)

    def _limits(self, manifest: SourceManifest | None) -> Settings:
        """Return the tenant's settings, with the limits that a source has of its own."""
        return self._settings.model_copy(update=manifest.thresholds.given) if manifest else self._settings

    def _occasion(self, written: RowSettings | None = None) -> Occasion:
        feed = self._run.feed
        return Occasion(
            number=self._run.number,
            age=feed.age,
            source=feed.source,
            owner=None if feed.source in OWNING_NOBODY else feed.source,
            at=stamp(self._now),
            is_full=feed.mode is FeedMode.FULL,
            released=feed.released,
            releases=feed.released if feed.purpose is Purpose.RELEASE else (),
            grant=ADMINISTRATOR if feed.uploaded_by else None,
            settings=self._settings,
            written=written or RowSettings(),
            simulates=feed.simulate,
        )

    @cached_property
    def _met(self) -> Met:
        references = References.of(all_references(self._deployment, self._tenant.slug))
        lateness = Lateness(self._deployment, self._run.feed, self._last)
        holds = find_holds(self._deployment, self._tenant.slug)
        ours = [hold for hold in holds if hold.source == self._run.feed.source]
        answered = self._is_answered_behind()
        return Met(references, self._last, lateness, ours, bool(holds) or answered, answered)

    def _is_answered_behind(self) -> bool:
        """Whether a run behind this one releases or discards what was held.

        To be asked after the holds, which the answer ends.
        """
        tenant = find_tenant(self._deployment, self._tenant.slug)
        return tenant is not None and tenant.answering > self._run.number

    def _learn(self, sheet: Sheet, absent: tuple[str, ...] = ()) -> Knowledge:
        knowledge = learn(self._deployment, self._run, sheet, self._now, met=self._met, absent=absent)
        if not self._run.feed.simulate:
            return knowledge
        told = {subject: replace(one, problems={}) for subject, one in knowledge.pending.items()}
        return replace(knowledge, pending=told)  # 1.9: what is only simulated is told in full, said before or not


def _held(notice: Notice, rows: int) -> FeedRefused:
    return FeedRefused(RunState.HELD, FeedError(notice.code, notice.message), Held(notice, rows))
