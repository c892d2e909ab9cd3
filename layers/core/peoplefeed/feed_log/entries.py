"""Entries as items: written the same however often."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.batches import put_many
from peoplefeed.dynamo.keys import Key
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.writes import Put
from peoplefeed.feed_log.mentions import mention_values, pointer
from peoplefeed.model import Entry, FeedError, Severity

_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Moment:
    """The run that writes to the log. `at` (ISO 8601) and `seconds` (epoch) are when its plan was made.

    What a `simulated` run says is in the log of that run alone (1.9).
    """

    tenant: str
    run: int
    at: str
    seconds: int
    simulated: bool = False


def shards_of(entries: Iterable[Entry]) -> int:
    """Return a bit for each shard that has entries, so that readers of a small run ask there and nowhere else (7.3)."""
    shards = {int(keys.shard(entry.external_id or str(entry.row))) for entry in entries}
    return sum(1 << shard for shard in shards)


def entry_key(tenant: str, run: int, entry: Entry) -> Key:
    """Return where an entry lies: shards by whom it is about, sorted by outcome and row."""
    shard = keys.shard(entry.external_id or str(entry.row))
    return keys.entries_pk(tenant, run, shard), f"{entry.outcome.value}#{entry.row:08d}#{entry.index:02d}"


def entry_values(deployment: Deployment, moment: Moment, entry: Entry) -> dict[str, Value]:
    """Return the attributes of an entry (7.2)."""
    values = finding_values(entry) | {
        "run": moment.run,
        "row": entry.row,
        "index": entry.index,
        "at": moment.at,
        "outcome": entry.outcome.value,
        "changes": {name: list(pair) for name, pair in entry.changes.items()} or None,
        "version": entry.version,
        "problem": entry.problem,
        "simulated": moment.simulated or None,
        "expires": expiry(deployment, moment),
    }
    if entry.external_id is not None:  # by it an erasure finds what was only simulated, too (1.11)
        values["story_pk"] = keys.story_pk(moment.tenant, entry.external_id)
        values["story_sk"] = f"{moment.at}#{moment.run:010d}#{entry.row:08d}#{entry.index:02d}"
    return values | _listed_by_severity(moment, entry.row, entry.index, values["severity"], entry.external_id)


def _listed_by_severity(
    moment: Moment, row: int, index: int, severity: Value, external_id: str | None
) -> dict[str, Value]:
    """Return where what is more than info is listed by severity and day (7.3)."""
    if severity == Severity.INFO or moment.simulated:
        return {}
    return {
        "severity_pk": keys.severity_pk(moment.tenant, str(severity), external_id or str(row)),
        "seen_sk": f"{keys.seen_sk(moment.at, moment.run)}{row:08d}#{index:02d}",
    }


def finding_values(entry: Entry) -> dict[str, Value]:
    """Return who an entry is about and what it says; remedy and mender follow from the code."""
    found = entry.finding
    values: dict[str, Value] = {
        "external_id": entry.external_id,
        "name": entry.name,
        "severity": (found.severity if found else Severity.INFO).value,
    }
    if found:
        values |= {"code": found.code, "message": found.message, "field": found.field}
        values |= {"value": found.value, "suggestion": found.suggestion} | mention_values(found.mention)
    return values


def expiry(deployment: Deployment, moment: Moment) -> int:
    """Return when what is written now may go (7.5)."""
    return moment.seconds + deployment.names.log_retention_days * _DAY


def write_entries(deployment: Deployment, moment: Moment, chunk: int, entries: Sequence[Entry]) -> None:
    """Write a chunk's entries; those that only count up a problem are listed in one item of their own (7.4)."""
    put_many(deployment.dynamodb, _puts(deployment, moment, chunk, entries))


def _puts(deployment: Deployment, moment: Moment, chunk: int, entries: Sequence[Entry]) -> Iterator[Put]:
    table = deployment.names.feed_log_table
    repeats: list[dict[str, Value]] = []
    for entry in entries:
        yield from _pointers(deployment, moment, entry)
        if entry.repeats:
            repeats.append(_repeat(entry))
            continue
        yield Put(table, entry_key(moment.tenant, moment.run, entry), entry_values(deployment, moment, entry))
    if repeats:
        values: dict[str, Value] = {"repeats": repeats, "expires": expiry(deployment, moment)}
        yield Put(table, keys.repeats(moment.tenant, moment.run, chunk), values)


def _pointers(deployment: Deployment, moment: Moment, entry: Entry) -> Iterator[Put]:
    """Yield what leads from somebody to an entry of another person that names them, and to its problem."""
    mention = entry.finding.mention if entry.finding else None
    if mention is None:
        return
    if not entry.repeats:
        place = entry_key(moment.tenant, moment.run, entry)
        yield pointer(deployment, moment.tenant, mention.external_id, place, expiry(deployment, moment))
    if entry.problem is not None and not moment.simulated:
        place = keys.problem(moment.tenant, entry.problem)
        yield pointer(deployment, moment.tenant, mention.external_id, place, expiry(deployment, moment))


def _repeat(entry: Entry) -> dict[str, Value]:
    return {
        "row": entry.row,
        "index": entry.index,
        "outcome": entry.outcome.value,
        "external_id": entry.external_id,
        "problem": entry.problem,
    }


def feed_entry(deployment: Deployment, moment: Moment, error: FeedError, severity: Severity) -> Put:
    """Return the write of the one entry of a feed that was held, superseded or failed whole (7.1)."""
    values: dict[str, Value] = {
        "run": moment.run,
        "row": 0,
        "index": 0,
        "at": moment.at,
        "code": error.code,
        "severity": severity.value,
        "message": error.message,
        "expires": expiry(deployment, moment),
    }
    values |= _listed_by_severity(moment, 0, 0, severity.value, None)
    key = keys.entries_pk(moment.tenant, moment.run, keys.shard("0")), "feed#00000000#00"
    return Put(deployment.names.feed_log_table, key, values)
