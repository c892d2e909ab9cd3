"""Refusals of the platform as problems of the feed log: counted up until they are solved (7.4, 8.3)."""

import re
from collections.abc import Mapping
from datetime import datetime

from peoplefeed.codes import TABLE, Code, message
from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.writes import Condition, ConditionFailed, Put, Update, assignments, write
from peoplefeed.feed_log.mentions import mention_values, pointer
from peoplefeed.learning_platform.person import Person
from peoplefeed.learning_platform.trouble import Refused
from peoplefeed.model import Mention, run_and_row_of
from peoplefeed.times import stamp

_DAY = 24 * 3600
_LATEST = ("message", "value", "mentions", "unnamed", "version", "last_seen", "last_run", "last_row", "expires")


def problem_id(external_id: str, code: str) -> str:
    """Return the name of a person's problem with the platform; no run ever makes one of these."""
    return f"platform:{external_id}#{code}"


def report(deployment: Deployment, person: Person, code: Code, refusal: Refused, now: datetime) -> None:
    """Open a problem or count it up.

    Its value is what others may have been told as well, so that what was said to many is one line of problems (7.4).
    No run makes an entry about a delivery: the problem itself stands in the person's story. One that was resolved
    and comes back begins anew.
    """
    values = _values(deployment, person, code, refusal, now)
    _let_be_found(deployment, person, code, values)
    if person.problem == code and _counted_up(deployment, person, code, values):
        return
    resolve(deployment, person, now)
    key = keys.problem(person.tenant, problem_id(person.external_id, code))
    write(deployment.dynamodb, Put(deployment.names.feed_log_table, key, values | {"occurrences": 1}))


def _let_be_found(deployment: Deployment, person: Person, code: Code, values: Mapping[str, Value]) -> None:
    """1.11: let an erasure find the problem of another person that names somebody."""
    whose, expires = values["mentions"], values["expires"]
    if isinstance(whose, str) and isinstance(expires, int):
        place = keys.problem(person.tenant, problem_id(person.external_id, code))
        write(deployment.dynamodb, pointer(deployment, person.tenant, whose, place, expires))


def _counted_up(deployment: Deployment, person: Person, code: Code, values: Mapping[str, Value]) -> bool:
    """Count an open problem up; whether it was still there."""
    latest: dict[str, Value] = {name: values[name] for name in _LATEST}
    expression = f"{assignments(latest)} ADD #occurrences :one"
    open_still = Condition("the problem is forgotten", "attribute_exists(#open_pk)")
    key = keys.problem(person.tenant, problem_id(person.external_id, code))
    update = Update(deployment.names.feed_log_table, key, expression, latest | {"one": 1}, open_still)
    try:
        write(deployment.dynamodb, update)
    except ConditionFailed:
        return False
    return True


def _values(deployment: Deployment, person: Person, code: Code, refusal: Refused, now: datetime) -> dict[str, Value]:
    tenant, external_id, at = person.tenant, person.external_id, stamp(now)
    run, row = run_and_row_of(person.item["position"])
    problem, severity = problem_id(external_id, code), TABLE[code].severity.value
    names = (person.item.get("first_name"), person.item.get("last_name"))
    values: dict[str, Value] = {
        "run": run,
        "row": row,
        "at": at,
        "external_id": external_id,
        "name": " ".join(filter(None, names)) or None,
        "code": code.value,
        "severity": severity,
        "message": _message(code, external_id, refusal.reason),
        "value": _impersonal(refusal.gist, person),
        "problem": problem,
        "version": person.version,
        "first_seen": at,
        "last_seen": at,
        "last_run": run,
        "last_row": row,
        "open_pk": keys.open_pk(tenant, problem),
        "severity_pk": keys.severity_pk(tenant, severity, problem),
        "seen_sk": f"{at}#{problem}",
        "story_pk": keys.story_pk(tenant, external_id),
        "story_sk": f"{at}#{run:010d}#{row:08d}#99",
        "expires": int(now.timestamp()) + deployment.names.log_retention_days * _DAY,
    }
    return values | mention_values(_mention(code, external_id, refusal))


def _mention(code: Code, external_id: str, refusal: Refused) -> Mention | None:
    whose = refusal.whose
    return Mention(whose, _message(code, external_id, refusal.gist)) if whose and whose != external_id else None


def _message(code: Code, external_id: str, clause: str) -> str:
    return message(code, external_id=external_id, reason=_sentence(clause))


def _impersonal(words: str, person: Person) -> str:
    """Return the platform's words without what they say of this person only."""
    mine = {str(person.item.get(name) or "") for name in ("external_id", "email", "first_name", "last_name", "account")}
    for own in sorted(mine - {""}, key=len, reverse=True):
        words = re.sub(rf"(?<!\w){re.escape(own)}(?!\w)", "…", words, flags=re.IGNORECASE)
    return words


def _sentence(clause: str) -> str:
    return clause if clause.endswith((".", "!", "?")) else f"{clause}."


def resolve(deployment: Deployment, person: Person, now: datetime) -> None:
    """Mark the problem that a person has with the platform as solved, if they have one."""
    if person.problem is None:
        return
    values: dict[str, Value] = {"resolved_at": stamp(now), "open_pk": None}
    key = keys.problem(person.tenant, problem_id(person.external_id, person.problem))
    there = Condition("the problem is forgotten already", "attribute_exists(#pk)")
    try:
        write(deployment.dynamodb, Update(deployment.names.feed_log_table, key, assignments(values), values, there))
    except ConditionFailed:
        return
