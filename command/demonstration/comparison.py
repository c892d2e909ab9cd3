"""Whether the directory and the learning platform hold the same people."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from command.api import Item

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

_PAGE = 200
_NOBODY = "nobody"

type People = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about one person that the two say differently."""

    external_id: str
    field: str
    directory: object
    learning_platform: object


def compare(directory: People, platform: People, *, never_active: frozenset[str]) -> list[Difference]:
    """Return what differs; who was never active is not the platform's business (8.1)."""
    expected = {person: facts for person, facts in directory.items() if person not in never_active}
    everyone = sorted(expected.keys() | platform.keys())
    return [difference for person in everyone for difference in _of(person, expected, platform)]


def _of(person: str, directory: People, platform: People) -> Iterator[Difference]:
    ours, theirs = directory.get(person), platform.get(person)
    if ours is None or theirs is None:
        yield Difference(person, "person", ours and person, theirs and person)
        return
    for field, value in ours.items():
        if theirs.get(field) != value:
            yield Difference(person, field, value, theirs.get(field))


def of_directory(employees: Iterable[Item]) -> People:
    """Return what the directory says of everybody, as far as the platform is told of it."""
    everybody = list(employees)
    claimed = {_key(employee["email"]) for employee in everybody if employee["active"] and employee["email"]}
    return {employee["external_id"]: _expected(employee, claimed) for employee in everybody}


def _expected(employee: Item, claimed: set[str]) -> dict[str, object]:
    known = {field: employee[field] for field in _FIELDS if field != _USER_NAME}
    email = employee["email"]
    if email and not employee["active"] and _key(email) in claimed:
        return known  # another has the address now (3.7), so that this account goes by some other name
    return known | {_USER_NAME: email or employee["external_id"]}


def _key(email: str) -> str:
    return unicodedata.normalize("NFKC", email).lower()


def of_platform(users: Iterable[Item]) -> People:
    """Return what SCIM users say in the directory's words."""
    return {user.get("externalId") or f"{_NOBODY}, account {user['id']}": _facts(user) for user in users}


_USER_NAME = "userName"
_FIELDS = (
    _USER_NAME,
    "first_name",
    "last_name",
    "email",
    "job_title",
    "department",
    "business_unit_id",
    "active",
)


def _facts(user: Item) -> dict[str, object]:
    name, enterprise = user.get("name") or {}, user.get(ENTERPRISE) or {}
    emails = user.get("emails") or [{}]
    values = (
        user.get("userName"),
        name.get("givenName"),
        name.get("familyName"),
        emails[0].get("value"),
        user.get("title"),
        enterprise.get("department"),
        enterprise.get("organization"),
        user.get("active"),
    )
    return dict(zip(_FIELDS, values, strict=True))


def users_of(url: str, token: str = "") -> Iterator[Item]:
    """Yield all users of a SCIM 2.0 service, page by page (RFC 7644, 3.4.2.4)."""
    headers = {"Accept": "application/scim+json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with urllib3.PoolManager(headers=headers, retries=urllib3.Retry(3, backoff_factor=0.2)) as http:
        start = 1
        while True:
            fields: dict[str, Any] = {"startIndex": str(start), "count": str(_PAGE)}
            page = http.request("GET", f"{url}/Users", fields=fields).json()
            found = page.get("Resources") or []
            yield from found
            start += len(found)
            if not found or start > page["totalResults"]:
                return
