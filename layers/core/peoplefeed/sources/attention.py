"""What customers must look at: a source's troubles as problems of the feed log, and one event when each begins.

A trouble lasts until a poll succeeds, whatever else goes wrong meanwhile: sources that fail in turns of two ways
have two problems, not a new one at every poll (7.4).
"""

from collections.abc import Iterable
from datetime import datetime

from peoplefeed.attention import ask_for_attention
from peoplefeed.codes import TABLE, Code, message
from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Put, Update, assignments, write
from peoplefeed.sources.store import Source
from peoplefeed.sources.trouble import SourceTrouble
from peoplefeed.times import stamp

_DAY = 24 * 3600


def problem_id(source: str, code: str) -> str:
    """Return the id of what is wrong with a source."""
    return f"source:{source}#{code}"


def tell(deployment: Deployment, source: Source, trouble: SourceTrouble, now: datetime) -> str:
    """Count a trouble up, or begin it and call for attention, and return its sentence."""
    name = source.manifest.name
    sentence = message(trouble.code, source=name, reason=trouble.reason)
    if not _counted_up(deployment, source, trouble.code, sentence, now):
        # The event goes first: killed in between, it is sent twice rather than never.
        _call_for_attention(deployment, source, trouble.code, sentence, now)
        _begin(deployment, source, trouble.code, sentence, now)
    return sentence


def heal(deployment: Deployment, source: Source, codes: Iterable[str], now: datetime) -> None:
    """Mark a source's troubles as resolved."""
    values: dict[str, Value] = {"resolved_at": stamp(now), "open_pk": None}
    for code in codes:
        _update_open(deployment, source, code, assignments(values), values)


def _counted_up(deployment: Deployment, source: Source, code: Code, sentence: str, now: datetime) -> bool:
    values: dict[str, Value] = {"last_seen": stamp(now), "message": sentence, "expires": _expiry(deployment, now)}
    return _update_open(deployment, source, code, f"{assignments(values)} ADD #occurrences :one", values | {"one": 1})


def _update_open(deployment: Deployment, source: Source, code: str, expression: str, values: dict[str, Value]) -> bool:
    """Change a problem if it is open."""
    key = keys.problem(source.tenant, problem_id(source.manifest.name, code))
    is_open = Condition("the problem is not open", "attribute_exists(#open_pk)")
    try:
        write(deployment.dynamodb, Update(deployment.names.feed_log_table, key, expression, values, is_open))
    except ConditionFailed:
        return False
    return True


def _begin(deployment: Deployment, source: Source, code: Code, sentence: str, now: datetime) -> None:
    problem, severity, at = problem_id(source.manifest.name, code), TABLE[code].severity.value, stamp(now)
    values: dict[str, Value] = {
        "at": at,
        "code": code.value,
        "severity": severity,
        "message": sentence,
        "source": source.manifest.name,
        "occurrences": 1,
        "first_seen": at,
        "last_seen": at,
        "open_pk": keys.open_pk(source.tenant, problem),
        "severity_pk": keys.severity_pk(source.tenant, severity, problem),
        "seen_sk": f"{at}#{problem}",
        "expires": _expiry(deployment, now),
    }
    write(deployment.dynamodb, Put(deployment.names.feed_log_table, keys.problem(source.tenant, problem), values))


def _call_for_attention(deployment: Deployment, source: Source, code: Code, sentence: str, now: datetime) -> None:
    problem = problem_id(source.manifest.name, code)
    facts = {"source": source.manifest.name, "problem": problem, "since": stamp(now)}
    ask_for_attention(deployment, source.tenant, code.value, sentence, **facts)


def _expiry(deployment: Deployment, now: datetime) -> int:
    return int(now.timestamp()) + deployment.names.log_retention_days * _DAY
