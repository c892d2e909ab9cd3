"""The table of section 10: every code, what it does, how bad it is, what it says and who mends it.

`docs/codes.md` is generated from this table. A sentence names the place, the value and the reason; the
remedy, which follows it in a message, says what to do. Facts in braces are filled in by `finding`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from peoplefeed.codes.definition import Code, Definition, Effect, Mender
from peoplefeed.codes.feeds import FEEDS, IDENTITIES_HELD
from peoplefeed.codes.rows import LIST_AS_SHARED, ROWS, SHARERS
from peoplefeed.model import FeedError, Finding, Mention

__all__ = [
    "IDENTITIES_HELD",
    "LIST_AS_SHARED",
    "SHARERS",
    "TABLE",
    "Code",
    "Definition",
    "Effect",
    "Facts",
    "Mender",
    "Other",
    "feed_error",
    "finding",
    "finding_about",
    "is_lasting",
    "message",
]

type Facts = dict[str, Any]
"""What the braces of a sentence stand for."""

_ERASED_SINCE = "another person (erased since)"
"""What stands in a sentence for whom it named until they were erased (1.11)."""

TABLE: Mapping[Code, Definition] = MappingProxyType(ROWS | FEEDS)


def finding(
    code: Code,
    *,
    field: str | None = None,
    value: str | None = None,
    suggestion: str | None = None,
    **facts: object,
) -> Finding:
    """Return what `code` says of a row, with its sentence filled in from `value` and the facts."""
    return Finding(code, TABLE[code].severity, message(code, value=value, **facts), field, value, suggestion)


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody whom a sentence about another person names."""

    external_id: str
    name: str

    def __str__(self) -> str:
        """Return how sentences name them."""
        return f"{self.name} (external Identifier {self.external_id})"


def finding_about(other: Other, code: Code, *, advice: str | None = None, **given: Any) -> Finding:  # noqa: ANN401 - as of `finding`
    """Return what `code` says of a row, which names `other`, and the same without them (1.11).

    `advice` stands behind the remedy.
    """

    def said_of(whom: object) -> Finding:
        said = finding(code, other=whom, **given)
        return replace(said, message=f"{said.message} {advice}") if advice else said

    return replace(said_of(other), mention=Mention(other.external_id, said_of(_ERASED_SINCE).message))


def is_lasting(found: Finding) -> bool:
    """Whether a finding tells of something that stays wrong until someone mends it, rather than of an event."""
    return TABLE[Code(found.code)].lasting


def feed_error(code: Code, **facts: object) -> FeedError:
    """Return why a whole feed is not applied."""
    return FeedError(code, message(code, **facts))


def message(code: Code, **facts: object) -> str:
    """Return the sentence and remedy of a code with its facts filled in."""
    definition = TABLE[code]
    text = definition.sentence if definition.quoted else f"{definition.sentence} {definition.remedy}"
    return text.format(**facts)
