"""Who has a job title, department or business unit that is renamed or deleted (4.6)."""

from collections.abc import Iterable, Mapping

from peoplefeed.deployment import Deployment
from peoplefeed.model import FeedKind, Record, Run
from peoplefeed.planner.reference_data import FIELDS, ReferenceRow, action_of
from peoplefeed.runs.absence import LATELY
from peoplefeed.runs.comparison import touched_since
from peoplefeed.storage.employees import find_people
from peoplefeed.storage.people import people_with

type Holders = Mapping[str, tuple[Record, ...]]


def holders_of(deployment: Deployment, run: Run, rows: Iterable[ReferenceRow]) -> Holders:
    """Return the holders of each reference that a row renames or deletes, by external ID."""
    kind = run.feed.kind
    keys = {key for row in rows if (key := action_of(kind, row))}
    return {key: _holders(deployment, run, kind, key) for key in sorted(keys)}


def _holders(deployment: Deployment, run: Run, kind: FeedKind, key: str) -> tuple[Record, ...]:
    """The index may lag, so whom the last runs touched is looked at as well; what counts is the directory of now."""
    tenant, field = run.feed.tenant, FIELDS[kind]
    listed = set(people_with(deployment, tenant, field, key))
    lately = touched_since(deployment, tenant, max(0, run.number - LATELY), run.number)
    records = find_people(deployment, tenant, listed | lately).records.values()
    found = [record for record in records if getattr(record.employee, field) == key]
    return tuple(sorted(found, key=lambda record: record.employee.external_id))
