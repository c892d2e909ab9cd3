"""What befalls whole feeds and what they would change, sources, and the learning platform."""

from peoplefeed.codes.definition import ADMINISTRATOR, ERROR, HR, INFO, OPERATOR, WARNING, Code, Definition, Effect
from peoplefeed.model import Outcome, RunState

IDENTITIES_HELD = (
    "{number} of the feed's rows would make somebody look like another person: first name, last name and address all "
    "change at once. They are held, all else was applied. Find out whether these are the same people, then release or "
    "discard the hold {hold}."
)
"""What a hold says of such rows together: it names nobody (1.11). Of each, IDENTITY_HELD does."""

FEEDS = {
    Code.LEAVERS_HELD: Definition(
        Outcome.HELD,
        WARNING,
        ADMINISTRATOR,
        "{place} would make {number} of {staff} active employees leave{lately}; {limit} may without a question. "
        "The deactivations are held, all else was applied.",
        "Look at who would leave, then release or discard the hold {hold}.",
    ),
    Code.LEAVERS_UNCERTAIN: Definition(
        Outcome.HELD,
        WARNING,
        ADMINISTRATOR,
        "The feed lacks {number} active employees, but {unreadable} of its rows have no readable External "
        "Identifier and may be theirs. Nobody is deactivated for being absent.",
        "Mend the rows without an External Identifier, or release the hold {hold} if these people have left.",
    ),
    Code.IDENTITY_HELD: Definition(
        Outcome.HELD,
        WARNING,
        ADMINISTRATOR,
        "Row {row}: External Identifier {external_id} was {before} and would be {value}: first name, last name and "
        "address all change at once. The row is held.",
        "Find out whether it is the same person, then release or discard the hold {hold}.",
    ),
    Code.FEED_SUSPECT: Definition(
        RunState.HELD,
        ERROR,
        ADMINISTRATOR,
        "The feed is held as a whole, nothing of it was applied: {reason}",
        "Check the export in the HR system, then release or discard the hold {hold}.",
        lasting=False,
    ),
    Code.MASS_IDENTITY_CHANGE: Definition(
        RunState.HELD,
        ERROR,
        ADMINISTRATOR,
        "The feed is held as a whole, nothing of it was applied: it would change the address or the last name of "
        "{number} of {staff} active employees; {limit} may change without a question.",
        "Check that columns or rows have not slipped in the HR system, then release or discard the hold {hold}.",
        lasting=False,
    ),
    Code.FEED_OLDER: Definition(
        RunState.SUPERSEDED,
        INFO,
        HR,
        "The feed of {age} is older than the full feed of {newer} of the same source, which is applied.",
        "Nothing needs to be done.",
        lasting=False,
    ),
    Code.FEED_EMPTY: Definition(
        RunState.FAILED,
        ERROR,
        HR,
        "The file has no data rows: {reason}",
        "Export the list again and check that it holds the employees before sending it.",
        lasting=False,
    ),
    Code.FEED_UNREADABLE: Definition(
        RunState.FAILED,
        ERROR,
        HR,
        "The file cannot be read: {reason}",
        "Save it as CSV in UTF-8 with one header line and send it again.",
        lasting=False,
    ),
    Code.COLUMN_MISSING: Definition(
        RunState.FAILED,
        ERROR,
        HR,
        "The file lacks the required column {column}. Its columns are: {value}.",
        "Name the columns as in the template: {expected}.",
        lasting=False,
    ),
    Code.FEED_TOO_LARGE: Definition(
        RunState.FAILED,
        ERROR,
        HR,
        "The file is too large: {reason}",
        "Send only the columns that are needed, and the rows in parts, as feeds of changes.",
        lasting=False,
    ),
    Code.KIND_UNKNOWN: Definition(
        RunState.FAILED,
        ERROR,
        OPERATOR,
        "The file lies at '{value}', which does not say what it holds.",
        "Put it at feeds/TENANT/SOURCE/KIND/MODE/NAME, with KIND one of employees, job-titles, "
        "departments or business-units and MODE full or changes.",
        lasting=False,
    ),
    Code.TENANT_UNKNOWN: Definition(
        RunState.FAILED,
        ERROR,
        OPERATOR,
        "There is no tenant '{value}'.",
        "Make the tenant with `peoplefeed tenant add`, or correct its name.",
        lasting=False,
    ),
    Code.SOURCE_UNREACHABLE: Definition(
        Effect.NO_FEED,
        ERROR,
        OPERATOR,
        "The HR system of source {source} cannot be reached: {reason}",
        "Check its address and whether it is up; it is polled again by itself.",
    ),
    Code.SOURCE_REFUSED: Definition(
        Effect.NO_FEED,
        ERROR,
        OPERATOR,
        "Access to the HR system of source {source} is refused: {reason}",
        "Check the credentials and rights of the source's account.",
    ),
    Code.SOURCE_THROTTLED: Definition(
        Effect.NO_FEED,
        ERROR,
        OPERATOR,
        "The HR system of source {source} asks for fewer requests: {reason}",
        "Poll it less often, or ask its vendor for a higher limit.",
    ),
    Code.SOURCE_MALFORMED: Definition(
        Effect.NO_FEED,
        ERROR,
        OPERATOR,
        "The HR system of source {source} answered something unexpected: {reason}",
        "Compare the answer with the source's manifest.",
    ),
    Code.SOURCE_INCOMPLETE: Definition(
        Effect.NO_FEED,
        ERROR,
        OPERATOR,
        "The HR system of source {source} did not deliver everything: {reason}",
        "Nothing was applied; it is polled again by itself.",
    ),
    Code.PLATFORM_REFUSED: Definition(
        Effect.NOT_DELIVERED,
        ERROR,
        ADMINISTRATOR,
        "The learning platform refused external Identifier {external_id}: {reason}",
        "Correct the employee's data as the platform asks; it is then sent again.",
    ),
    Code.PLATFORM_CONFLICT: Definition(
        Effect.NOT_DELIVERED,
        ERROR,
        ADMINISTRATOR,
        "The learning platform has another account in the way of external Identifier {external_id}: {reason}",
        "Rename or remove that account on the learning platform; ours is then sent again.",
    ),
}
