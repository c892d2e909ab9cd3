"""The feed log's values: findings about a row, entries, and what is still open about a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from peoplefeed.model.feed import Outcome, Severity
from peoplefeed.model.people import Position, age_of

BEYOND_ROWS = 90_000_000
"""Numbers behind those of all rows that a feed may have (6.5): leavers (1.5), holders of what was renamed (4.6)."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody else whom a finding names, by external ID, and its sentence without them: they may be erased (1.11)."""

    external_id: str
    unnamed: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the rules have to say about a row: a code of section 10 and its facts.

    `field` is the name of a column's field (2.1), `value` what was found there, `message` the whole
    sentence, `suggestion` what was probably meant (4.5), `mention` whom the sentence names beside the row's own person.
    """

    code: str
    severity: Severity
    message: str
    field: str | None = None
    value: str | None = None
    suggestion: str | None = None
    mention: Mention | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one row in one run (7.2).

    Rows from `BEYOND_ROWS` on are none of the feed's: what the feed means for someone whom it does not name.

    A row with several findings has several entries with the same outcome; `index` tells them apart.
    `problem` is the id of the problem that the finding belongs to, None where there is nothing to mend.
    `repeats` says that the problem was open already: it counts up, and no entry is written (7.4).
    `version` is the employee's version that the row made, None where it made none.
    """

    row: int
    outcome: Outcome
    external_id: str | None = None
    name: str | None = None
    finding: Finding | None = None
    changes: Mapping[str, tuple[str | bool | None, str | bool | None]] = field(default_factory=dict)
    index: int = 0
    problem: str | None = None
    repeats: bool = False
    version: int | None = None


class Said(NamedTuple):
    """Who said last what is wrong, and where that row stood (3.10)."""

    source: str
    position: Position


@dataclass(frozen=True, slots=True)
class Pending:
    """What is still open about one external ID: its problems, and its parked row if it has one (4.7).

    `subject` is the external ID, or for rows without one a digest of the row. `problems` are the ids of problems, each
    with who had it last. `row` is the parked row's cells, `position` where it stood first (3.10),
    `source` whose it is, `grant` the profile of whoever sent it (5.2), `date_format` and `keeps_blanks` how it was
    written when it came (2.1, 2.3). `causes` are what is waited for, as `cause_of` writes them; `retry_at` is when the
    row is tried again without any cause, after `tried` times in vain (9.2). If it `fills_in`, it is what could not be
    filled in or renamed that is tried again (4.3, 4.6).
    """

    subject: str
    problems: Mapping[str, Said] = field(default_factory=dict)
    row: Mapping[str, str] | None = None
    position: Position | None = None
    source: str | None = None
    since: str | None = None
    date_format: str | None = None
    causes: tuple[str, ...] = ()
    retry_at: str | None = None
    tried: int = 0
    fills_in: bool = False
    grant: str | None = None
    keeps_blanks: bool | None = None

    @property
    def age(self) -> str:
        """How old the parked row is (1.4)."""
        return age_of(self.position or "")
