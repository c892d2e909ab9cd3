"""What customers must look at: a source in trouble as one problem of the feed log, and one event when it begins.

The trouble lasts until a poll succeeds, whatever else goes wrong meanwhile: a source that fails in turns of two
ways has one problem, which says what is wrong now, since when, and when it is tried again (7.4).
"""

from datetime import UTC, datetime

from peoplefeed.attention import ask_for_attention
from peoplefeed.codes import TABLE, message
from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Put, Update, assignments, write
from peoplefeed.sources.circuit import is_open
from peoplefeed.sources.store import Source
from peoplefeed.sources.trouble import SourceTrouble
from peoplefeed.times import stamp

_DAY = 24 * 3600


def problem_id(source: str) -> str:
    """Return the id of what is wrong with a source."""
    return f"source:{source}"


def tell(deployment: Deployment, source: Source, trouble: SourceTrouble, now: datetime, next_try: datetime) -> str:
    """Count a trouble up, or begin it and call for attention, and return its sentence."""
    name, failures = source.manifest.name, source.failures + 1
    sentence = message(trouble.code, source=name, reason=trouble.reason)
    if is_open(failures):
        sentence = f"{sentence} {failures} polls in a row have failed, so it is polled less often."
    sentence = f"{sentence} The next try is on {next_try.astimezone(UTC):%Y-%m-%d at %H:%M} UTC."
    values: dict[str, Value] = {
        "code": trouble.code.value,
        "message": sentence,
        "last_seen": stamp(now),
        "next_try": stamp(next_try),
        "expires": int(now.timestamp()) + deployment.names.log_retention_days * _DAY,
    }
    if not _counted_up(deployment, source, values):
        # The event goes first: killed in between, it is sent twice rather than never.
        facts = {"source": name, "problem": problem_id(name), "since": stamp(now)}
        ask_for_attention(deployment, source.tenant, trouble.code.value, sentence, **facts)
        _begin(deployment, source, TABLE[trouble.code].severity.value, stamp(now), values)
    return sentence


def heal(deployment: Deployment, tenant: str, name: str, now: datetime) -> None:
    """Mark a source's trouble as resolved."""
    values: dict[str, Value] = {"resolved_at": stamp(now), "open_pk": None, "next_try": None}
    _update_open(deployment, tenant, name, assignments(values), values)


def _counted_up(deployment: Deployment, source: Source, values: dict[str, Value]) -> bool:
    expression = f"{assignments(values)} ADD #occurrences :one"
    return _update_open(deployment, source.tenant, source.manifest.name, expression, values | {"one": 1})


def _update_open(deployment: Deployment, tenant: str, name: str, expression: str, values: dict[str, Value]) -> bool:
    """Change a problem if it is open."""
    key = keys.problem(tenant, problem_id(name))
    is_open_yet = Condition("the problem is not open", "attribute_exists(#open_pk)")
    try:
        write(deployment.dynamodb, Update(deployment.names.feed_log_table, key, expression, values, is_open_yet))
    except ConditionFailed:
        return False
    return True


def _begin(deployment: Deployment, source: Source, severity: str, at: str, values: dict[str, Value]) -> None:
    problem = problem_id(source.manifest.name)
    began: dict[str, Value] = {
        "at": at,
        "severity": severity,
        "source": source.manifest.name,
        "occurrences": 1,
        "first_seen": at,
        "open_pk": keys.open_pk(source.tenant, problem),
        "severity_pk": keys.severity_pk(source.tenant, severity, problem),
        "seen_sk": f"{at}#{problem}",
    }
    key = keys.problem(source.tenant, problem)
    write(deployment.dynamodb, Put(deployment.names.feed_log_table, key, values | began))
