"""Where the command works: the local stack of this folder, or a deployed one by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from command import sign_in
from command.api import Api
from command.errors import NotReachable, UsageError
from command.local.clients import aws
from command.local.stack import NoStack, Stack, read_stack
from command.local.tokens import token_for

FOLDER = ".peoplefeed"
DEFAULT_TENANT = "default"

NO_STACK = "No local stack is running here: start it with `peoplefeed up`, or name a deployed one with --stack."


@dataclass(frozen=True, slots=True)
class Place:
    """A running peoplefeed and what its parts are called. A deployed one is not `local` but has a `stack_name`."""

    name: str
    api_url: str
    bucket: str
    directory_table: str
    user_pool: str
    user_pool_client: str
    client: Callable[[str], Any]
    local: Stack | None = None
    stack_name: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A place, as one signed-in user of a tenant reaches it."""

    place: Place
    tenant: str
    user: str
    api: Api

    @property
    def options(self) -> str:
        """The options with which another call of the command reaches the same tenant."""
        return f"--stack {self.place.stack_name}" if self.place.stack_name else f"--tenant {self.tenant}"


def find_place(stack_name: str | None) -> Place:
    """Return the deployed stack of that name, or the local one of this folder or a folder above it."""
    return _deployed(stack_name) if stack_name else local_place(_running_here())


@contextmanager
def connect(tenant: str | None, stack_name: str | None) -> Iterator[Connection]:
    """Open the API of a place for a tenant."""
    place = find_place(stack_name)
    token = token_for(place.local, tenant or DEFAULT_TENANT) if place.local else sign_in.token(place)
    with connection(place, token) as made:
        if tenant not in {None, made.tenant}:
            raise UsageError(f"{made.user} belongs to the tenant '{made.tenant}', not to '{tenant}'.")
        yield made


@contextmanager
def connection(place: Place, token: str) -> Iterator[Connection]:
    """Open the API of a place with a token."""
    claims = sign_in.claims(token)
    with Api(place.api_url, token, place=place.name) as api:
        yield Connection(place, claims.tenant, claims.user, api)


def local_place(stack: Stack) -> Place:
    """Return the place that a local stack is."""
    return Place(
        name="The local stack",
        api_url=stack.api_url,
        bucket=stack.bucket,
        directory_table=stack.tables["directory"],
        user_pool=stack.user_pool,
        user_pool_client=stack.client,
        client=lambda service: aws(stack, service),
        local=stack,
    )


def _running_here() -> Stack:
    here = Path.cwd()
    folders = (folder / FOLDER for folder in (here, *here.parents))
    found = next((folder for folder in folders if (folder / "stack.json").is_file()), None)
    if found is None:
        raise NotReachable(NO_STACK)
    try:
        return read_stack(found)
    except NoStack as error:
        raise NotReachable(NO_STACK) from error


def _deployed(name: str) -> Place:
    outputs = _outputs(name)
    try:
        return Place(
            name=f"The stack {name}",
            api_url=outputs["ApiUrl"],
            bucket=outputs["FeedBucket"],
            directory_table=outputs["DirectoryTable"],
            user_pool=outputs["UserPoolId"],
            user_pool_client=outputs["UserPoolClientId"],
            client=lambda service: _client(service),  # noqa: PLW0108 - looked up late, for tests
            stack_name=name,
        )
    except KeyError as error:
        raise NotReachable(f"The stack {name} is no peoplefeed: it has no output {error.args[0]}.") from error


def _outputs(name: str) -> dict[str, str]:
    try:
        stacks = _client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise NotReachable(f"There is no stack named {name} in this account and region.") from error
    return {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}


def _client(service: str) -> Any:  # noqa: ANN401 - boto3 makes its client classes at run time
    return boto3.client(service)  # type: ignore[call-overload]  # the stubs know services by their literal names
