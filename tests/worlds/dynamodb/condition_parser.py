"""The grammar of conditions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tests.worlds.dynamodb.conditions import (
    ORDERED,
    SIZED,
    AtPath,
    Between,
    Both,
    Call,
    Comparison,
    Either,
    Given,
    Node,
    Not,
    OneOf,
    Operand,
    SizeOf,
    Values,
)
from tests.worlds.dynamodb.demands import Demand, check_bounds, check_values
from tests.worlds.dynamodb.grammar import END, Grammar, shown
from tests.worlds.dynamodb.paths import Path
from tests.worlds.dynamodb.values import Item
from tests.worlds.errors import Refused

_MOST_OPERANDS, _MOST_OPERATORS = 100, 300
_SIGNS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_OPERANDS = {"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read. `which` is its parameter's name."""

    which: str
    root: Node
    names_used: frozenset[str]
    values_used: frozenset[str]
    paths: tuple[Path, ...]
    demands: tuple[Demand, ...]
    bounds: tuple[tuple[str, str], ...]

    def check(self, values: Values) -> None:
        """Complain about values that are missing or of a type that no item could make right."""
        check_values(self.which, self.values_used, self.demands, values)
        for low, high in self.bounds:
            check_bounds(self.which, values[low], values[high])

    def holds(self, item: Item, values: Values) -> bool:
        return self.root.holds(item, values)


@lru_cache(maxsize=1024)
def read_condition(which: str, expression: str, names: tuple[tuple[str, str], ...] = ()) -> Condition:
    """Read a condition once for all requests that use the same words."""
    return _Reader(Grammar(which, expression, dict(names))).condition()


class _Reader:
    """OR of ANDs of NOTs of comparisons, functions and parentheses."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._demands: list[Demand] = []
        self._bounds: list[tuple[str, str]] = []
        self._operators = 0
        self._parenthesised: Node | None = None

    def condition(self) -> Condition:
        grammar = self._grammar
        root = self._either()
        if grammar.next != END:
            raise grammar.syntax_error()
        return Condition(
            grammar.which,
            root,
            frozenset(grammar.names_used),
            frozenset(grammar.values_used),
            tuple(grammar.paths),
            tuple(self._demands),
            tuple(self._bounds),
        )

    def _counted(self, node: Node) -> Node:
        self._operators += 1
        if self._operators > _MOST_OPERATORS:
            count = self._operators
            raise self._grammar.complaint(f"The expression contains too many operators; operator count: {count}")
        return node

    def _either(self) -> Node:
        node = self._both()
        while self._grammar.took("OR"):
            node = self._counted(Either(node, self._both()))
        return node

    def _both(self) -> Node:
        node = self._not()
        while self._grammar.took("AND"):
            node = self._counted(Both(node, self._not()))
        return node

    def _not(self) -> Node:
        if self._grammar.took("NOT"):
            return self._counted(Not(self._not()))
        return self._single()

    def _single(self) -> Node:
        grammar = self._grammar
        if grammar.took("("):
            return self._parentheses()
        if grammar.after_next == "(" and grammar.next != "size":
            return self._counted(self._function())
        return self._counted(self._comparison())

    def _parentheses(self) -> Node:
        node = self._either()
        self._grammar.expect(")")
        if node is self._parenthesised:
            raise self._grammar.complaint("The expression has redundant parentheses;")
        self._parenthesised = node
        return node

    def _function(self) -> Node:
        grammar = self._grammar
        name = grammar.take()
        if name not in _OPERANDS:
            raise grammar.complaint(f"Invalid function name; function: {name}")
        operands = tuple(self._operands())
        if len(operands) != _OPERANDS[name]:
            raise grammar.complaint(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {name}, number of operands: {len(operands)}"
            )
        if name.startswith("attribute_") and not isinstance(operands[0], AtPath):
            raise grammar.complaint(f"Operator or function requires a document path; operator or function: {name}")
        if grammar.next in _SIGNS:
            raise self._misused(name)
        self._demand_of_function(name, operands)
        self._distinct(name, operands)
        return Call(name, operands)

    def _misused(self, function: str) -> Refused:
        return self._grammar.complaint(
            f"The function is not allowed to be used this way in an expression; function: {function}"
        )

    def _demand_of_function(self, name: str, operands: tuple[Operand, ...]) -> None:
        if name == "begins_with":
            self._demand(name, frozenset({"S", "B"}), *operands)
        if name == "attribute_type":
            self._demand(name, frozenset({"S"}), operands[1])

    def _operands(self) -> list[Operand]:
        self._grammar.expect("(")
        operands = [self._operand()]
        while self._grammar.took(","):
            operands.append(self._operand())
        self._grammar.expect(")")
        return operands

    def _operand(self) -> Operand:
        grammar = self._grammar
        if grammar.next.startswith(":"):
            return Given(grammar.value())
        if grammar.next == "size" and grammar.after_next == "(":
            return self._size()
        return AtPath(grammar.path())

    def _size(self) -> SizeOf:
        self._grammar.take()
        operands = self._operands()
        if len(operands) != 1 or isinstance(operands[0], SizeOf):
            raise self._misused("size")
        self._demand("size", SIZED, operands[0])
        return SizeOf(operands[0])

    def _comparison(self) -> Node:
        grammar = self._grammar
        operand = self._operand()
        if grammar.took("BETWEEN"):
            return self._between(operand)
        if grammar.took("IN"):
            return self._one_of(operand)
        if grammar.next not in _SIGNS:
            raise grammar.syntax_error()
        sign = grammar.take()
        other = self._operand()
        if sign not in {"=", "<>"}:
            self._demand(sign, ORDERED, operand, other)
        self._distinct(sign, (operand, other))
        return Comparison(sign, operand, other)

    def _between(self, operand: Operand) -> Node:
        low = self._operand()
        self._grammar.expect("AND")
        high = self._operand()
        self._demand("BETWEEN", ORDERED, operand, low, high)
        self._distinct("BETWEEN", (operand, low, high))
        if isinstance(low, Given) and isinstance(high, Given):
            self._bounds.append((low.placeholder, high.placeholder))
        return Between(operand, low, high)

    def _one_of(self, operand: Operand) -> Node:
        if self._grammar.next != "(":
            raise self._grammar.syntax_error()
        options = tuple(self._operands())
        if len(options) > _MOST_OPERANDS:
            raise self._grammar.complaint(
                f"The IN operator is provided with too many operands; number of operands: {len(options)}"
            )
        self._distinct("IN", (operand, *options))
        return OneOf(operand, options)

    def _demand(self, operator: str, kinds: frozenset[str], *operands: Operand) -> None:
        given = [operand.placeholder for operand in operands if isinstance(operand, Given)]
        self._demands += [Demand(placeholder, operator, kinds) for placeholder in given]

    def _distinct(self, operator: str, operands: tuple[Operand, ...]) -> None:
        first, *others = operands
        if isinstance(first, AtPath) and first in others:
            raise self._grammar.complaint(
                "The first operand must be distinct from the remaining operands for this operator or function; "
                f"operator: {operator}, first operand: {shown(first.path)}"
            )
