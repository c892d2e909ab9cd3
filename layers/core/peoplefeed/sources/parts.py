"""What all parts of a manifest share: unknown keys are mistakes, expressions are JMESPath."""

from collections.abc import Mapping
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, BaseModel, ConfigDict


class Part(BaseModel):
    """One part of a manifest. Descriptions of keys end up in its JSON Schema."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _is_jmespath(text: str) -> str:
    try:
        jmespath.compile(text)
    except JMESPathError as error:
        position = getattr(error, "lex_position", None)
        where = "" if position is None else f", at character {position + 1}"
        raise ValueError(f"'{text}' is not a JMESPath expression{where}; see jmespath.org.") from error
    return text


Path = Annotated[str, AfterValidator(_is_jmespath)]


def names_of(path: str) -> list[str] | None:
    """Return the names of an expression like `a.b.c`, none for `@`, None for any other expression."""
    tree = jmespath.compile(path).parsed
    return [] if tree["type"] == "current" else _names(tree)


def _names(tree: Mapping[str, Any]) -> list[str] | None:
    match tree:
        case {"type": "field", "value": str(name)}:
            return [name]
        case {"type": "subexpression", "children": [left, right]}:
            before, after = _names(left), _names(right)
            return before + after if before and after else None
        case _:
            return None
