"""The grammars of update and projection expressions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from tests.worlds.dynamodb.conditions import AtPath, Given
from tests.worlds.dynamodb.demands import Demand
from tests.worlds.dynamodb.grammar import END, Grammar, overlap
from tests.worlds.dynamodb.paths import Path
from tests.worlds.dynamodb.updates import (
    SETS,
    Action,
    Add,
    Appended,
    Delete,
    IfNotExists,
    Remove,
    Set,
    Sum,
    Term,
    UpdateExpression,
)

_NUMBER, _LIST = frozenset({"N"}), frozenset({"L"})
_CONDITION_FUNCTIONS = frozenset(
    {"attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"}
)


@lru_cache(maxsize=1024)
def read_update(expression: str, names: tuple[tuple[str, str], ...] = ()) -> UpdateExpression:
    """Read an update once for all requests that use the same words."""
    return _Reader(Grammar("UpdateExpression", expression, dict(names))).update()


@lru_cache(maxsize=1024)
def read_projection(
    expression: str, names: tuple[tuple[str, str], ...] = ()
) -> tuple[tuple[Path, ...], frozenset[str]]:
    """Return the paths of a projection, and the placeholders of names that it uses."""
    grammar = Grammar("ProjectionExpression", expression, dict(names))
    grammar.path()
    while grammar.took(","):
        grammar.path()
    if grammar.next != END:
        raise grammar.syntax_error()
    problem = overlap(grammar.paths)
    if problem:
        raise grammar.complaint(problem)
    return tuple(grammar.paths), frozenset(grammar.names_used)


class _Reader:
    """SET, REMOVE, ADD and DELETE sections, each once."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._demands: list[Demand] = []
        self._actions: list[Action] = []

    def update(self) -> UpdateExpression:
        sections: dict[str, Callable[[], Action]] = {
            "SET": self._set,
            "REMOVE": self._remove,
            "ADD": self._add,
            "DELETE": self._delete,
        }
        grammar = self._grammar
        while grammar.next != END:
            section = grammar.next_keyword
            if section not in sections:
                used = section in {"SET", "REMOVE", "ADD", "DELETE"}
                text = f'The "{section}" section can only be used once in an update expression;'
                raise grammar.complaint(text) if used else grammar.syntax_error()
            grammar.take()
            self._section(sections.pop(section))
        problem = overlap([action.path for action in self._actions])
        if problem:
            raise grammar.complaint(problem)
        used_names, used_values = frozenset(grammar.names_used), frozenset(grammar.values_used)
        return UpdateExpression(tuple(self._actions), used_names, used_values, tuple(self._demands))

    def _section(self, read: Callable[[], Action]) -> None:
        self._actions.append(read())
        while self._grammar.took(","):
            self._actions.append(read())

    def _set(self) -> Set:
        path = self._grammar.path()
        self._grammar.expect("=")
        return Set(path, self._sum())

    def _remove(self) -> Remove:
        return Remove(self._grammar.path())

    def _add(self) -> Add:
        return Add(self._grammar.path(), self._demanded("ADD", SETS | _NUMBER))

    def _delete(self) -> Delete:
        return Delete(self._grammar.path(), self._demanded("DELETE", SETS))

    def _demanded(self, section: str, kinds: frozenset[str]) -> str:
        if not self._grammar.next.startswith(":"):
            raise self._grammar.syntax_error()
        placeholder = self._grammar.value()
        self._demands.append(Demand(placeholder, section, kinds))
        return placeholder

    def _sum(self) -> Term:
        left = self._term()
        if self._grammar.next not in {"+", "-"}:
            return left
        sign = self._grammar.take()
        right = self._term()
        self._demand(sign, _NUMBER, left, right)
        return Sum(sign, left, right)

    def _term(self) -> Term:
        grammar = self._grammar
        if grammar.next.startswith(":"):
            return Given(grammar.value())
        if grammar.took("("):
            term = self._sum()
            grammar.expect(")")
            return term
        if grammar.after_next == "(":
            return self._function()
        return AtPath(grammar.path())

    def _function(self) -> Term:
        grammar = self._grammar
        name = grammar.take()
        if name not in {"if_not_exists", "list_append"}:
            known = name in _CONDITION_FUNCTIONS
            text = "The function is not allowed in an update expression" if known else "Invalid function name"
            raise grammar.complaint(f"{text}; function: {name}")
        terms = self._terms()
        if len(terms) != 2:
            raise grammar.complaint(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {name}, number of operands: {len(terms)}"
            )
        return self._if_not_exists(*terms) if name == "if_not_exists" else self._appended(*terms)

    def _terms(self) -> list[Term]:
        self._grammar.expect("(")
        terms = [self._sum()]
        while self._grammar.took(","):
            terms.append(self._sum())
        self._grammar.expect(")")
        return terms

    def _if_not_exists(self, path: Term, otherwise: Term) -> Term:
        if not isinstance(path, AtPath):
            text = "Operator or function requires a document path; operator or function: if_not_exists"
            raise self._grammar.complaint(text)
        return IfNotExists(path.path, otherwise)

    def _appended(self, left: Term, right: Term) -> Term:
        self._demand("list_append", _LIST, left, right)
        return Appended(left, right)

    def _demand(self, operator: str, kinds: frozenset[str], *terms: Term) -> None:
        given = [term.placeholder for term in terms if isinstance(term, Given)]
        self._demands += [Demand(placeholder, operator, kinds) for placeholder in given]
