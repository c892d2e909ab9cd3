"""What all parts of a manifest share: unknown keys are mistakes, expressions are JMESPath."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from pydantic import AfterValidator, BaseModel, ConfigDict

from peoplefeed.sources.selection import way_of

PLACEHOLDER = re.compile(r"\{(\w+)\}")
"""Stands for what a record has under that name."""

_FUNCTIONS = frozenset(Functions.FUNCTION_TABLE)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset({"true", "false", "null"})
_COMPARED_WITH_A_NAME = re.compile(r"""[=!]=\s*("[^"]*"|true\b|false\b|null\b)(?![.\[(])""")
_ONE_EQUALS_SIGN = re.compile(r"(?<![=!<>])=(?!=)")
_COMPARED_WITH_A_NUMBER = re.compile(r"[=<>]\s*-?\d")
_WORDS_FOR_SIGNS = re.compile(r"\s(?:and|or|AND|OR)\s|(?:^|\W)(?:not|NOT)\s")
_BARE = re.compile(r"[\w.@:/#$ -]+")


class Part(BaseModel):
    """One part of a manifest. Descriptions of keys end up in its JSON Schema."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _is_jmespath(text: str) -> str:
    try:
        tree = jmespath.compile(text).parsed
    except JMESPathError as error:
        position = getattr(error, "lex_position", None)
        where = "" if position is None else f", at character {position + 1}"
        raise ValueError(f"'{text}' is not a JMESPath expression{where}; {_hint(text)}") from error
    for name in _functions_in(tree):
        if name not in _FUNCTIONS:
            near = get_close_matches(name, _FUNCTIONS, n=1, cutoff=0.8)
            remedy = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(sorted(_FUNCTIONS))}."
            raise ValueError(f"JMESPath has no function '{name}'; {remedy}")
    if compared := _COMPARED_WITH_A_NAME.search(text):
        raise ValueError(f"'{text}' compares with what is called {compared[1]}, {_remedy_of(compared[1])}.")
    return text


def _remedy_of(name: str) -> str:
    """Say how a value is written that JMESPath takes for a name: nobody would be equal to it, and nobody be told."""
    if name in _WORDS:
        return f"not with the value; write `{name}` in backticks"
    return f"not with a text; write '{name.strip('"')}' in single quotes"


def _hint(text: str) -> str:
    """Say what would be right, where it can be guessed: JSONPath and names that need quotes are common."""
    if text.startswith("$"):
        return f"JMESPath has no $: try '{text.lstrip('$').lstrip('.').replace('[*]', '[]') or '@'}'."
    if _BARE.fullmatch(text):
        return f'put a name with other characters than letters, digits and _ in quotes, as "{_quoted(text)}".'
    for wrong, right in (
        (_WORDS_FOR_SIGNS, "and, or and not are written &&, || and !."),
        (_ONE_EQUALS_SIGN, "compare with ==, and put texts in single quotes: status == 'A'."),
        (_COMPARED_WITH_A_NUMBER, "put numbers in backticks: level > `1`."),
    ):
        if wrong.search(text):
            return right
    return "see jmespath.org."


def _quoted(text: str) -> str:
    """Return bare names as a manifest holds them: quotes inside of JSON are escaped."""
    names = [text] if text.startswith("@") else text.split(".")
    return ".".join(name if _PLAIN.fullmatch(name) else f'\\"{name}\\"' for name in names)


def _functions_in(tree: Mapping[str, Any]) -> Iterator[str]:
    if tree.get("type") == "function_expression":
        yield tree["value"]
    for child in tree.get("children", ()):
        if isinstance(child, Mapping):
            yield from _functions_in(child)


Path = Annotated[str, AfterValidator(_is_jmespath)]


def names_of(path: str) -> list[str] | None:
    """Return the names of an expression like `a.b.c`, none for `@`, None for any other expression."""
    way = way_of(path)
    return None if way is None or any(isinstance(step, int) for step in way) else [str(step) for step in way]
