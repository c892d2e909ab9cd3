"""Rows that would change nothing are let go of while a feed is read, so that what is judged as a whole is small.

That takes a look at the directory: it is for rows whose fingerprints are not known, as on the day's first full feed,
where a million of them may be as they were.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from peoplefeed.deployment import Deployment
from peoplefeed.model import Hold, Pending, Position
from peoplefeed.planner.knowledge import Knowledge, Occasion
from peoplefeed.planner.verdicts import Verdict, judge
from peoplefeed.rules.references import References
from peoplefeed.rules.rows import Candidate
from peoplefeed.runs.lateness import Lateness
from peoplefeed.storage.employees import People, find_people
from peoplefeed.storage.full_feeds import FullFeed
from peoplefeed.storage.pending import find_pending


@dataclass(slots=True)
class Met:
    """What is known before a feed is judged, and what was found of whom it names (`external_ids`) while it was read.

    `last` is the source's last applied full feed, `lateness` how late this one is; `pending` is what is open, `holds`
    what is held of its source; `is_anything_held` says that older rows of any source may still be released (3.10),
    `is_answered_behind` that a run behind this one releases or discards what was held.
    """

    references: References
    last: FullFeed | None
    lateness: Lateness
    holds: Sequence[Hold] = ()
    is_anything_held: bool = False
    is_answered_behind: bool = False
    external_ids: set[str] = field(default_factory=set)
    people: People = field(default_factory=People)
    pending: dict[str, Pending] = field(default_factory=dict)

    def seen_later(self, external_ids: AbstractSet[str]) -> dict[str, Position]:
        """Return where those stand of whom something newer was said that the directory does not show (3.10, 9.2)."""
        seen = self.lateness.seen_later(external_ids)
        given_up = {who: position for who, position in self.people.given_up.items() if who in external_ids}
        return seen | {who: max(position, seen.get(who, "")) for who, position in given_up.items()}


class Sieve:
    """Looks up whom some rows name. Whoever is not let go of is remembered in `met`."""

    def __init__(self, deployment: Deployment, tenant: str, occasion: Occasion, met: Met) -> None:
        """Take what the rows are judged by."""
        self._deployment, self._tenant, self._occasion, self._met = deployment, tenant, occasion, met

    def quiet(self, rows: Sequence[Candidate]) -> set[str]:
        """Return whose rows would change nothing, say nothing, and end nothing that is open about them.

        While anything is held, a row of a feed of changes says what is newer than that (3.10).
        """
        if self._met.is_anything_held and not self._occasion.is_full:
            return set()
        named = {row.external_id for row in rows} - self._met.external_ids
        people = find_people(self._deployment, self._tenant, named)
        pending = find_pending(self._deployment, self._tenant, named)
        knowledge = Knowledge(
            records=people.records,
            pending=pending,
            references=self._met.references,
            damaged=frozenset(people.damaged),
            erased=frozenset(people.erased),
            seen_later=self._met.lateness.seen_later(named),
        )
        restless = {row.external_id for row in rows if not self._is_quiet(row, knowledge)}
        self._remember(named & restless, people, pending)
        return named - restless

    def _is_quiet(self, row: Candidate, knowledge: Knowledge) -> bool:
        if row.external_id in knowledge.pending or row.external_id not in knowledge.records:
            return False
        verdict = judge(row, self._occasion, knowledge)
        return isinstance(verdict, Verdict) and not verdict.changes and not verdict.warnings

    def _remember(self, restless: set[str], people: People, pending: dict[str, Pending]) -> None:
        self._met.external_ids |= restless
        self._met.people.add(people.only(restless))
        self._met.pending |= {who: one for who, one in pending.items() if who in restless}
