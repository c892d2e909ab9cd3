"""AWS's own client library, pointed at the local stack."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from command.local.stack import Stack

REGION = "us-east-1"
KEY = "test"  # MiniStack takes it for the account's root


@cache
def client(endpoint: str, service: str) -> Any:  # noqa: ANN401 - boto3 makes its client classes at run time
    """Return a client of a service of the emulator at an endpoint."""
    import boto3  # noqa: PLC0415 - 0.2 s that `peoplefeed --help` need not wait for
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client(
        cast("Any", service),
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": 4},
            max_pool_connections=16,
            s3={"addressing_style": "path"},
        ),
    )


def aws(stack: Stack, service: str) -> Any:  # noqa: ANN401 - as above
    """Return a client of one of the stack's services."""
    return client(stack.aws_endpoint, service)
