"""The fields of the users list (2.1): how each cell becomes a value."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "external_id": "External Identifier",
        "first_name": "First Name",
        "last_name": "Last Name",
        "email": "Email",
        "job_title": "Job Title",
        "department": "Department",
        "business_unit_id": "Business Unit ID",
        "status": "Status",
        "start_date": "Start Date",
        "profile": "User Profile",
    }
)
"""Field to the column's name in the template."""

REQUIRED = ("first_name", "last_name", "job_title")
"""Required of every row beside the external ID."""

EXACT = frozenset({"job_title", "department"})
"""Names of reference data: spaces count (4.1), so they are not trimmed."""

# In characters; reference names may have 200 (2.1). An e-mail address has limits of its own (2.4).
LIMITS: Mapping[str, int] = MappingProxyType(
    {
        "external_id": 128,
        "first_name": 100,
        "last_name": 100,
        "job_title": 200,
        "department": 200,
        "business_unit_id": 200,
        "profile": 200,
    }
)

REPLACEMENT = "\ufffd"
"""What a reader puts where a character could not be read."""

_PARTS = {"DD": r"(?P<day>\d{1,2})", "MM": r"(?P<month>\d{1,2})", "YYYY": r"(?P<year>\d{4})"}
_SEPARATORS = re.compile(r"[-/. :TZ0-9]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def clean(text: str, *, trim: bool = True) -> str:
    """Return a cell's text in NFC, with runs of control characters (a line break, say) as one space.

    What is blank is empty. Text is trimmed unless spaces count (4.1).
    """
    if not (text.isascii() and text.isprintable()):
        text = _CONTROL.sub(" ", unicodedata.normalize("NFC", text))
    trimmed = text.strip()
    return trimmed if trim or not trimmed else text


def parse_date(text: str, form: str) -> str | None:
    """Return a date of the form `DD/MM/YYYY` (or another order and separator) as ISO 8601, else None.

    The form is never guessed from the text (2.1).
    """
    found = _date_pattern(form).fullmatch(text)
    if not found:
        return None
    try:
        return date(*(int(found[part]) for part in ("year", "month", "day"))).isoformat()
    except ValueError:
        return None


def is_date_form(form: str) -> bool:
    """Whether a form of dates says where day, month and year stand, once each, with separators between them."""
    rest = form
    for part in _PARTS:
        rest = rest.replace(part, "", 1)
    return all(form.count(part) == 1 for part in _PARTS) and _SEPARATORS.fullmatch(rest) is not None


@cache
def _date_pattern(form: str) -> re.Pattern[str]:
    pattern = re.escape(form)
    for token, part in _PARTS.items():
        pattern = pattern.replace(token, part)
    return re.compile(pattern, re.ASCII)


def show_date(iso: str, form: str) -> str:
    """Return a date as text of a form; the inverse of `parse_date`."""
    year, month, day = iso.split("-")
    return form.replace("DD", day).replace("MM", month).replace("YYYY", year)


def example_date(form: str) -> str:
    """Return the last of January 2026 in a form, for sentences that explain it."""
    return show_date("2026-01-31", form)
