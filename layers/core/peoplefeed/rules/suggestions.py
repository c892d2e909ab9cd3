"""What an unknown name was probably meant to be (4.5).

Capitals, spaces and leading zeros count for nothing. Apart from those a few letters may differ, word by word, so that
a Waiter is no Painter and a Junior Chef no Senior Chef. Numbers never differ: Chef 1 is not Chef 2.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

_LETTERS = 3
"""How many letters of a name may differ in all."""

_COMPARISONS = 20_000_000
"""How many names a run compares, a few seconds: a column of 100,000 other things must not stop its feed."""

_LOOK = 100
"""How many comparisons it costs to look at a name word by word."""

_SHORT_NAME, _SHORT_WORD, _LONG_WORD = 5, 4, 8

_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_NUMBER = re.compile(r"\d+")


class Spellings:
    """The known names of one kind, as one run looks for them. Each unknown name is looked for once."""

    def __init__(self, names: Iterable[str]) -> None:
        """Prepare the names; of those that are spelt alike the first counts."""
        self._by_numbers: dict[tuple[str, ...], dict[str, str]] = {}
        for name in sorted(names, reverse=True):
            fold = "".join(_words(name))
            self._by_numbers.setdefault(_numbers(fold), {})[fold] = name
        self._found: dict[str, str | None] = {}
        self._left = _COMPARISONS

    def closest(self, unknown: str) -> str | None:
        """Return the known name that an unknown one was probably meant to be, None where nothing is close."""
        if unknown not in self._found:
            fold = "".join(_words(unknown))
            known = self._by_numbers.get(_numbers(fold), {})
            self._found[unknown] = known.get(fold) or self._nearly(unknown, fold, known)
        return self._found[unknown]

    def _nearly(self, unknown: str, fold: str, known: Mapping[str, str]) -> str | None:
        """Return the known name of which the fewest letters differ."""
        self._left -= len(known)
        if len(fold) < _SHORT_NAME - 1 or self._left < 0:
            return None
        from rapidfuzz import process  # noqa: PLC0415 - only unknown names pay for it
        from rapidfuzz.distance import OSA  # noqa: PLC0415 - the same

        near = process.extract(fold, known.keys(), scorer=OSA.distance, score_cutoff=_LETTERS, limit=None)
        self._left -= _LOOK * len(near)
        likely = [(distance, name) for other, distance, _ in near if _are_close(unknown, name := known[other])]
        return min(likely, default=(0, None))[1]


def _words(name: str) -> list[str]:
    return _LEADING_ZEROS.sub("", unicodedata.normalize("NFKC", name).casefold()).split()


def _numbers(fold: str) -> tuple[str, ...]:
    return tuple(_NUMBER.findall(fold))


def _are_close(one: str, other: str) -> bool:
    """Whether the words of two names differ in no more letters than such words may."""
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - only unknown names pay for it

    return all(OSA.distance(*pair) <= _may_differ(*pair, alone=alone) for pair, alone in _pairs(one, other))


def _pairs(one: str, other: str) -> Iterator[tuple[tuple[str, str], bool]]:
    """Yield the words that stand for each other, and whether they are the whole name."""
    mine, its = _words(one), _words(other)
    if len(mine) != len(its):  # a space is missing or too many
        mine, its = ["".join(mine)], ["".join(its)]
    for pair in zip(mine, its, strict=True):
        yield pair, len(mine) == 1


def _may_differ(one: str, other: str, *, alone: bool) -> int:
    """Return how many letters of a word may be wrong: hardly ever the first, and none of a short word."""
    length = max(len(one), len(other))
    if length >= _LONG_WORD:
        return 2
    return int(length >= (_SHORT_NAME if alone else _SHORT_WORD) and one[0] == other[0])
