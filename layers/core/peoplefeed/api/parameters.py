"""What a request asks for in its query and path, checked: whatever is wrong with it is said, never guessed."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import unquote

from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent

from peoplefeed.api.errors import Reason, Refusal
from peoplefeed.rules.fields import LIMITS, clean

DEFAULT_LIMIT, MOST = 50, 1000

_PAGING = frozenset({"limit", "cursor"})
_FLAGS = {"true": True, "false": False}
_NUMBER = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameters:
    """The query of one request."""

    given: Mapping[str, str]

    @property
    def limit(self) -> int:
        """How many items a page shows at most."""
        text = self.given.get("limit", str(DEFAULT_LIMIT))
        number = int(text) if _NUMBER.fullmatch(text) else 0
        if not 1 <= number <= MOST:
            raise Refusal(
                Reason.LIMIT_INVALID, f"limit is a number from 1 to {MOST}, not '{_shown(text)}'.", field="limit"
            )
        return number

    @property
    def cursor(self) -> str | None:
        """Where the page begins."""
        return self.given.get("cursor")

    def number(self, name: str) -> int | None:
        """Return a filter that is a number."""
        text = self.given.get(name)
        if text is None:
            return None
        if not _NUMBER.fullmatch(text):
            raise _refused(name, f"a number, not '{_shown(text)}'")
        return int(text)

    def flag(self, name: str) -> bool:
        """Return a filter that is on or off."""
        text = self.given.get(name, "false")
        if text not in _FLAGS:
            raise _refused(name, f"true or false, not '{_shown(text)}'")
        return _FLAGS[text]

    def choice[Choice: StrEnum](self, name: str, choices: type[Choice]) -> Choice | None:
        """Return a filter that is one of some words."""
        text = self.given.get(name)
        if text is None:
            return None
        if text not in set(choices):
            raise _refused(name, f"one of {', '.join(choices)}, not '{_shown(text)}'")
        return choices(text)

    def day(self, name: str) -> str | None:
        """Return a filter that is a date."""
        text = self.given.get(name)
        if text is None:
            return None
        try:
            sound = date.fromisoformat(text).isoformat() == text and text != date.max.isoformat()
        except ValueError:
            sound = False
        if not sound:
            raise _refused(name, f"a date like 2026-01-31, not '{_shown(text)}'")
        return text

    def external_id(self, name: str) -> str | None:
        """Return a filter that is an external ID."""
        text = self.given.get(name)
        if text is None:
            return None
        external_id = to_external_id(text)
        if external_id is None:
            raise _refused(name, f"an External Identifier of 1 to {LIMITS['external_id']} characters")
        return external_id


def parameters_of(event: BaseProxyEvent, allowed: Collection[str] = ()) -> Parameters:
    """Return the query of a request that knows some filters besides the paging.

    Raises:
        Refusal: a parameter is unknown (a filter that is mistyped would show too much), or given twice.
    """
    given = event.query_string_parameters
    known = sorted(_PAGING.union(allowed))
    for name in given:
        if name not in known:
            sentence = f"There is no parameter '{_shown(name)}' here; there are {', '.join(known)}."
            raise Refusal(Reason.FILTER_UNKNOWN, sentence, field=_shown(name))
    for name, values in event.multi_value_query_string_parameters.items():
        if len(values) > 1:
            raise _refused(name, "given once, not several times")
    return Parameters(given)


def to_external_id(text: str) -> str | None:
    """Return an external ID as the directory keeps it (2.1), None if it cannot be one."""
    external_id = clean(text)
    return external_id if 0 < len(external_id) <= LIMITS["external_id"] else None


def external_id_in_path(encoded: str) -> str | None:
    """Return the external ID of a path, None if it cannot be one. The API hands paths over as they were sent."""
    return to_external_id(unquote(encoded))


def reference_in_path(encoded: str) -> str | None:
    """Return the name or feed ID of a path, None if it cannot be one. Spaces around a name count (4.1)."""
    name = clean(unquote(encoded), trim=False)
    return name if 0 < len(name) <= LIMITS["job_title"] else None


def run_number_in_path(encoded: str) -> int | None:
    """Return the run's number of a path, None if it cannot be one."""
    return int(encoded) if _NUMBER.fullmatch(encoded) else None


def _refused(name: str, expected: str) -> Refusal:
    return Refusal(Reason.FILTER_INVALID, f"{name} is {expected}.", field=name)


def _shown(text: str) -> str:
    return text[:100]
