"""The table of section 10: every code, what it does, how bad it is, what it says and who mends it.

`docs/codes.md` is generated from this table. A sentence names the place, the value and the reason; the
remedy, which follows it in a message, says what to do. Facts in braces are filled in by `finding`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from peoplefeed.model import FeedError, Finding, Outcome, RunState, Severity

type Facts = dict[str, Any]
"""What the braces of a sentence stand for."""


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


_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
_HR, _ADMINISTRATOR, _OPERATOR = Mender.HR, Mender.ADMINISTRATOR, Mender.OPERATOR

TABLE: Mapping[Code, Definition] = MappingProxyType(
    {
        Code.EXTERNAL_ID_MISSING: Definition(
            Outcome.REJECTED,
            _ERROR,
            _HR,
            "Row {row} has no External Identifier, so nobody can tell whom it describes.",
            "Enter the employee's External Identifier in the HR system and send the row again.",
        ),
        Code.REQUIRED_FIELD_MISSING: Definition(
            Outcome.REJECTED,
            _ERROR,
            _HR,
            "Row {row} has no {column}.",
            "Fill in {column} in the HR system and send the row again.",
        ),
        Code.EMAIL_INVALID: Definition(
            Outcome.REJECTED,
            _ERROR,
            _HR,
            "Row {row}: Email '{value}' is not an e-mail address: {reason}",
            "Correct the address, or leave it empty for someone who has none.",
        ),
        Code.DATE_INVALID: Definition(
            Outcome.REJECTED,
            _ERROR,
            _HR,
            "Row {row}: Start Date '{value}' is not a date of the form {format}.",
            "Write the date as {format}, for example {example}.",
        ),
        Code.STATUS_INVALID: Definition(
            Outcome.REJECTED,
            _ERROR,
            _HR,
            "Row {row}: Status '{value}' is neither Active nor Inactive.",
            "Write Active or Inactive, or leave it empty.",
        ),
        Code.VALUE_TOO_LONG: Definition(
            Outcome.REJECTED,
            _ERROR,
            _HR,
            "Row {row}: {column} '{value}' has {length} characters; {limit} are allowed.",
            "Shorten {column} and send the row again.",
        ),
        Code.LINE_BROKEN: Definition(
            Outcome.REJECTED,
            _ERROR,
            _HR,
            "Row {row} cannot be read: {reason} It begins '{value}'.",
            "Correct this line of the file; the other lines are not affected.",
        ),
        Code.OWNED_BY_OTHER_SOURCE: Definition(
            Outcome.REJECTED,
            _ERROR,
            _ADMINISTRATOR,
            "Row {row}: Employee with external Identifier {external_id} belongs to the source {value}; the source "
            "{source} must not change them while they are active.",
            "Remove the employee from one of the two systems, or deactivate them in {value} first.",
        ),
        Code.PERSON_ERASED: Definition(
            Outcome.REJECTED,
            _ERROR,
            _HR,
            "Row {row}: the person with external Identifier {external_id} was erased on request.",
            "Take the person out of the HR system, or give them another External Identifier if they are back.",
        ),
        Code.REFERENCE_UNKNOWN: Definition(
            Outcome.REJECTED,
            _ERROR,
            _ADMINISTRATOR,
            "Row {row}: there is no {noun} '{value}'.",
            "Check the name; capitals and spaces count.",
            lasting=False,
        ),
        Code.REFERENCE_EXISTS: Definition(
            Outcome.REJECTED,
            _ERROR,
            _ADMINISTRATOR,
            "Row {row}: there is a {noun} '{value}' already.",
            "Choose another name, or delete that one first.",
            lasting=False,
        ),
        Code.REFERENCE_IN_USE: Definition(
            Outcome.REJECTED,
            _ERROR,
            _ADMINISTRATOR,
            "Row {row}: the {noun} '{value}' cannot be deleted: {people} active employees have it, {example} for one.",
            "Give these employees another one first.",
            lasting=False,
        ),
        Code.SETTING_INVALID: Definition(
            Outcome.REJECTED,
            _ERROR,
            _ADMINISTRATOR,
            "The setting {setting} cannot be '{value}': {reason}",
            "Set it as its description says; nothing was changed.",
            lasting=False,
        ),
        Code.JOB_TITLE_NOT_FOUND: Definition(
            Outcome.PARKED,
            _ERROR,
            _ADMINISTRATOR,
            "Employee with external Identifier {external_id} not processed, Job Title with name {value} does not exist",
            "Create the Job Title, or correct it in the HR system. Capitals and spaces count.",
            quoted=True,
        ),
        Code.EMAIL_IN_USE: Definition(
            Outcome.PARKED,
            _ERROR,
            _HR,
            "Row {row}: Employee with external Identifier {external_id} not processed, Email {value} "
            "belongs to {holder_name} (external Identifier {holder}), who is active.",
            "Give one of the two another address, or deactivate the one who has left.",
        ),
        Code.EMAIL_RING_TOO_LONG: Definition(
            Outcome.PARKED,
            _ERROR,
            _HR,
            "Row {row}: Employee with external Identifier {external_id} not processed, it is one of {length} "
            "people who pass Email addresses on in a ring (Email {value}); at most {limit} can at once.",
            "Send one of them without an address first, then all of them again.",
        ),
        Code.INTERNAL_ERROR: Definition(
            Outcome.PARKED,
            _ERROR,
            _OPERATOR,
            "Row {row}: Employee with external Identifier {external_id} not processed because of a fault of ours.",
            "Nothing needs to be done: it is kept and tried again, and the operator has been told.",
        ),
        Code.EXTERNAL_ID_DUPLICATE_IN_RUN: Definition(
            Outcome.OVERWRITTEN,
            _WARNING,
            _HR,
            "Row {row}: External Identifier {external_id} stands again in row {winner}, which counts.",
            "Remove the row that is wrong from the HR system.",
        ),
        Code.DEPARTMENT_NOT_FOUND: Definition(
            Effect.APPLIED,
            _WARNING,
            _ADMINISTRATOR,
            "Unable to add user to Department, Department with name {value} does not exist",
            "Create the Department, or correct it in the HR system. Capitals and spaces count.",
            quoted=True,
        ),
        Code.BUSINESS_UNIT_NOT_FOUND: Definition(
            Effect.APPLIED,
            _WARNING,
            _ADMINISTRATOR,
            "Unable to add user to Business Unit, Business Unit with Feed id {value} does not exist",
            "Create the Business Unit, or correct its Feed ID in the HR system.",
            quoted=True,
        ),
        Code.BUSINESS_UNIT_WRONG_ID_KIND: Definition(
            Effect.APPLIED,
            _WARNING,
            _HR,
            "Unable to add user to Business Unit, Business Unit with Feed id {value} does not exist, but "
            "{value} is the {kind_of_id} of the Business Unit with Feed id {feed_id}.",
            "Send the Feed ID of the Business Unit instead.",
        ),
        Code.EXTERNAL_ID_IDENTITY_CHANGED: Definition(
            Effect.APPLIED,
            _WARNING,
            _HR,
            "Row {row}: External Identifier {external_id} was {before} and is now {value}: first name, last "
            "name and address all changed at once.",
            "Check that the External Identifier has not been given to another person.",
            lasting=False,
        ),
        Code.EXTERNAL_ID_NEAR_DUPLICATE: Definition(
            Effect.APPLIED,
            _WARNING,
            _HR,
            "Row {row}: External Identifier {value} is new, and differs from that of {known_name} ({known}) only in "
            "zeros in front.",
            "If it is the same person, correct the number: spreadsheets drop zeros when they save a file.",
            lasting=False,
        ),
        Code.PROFILE_NOT_FOUND: Definition(
            Effect.APPLIED,
            _WARNING,
            _ADMINISTRATOR,
            "Row {row}: there is no User Profile '{value}'; the employee has the profile employee.",
            "Assign the right profile; there are {known}.",
            lasting=False,
        ),
        Code.PROFILE_EXCEEDS_GRANT: Definition(
            Effect.APPLIED,
            _WARNING,
            _ADMINISTRATOR,
            "Row {row}: whoever sent this row may not assign the User Profile '{value}'; the employee has the profile "
            "employee.",
            "Let an administrator assign the profile.",
            lasting=False,
        ),
        Code.UPLOAD_OVER_SOURCE: Definition(
            Effect.APPLIED,
            _WARNING,
            _ADMINISTRATOR,
            "Row {row}: the source {value} has the say over external Identifier {external_id}, and will have it again "
            "with its next change.",
            "Make the change in {value} too, or it will be undone.",
            lasting=False,
        ),
        Code.REFERENCE_RENAMED: Definition(
            Effect.APPLIED,
            _WARNING,
            _HR,
            "The {noun} '{value}' is now called '{name}'.",
            "Write '{name}' in the HR system; the old name works until an administrator removes it.",
        ),
        Code.CHARACTERS_REPLACED: Definition(
            Effect.APPLIED,
            _WARNING,
            _HR,
            "Row {row}: {column} holds characters that could not be read and were replaced: '{value}'.",
            "Save the file as UTF-8 and send it again.",
        ),
        Code.EMAIL_REUSED: Definition(
            Effect.APPLIED,
            _INFO,
            _HR,
            "Row {row}: Email {value} was that of {holder_name} (external Identifier {holder}), who is deactivated.",
            "Nothing needs to be done, unless it is the same person under a new External Identifier.",
            lasting=False,
        ),
        Code.EMAIL_SHARED: Definition(
            Effect.APPLIED,
            _INFO,
            _HR,
            "Row {row}: Email {value} is a shared address, so it counts as none.",
            "Nothing needs to be done.",
            lasting=False,
        ),
        Code.NAME_CHANGED: Definition(
            Effect.APPLIED,
            _INFO,
            _HR,
            "Row {row}: {before} is now {value}, with a new address.",
            "Nothing needs to be done.",
            lasting=False,
        ),
        Code.STALE_ROW: Definition(
            Outcome.SUPERSEDED,
            _INFO,
            _HR,
            "Row {row}: the directory has newer data about external Identifier {external_id} (of {newer}) "
            "than this row (of {age}).",
            "Nothing needs to be done.",
            lasting=False,
        ),
        Code.LEAVERS_HELD: Definition(
            Outcome.HELD,
            _WARNING,
            _ADMINISTRATOR,
            "{place} would make {number} of {staff} active employees leave{lately}; {limit} may without a question. "
            "The deactivations are held, all else was applied.",
            "Look at who would leave, then release or discard the hold {hold}.",
        ),
        Code.LEAVERS_UNCERTAIN: Definition(
            Outcome.HELD,
            _WARNING,
            _ADMINISTRATOR,
            "The feed lacks {number} active employees, but {unreadable} of its rows have no readable External "
            "Identifier and may be theirs. Nobody is deactivated for being absent.",
            "Mend the rows without an External Identifier, or release the hold {hold} if these people have left.",
        ),
        Code.IDENTITY_HELD: Definition(
            Outcome.HELD,
            _WARNING,
            _ADMINISTRATOR,
            "Row {row}: External Identifier {external_id} was {before} and would be {value}: first name, last name and "
            "address all change at once. The row is held.",
            "Find out whether it is the same person, then release or discard the hold {hold}.",
        ),
        Code.FEED_SUSPECT: Definition(
            RunState.HELD,
            _ERROR,
            _ADMINISTRATOR,
            "The feed is held as a whole, nothing of it was applied: {reason}",
            "Check the export in the HR system, then release or discard the hold {hold}.",
            lasting=False,
        ),
        Code.MASS_IDENTITY_CHANGE: Definition(
            RunState.HELD,
            _ERROR,
            _ADMINISTRATOR,
            "The feed is held as a whole, nothing of it was applied: it would change the address or the last name of "
            "{number} of {staff} active employees; {limit} may change without a question. For example: {examples}.",
            "Check that columns or rows have not slipped in the HR system, then release or discard the hold {hold}.",
            lasting=False,
        ),
        Code.FEED_OLDER: Definition(
            RunState.SUPERSEDED,
            _INFO,
            _HR,
            "The feed of {age} is older than the full feed of {newer} of the same source, which is applied.",
            "Nothing needs to be done.",
            lasting=False,
        ),
        Code.FEED_EMPTY: Definition(
            RunState.FAILED,
            _ERROR,
            _HR,
            "The file has no data rows: {reason}",
            "Export the list again and check that it holds the employees before sending it.",
        ),
        Code.FEED_UNREADABLE: Definition(
            RunState.FAILED,
            _ERROR,
            _HR,
            "The file cannot be read: {reason}",
            "Save it as CSV in UTF-8 with one header line and send it again.",
        ),
        Code.COLUMN_MISSING: Definition(
            RunState.FAILED,
            _ERROR,
            _HR,
            "The file lacks the required column {column}. Its columns are: {value}.",
            "Name the columns as in the template: {expected}.",
        ),
        Code.FEED_TOO_LARGE: Definition(
            RunState.FAILED,
            _ERROR,
            _HR,
            "The file is too large: {reason}",
            "Send it in parts, as feeds of changes.",
        ),
        Code.KIND_UNKNOWN: Definition(
            RunState.FAILED,
            _ERROR,
            _OPERATOR,
            "The file lies at '{value}', which does not say what it holds.",
            "Put it at feeds/TENANT/SOURCE/KIND/MODE/NAME, with KIND one of employees, job-titles, "
            "departments or business-units and MODE full or changes.",
        ),
        Code.TENANT_UNKNOWN: Definition(
            RunState.FAILED,
            _ERROR,
            _OPERATOR,
            "There is no tenant '{value}'.",
            "Make the tenant with `peoplefeed tenant add`, or correct its name.",
        ),
        Code.SOURCE_UNREACHABLE: Definition(
            Effect.NO_FEED,
            _ERROR,
            _OPERATOR,
            "The HR system of source {source} cannot be reached: {reason}",
            "Check its address and whether it is up; it is polled again by itself.",
        ),
        Code.SOURCE_REFUSED: Definition(
            Effect.NO_FEED,
            _ERROR,
            _OPERATOR,
            "Access to the HR system of source {source} is refused: {reason}",
            "Check the credentials and rights of the source's account.",
        ),
        Code.SOURCE_THROTTLED: Definition(
            Effect.NO_FEED,
            _ERROR,
            _OPERATOR,
            "The HR system of source {source} asks for fewer requests: {reason}",
            "Poll it less often, or ask its vendor for a higher limit.",
        ),
        Code.SOURCE_MALFORMED: Definition(
            Effect.NO_FEED,
            _ERROR,
            _OPERATOR,
            "The HR system of source {source} answered something unexpected: {reason}",
            "Compare the answer with the source's manifest.",
        ),
        Code.SOURCE_INCOMPLETE: Definition(
            Effect.NO_FEED,
            _ERROR,
            _OPERATOR,
            "The HR system of source {source} did not deliver everything: {reason}",
            "Nothing was applied; it is polled again by itself.",
        ),
        Code.PLATFORM_REFUSED: Definition(
            Effect.NOT_DELIVERED,
            _ERROR,
            _ADMINISTRATOR,
            "The learning platform refused external Identifier {external_id}: {reason}",
            "Correct the employee's data as the platform asks; it is then sent again.",
        ),
        Code.PLATFORM_CONFLICT: Definition(
            Effect.NOT_DELIVERED,
            _ERROR,
            _ADMINISTRATOR,
            "The learning platform has another account in the way of external Identifier {external_id}: {reason}",
            "Rename or remove that account on the learning platform; ours is then sent again.",
        ),
    }
)


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
