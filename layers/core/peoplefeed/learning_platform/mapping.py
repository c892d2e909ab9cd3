"""An employee as a SCIM User with the enterprise extension (RFC 7643 §4.1, §4.3).

Built by hand: a delivery costs few instructions beside its requests, and importing scim2-models takes longer than
everything else that the function imports. The tests hold what is built here against scim2-models.
"""

import hashlib
import unicodedata
from collections.abc import Mapping
from typing import Any

type User = dict[str, Any]

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

# Profiles that mean something on the platform; everyone else is a learner there, which needs no role.
_ROLES = {"training-manager": "training-manager"}
_NOBODY = "placeholder.invalid"  # RFC 2606: no mail ever arrives there


def user_name(person: Mapping[str, Any]) -> str:
    """Return what someone is called on the platform: the address, or the external ID where there is none."""
    return str(person.get("email") or person["external_id"])


def user_of(person: Mapping[str, Any]) -> User:
    """Return the whole current state of an employee's item (8.1). What is absent is to be empty there."""
    external_id = person["external_id"]
    user: User = {
        "schemas": [CORE, ENTERPRISE],
        "externalId": external_id,
        "userName": user_name(person),
        "active": person["active"],
        ENTERPRISE: {"employeeNumber": external_id},
    }
    name = _filled(givenName=person.get("first_name"), familyName=person.get("last_name"))
    if name:
        user["name"] = name
    if person.get("email"):
        user["emails"] = [{"value": person["email"], "type": "work", "primary": True}]
    if person.get("job_title"):
        user["title"] = person["job_title"]
    if role := _ROLES.get(person.get("profile", "")):
        user["roles"] = [{"value": role}]
    user[ENTERPRISE] |= _filled(department=person.get("department"), organization=person.get("business_unit_id"))
    return user


def with_placeholder(user: User, tenant: str) -> User:
    """Return the same person under a userName that nobody else wants."""
    subject = f"{tenant}#{user['externalId']}"
    digest = hashlib.blake2b(subject.encode(), digest_size=10).hexdigest()
    return user | {"userName": f"{digest}@{_NOBODY}"}


def has_placeholder(user: User) -> bool:
    """Whether someone goes by a placeholder."""
    return str(user["userName"]).endswith(f"@{_NOBODY}")


def without_emails(user: User) -> User:
    """Return the same person without addresses, for platforms on which those are unique as well."""
    return {name: value for name, value in user.items() if name != "emails"}


def same_name(one: str, other: str) -> bool:
    """Whether two userNames are one to a platform; capitals do not count (RFC 7643 §4.1.1, rule 2.4)."""
    return one == other or _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).lower()


def _filled(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
