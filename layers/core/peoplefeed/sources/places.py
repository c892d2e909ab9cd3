"""Places in the body of a request, like `page.limit` or `params.args.2`: names of objects, positions in lists."""

from collections.abc import Mapping, Sequence
from typing import Any

_MOST_DIGITS = 3


def with_parameters(body: Mapping[str, Any], parameters: Mapping[str, str | int]) -> dict[str, Any]:
    """Return a body with parameters at their places; what is not there yet is made."""
    whole: Any = body
    for place, value in parameters.items():
        whole = _put(whole, place.split("."), value)
    return dict(whole)


def _put(inner: Any, names: Sequence[str], value: str | int) -> Any:  # noqa: ANN401 - whatever JSON holds
    if not names:
        return value
    first, rest = names[0], names[1:]
    if isinstance(inner, list) and first.isdecimal() and len(first) <= _MOST_DIGITS:
        at = int(first)
        padded = inner + [None] * (at + 1 - len(inner))
        return [*padded[:at], _put(padded[at], rest, value), *padded[at + 1 :]]
    known = inner if isinstance(inner, Mapping) else {}
    return {**known, first: _put(known.get(first), rest, value)}
