"""What a refused row or a missing reference waits for, as text that a later run can recognise (4.7)."""

from collections.abc import Iterable

from peoplefeed.codes import Code
from peoplefeed.model import FeedKind, Finding, Reference
from peoplefeed.rules.emails import email_key

_OF_KIND = {FeedKind.JOB_TITLES: "JOB", FeedKind.DEPARTMENTS: "DEP", FeedKind.BUSINESS_UNITS: "UNIT"}
_OF_CODE = {
    Code.JOB_TITLE_NOT_FOUND: "JOB",
    Code.DEPARTMENT_NOT_FOUND: "DEP",
    Code.BUSINESS_UNIT_NOT_FOUND: "UNIT",
    Code.BUSINESS_UNIT_WRONG_ID_KIND: "UNIT",
}
OF_ADDRESSES = frozenset({Code.EMAIL_IN_USE, Code.EMAIL_RING_TOO_LONG})
_FILL_IN = ("DEP#", "UNIT#")


def cause_of(found: Finding) -> str | None:
    """Return what must come about for a finding to be over; None where only another row can mend it."""
    code = Code(found.code)
    if code in _OF_CODE:
        return f"{_OF_CODE[code]}#{found.value}"
    return address(email_key(found.value)) if code in OF_ADDRESSES and found.value else None


def causes_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return what findings wait for, once each."""
    return tuple(dict.fromkeys(cause for found in findings if (cause := cause_of(found))))


def reference(kind: FeedKind, key: str) -> str:
    """Return what waits for a name, or for the feed ID of a unit."""
    return f"{_OF_KIND[kind]}#{key}"


def of_reference(there: Reference) -> tuple[str, ...]:
    """Return all that need not wait any longer once a reference is there."""
    return tuple(reference(there.kind, key) for key in (there.key, *there.aliases))


def address(key: str) -> str:
    """Return what waits for an address, by its key (2.4)."""
    return f"E#{key}"


def is_address(cause: str) -> bool:
    """Whether an address is waited for."""
    return cause.startswith("E#")


def job_title_of(cause: str) -> str | None:
    """Return the job title that is waited for, None for anything else."""
    kind, _, name = cause.partition("#")
    return name if kind == _OF_KIND[FeedKind.JOB_TITLES] else None


def fills_in(cause: str) -> bool:
    """Whether only a field of somebody who is here waits for it (4.3, 4.4)."""
    return cause.startswith(_FILL_IN)
