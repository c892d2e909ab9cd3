"""The records of one answer, so many at a time that a poll can be put down between them.

Details are a request for each record: those of a long list need more time than a function has. Whoever goes on gets the
list again and leaves out who is done with, if those are still the first ones: else somebody might be missed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b
from itertools import batched, islice
from typing import Any

from peoplefeed.sources.paginators import Position
from peoplefeed.sources.parts import PLACEHOLDER
from peoplefeed.sources.request import Request
from peoplefeed.sources.trouble import incomplete

_SOME, _FEW = 500, 20


def batches_of[R: Mapping[str, Any]](
    details: Request | None, records: Iterable[R], at: Position
) -> Iterator[tuple[list[R], Position]]:
    """Yield the records of an answer from a position on, each batch with the position behind it.

    Raises:
        SourceTrouble: those before the position are not who they were.
    """
    names = sorted(set(PLACEHOLDER.findall(str(details))))
    done, within, coming = blake2b(digest_size=8), 0, iter(records)

    def count(some: Iterable[R]) -> int:
        marks = [str([record.get(name) for name in names]) for record in some]
        done.update("\n".join([*marks, ""]).encode("utf-8", "surrogatepass"))
        return len(marks)

    within += count(islice(coming, at.within))
    if at.within and (within, done.hexdigest()) != (at.within, at.done):
        raise incomplete("the list of people changed while their details were asked for.")
    for some in batched(coming, _FEW if details else _SOME, strict=False):
        within += count(some)
        yield list(some), replace(at, within=within, done=done.hexdigest())
