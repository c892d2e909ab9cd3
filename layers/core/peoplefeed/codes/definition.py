"""What a line of the table of section 10 is made of."""

from dataclasses import dataclass
from enum import StrEnum

from peoplefeed.model import Outcome, RunState, Severity


class Mender(StrEnum):
    """Who can remove the cause."""

    HR = "hr"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"


class Code(StrEnum):
    """The codes of section 10, shown unchanged by the API."""

    EXTERNAL_ID_MISSING = "EXTERNAL_ID_MISSING"
    REQUIRED_FIELD_MISSING = "REQUIRED_FIELD_MISSING"
    EMAIL_INVALID = "EMAIL_INVALID"
    DATE_INVALID = "DATE_INVALID"
    STATUS_INVALID = "STATUS_INVALID"
    VALUE_TOO_LONG = "VALUE_TOO_LONG"
    LINE_BROKEN = "LINE_BROKEN"
    OWNED_BY_OTHER_SOURCE = "OWNED_BY_OTHER_SOURCE"
    PERSON_ERASED = "PERSON_ERASED"
    REFERENCE_UNKNOWN = "REFERENCE_UNKNOWN"
    REFERENCE_EXISTS = "REFERENCE_EXISTS"
    REFERENCE_IN_USE = "REFERENCE_IN_USE"
    SETTING_INVALID = "SETTING_INVALID"
    JOB_TITLE_NOT_FOUND = "JOB_TITLE_NOT_FOUND"
    EMAIL_IN_USE = "EMAIL_IN_USE"
    EMAIL_RING_TOO_LONG = "EMAIL_RING_TOO_LONG"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    EXTERNAL_ID_DUPLICATE_IN_RUN = "EXTERNAL_ID_DUPLICATE_IN_RUN"
    DEPARTMENT_NOT_FOUND = "DEPARTMENT_NOT_FOUND"
    BUSINESS_UNIT_NOT_FOUND = "BUSINESS_UNIT_NOT_FOUND"
    BUSINESS_UNIT_WRONG_ID_KIND = "BUSINESS_UNIT_WRONG_ID_KIND"
    EXTERNAL_ID_IDENTITY_CHANGED = "EXTERNAL_ID_IDENTITY_CHANGED"
    EXTERNAL_ID_NEAR_DUPLICATE = "EXTERNAL_ID_NEAR_DUPLICATE"
    PROFILE_NOT_FOUND = "PROFILE_NOT_FOUND"
    PROFILE_EXCEEDS_GRANT = "PROFILE_EXCEEDS_GRANT"
    UPLOAD_OVER_SOURCE = "UPLOAD_OVER_SOURCE"
    REFERENCE_RENAMED = "REFERENCE_RENAMED"
    CHARACTERS_REPLACED = "CHARACTERS_REPLACED"
    EMAIL_REUSED = "EMAIL_REUSED"
    EMAIL_SHARED = "EMAIL_SHARED"
    NAME_CHANGED = "NAME_CHANGED"
    STALE_ROW = "STALE_ROW"
    LEAVERS_HELD = "LEAVERS_HELD"
    LEAVERS_UNCERTAIN = "LEAVERS_UNCERTAIN"
    IDENTITY_HELD = "IDENTITY_HELD"
    FEED_SUSPECT = "FEED_SUSPECT"
    MASS_IDENTITY_CHANGE = "MASS_IDENTITY_CHANGE"
    FEED_OLDER = "FEED_OLDER"
    FEED_EMPTY = "FEED_EMPTY"
    FEED_UNREADABLE = "FEED_UNREADABLE"
    COLUMN_MISSING = "COLUMN_MISSING"
    FEED_TOO_LARGE = "FEED_TOO_LARGE"
    KIND_UNKNOWN = "KIND_UNKNOWN"
    TENANT_UNKNOWN = "TENANT_UNKNOWN"
    SOURCE_UNREACHABLE = "SOURCE_UNREACHABLE"
    SOURCE_REFUSED = "SOURCE_REFUSED"
    SOURCE_THROTTLED = "SOURCE_THROTTLED"
    SOURCE_MALFORMED = "SOURCE_MALFORMED"
    SOURCE_INCOMPLETE = "SOURCE_INCOMPLETE"
    PLATFORM_REFUSED = "PLATFORM_REFUSED"
    PLATFORM_CONFLICT = "PLATFORM_CONFLICT"


class Effect(StrEnum):
    """Effects beside outcomes of rows and states of runs."""

    APPLIED = "applied"
    NO_FEED = "no feed"
    NOT_DELIVERED = "not delivered"


@dataclass(frozen=True, slots=True)
class Definition:
    """One line of the table.

    `lasting` codes describe something that stays wrong until someone mends it: they make problems (7.4).
    The others tell of an event. The sentence of a `quoted` code is given by the rules to the letter, so
    that the remedy is not appended to it.
    """

    effect: Outcome | RunState | Effect
    severity: Severity
    mender: Mender
    sentence: str
    remedy: str
    lasting: bool = True
    quoted: bool = False


ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
HR, ADMINISTRATOR, OPERATOR = Mender.HR, Mender.ADMINISTRATOR, Mender.OPERATOR
"""As short as a table wants them."""
