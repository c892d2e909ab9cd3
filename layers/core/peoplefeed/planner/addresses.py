"""Who may have which e-mail address after the feed (3.4 to 3.6, 3.11).

Everyone asks for one address at most, and every address has one challenger: the row highest in the file.
Following from a challenger to the holder of what it wants, to what that holder wants, and so on, there are
only paths and rings. A path that ends at a free address, or at someone who gives theirs up, is accepted;
one that ends at a holder who stays is refused; a ring is accepted if it is short enough for a transaction.
So there is one answer, whatever the order of the work, found in linear time.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

RING_LIMIT = 24


class TornReading(Exception):
    """What is known of the directory is half of before and half of after: somebody applies this feed already."""


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of one person's claim: `held` now, `target` after the feed (None: no address)."""

    row: int
    external_id: str
    held: str | None
    target: str | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why someone does not get an address: `holder` has it, or they are one of a ring of `ring` people."""

    holder: str | None = None
    ring: int = 0


@dataclass(frozen=True, slots=True)
class Settlement:
    """`paths` are sequences of external IDs, each to be applied after the one before; `rings` happen at once.

    Who is accepted and in neither is nobody's business but theirs.
    """

    paths: list[list[str]] = field(default_factory=list)
    rings: list[list[str]] = field(default_factory=list)
    refused: dict[str, Refusal] = field(default_factory=dict)


def settle(moves: Iterable[Move], holders: Mapping[str, str]) -> Settlement:
    """Decide every move. `holders` maps an address key to the active employee who has it now.

    Raises:
        TornReading: two people have one address.
    """
    return _Board({move.external_id: move for move in moves}, holders).settle()


class _Board:
    def __init__(self, moves: Mapping[str, Move], holders: Mapping[str, str]) -> None:
        self._moves = moves
        self._holders = holders
        self._challengers = self._first_claims()
        self._accepted: dict[str, bool] = {}
        self._settlement = Settlement()

    def settle(self) -> Settlement:
        for external_id in self._challengers.values():
            if external_id not in self._accepted:
                self._follow(external_id)
        self._refuse()
        self._settlement.paths.extend(self._paths())
        return self._settlement

    def _first_claims(self) -> dict[str, str]:
        """Return the challenger of each address that somebody wants and does not have."""
        challengers: dict[str, str] = {}
        for move in sorted(self._moves.values(), key=lambda move: move.row):
            if move.target is not None and move.target != move.held:
                challengers.setdefault(move.target, move.external_id)
        return challengers

    def _follow(self, start: str) -> None:
        """Follow who waits for whom until the end is known, and decide everyone on the way."""
        trail: dict[str, int] = {}
        here: str | None = start
        while here is not None and here not in trail and here not in self._accepted:
            trail[here] = len(trail)
            here, accepted = self._ahead(here)
        walked = list(trail)
        if here is not None and here in trail:
            ring = walked[trail[here] :]
            self._decide_ring(ring)
            walked, accepted = walked[: trail[here]], False
        elif here is not None:
            accepted = self._accepted[here]
        self._accepted.update(dict.fromkeys(walked, accepted))

    def _ahead(self, external_id: str) -> tuple[str | None, bool]:
        """Return whose own move must be decided first, or else whether this move's address is free."""
        target = self._moves[external_id].target
        holder = self._holders.get(target or "")
        if holder is None:
            return None, True
        move = self._moves.get(holder)
        if move is None or move.target == move.held:
            return None, False
        if move.target is None:
            return None, True
        if self._challengers[move.target] != holder:
            return None, False
        return holder, False

    def _decide_ring(self, ring: list[str]) -> None:
        accepted = len(ring) <= RING_LIMIT
        self._accepted.update(dict.fromkeys(ring, accepted))
        if accepted:
            self._settlement.rings.append(ring)
        else:
            self._settlement.refused.update(dict.fromkeys(ring, Refusal(ring=len(ring))))

    def _refuse(self) -> None:
        for move in self._moves.values():
            if move.target is None or move.target == move.held or self._accepted.get(move.external_id):
                continue
            challenger = self._challengers[move.target]
            taken = challenger if self._accepted[challenger] else self._holders.get(move.target)
            self._settlement.refused.setdefault(move.external_id, Refusal(holder=taken))

    def _paths(self) -> Iterator[list[str]]:
        in_rings = {external_id for ring in self._settlement.rings for external_id in ring}
        for external_id, move in self._moves.items():
            if external_id in in_rings or not self._starts_a_path(move):
                continue
            path, following = {external_id: None}, self._successor(external_id)
            while following is not None:
                if following in path:
                    raise TornReading(f"two have the address that {external_id} has, or had")
                path[following] = None
                following = self._successor(following)
            if len(path) > 1:
                yield list(path)

    def _starts_a_path(self, move: Move) -> bool:
        """Whether this person gives up an address, or takes one that was free before the feed."""
        if move.target == move.held:
            return False
        if move.target is None:
            return True
        return self._accepted.get(move.external_id, False) and move.target not in self._holders

    def _successor(self, external_id: str) -> str | None:
        """Return who takes over the address that this person gives up."""
        challenger = self._challengers.get(self._moves[external_id].held or "")
        return challenger if challenger is not None and self._accepted[challenger] else None
