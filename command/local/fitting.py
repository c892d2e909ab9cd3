"""Where MiniStack falls short of AWS, the template is fitted to it; each function names one shortfall.

What is lost here, tests of the template itself hold fast.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

from command.local.template import Template

_NOT_EVALUATED = "dynamodb:LeadingKeys"
_IN_BATCHES_TOO = {"sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}
_PLAIN_HTTP = "aws:SecureTransport"

type Node = dict[str, Any]


def fitted(template: Template, settings: dict[str, str]) -> Template:
    """Return a copy of the template that MiniStack runs as AWS would run the original."""
    values = {name: settings.get(name, one.get("Default")) for name, one in template.get("Parameters", {}).items()}
    steps: list[Callable[[Node], Node]] = [
        lambda node: with_numbers(node, values),
        without_leading_keys,
        with_batch_actions,
    ]
    return without_tls_only(reduce(_mapped, steps, template))


def with_numbers(node: Node, values: dict[str, Any]) -> Node:
    """Give an event source its limit on concurrency as a number.

    CloudFormation makes a number of a parameter where a property wants one. MiniStack leaves it a string and,
    from the first comparison on, polls no queue at all.
    """
    if "ScalingConfig" not in node:
        return node

    def resolved(part: Node) -> Any:  # noqa: ANN401 - a value instead of a reference
        return int(values[part["Ref"]]) if part.get("Ref") in values else part

    return node | {"ScalingConfig": _mapped(node["ScalingConfig"], resolved)}


def without_leading_keys(node: Node) -> Node:
    """Take the fence around tenants' keys off a role's statement; actions and resources MiniStack does check.

    It never tells which keys a request names, so that it would refuse every one.
    """
    if _NOT_EVALUATED not in str(node.get("Condition")):
        return node
    kept = {
        test: {key: value for key, value in keys.items() if key != _NOT_EVALUATED}
        for test, keys in node["Condition"].items()
    }
    rest = {test: keys for test, keys in kept.items() if keys}
    return {key: value for key, value in node.items() if key != "Condition"} | ({"Condition": rest} if rest else {})


def with_batch_actions(node: Node) -> Node:
    """Allow the batch where the single call is allowed, as SQS does; MiniStack takes them for two rights."""
    action = node.get("Action")
    actions = [action] if isinstance(action, str) else action or []
    batches = [f"{name}Batch" for name in actions if name in _IN_BATCHES_TOO]
    return node | {"Action": [*actions, *batches]} if batches else node


def without_tls_only(template: Template) -> Template:
    """Drop what refuses plain HTTP to a bucket, which is how MiniStack is spoken to."""
    resources = {name: _without_tls_only(resource) for name, resource in template["Resources"].items()}
    return template | {"Resources": {name: resource for name, resource in resources.items() if resource}}


def _without_tls_only(resource: Node) -> Node | None:
    """Return a bucket's policy without that statement, or nothing if it says nothing else."""
    if resource["Type"] != "AWS::S3::BucketPolicy":
        return resource
    document = resource["Properties"]["PolicyDocument"]
    others = [one for one in document["Statement"] if _PLAIN_HTTP not in one.get("Condition", {}).get("Bool", {})]
    properties = resource["Properties"] | {"PolicyDocument": document | {"Statement": others}}
    return resource | {"Properties": properties} if others else None


def _mapped(node: Any, change: Callable[[Node], Any]) -> Any:  # noqa: ANN401 - JSON
    """Change every object in a document, the innermost first."""
    match node:
        case dict():
            return change({key: _mapped(value, change) for key, value in node.items()})
        case list():
            return [_mapped(one, change) for one in node]
    return node
