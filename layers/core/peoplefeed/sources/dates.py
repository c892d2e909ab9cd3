"""Forms of dates that rows do not know, names of months and numbers of seconds: mapped records have ISO 8601."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from peoplefeed.rules.fields import parse_date

ISO = "YYYY-MM-DD"
EPOCHS = {"epoch": 1, "epoch-ms": 1000}
"""Numbers since 1970, with how many of them a second has."""

NAMED_MONTH = "MMM"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile("|".join(_MONTHS), re.IGNORECASE)
_NUMBER = re.compile(r"(?:/Date\()?(-?\d{1,14})(?:[+-]\d{4})?(?:\)/)?")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d|Z$|[+-]\d\d:\d\d$)")
"""A date with a time or an offset behind it is that date (2.1)."""


def form_of_rows(form: str) -> str:
    """Return the form that dates have in rows, when the manifest's form was read."""
    return ISO if form in EPOCHS or NAMED_MONTH in form else form


def converter(form: str) -> Callable[[str], str] | None:
    """Return what makes dates of a form those of a row, None where they already are. What is no date stays as it is."""
    if form in EPOCHS:
        return partial(_from_epoch, EPOCHS[form])
    if NAMED_MONTH in form:
        return partial(_from_named_month, form.replace(NAMED_MONTH, "MM"))
    return _without_time if form == ISO else None


def _from_epoch(a_second: int, text: str) -> str:
    found = _NUMBER.fullmatch(text.strip())
    try:
        return datetime.fromtimestamp(int(found[1]) / a_second, UTC).date().isoformat() if found else text
    except (OverflowError, OSError, ValueError):
        return text


def _from_named_month(form: str, text: str) -> str:
    numbered = _MONTH.sub(lambda month: f"{_MONTHS.index(month[0].lower()) + 1:02}", text.strip(), count=1)
    return parse_date(numbered, form) or text if numbered != text.strip() else text


def _without_time(text: str) -> str:
    moment = _MOMENT.match(text)
    return moment[1] if moment else text
