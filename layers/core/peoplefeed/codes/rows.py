"""What befalls single rows."""

from peoplefeed.codes.definition import ADMINISTRATOR, ERROR, HR, INFO, OPERATOR, WARNING, Code, Definition, Effect
from peoplefeed.model import Outcome

SHARERS = 3
"""3.12: so many people who want one address seem to share it."""

LIST_AS_SHARED = "If several people share it, list it among the shared addresses."
"""What stands behind the remedy of EMAIL_IN_USE where so many want one."""

ROWS = {
    Code.EXTERNAL_ID_MISSING: Definition(
        Outcome.REJECTED,
        ERROR,
        HR,
        "Row {row} has no External Identifier, so nobody can tell whom it describes.",
        "Enter the employee's External Identifier in the HR system and send the row again.",
    ),
    Code.REQUIRED_FIELD_MISSING: Definition(
        Outcome.REJECTED,
        ERROR,
        HR,
        "Row {row} has no {column}.",
        "Fill in {column} in the HR system and send the row again.",
    ),
    Code.EMAIL_INVALID: Definition(
        Outcome.REJECTED,
        ERROR,
        HR,
        "Row {row}: Email '{value}' is not an e-mail address: {reason}",
        "Correct the address, or leave it empty for someone who has none.",
    ),
    Code.DATE_INVALID: Definition(
        Outcome.REJECTED,
        ERROR,
        HR,
        "Row {row}: Start Date '{value}' is not a date of the form {format}.",
        "Write the date as {format}, for example {example}.",
    ),
    Code.STATUS_INVALID: Definition(
        Outcome.REJECTED,
        ERROR,
        HR,
        "Row {row}: Status '{value}' is neither Active nor Inactive.",
        "Write Active or Inactive, or leave it empty.",
    ),
    Code.VALUE_TOO_LONG: Definition(
        Outcome.REJECTED,
        ERROR,
        HR,
        "Row {row}: {column} '{value}' has {length} characters; {limit} are allowed.",
        "Shorten {column} and send the row again.",
    ),
    Code.LINE_BROKEN: Definition(
        Outcome.REJECTED,
        ERROR,
        HR,
        "Row {row} cannot be read: {reason} It begins '{value}'.",
        "Correct this line of the file; the other lines are not affected.",
    ),
    Code.OWNED_BY_OTHER_SOURCE: Definition(
        Outcome.REJECTED,
        ERROR,
        ADMINISTRATOR,
        "Row {row}: Employee with external Identifier {external_id} belongs to the source {value}; the source "
        "{source} must not change them while they are active.",
        "Remove the employee from one of the two systems, deactivate them in {value} first, or let go of them "
        "(`peoplefeed employee let-go {external_id}`).",
    ),
    Code.PERSON_ERASED: Definition(
        Outcome.REJECTED,
        ERROR,
        HR,
        "Row {row}: the person with external Identifier {external_id} was erased on request.",
        "Take the person out of the HR system, or give them another External Identifier if they are back.",
    ),
    Code.REFERENCE_UNKNOWN: Definition(
        Outcome.REJECTED,
        ERROR,
        ADMINISTRATOR,
        "Row {row}: there is no {noun} '{value}'{alias}.",
        "Check the name{hint}.",
        lasting=False,
    ),
    Code.REFERENCE_EXISTS: Definition(
        Outcome.REJECTED,
        ERROR,
        ADMINISTRATOR,
        "Row {row}: there is a {noun} '{value}' already{alias}.",
        "Choose another name, or {way} first.",
        lasting=False,
    ),
    Code.REFERENCE_IN_USE: Definition(
        Outcome.REJECTED,
        ERROR,
        ADMINISTRATOR,
        "Row {row}: the {noun} '{value}' cannot be deleted: {people} active employees have it, {other} for one.",
        "Give these employees another one first.",
        lasting=False,
    ),
    Code.SETTING_INVALID: Definition(
        Outcome.REJECTED,
        ERROR,
        ADMINISTRATOR,
        "The setting {setting} cannot be '{value}': {reason}",
        "Set it as its description says; nothing was changed.",
        lasting=False,
    ),
    Code.JOB_TITLE_NOT_FOUND: Definition(
        Outcome.PARKED,
        ERROR,
        ADMINISTRATOR,
        "Employee with external Identifier {external_id} not processed, Job Title with name {value} does not exist",
        "Create the Job Title, or correct it in the HR system. Capitals and spaces count.",
        quoted=True,
    ),
    Code.EMAIL_IN_USE: Definition(
        Outcome.PARKED,
        ERROR,
        HR,
        "Row {row}: Employee with external Identifier {external_id} not processed, Email {value} "
        "belongs to {other}, who is active.",
        "Give one of the two another address, or deactivate the one who has left.",
    ),
    Code.EMAIL_RING_TOO_LONG: Definition(
        Outcome.PARKED,
        ERROR,
        HR,
        "Row {row}: Employee with external Identifier {external_id} not processed, it is one of {length} "
        "people who pass Email addresses on in a ring (Email {value}); at most {limit} can at once.",
        "Send one of them without an address first, then all of them again.",
    ),
    Code.INTERNAL_ERROR: Definition(
        Outcome.PARKED,
        ERROR,
        OPERATOR,
        "Row {row}: Employee with external Identifier {external_id} not processed because of a fault of ours.",
        "The operator has been told; {again}.",
    ),
    Code.EXTERNAL_ID_DUPLICATE_IN_RUN: Definition(
        Outcome.OVERWRITTEN,
        WARNING,
        HR,
        "Row {row}: External Identifier {external_id} stands again in row {winner}, which counts.",
        "Remove the row that is wrong from the HR system.",
    ),
    Code.DEPARTMENT_NOT_FOUND: Definition(
        Effect.APPLIED,
        WARNING,
        ADMINISTRATOR,
        "Unable to add user to Department, Department with name {value} does not exist",
        "Create the Department, or correct it in the HR system. Capitals and spaces count.",
        quoted=True,
    ),
    Code.BUSINESS_UNIT_NOT_FOUND: Definition(
        Effect.APPLIED,
        WARNING,
        ADMINISTRATOR,
        "Unable to add user to Business Unit, Business Unit with Feed id {value} does not exist",
        "Create the Business Unit, or correct its Feed ID in the HR system.",
        quoted=True,
    ),
    Code.BUSINESS_UNIT_WRONG_ID_KIND: Definition(
        Effect.APPLIED,
        WARNING,
        HR,
        "Unable to add user to Business Unit, Business Unit with Feed id {value} does not exist, but "
        "{value} is the {kind_of_id} of the Business Unit with Feed id {feed_id}.",
        "Send the Feed ID of the Business Unit instead.",
    ),
    Code.EXTERNAL_ID_IDENTITY_CHANGED: Definition(
        Effect.APPLIED,
        WARNING,
        HR,
        "Row {row}: External Identifier {external_id} was {before} and is now {value}: first name, last "
        "name and address all changed at once.",
        "Check that the External Identifier has not been given to another person.",
        lasting=False,
    ),
    Code.EXTERNAL_ID_NEAR_DUPLICATE: Definition(
        Effect.APPLIED,
        WARNING,
        HR,
        "Row {row}: External Identifier {value} is new, and differs from that of {other} only in zeros in front.",
        "If it is the same person, correct the number: spreadsheets drop zeros when they save a file.",
        lasting=False,
    ),
    Code.PROFILE_NOT_FOUND: Definition(
        Effect.APPLIED,
        WARNING,
        ADMINISTRATOR,
        "Row {row}: there is no User Profile '{value}'; the employee has the profile employee.",
        "Assign the right profile; there are {known}.",
        lasting=False,
    ),
    Code.PROFILE_EXCEEDS_GRANT: Definition(
        Effect.APPLIED,
        WARNING,
        ADMINISTRATOR,
        "Row {row}: whoever sent this row may not assign the User Profile '{value}'; the employee has the profile "
        "employee.",
        "Let an administrator assign the profile.",
        lasting=False,
    ),
    Code.UPLOAD_OVER_SOURCE: Definition(
        Effect.APPLIED,
        WARNING,
        ADMINISTRATOR,
        "Row {row}: the source {value} has the say over external Identifier {external_id}, and will have it again "
        "with its next change.",
        "Make the change in {value} too, or it will be undone.",
        lasting=False,
    ),
    Code.REFERENCE_RENAMED: Definition(
        Effect.APPLIED,
        WARNING,
        HR,
        "The {noun} '{value}' is now called '{name}'.",
        "Write '{name}' in the HR system; the old name works until an administrator removes it.",
    ),
    Code.CHARACTERS_REPLACED: Definition(
        Effect.APPLIED,
        WARNING,
        HR,
        "Row {row}: {column} holds characters that could not be read and were replaced: '{value}'.",
        "Save the file as UTF-8 and send it again.",
    ),
    Code.EMAIL_REUSED: Definition(
        Effect.APPLIED,
        INFO,
        HR,
        "Row {row}: Email {value} was that of {other}, who is deactivated.",
        "Nothing needs to be done, unless it is the same person under a new External Identifier.",
        lasting=False,
    ),
    Code.EMAIL_SHARED: Definition(
        Effect.APPLIED,
        INFO,
        HR,
        "Row {row}: Email {value} is a shared address, so it counts as none.",
        "Nothing needs to be done.",
        lasting=False,
    ),
    Code.NAME_CHANGED: Definition(
        Effect.APPLIED,
        INFO,
        HR,
        "Row {row}: {before} is now {value}, with a new address.",
        "Nothing needs to be done.",
        lasting=False,
    ),
    Code.STALE_ROW: Definition(
        Outcome.SUPERSEDED,
        INFO,
        HR,
        "Row {row}: the directory has newer data about external Identifier {external_id} (of {newer}) "
        "than this row (of {age}).",
        "Nothing needs to be done.",
        lasting=False,
    ),
}
