"""Whose account an account is: remembered beside the platform, for those that forget external IDs."""

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.reads import get
from peoplefeed.dynamo.writes import Update, write
from peoplefeed.learning_platform.accounts import Account


def remember(deployment: Deployment, tenant: str, account_id: str, external_id: str) -> None:
    """Note whose account this is from now on."""
    table, key = deployment.names.directory_table, keys.account(tenant, account_id)
    write(deployment.dynamodb, Update(table, key, "SET #owner = :owner", {"owner": external_id}))


def owner_of(deployment: Deployment, tenant: str, account: Account) -> str | None:
    """Return the external ID of whom an account belongs to, as the platform says or as we remember."""
    if account.external_id:
        return account.external_id
    found = get(deployment.dynamodb, deployment.names.directory_table, keys.account(tenant, account.id))
    return str(found["owner"]) if found else None
