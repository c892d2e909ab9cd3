"""Taking somebody out of what was said and is held, when they are erased (1.11), and whenever that came back."""

from collections.abc import Iterable

from peoplefeed.deployment import Deployment
from peoplefeed.feed_log.erasure import erase_story
from peoplefeed.model import Group, Run
from peoplefeed.storage import plans
from peoplefeed.storage.employees import find_people
from peoplefeed.storage.holds import forget_examples


def erase(deployment: Deployment, tenant: str, external_id: str, run: int) -> None:
    """Take somebody out of what the runs before `run` said, and of what is held."""
    erase_story(deployment, tenant, external_id, run)
    forget_examples(deployment, tenant, external_id)


def erase_again(deployment: Deployment, run: Run, index: int) -> None:
    """Take out whom a worker wrote back who came late to a chunk: they may be erased by now (9.1).

    What a run said that came after the erasure names nobody, and stays.
    """
    tenant = run.feed.tenant
    groups = plans.read_chunk(deployment, plans.head_of(deployment, tenant, run.number), index)
    erased = find_people(deployment, tenant, _named_in(groups)).erased
    for external_id in sorted(who for who, number in erased.items() if number > run.number):
        erase_story(deployment, tenant, external_id, erased[external_id])


def _named_in(groups: Iterable[Group]) -> set[str]:
    """Return who is named in what groups say."""
    entries = [entry for group in groups for entry in group.entries]
    mentions = (entry.finding.mention for entry in entries if entry.finding)
    return {entry.external_id for entry in entries if entry.external_id} | {one.external_id for one in mentions if one}
