"""Problems as items: one thing each, counted up while it lasts, resolved when its cause is gone (7.4)."""

from collections.abc import Iterable

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Put, Update, Write, assignments, write
from peoplefeed.feed_log.entries import Moment, expiry, finding_values
from peoplefeed.model import Entry


def record_problems(deployment: Deployment, moment: Moment, entries: Iterable[Entry]) -> None:
    """Open or count up the problems of entries, each once a run however often this is called."""
    seen: set[str] = set()
    for entry in entries:
        if entry.problem is None or entry.problem in seen:
            continue
        seen.add(entry.problem)
        make = _counted_up if entry.repeats else _opened
        if not _once(deployment, make(deployment, moment, entry, entry.problem)):
            _once(deployment, _named_first(deployment, moment, entry, entry.problem))


def resolve_problems(deployment: Deployment, moment: Moment, problems: Iterable[str]) -> None:
    """Mark problems as resolved."""
    for problem in problems:
        values: dict[str, Value] = {"resolved_at": moment.at, "last_run": moment.run, "open_pk": None}
        expected = Condition("a later run spoke of the problem", "#last_run < :this_run", {"this_run": moment.run})
        key = keys.problem(moment.tenant, problem)
        _once(
            deployment,
            Update(deployment.names.feed_log_table, key, assignments(values), values, expected),
        )


def _once(deployment: Deployment, single: Write) -> bool:
    """Write unless this run, or a later one, has spoken of the problem; whether it did."""
    try:
        write(deployment.dynamodb, single)
    except ConditionFailed:
        return False
    return True


def _not_said_yet(moment: Moment) -> Condition:
    expression = "attribute_not_exists(#last_run) OR #last_run < :this_run"
    return Condition("this run, or a later one, spoke of the problem", expression, {"this_run": moment.run})


def _opened(deployment: Deployment, moment: Moment, entry: Entry, problem: str) -> Put:
    values = finding_values(entry) | {
        "run": moment.run,
        "row": entry.row,
        "index": entry.index,
        "outcome": entry.outcome.value,
        "occurrences": 1,
        "first_seen": moment.at,
        "last_seen": moment.at,
        "last_run": moment.run,
        "last_row": entry.row,
        "open_pk": keys.open_pk(moment.tenant, problem),
        "seen_sk": f"{moment.at}#{problem}",
        "expires": expiry(deployment, moment),
    }
    key = keys.problem(moment.tenant, problem)
    return Put(deployment.names.feed_log_table, key, values, _not_said_yet(moment))


def _counted_up(deployment: Deployment, moment: Moment, entry: Entry, problem: str) -> Update:
    found = finding_values(entry)
    values: dict[str, Value] = {
        "message": found.get("message"),  # it may name another holder of the address by now
        "suggestion": found.get("suggestion"),
        "mentions": found.get("mentions"),
        "unnamed": found.get("unnamed"),
        "last_seen": moment.at,
        "last_run": moment.run,
        "last_row": entry.row,
        "expires": expiry(deployment, moment),
    }
    expression = f"{assignments(values)} ADD #occurrences :one"
    key = keys.problem(moment.tenant, problem)
    return Update(deployment.names.feed_log_table, key, expression, values | {"one": 1}, _not_said_yet(moment))


def _named_first(deployment: Deployment, moment: Moment, entry: Entry, problem: str) -> Update:
    """Let a problem name the first of equal rows without an ID, whichever chunk comes first (9.1)."""
    here: dict[str, Value] = {"last_row": entry.row, "message": finding_values(entry).get("message")}
    values = here if entry.repeats else here | {"row": entry.row, "index": entry.index}
    expected = Condition(
        "an earlier row has the problem",
        "#last_run = :this_run AND #last_row > :here",
        {"this_run": moment.run, "here": entry.row},
    )
    key = keys.problem(moment.tenant, problem)
    return Update(deployment.names.feed_log_table, key, assignments(values), values, expected)
