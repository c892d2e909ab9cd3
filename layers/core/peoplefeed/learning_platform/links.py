"""Whose account an account is: remembered beside the platform, for those that forget external IDs."""

from collections.abc import Mapping
from typing import Any

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get
from peoplefeed.dynamo.writes import Update, assignments, write
from peoplefeed.learning_platform.accounts import Account


def remember(deployment: Deployment, tenant: str, account_id: str, external_id: str, platform: str | None) -> None:
    """Note whose account this is from now on, and on which platform: another one may use the same id."""
    table, key = deployment.names.directory_table, keys.account(tenant, account_id)
    values: dict[str, Value] = {"owner": external_id, "platform": platform}
    write(deployment.dynamodb, Update(table, key, assignments(values), values))


def owner_of(deployment: Deployment, tenant: str, account: Account, platform: str) -> str | None:
    """Return the external ID of whom an account belongs to, as the platform says or as we remember."""
    if account.external_id:
        return account.external_id
    found = get(deployment.dynamodb, deployment.names.directory_table, keys.account(tenant, account.id))
    return owner_in(found, platform) if found else None


def owner_in(link: Mapping[str, Any], platform: str) -> str | None:
    """Return whom a link gives an account to, None if it is one of another platform."""
    return str(link["owner"]) if link.get("platform") == platform else None
