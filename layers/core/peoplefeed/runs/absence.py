"""Whom a full feed lacks (1.5): from the feed before where it can be trusted, else from the directory itself."""

from peoplefeed.deployment import Deployment
from peoplefeed.model import FeedMode, Run
from peoplefeed.planner.grouping import hold_subject
from peoplefeed.planner.open_problems import has_said
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

    `leave` says that absence means leaving; else it only drops what the source said of them.
    """
    if run.feed.mode is not FeedMode.FULL:
        return ()
    named = intake.named
    if comparison.content:
        return tuple(sorted(comparison.absent(named)))
    tenant, source = run.feed.tenant, run.feed.source
    said = {one.subject for one in all_pending(deployment, tenant) if has_said(one, source)}
    said.discard(hold_subject(source))
    if not leave:
        return tuple(sorted(said - named))
    owned = set(people_with(deployment, tenant, "source", {source}))
    lately = touched_since(deployment, tenant, max(0, run.number - LATELY), run.number, source)
    return tuple(sorted((said | owned | lately) - named))
