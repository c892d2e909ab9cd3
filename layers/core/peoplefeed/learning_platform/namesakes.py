"""Whose name a stranger's account goes by: where a platform does not keep names unique, there can be two (8.3)."""

from collections.abc import Iterable, Iterator

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.reads import get_many
from peoplefeed.learning_platform.accounts import Account
from peoplefeed.learning_platform.mapping import same_name, user_name
from peoplefeed.learning_platform.person import Person, find_people
from peoplefeed.learning_platform.settings import Settings
from peoplefeed.rules.emails import InvalidEmail, email_key


def namesakes_of(
    deployment: Deployment, tenant: str, settings: Settings, accounts: Iterable[Account]
) -> dict[str, Person]:
    """Return, by account, who goes by the same userName, in any capitals, and has another account on the platform."""
    names = {account.id: account.user_name for account in accounts if account.user_name}
    claims = {keys.claim(tenant, key): key for key in _keys_of(names.values())}
    claimed = get_many(deployment.dynamodb, deployment.names.directory_table, claims)
    owners = {claims[item["pk"], item["sk"]]: str(item["owner"]) for item in claimed if "owner" in item}
    persons = find_people(deployment, tenant, {*owners.values(), *names.values()})  # or they go by their external ID
    found = {}
    for account, name in names.items():
        for owner in (owners.get(_key_of(name) or ""), name):
            person = persons[owner].on(settings.platform) if owner in persons else None
            if person and person.account not in {None, account} and _goes_by(person, name, settings):
                found[account] = person
    return found


def _goes_by(person: Person, name: str, settings: Settings) -> bool:
    return same_name(user_name(person.item, settings.attributes), name)


def _keys_of(names: Iterable[str]) -> Iterator[str]:
    return (key for name in names if (key := _key_of(name)))


def _key_of(name: str) -> str | None:
    try:
        return email_key(name)
    except InvalidEmail:
        return None
