"""Deploying the real template to MiniStack."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from command.local import packaging
from command.local.clients import client
from command.local.errors import NotDeployed
from command.local.fitting import fitted
from command.local.install import PROJECT
from command.local.template import Template, read_template

STACK_NAME = "peoplefeed-local"
ARTIFACTS = "peoplefeed-artifacts"
DEPLOYED_WITHIN = 60.0

type Settings = dict[str, str]


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a stack consists of, by the names that MiniStack gave."""

    outputs: dict[str, str]
    functions: dict[str, str]
    api: str


def deploy(endpoint: str, settings: Settings, path: Path = PROJECT / "template.yaml") -> Deployed:
    """Package a template, create its stack and find out what is in it."""
    template = fitted(read_template(path), settings)
    upload = uploader(endpoint)
    packaged = packaging.Packager(path.parent, upload).package(template)
    body = json.dumps(packaged).encode()
    create(endpoint, upload(body), parameters(template, settings))
    deployed = inspect(endpoint, template)
    let_refuse(endpoint, template, deployed.api)
    return deployed


def uploader(endpoint: str) -> Callable[[bytes], str]:
    """Return how to upload a ZIP to a bucket of its own."""
    s3 = client(endpoint, "s3")
    s3.create_bucket(Bucket=ARTIFACTS)

    def upload(content: bytes) -> str:
        key = packaging.name_of(content)
        s3.put_object(Bucket=ARTIFACTS, Key=key, Body=content)
        return f"s3://{ARTIFACTS}/{key}"

    return upload


def parameters(template: Template, settings: Settings) -> list[dict[str, str]]:
    """Return the settings that the template has a parameter for."""
    known = template.get("Parameters", {})
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in settings.items() if name in known]


def create(endpoint: str, template: str, values: list[dict[str, str]]) -> None:
    """Create the stack and wait for it; the template comes by URL, being too long for a request."""
    formation = client(endpoint, "cloudformation")
    try:
        formation.create_stack(
            StackName=STACK_NAME,
            TemplateURL=f"{endpoint}/{template.removeprefix('s3://')}",
            Parameters=values,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except ClientError as error:
        raise NotDeployed(f"MiniStack refuses the template: {error.response['Error']['Message'][:2000]}") from error
    status = settled(formation)
    if status != "CREATE_COMPLETE":
        raise NotDeployed(f"The stack ended as {status}:\n{complaints(formation)}")


def settled(formation: Any) -> str:  # noqa: ANN401 - a client of boto3
    """Wait until nothing moves any more, and return the stack's status."""
    deadline = time.monotonic() + DEPLOYED_WITHIN
    status = "CREATE_IN_PROGRESS"
    while status.endswith("IN_PROGRESS") and time.monotonic() < deadline:
        status = formation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]["StackStatus"]
        time.sleep(0.05)
    return str(status)


def complaints(formation: Any) -> str:  # noqa: ANN401 - a client of boto3
    """Return what went wrong, resource by resource, first things first."""
    events = formation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    failed = [event for event in reversed(events) if event["ResourceStatus"].endswith("FAILED")]
    return "\n".join(
        f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}" for event in failed
    )


def inspect(endpoint: str, template: Template) -> Deployed:
    """Ask MiniStack what the stack's parts are called."""
    formation = client(endpoint, "cloudformation")
    stack = formation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    resources = formation.describe_stack_resources(StackName=STACK_NAME)["StackResources"]
    physical = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
    return Deployed(
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]},
        functions={folder: physical[logical] for logical, folder in folders(template).items()},
        api=next(r["PhysicalResourceId"] for r in resources if r["ResourceType"] == "AWS::ApiGateway::RestApi"),
    )


def let_refuse(endpoint: str, template: Template, api: str) -> None:
    """Have the API refuse in the template's words, from its next deployment on: MiniStack passes over them."""
    gateway = client(endpoint, "apigateway")
    [described] = [one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::Serverless::Api"]
    for name, said in described["GatewayResponses"].items():
        status = {"statusCode": str(said["StatusCode"])} if "StatusCode" in said else {}
        gateway.put_gateway_response(
            restApiId=api, responseType=name, responseTemplates=said["ResponseTemplates"], **status
        )
    gateway.create_deployment(restApiId=api, stageName=described["StageName"])


def folders(template: Template) -> dict[str, str]:
    """Return the folder of each function by its logical ID."""
    return {
        name: Path(resource["Properties"]["CodeUri"]).name
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
