"""An employee as a SCIM User with the enterprise extension (RFC 7643 §4.1, §4.3).

Built by hand: a delivery costs few instructions beside its requests, and importing scim2-models takes longer than
everything else that the function imports. It is asked when a mapping is made (`conformity`), and by the tests.
"""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

type User = dict[str, Any]
type Pairs = tuple[tuple[str, str], ...]

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

STANDARD: Final[Mapping[str, str]] = {
    "userName": "email",
    "givenName": "first_name",
    "familyName": "last_name",
    "emails": "email",
    "title": "job_title",
    "employeeNumber": "external_id",
    "department": "department",
    "organization": "business_unit_id",
}
"""What a platform gets unless its settings say otherwise: its attributes, and our fields that go there."""

FURTHER: Final = ("displayName", "userType", "costCenter", "division")
"""Attributes that a platform can have filled as well."""

FIELDS: Final = (
    "external_id",
    "first_name",
    "last_name",
    "name",
    "email",
    "job_title",
    "department",
    "business_unit_id",
    "start_date",
    "profile",
)
"""What can go into an attribute; `name` is first and last name together."""

# Profiles that mean something on the platform; everyone else is a learner there, which needs no role.
_ROLES: Final = (("training-manager", "training-manager"),)
_IN_NAME = ("givenName", "familyName")
_IN_ENTERPRISE = frozenset({"employeeNumber", "department", "organization", "costCenter", "division"})
_NOBODY = "placeholder.invalid"  # RFC 2606: no mail ever arrives there


@dataclass(frozen=True, slots=True)
class Attributes:
    """Which of a platform's attributes are filled, from which of our fields, and what profiles are called there."""

    fields: Pairs = tuple(STANDARD.items())
    roles: Pairs = _ROLES

    def clearable(self) -> tuple[str, ...]:
        """Return what is to be taken away from an account where somebody has nothing: paths as PATCH writes them."""
        mine = [name for name, _ in self.fields if name not in {"userName", "employeeNumber", *_IN_NAME}]
        paths = [f"{ENTERPRISE}:{name}" if name in _IN_ENTERPRISE else name for name in mine]
        return (*paths, "roles") if self.roles else tuple(paths)


def user_name(person: Mapping[str, Any], attributes: Attributes = Attributes()) -> str:
    """Return what someone is called on the platform: the address, or the external ID where there is none."""
    field = dict(attributes.fields).get("userName", "external_id")
    return str(person.get(field) or person["external_id"])


def user_of(person: Mapping[str, Any], attributes: Attributes = Attributes()) -> User:
    """Return the whole current state of an employee's item (8.1). What is absent is to be empty there."""
    user: User = {
        "schemas": [CORE],
        "externalId": person["external_id"],
        "userName": user_name(person, attributes),
        "active": person["active"],
    }
    values = {name: value for name, field in attributes.fields if (value := _value(person, field))}
    if name := {part: values[part] for part in _IN_NAME if part in values}:
        user["name"] = name
    if "emails" in values:
        user["emails"] = [{"value": values["emails"], "type": "work", "primary": True}]
    user |= {name: values[name] for name in ("title", *FURTHER[:2]) if name in values}
    if role := dict(attributes.roles).get(person.get("profile", "")):
        user["roles"] = [{"value": role}]
    if enterprise := {name: value for name, value in values.items() if name in _IN_ENTERPRISE}:
        user[ENTERPRISE] = enterprise
        user["schemas"] = [CORE, ENTERPRISE]
    return user


def _value(person: Mapping[str, Any], field: str) -> str:
    if field == "name":
        return " ".join(filter(None, (person.get("first_name"), person.get("last_name"))))
    return str(person.get(field) or "")


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
    return one == other or folded(one) == folded(other)


def folded(name: str) -> str:
    """Return what two names have in common that are one to a platform."""
    return unicodedata.normalize("NFKC", name).lower()
