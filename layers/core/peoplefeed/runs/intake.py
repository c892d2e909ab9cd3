"""Reading a feed of employees: which rows are new or changed, and which of these are valid."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from peoplefeed.deployment import Deployment
from peoplefeed.model import Feed, Finding
from peoplefeed.planner.employees import Sheet
from peoplefeed.planner.journal import row_subject
from peoplefeed.planner.knowledge import Decision
from peoplefeed.planner.reference_data import ReferenceRow
from peoplefeed.readers import FeedReader, RawRow
from peoplefeed.rules.rows import Candidate, Rejection, RowSettings, check_row
from peoplefeed.runs.fingerprints import VOID, Comparison, salted, seen_at
from peoplefeed.runs.reading import FileOfSource, Form, reading
from peoplefeed.runs.sieve import Sieve

AT_ONCE = 5000
"""So many rows are looked at together whether they would change nothing."""


@dataclass(slots=True)
class Intake:
    """The rows of a feed. `unchanged` were the same in the last full feed, or would change nothing, and are let go of.

    `digests` maps the positions of the others to their fingerprints, `quiet` the external IDs of those that would
    change nothing to theirs.
    """

    candidates: list[Candidate] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    digests: dict[int, bytes] = field(default_factory=dict)
    quiet: dict[str, bytes] = field(default_factory=dict)
    received: int = 0
    unchanged: int = 0
    ignored: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def sheet(self) -> Sheet:
        """What the planner judges."""
        return Sheet(self.candidates, self.rejections, self.unchanged, self.columns)

    @property
    def named(self) -> set[str]:
        """Whom the rows speak of that were looked at, valid or not."""
        valid = {row.external_id for row in self.candidates}
        return valid | self.quiet.keys() | {row.external_id or row_subject(row.cells) for row in self.rejections}

    def fresh_fingerprints(self, decision: Decision, age: str) -> dict[str, bytes]:
        """Return the fingerprints by external ID of the rows that were looked at; void unless settled."""
        fresh = {row.external_id or row_subject(row.cells): VOID for row in self.rejections}
        seen = seen_at(age)
        for row in self.candidates:
            who = row.external_id
            void = seen if who in decision.to_see_again else VOID
            fresh[who] = self.digests[row.row] if who in decision.settled else void
        return self.quiet | fresh


def take_in(deployment: Deployment, feed: Feed, form: Form, epoch: int, comparison: Comparison, sieve: Sieve) -> Intake:
    """Read a feed of employees. Rows that `comparison` knows are counted and not looked at, quiet ones let go of."""
    reader = reading(deployment, feed, form)
    salt = salted(reader.salt, form.meaning.encode(), str(epoch).encode())
    desk = _Desk(form.rows, salt, comparison, sieve)
    desk.intake.ignored, desk.intake.columns = reader.ignored, tuple(sorted(reader.columns))
    for row in reader.rows():
        desk.receive(reader, row)
    desk.sift()
    missed = desk.missed()
    if missed:
        again = reading(deployment, feed, form)
        for row in again.rows():
            desk.reconsider(again, row, missed)
        desk.intake.candidates.sort(key=lambda candidate: candidate.row)
    return desk.intake


class _Desk:
    """Where rows are received one by one."""

    def __init__(self, settings: RowSettings, salt: blake2b, comparison: Comparison, sieve: Sieve) -> None:
        self.intake = Intake()
        self._settings, self._salt, self._comparison, self._sieve = settings, salt, comparison, sieve
        self._unsifted: list[Candidate] = []

    def receive(self, reader: FeedReader | FileOfSource, row: RawRow) -> None:
        """Count a row, and look at it unless it is known."""
        self.intake.received += 1
        digest = self._fingerprint(row)
        if self._comparison.knows(digest):
            self.intake.unchanged += 1
        elif candidate := self._look_at(reader, row, digest):
            self._unsifted.append(candidate)
            if len(self._unsifted) >= AT_ONCE:
                self.sift()

    def sift(self) -> None:
        """Let go of the rows received lately that would change nothing."""
        rows, self._unsifted = self._unsifted, []
        quiet = self._sieve.quiet(rows)
        for row in rows:
            if row.external_id in quiet and row.external_id not in self.intake.quiet:
                self.intake.quiet[row.external_id] = self.intake.digests.pop(row.row)
                self.intake.unchanged += 1
            else:
                self.intake.candidates.append(row)

    def missed(self) -> dict[bytes, str]:
        """Return the rows that were let go of though their external ID stands in another row, too (3.2)."""
        quiet, named = self.intake.quiet, {row.external_id for row in self.intake.candidates}
        named |= {row.external_id for row in self.intake.rejections if row.external_id}
        known = self._comparison.contradicted(named | quiet.keys())
        named.update(known.values())
        return known | {quiet.pop(external_id): external_id for external_id in named & quiet.keys()}

    def reconsider(self, reader: FeedReader | FileOfSource, row: RawRow, missed: Mapping[bytes, str]) -> None:
        """Look at a row taken for unchanged after all: its external ID stands in another row too (3.2)."""
        digest = self._fingerprint(row)
        if digest in missed and row.number not in self.intake.digests:
            self.intake.unchanged -= 1
            candidate = self._look_at(reader, row, digest)
            self.intake.candidates += [candidate] if candidate else []

    def _look_at(self, reader: FeedReader | FileOfSource, row: RawRow, digest: bytes) -> Candidate | None:
        self.intake.digests[row.number] = digest
        cells = reader.cells(row)
        if isinstance(cells, Finding):
            self.intake.rejections.append(Rejection(row.number, cells, {"line": _likeness(row.raw)}))
            return None
        judged = check_row(row.number, cells, self._settings)
        if isinstance(judged, Candidate):
            return judged
        self.intake.rejections.append(judged)
        return None

    def _fingerprint(self, row: RawRow) -> bytes:
        mine = self._salt.copy()
        mine.update(row.raw)
        return mine.digest()


def _likeness(raw: bytes) -> str:
    """Return what makes a broken line the same line in another file (7.4)."""
    return blake2b(raw, digest_size=16).hexdigest()


def read_references(deployment: Deployment, feed: Feed, form: Form) -> tuple[list[ReferenceRow], tuple[str, ...]]:
    """Return the rows of a feed of reference data, and the columns that were ignored."""
    reader = reading(deployment, feed, form)
    return [_reference_row(row.number, reader.cells(row)) for row in reader.rows()], reader.ignored


def _reference_row(number: int, cells: Mapping[str, str] | Finding) -> ReferenceRow:
    return ReferenceRow(number, {}, cells) if isinstance(cells, Finding) else ReferenceRow(number, cells)
