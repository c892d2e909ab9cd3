"""The template as CloudFormation sees it: what SAM makes of it, and what a stage makes of its conditions.

python -m tests.unit.template.translation FILE     writes the translation, for cfn-lint and checkov
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform  # type: ignore[import-untyped] # it ships no types

from command.local.template import read_template

PROJECT = Path(__file__).resolve().parents[3]
_NOTHING = object()  # AWS::NoValue


class _NoManagedPolicies:
    """Roles are written out in the template; nothing is looked up in an account."""

    @staticmethod
    def load() -> dict[str, str]:
        return {}


def translated() -> dict[str, Any]:
    """What SAM makes of the template, without an account and without a network."""
    template = read_template(PROJECT / "template.yaml")
    for resource in template["Resources"].values():
        for name in ("CodeUri", "ContentUri"):
            if name in resource["Properties"]:
                resource["Properties"][name] = f"s3://packaged/{resource['Properties'][name]}"
    values = {name: one["Default"] for name, one in template["Parameters"].items() if "Default" in one}
    result: dict[str, Any] = transform(template, values, _NoManagedPolicies)
    return result


@dataclass(frozen=True)
class Stack:
    """A translated template with the parameters of one stage."""

    template: dict[str, Any]
    parameters: dict[str, Any]

    @classmethod
    def of(cls, template: dict[str, Any], **parameters: Any) -> Stack:
        defaults = {name: one.get("Default") for name, one in template["Parameters"].items()}
        return cls(template, defaults | parameters)

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties, by name, of all resources of a type that this stage has."""
        return {
            name: self.settle(resource.get("Properties", {}))
            for name, resource in self.template["Resources"].items()
            if resource["Type"] == kind and self.holds(resource.get("Condition"))
        }

    def __getitem__(self, name: str) -> dict[str, Any]:
        properties: dict[str, Any] = self.settle(self.template["Resources"][name]["Properties"])
        return properties

    def statements(self, function: str) -> list[dict[str, Any]]:
        """What the role of a function may do."""
        policies = self[target(self[function]["Role"])]["Policies"]
        return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]

    def holds(self, condition: str | None) -> bool:
        return condition is None or bool(self.settle(self.template["Conditions"][condition]))

    def settle(self, node: Any) -> Any:
        """Decide what depends on conditions and parameters; leave references to resources as they are."""
        match node:
            case dict() if len(node) == 1:
                return self._decide(node)
            case dict():
                return self._members(node)
            case list():
                return [value for value in map(self.settle, node) if value is not _NOTHING]
        return node

    def _members(self, node: dict[str, Any]) -> dict[str, Any]:
        settled = {key: self.settle(value) for key, value in node.items()}
        return {key: value for key, value in settled.items() if value is not _NOTHING}

    def _decide(self, node: dict[str, Any]) -> Any:
        decided: Any
        match node:
            case {"Ref": "AWS::NoValue"}:
                decided = _NOTHING
            case {"Ref": name}:
                decided = self.parameters.get(name, node)
            case {"Condition": str(name)}:
                decided = self.holds(name)
            case {"Fn::If": [condition, yes, no]}:
                decided = self.settle(yes if self.holds(condition) else no)
            case {"Fn::Equals": [one, other]}:
                decided = str(self.settle(one)) == str(self.settle(other))
            case {"Fn::Not": [inner]}:
                decided = not self.settle(inner)
            case _:
                decided = self._members(node)
        return decided


def target(reference: Any) -> str:
    """The resource that a `Ref` or `Fn::GetAtt` names."""
    match reference:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return name
    raise AssertionError(f"{reference} refers to nothing")


def every(value: Any) -> list[Any]:
    """A list, where policies may say one thing or several."""
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")  # SAM asks for one, whatever it is
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(translated(), indent=2) + "\n", encoding="utf-8")
