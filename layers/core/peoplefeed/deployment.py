"""What one deployment consists of: the names of its resources and the clients that reach them.

Every function takes a `Deployment` as its first argument, so that tests can hand in theirs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class Names:
    """The resources of a deployment, as `template.yaml` hands them to each function's environment.

    A function that has no business with a resource is not told its name: the field is empty.
    """

    directory_table: str = ""
    feed_log_table: str = ""
    feed_bucket: str = ""
    poll_queue_url: str = ""
    slow_poll_queue_url: str = ""
    import_queue_url: str = ""
    upsert_queue_url: str = ""
    delivery_queue_url: str = ""
    learning_platform_url: str = ""
    learning_platform_secret: str = ""
    stage: str = "local"
    open_tenants: bool = False
    log_retention_days: int = 395
    source_hosts: tuple[str, ...] = ()


def make_client(service: str) -> Any:  # noqa: ANN401 - boto3 makes its client classes at run time
    """Return a botocore client that retries throttling and gives up on dead connections."""
    import boto3  # noqa: PLC0415 - 60 ms that a function without AWS need (a test, a validation) does not pay
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        retries={"mode": "standard", "total_max_attempts": 6},
        connect_timeout=3,
        read_timeout=20,
        max_pool_connections=16,
    )
    return boto3.client(cast("Any", service), config=config)


class Deployment:
    """The clients of one deployment, each made when first asked for."""

    def __init__(self, names: Names, client: Callable[[str], Any] = make_client) -> None:
        """Take the names of the resources, and how to make a client for a service."""
        self.names = names
        self._client = client

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """The client of both tables."""
        return cast("DynamoDBClient", self._client("dynamodb"))

    @cached_property
    def s3(self) -> S3Client:
        """The client of the feed bucket."""
        return cast("S3Client", self._client("s3"))

    @cached_property
    def sqs(self) -> SQSClient:
        """The client of the queues."""
        return cast("SQSClient", self._client("sqs"))

    @cached_property
    def events(self) -> EventBridgeClient:
        """The client of the event bus that carries `AttentionNeeded`."""
        return cast("EventBridgeClient", self._client("events"))

    @cached_property
    def secrets(self) -> SecretsManagerClient:
        """The client of the secrets of sources and of the learning platform."""
        return cast("SecretsManagerClient", self._client("secretsmanager"))


@cache
def here() -> Deployment:
    """Return the deployment that this function's environment variables describe."""
    env = os.environ.get
    return Deployment(
        Names(
            directory_table=env("DIRECTORY_TABLE", ""),
            feed_log_table=env("FEED_LOG_TABLE", ""),
            feed_bucket=env("FEED_BUCKET", ""),
            poll_queue_url=env("POLL_QUEUE_URL", ""),
            slow_poll_queue_url=env("SLOW_POLL_QUEUE_URL", ""),
            import_queue_url=env("IMPORT_QUEUE_URL", ""),
            upsert_queue_url=env("UPSERT_QUEUE_URL", ""),
            delivery_queue_url=env("DELIVERY_QUEUE_URL", ""),
            learning_platform_url=env("LEARNING_PLATFORM_URL", ""),
            learning_platform_secret=env("LEARNING_PLATFORM_SECRET", ""),
            stage=env("STAGE", "local"),
            open_tenants=env("OPEN_TENANTS", "false") == "true",
            log_retention_days=int(env("LOG_RETENTION_DAYS", "395")),
            source_hosts=tuple(filter(None, map(str.strip, env("SOURCE_HOSTS", "").split(",")))),
        )
    )


def ready(*services: str) -> None:
    """Make the clients that each event needs, while the function is initialised: it has a whole CPU then."""
    for service in services:
        getattr(here(), service)
