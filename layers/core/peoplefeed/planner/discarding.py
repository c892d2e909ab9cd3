"""The decision to discard a hold (6.3): what was held of each row is over, and the log says who said so."""

from collections.abc import Iterable
from itertools import count

from peoplefeed.model import Group, Pending, source_and_safeguard
from peoplefeed.planner.journal import close_held
from peoplefeed.planner.knowledge import Decision


def plan_discard(hold_id: str, pending: Iterable[Pending], last: int) -> Decision:
    """Resolve the problems of the rows that a hold held, of runs up to the `last` that was in it.

    `pending` is all that is open in the tenant.
    """
    source, safeguard = source_and_safeguard(hold_id)
    ids = count()
    groups = []
    for one in pending:
        page = close_held(one, safeguard, source, last)
        if page.resolved:
            groups.append(Group(next(ids), pending=(page.pending,) if page.pending else (), resolved=page.resolved))
    return Decision(groups=groups)
