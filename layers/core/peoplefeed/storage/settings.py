"""The settings of a tenant, as an item."""

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.marshal import Value
from peoplefeed.dynamo.reads import get
from peoplefeed.dynamo.writes import Put, Update, assignments
from peoplefeed.model import SettingsChange
from peoplefeed.rules.settings import Settings
from peoplefeed.storage.references import not_newer


def find_settings(deployment: Deployment, tenant: str) -> Settings:
    """Return the settings as they are now."""
    item = get(deployment.dynamodb, deployment.names.directory_table, keys.settings(tenant))
    return Settings.model_validate_json(item["settings"]) if item and "settings" in item else Settings()


def write_of(deployment: Deployment, tenant: str, change: SettingsChange) -> Put:
    """Return the write that changes the settings, unless something newer is stored."""
    values: dict[str, Value] = {"settings": change.after, "position": change.position}
    return Put(deployment.names.directory_table, keys.settings(tenant), values, not_newer(change.position))


def refusal_of(deployment: Deployment, tenant: str, change: SettingsChange) -> Update:
    """Return the write that gives a change up for good: nobody can make it any more (9.2)."""
    values: dict[str, Value] = {"position": change.position, "refused": change.position}
    table, newer = deployment.names.directory_table, not_newer(change.position)
    return Update(table, keys.settings(tenant), assignments(values), values, newer)
