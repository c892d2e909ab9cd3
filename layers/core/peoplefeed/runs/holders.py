"""Who has a job title, department or business unit that is renamed or deleted, or has it by an old name (4.6)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from peoplefeed.deployment import Deployment
from peoplefeed.model import Record, Reference, Run
from peoplefeed.planner.reference_data import FIELDS, ReferenceRow, action_of
from peoplefeed.planner.renaming import names_held
from peoplefeed.runs.absence import LATELY
from peoplefeed.runs.comparison import touched_since
from peoplefeed.storage.employees import find_people
from peoplefeed.storage.people import people_with

type Holders = Mapping[str, tuple[Record, ...]]


def holders_of(
    deployment: Deployment, run: Run, rows: Iterable[ReferenceRow], known: Mapping[str, Reference]
) -> Holders:
    """Return the holders of each reference that a row renames or deletes, or takes an alias from, by external ID."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for action, asked in filter(None, (action_of(run.feed.kind, row) for row in rows)):
        names[asked.key].update(names_held(action, asked, known.get(asked.key)))
    return {key: _holders(deployment, run, names[key]) for key in sorted(names) if names[key]}


def _holders(deployment: Deployment, run: Run, names: set[str]) -> tuple[Record, ...]:
    """The index may lag, so whom the last runs touched is looked at as well; what counts is the directory of now."""
    tenant, field = run.feed.tenant, FIELDS[run.feed.kind]
    listed = set(people_with(deployment, tenant, field, names))
    lately = touched_since(deployment, tenant, max(0, run.number - LATELY), run.number)
    records = find_people(deployment, tenant, listed | lately).records.values()
    found = [record for record in records if getattr(record.employee, field) in names]
    return tuple(sorted(found, key=lambda record: record.employee.external_id))
