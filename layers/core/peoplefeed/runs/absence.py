"""Whom a full feed lacks (1.5): from the feed before where it can be trusted, else from the directory itself."""

from peoplefeed.deployment import Deployment
from peoplefeed.model import FeedMode, Pending, Run
from peoplefeed.planner.journal import is_anonymous
from peoplefeed.runs.comparison import touched_since
from peoplefeed.runs.fingerprints import Comparison
from peoplefeed.runs.intake import Intake
from peoplefeed.storage.pending import all_pending
from peoplefeed.storage.people import people_with

LATELY = 50
"""So many runs back an index may lag: whom they touched is looked at, listed or not."""


def absent_from(
    deployment: Deployment, run: Run, intake: Intake, comparison: Comparison, *, leave: bool
) -> tuple[str, ...]:
    """Return external IDs that a full feed of employees does not name and that may have to do with its source.

    `leave` says that absence means leaving; else it only drops what the source had parked.
    """
    if run.feed.mode is not FeedMode.FULL:
        return ()
    named = intake.named
    if comparison.content:
        return tuple(sorted(comparison.absent(named)))
    tenant, source = run.feed.tenant, run.feed.source
    parked = {one.subject for one in all_pending(deployment, tenant) if one.source == source and _is_kept(one)}
    if not leave:
        return tuple(sorted(parked - named))
    owned = set(people_with(deployment, tenant, "source", source))
    lately = touched_since(deployment, tenant, max(0, run.number - LATELY), run.number)
    return tuple(sorted((parked | owned | lately) - named))


def _is_kept(pending: Pending) -> bool:
    return pending.row is not None or is_anonymous(pending.subject)
