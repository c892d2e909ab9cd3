"""An expression for records, taken apart: a way down to a list, and what is looked up in each member of it.

`rows[?active]` goes to `rows` and keeps whom `[?active]` keeps, one member after the other; so an answer need not be in
memory as a whole. It works for every expression that selects from a list joined of two just what it selects from the
one and from the other. `sort_by(…)`, `… | [0]` and counting from the end are of another kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, cast

import jmespath
from jmespath.parser import ParsedResult

UNFIT = (ValueError, TypeError, ArithmeticError)
"""What is raised where an expression does not fit what it is asked about: `'x' > `1`` is a TypeError of Python."""

type Tree = Mapping[str, Any]

_HERE: Tree = {"type": "identity", "children": []}
_ENDLESS = 2**62


class Spread(Enum):
    """The step that takes the members of a list, and what is no list as it is: JMESPath's `[]`."""

    SPREAD = "[]"


type Step = str | int | Spread
"""A name in an object, a place in a list, or the members of whatever is there."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Where the members are, and what counts of each.

    `path` leads to the list, or to the map whose values are meant (`is_map`); `part` says which of its members count.
    From each of them `steps` lead to what the expression `rest` is asked about; None takes all as it is.
    """

    path: tuple[str | int, ...] = ()
    steps: tuple[Step, ...] = ()
    rest: Tree | None = None
    is_map: bool = False
    part: range | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is only a way to what holds the records."""
        return self.rest is None and not self.is_map

    def of(self, member: Any) -> list[Any]:  # noqa: ANN401 - whatever JSON holds
        """Return what counts of a member: nothing, itself, or several.

        Raises:
            UNFIT: the expression does not fit it.
        """
        if self.rest is None:
            return [member]
        found: list[Any] = ParsedResult("", cast("Any", self.rest)).search([member])
        return found


def selection_of(expression: str) -> Selection | None:
    """Return how to select record by record, None if the expression needs all of an answer at once."""
    return _selected(jmespath.compile(expression).parsed)


def way_of(expression: str) -> tuple[str | int, ...] | None:
    """Return the names and places of an expression like `a.b[0].c`, none for `@`, None for any other expression."""
    return _path(jmespath.compile(expression).parsed)


def _selected(tree: Tree) -> Selection | None:
    if (path := _path(tree)) is not None:
        return Selection(path)
    match tree:
        case {"type": "function_expression", "value": "values", "children": [inner]}:
            return _values(inner, None)
        case {"type": "pipe" | "subexpression" as kind, "children": [*left, right]}:
            return _piped(left[0] if len(left) == 1 else {"type": kind, "children": left}, right)
        case {"type": "or_expression", "children": [left, {"type": "literal", "value": []}]}:
            return _selected(left)  # nobody is nobody
        case _:
            return _projected(tree)


def _projected(tree: Tree) -> Selection | None:
    match tree:
        case {"type": "projection", "children": [{"type": "flatten", "children": [inner]}, right]}:
            return _spread(inner, right)
        case {"type": "projection" | "filter_projection", "children": [left, *_]}:
            return _each(_sliced(left) or _selected(left), tree)
        case {"type": "value_projection", "children": [left, right]}:
            return _values(left, _projection(_HERE, right))
        case _:
            return None


def _each(inner: Selection | None, tree: Tree) -> Selection | None:
    """Let a projection work on what another selection finds."""
    if inner is None:
        return None
    return replace(inner, rest={**tree, "children": [inner.rest or _HERE, *tree["children"][1:]]})


def _spread(inner: Tree, right: Tree) -> Selection | None:
    """Let a projection work on the members of the lists that another selection finds, going down as far as names do."""
    before = _selected(inner)
    if before is None:
        return None
    steps = () if before.rest is None else _steps(before.rest)
    if steps is None:
        return replace(before, rest=_projection({"type": "flatten", "children": [before.rest]}, right))
    return replace(before, steps=(*before.steps, *steps, Spread.SPREAD), rest=_projection(_HERE, right))


def _steps(rest: Tree) -> tuple[str | int, ...] | None:
    """Return the names that a projection goes down from each member."""
    match rest:
        case {"type": "projection", "children": [{"type": "identity"}, right]}:
            return _path(right) or None
        case _:
            return None


def _values(inner: Tree, rest: Tree | None) -> Selection | None:
    path = _path(inner)
    return None if path is None else Selection(path, rest=rest, is_map=True)


def _piped(left: Tree, right: Tree) -> Selection | None:
    before, after = _selected(left), _selected(right)
    if before is None or after is None:
        return None
    if _path(left) is not None:
        return replace(after, path=(*before.path, *after.path))
    if after.path or after.is_map or after.part is not None:
        return None
    return replace(before, rest={"type": "pipe", "children": [before.rest or _HERE, right]})


def _sliced(tree: Tree) -> Selection | None:
    """Return the part of a list that is counted from its beginning, like `rows[1:]`."""
    match tree:
        case {"type": "index_expression", "children": [left, {"type": "slice", "children": [first, stop, step]}]}:
            path, counts = _path(left), (first or 0, _ENDLESS if stop is None else stop, 1 if step is None else step)
            return Selection(path, part=range(*counts)) if path is not None and _forwards(counts) else None
        case _:
            return None


def _forwards(counts: Sequence[int]) -> bool:
    return min(counts) >= 0 and counts[2] > 0


def _projection(left: Tree, right: Tree) -> Tree:
    return {"type": "projection", "children": [left, right]}


def _path(tree: Tree) -> tuple[str | int, ...] | None:
    match tree:
        case {"type": "identity" | "current"}:
            return ()
        case {"type": "field", "value": str(name)}:
            return (name,)
        case {"type": "index", "value": int(place)} if place >= 0:
            return (place,)
        case {"type": "subexpression" | "index_expression" | "pipe", "children": children}:
            paths = [_path(child) for child in children]
            return None if None in paths else tuple(step for path in paths if path for step in path)
        case _:
            return None
