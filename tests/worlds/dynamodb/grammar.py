"""What all expressions share: tokens, names, paths, and complaints in DynamoDB's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path as File
from typing import NamedTuple

from tests.worlds.dynamodb.paths import Path, Step
from tests.worlds.errors import Refused, invalid

_TOKENS = re.compile(r"\s*(?:(?P<text>[#:]\w+|[A-Za-z]\w*|\d+|<>|<=|>=|[-=<>()\[\].,+])|(?P<other>\S)|$)", re.ASCII)
_LONGEST_EXPRESSION = 4096
RESERVED = frozenset((File(__file__).parent / "reserved_words.txt").read_text().split())
END = "<EOF>"


class Token(NamedTuple):
    """A word or sign of an expression, and where it stands."""

    text: str
    start: int
    end: int


def _tokens(expression: str) -> list[Token]:
    found = [
        Token(match["text"] or match["other"], match.end() - len(match["text"] or match["other"]), match.end())
        for match in _TOKENS.finditer(expression)
        if match["text"] or match["other"]
    ]
    return [*found, Token(END, len(expression), len(expression))]


class Grammar:
    """A reader of one expression, token by token. `which` is the name it has in complaints.

    Remembers what the expression uses: `names_used`, `values_used` and the `paths` it mentions.
    """

    def __init__(self, which: str, expression: str, names: Mapping[str, str]) -> None:
        self.which, self._expression, self._names = which, expression, names
        self.names_used: set[str] = set()
        self.values_used: set[str] = set()
        self.paths: list[Path] = []
        if not expression.strip():
            raise self.complaint("The expression can not be empty;")
        if len(expression.encode()) > _LONGEST_EXPRESSION:
            raise self.complaint(
                f"Expression size has exceeded the maximum allowed size; expression size: {len(expression.encode())}"
            )
        self._tokens, self._at = _tokens(expression), 0

    @property
    def next(self) -> str:
        return self._tokens[self._at].text

    @property
    def next_keyword(self) -> str:
        return self.next.upper()

    @property
    def after_next(self) -> str:
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)].text

    def take(self) -> str:
        token = self._tokens[self._at]
        self._at += 1
        return token.text

    def took(self, *texts: str) -> bool:
        """Take the next token if it is one of these, in capitals or not."""
        if self.next_keyword not in texts:
            return False
        self._at += 1
        return True

    def expect(self, text: str) -> None:
        if not self.took(text):
            raise self.syntax_error()

    def complaint(self, text: str) -> Refused:
        return invalid(f"Invalid {self.which}: {text}")

    def syntax_error(self) -> Refused:
        around = self._tokens[max(self._at - 1, 0)].start, self._tokens[min(self._at + 1, len(self._tokens) - 1)].end
        near = self._expression[slice(*around)]
        return self.complaint(f'Syntax error; token: "{self.next}", near: "{near}"')

    def value(self) -> str:
        """Take the placeholder of a value."""
        self.values_used.add(self.next)
        return self.take()

    def path(self) -> Path:
        """Take a document path, with its names resolved."""
        path: list[Step] = [self._name()]
        while self.next in {".", "["}:
            if self.take() == ".":
                path.append(self._name())
            else:
                if not self.next.isdigit():
                    raise self.syntax_error()
                path.append(int(self.take()))
                self.expect("]")
        self.paths.append(tuple(path))
        return self.paths[-1]

    def _name(self) -> str:
        if self.next.startswith("#"):
            placeholder = self.take()
            self.names_used.add(placeholder)
            if placeholder not in self._names:
                raise self.complaint(
                    "An expression attribute name used in the document path is not defined; "
                    f"attribute name: {placeholder}"
                )
            return self._names[placeholder]
        if not self.next[0].isalpha() or not self.next.isascii():
            raise self.syntax_error()
        if self.next_keyword in {"AND", "OR", "NOT", "IN", "BETWEEN"}:
            raise self.syntax_error()
        if self.next_keyword in RESERVED:
            raise self.complaint(f"Attribute name is a reserved keyword; reserved keyword: {self.next}")
        return self.take()


def shown(path: Path) -> str:
    """Return a path as complaints show it."""
    return "[" + ", ".join(f"[{step}]" if isinstance(step, int) else step for step in path) + "]"


def overlap(paths: list[Path]) -> str | None:
    """Return why two paths cannot be changed or shown together, None where they can."""
    for at, one in enumerate(paths):
        for two in paths[at + 1 :]:
            common = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), None)
            if common is None:
                problem = "overlap"
            elif isinstance(one[common], int) != isinstance(two[common], int):
                problem = "conflict"
            else:
                continue
            return (
                f"Two document paths {problem} with each other; must remove or rewrite one of these paths; "
                f"path one: {shown(one)}, path two: {shown(two)}"
            )
    return None
