"""Update expressions: read once, then applied to items. Every operand is read from the item as it was."""

from __future__ import annotations

from dataclasses import dataclass

from tests.worlds.dynamodb.conditions import AtPath, Given, Values
from tests.worlds.dynamodb.demands import Demand, check_values
from tests.worlds.dynamodb.paths import Edit, Path, edited, look_up
from tests.worlds.dynamodb.values import Item, Row, Value, add, kind_of
from tests.worlds.errors import Refused, invalid

SETS = frozenset({"SS", "NS", "BS"})


@dataclass(frozen=True, slots=True)
class Sum:
    """Two numbers, added or subtracted."""

    sign: str
    left: Term
    right: Term

    def read(self, item: Item, values: Values) -> Value:
        left, right = need(self.left, item, values), need(self.right, item, values)
        if "N" not in left or "N" not in right:
            raise wrong_type()
        return {"N": add(left["N"], right["N"], 1 if self.sign == "+" else -1)}


@dataclass(frozen=True, slots=True)
class Appended:
    """Two lists, one behind the other."""

    left: Term
    right: Term

    def read(self, item: Item, values: Values) -> Value:
        left, right = need(self.left, item, values), need(self.right, item, values)
        if "L" not in left or "L" not in right:
            raise wrong_type()
        return {"L": [*left["L"], *right["L"]]}


@dataclass(frozen=True, slots=True)
class IfNotExists:
    """What is at a path, or something else where nothing is. The something is read in any case."""

    path: Path
    otherwise: Term

    def read(self, item: Item, values: Values) -> Value:
        otherwise = need(self.otherwise, item, values)
        return look_up(item, self.path) or otherwise


type Term = AtPath | Given | Sum | Appended | IfNotExists


def need(term: Term, item: Item, values: Values) -> Value:
    value = term.read(item, values)
    if value is None:
        raise invalid("The provided expression refers to an attribute that does not exist in the item")
    return value


def wrong_type() -> Refused:
    return invalid("An operand in the update expression has an incorrect data type")


@dataclass(frozen=True, slots=True)
class Set:
    """SET path = term."""

    path: Path
    term: Term

    def edit(self, item: Item, values: Values) -> Edit:
        return self.path, need(self.term, item, values)


@dataclass(frozen=True, slots=True)
class Remove:
    """REMOVE path."""

    path: Path

    def edit(self, _item: Item, _values: Values) -> Edit:
        return self.path, None


@dataclass(frozen=True, slots=True)
class Add:
    """ADD path number, or ADD path set."""

    path: Path
    placeholder: str

    def edit(self, item: Item, values: Values) -> Edit:
        more = values[self.placeholder]
        there = look_up(item, self.path)
        if there is None:
            return self.path, more
        kind = kind_of(more)
        if kind not in there:
            raise wrong_type()
        if kind == "N":
            return self.path, {"N": add(there["N"], more["N"])}
        return self.path, {kind: sorted({*there[kind], *more[kind]})}


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE path set: take members out of a set; an empty set is no attribute."""

    path: Path
    placeholder: str

    def edit(self, item: Item, values: Values) -> Edit:
        members = values[self.placeholder]
        there = look_up(item, self.path)
        if there is None:
            return self.path, None
        kind = kind_of(members)
        if kind not in there:
            raise wrong_type()
        left = [member for member in there[kind] if member not in members[kind]]
        return self.path, {kind: left} if left else None


type Action = Set | Remove | Add | Delete


@dataclass(frozen=True, slots=True)
class UpdateExpression:
    """All actions of one update."""

    actions: tuple[Action, ...]
    names_used: frozenset[str]
    values_used: frozenset[str]
    demands: tuple[Demand, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(action.path for action in self.actions)

    def check(self, values: Values) -> None:
        """Complain about values that are missing or of a type that no item could make right."""
        check_values("UpdateExpression", self.values_used, self.demands, values)

    def applied(self, item: Item, values: Values) -> Row:
        return Row(edited(item, [action.edit(item, values) for action in self.actions]))
