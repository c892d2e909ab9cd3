"""The decision to discard a hold (6.3): what was held of each row is over, and the log says who said so."""

from collections.abc import Iterable
from itertools import count

from peoplefeed.codes import Code
from peoplefeed.model import Group, Pending, Safeguard
from peoplefeed.planner.journal import close_held
from peoplefeed.planner.knowledge import Decision

_CODES = {
    Safeguard.LEAVERS: frozenset({Code.LEAVERS_HELD, Code.LEAVERS_UNCERTAIN}),
    Safeguard.IDENTITY: frozenset({Code.IDENTITY_HELD}),
}


def plan_discard(hold_id: str, source: str, pending: Iterable[Pending]) -> Decision:
    """Resolve the problems of the rows that a hold held. `pending` is all that is open in the tenant."""
    codes = _CODES.get(Safeguard(hold_id.split(".")[1]), frozenset[Code]())
    ids = count()
    groups = []
    for one in pending:
        page = close_held(one, codes, source)
        if page.resolved:
            groups.append(Group(next(ids), pending=(page.pending,) if page.pending else (), resolved=page.resolved))
    return Decision(groups=groups)
