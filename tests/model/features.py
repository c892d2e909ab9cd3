"""What of the rules the system has. The model has all of it; the harness asks for what is listed here."""

from __future__ import annotations

from enum import StrEnum


class Feature(StrEnum):
    """A part of the rules that the system had not from the beginning."""

    LEAVERS = "1.5"
    SIMULATE = "1.9"
    OWNERSHIP = "3.13"
    SHARED_ADDRESSES = "3.12"
    NEAR_DUPLICATES = "3.14"
    LATE_CHANGES = "3.10"
    RENAMES = "4.6"
    RETRIES = "4.7"
    LATE_REFERENCES = "3.10 for reference data"
    PROFILES = "5.2"
    SAFEGUARDS = "6"
    SETTINGS = "settings"


FEATURES: frozenset[Feature] = frozenset(Feature) - {Feature.LATE_REFERENCES, Feature.NEAR_DUPLICATES}
"""What the system does today."""
