"""Problems at a glance: one line for each code and value found, however many people have it (7.4).

Addresses are one value when they are the same (2.4), however people write them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from peoplefeed.codes import SHARERS, Code, Mender
from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.gathering import gathered
from peoplefeed.dynamo.pages import Listing, in_all_shards
from peoplefeed.feed_log.documents import Document, what_next
from peoplefeed.model import Severity
from peoplefeed.planner.causes import OF_ADDRESSES
from peoplefeed.rules.emails import InvalidEmail, email_key

MOST_PROBLEMS = 100_000
"""How many open problems are looked at: more would not be read before the API's time is up."""

_EXAMPLES = 3
_WORST_FIRST = [Severity.ERROR, Severity.WARNING, Severity.INFO]
_COUNTED = ("code", "severity", "field", "value", "source", "external_id", "outcome", "row")
_SAID = ("message", "suggestion", "occurrences", "first_seen", "last_seen")

type _Cause = tuple[str, str | None, str | None, str | None]


@dataclass(slots=True)
class ProblemLine:
    """What many have in common: a code, the field and value found, and the source if it is in trouble itself.

    `people` counts who has the problem; a row without an external ID is somebody too. Times are ISO 8601 in UTC.
    Of several ways to write one address, `value` is the one that came first: in time, then in the file.
    `message` and `suggestion` are of whoever was seen last; `examples` are external IDs.
    """

    code: str
    field: str | None
    value: str | None
    source: str | None
    severity: Severity = Severity.INFO
    people: int = 0
    occurrences: int = 0
    first_seen: str = ""
    last_seen: str = ""
    message: str | None = None
    suggestion: str | None = None
    examples: tuple[str, ...] = ()
    came: tuple[str, int, str] | None = None

    def add(self, problem: Mapping[str, Any]) -> None:
        """Count one open problem in."""
        external_id = problem.get("external_id")
        self.people += external_id is not None or "outcome" in problem  # what is about no row is about nobody
        self.occurrences += problem["occurrences"]
        self.severity = min(self.severity, Severity(problem["severity"]), key=_WORST_FIRST.index)
        self.first_seen = min(self.first_seen or problem["first_seen"], problem["first_seen"])
        came = (problem["first_seen"], problem.get("row") or 0, problem.get("value") or "")
        if self.came is None or came < self.came:
            self.came, self.value = came, problem.get("value")
        if problem["last_seen"] >= self.last_seen:
            self.last_seen = problem["last_seen"]
            self.message, self.suggestion = problem.get("message"), problem.get("suggestion")
        if external_id is not None:
            self.examples = tuple(sorted([*self.examples, external_id])[:_EXAMPLES])

    @property
    def document(self) -> Document:
        """The line as readers see it."""
        names = ("code", "field", "value", "source", "people", "occurrences", "first_seen", "last_seen", "suggestion")
        said = {name: getattr(self, name) for name in (*names, "message", "examples")}
        # 3.12: those who want an address may have come one by one; whoever has it is one more.
        seems_shared = self.code == Code.EMAIL_IN_USE and self.people + 1 >= SHARERS
        return {
            "severity": self.severity.value,
            **said,
            **what_next(self.code, self.message, seems_shared=seems_shared),
        }

    @property
    def rank(self) -> tuple[int, int, str, str, str]:
        """What comes first is worst, then what concerns most."""
        return _WORST_FIRST.index(self.severity), -self.people, self.code, self.value or "", self.source or ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Lines, worst first. `looked_at` counts the open problems behind them; where it is `truncated` there are more."""

    lines: list[ProblemLine]
    looked_at: int
    truncated: bool


@dataclass(frozen=True, slots=True)
class ProblemFilter:
    """Which lines to show: those for which everything that is given holds."""

    code: Code | None = None
    mender: Mender | None = None
    severity: Severity | None = None

    def admits(self, line: ProblemLine) -> bool:
        """Whether a line is to be shown."""
        return (
            (self.code is None or line.code == self.code)
            and (self.mender is None or what_next(line.code, None)["mender"] == self.mender)
            and (self.severity is None or line.severity == self.severity)
        )


def summary_of(deployment: Deployment, tenant: str, wanted: ProblemFilter) -> Summary:
    """Return what a tenant should mend. The index that it is read from may lag a little."""
    listing = Listing(
        deployment.names.feed_log_table,
        in_all_shards(keys.open_pk(tenant, "")),
        "open_pk",
        "seen_sk",
        keys.UNRESOLVED_INDEX,
        newest_first=True,
    )
    lines: dict[_Cause, ProblemLine] = {}
    looked_at, truncated = 0, False
    for problems, more in gathered(deployment.dynamodb, listing, (*_COUNTED, *_SAID), MOST_PROBLEMS):
        _count(lines, problems)
        looked_at, truncated = looked_at + len(problems), truncated or more
    return Summary(sorted(filter(wanted.admits, lines.values()), key=lambda line: line.rank), looked_at, truncated)


def _count(lines: dict[_Cause, ProblemLine], problems: Iterable[Mapping[str, Any]]) -> None:
    for problem in problems:
        code, value = problem["code"], problem.get("value")
        same = _address(value) if value and code in OF_ADDRESSES else value
        cause = (code, problem.get("field"), same, problem.get("source"))
        if cause not in lines:
            lines[cause] = ProblemLine(*cause)
        lines[cause].add(problem)


def _address(value: str) -> str:
    """Return what all ways to write an address have in common (2.4); of what is none, itself."""
    try:
        return email_key(value)
    except InvalidEmail:
        return value
