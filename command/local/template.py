"""Reading a CloudFormation template: YAML whose tags are its functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

type Template = dict[str, Any]

_WITHOUT_PREFIX = {"Ref", "Condition"}


class _Loader(yaml.SafeLoader):
    """A loader of its own, so that the tags stay out of everybody else's YAML."""


def _function(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    """Turn `!Sub x` into the `{"Fn::Sub": x}` that it is short for."""
    name = tag if tag in _WITHOUT_PREFIX else f"Fn::{tag}"
    value = _value(loader, node)
    if name == "Fn::GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name: value}


def _value(loader: _Loader, node: yaml.Node) -> Any:  # noqa: ANN401 - YAML holds anything
    match node:
        case yaml.ScalarNode():
            return loader.construct_scalar(node)
        case yaml.SequenceNode():
            return loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            return loader.construct_mapping(node, deep=True)
    raise yaml.constructor.ConstructorError(None, None, "a tag on nothing", node.start_mark)


_Loader.add_multi_constructor("!", _function)
_Loader.yaml_implicit_resolvers = {  # "2010-09-09" is a version here, not a date
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_template(path: Path) -> Template:
    """Return a template as CloudFormation's JSON would have it."""
    template: Template = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    return template
