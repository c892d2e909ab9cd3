"""A SCIM 2.0 client for platforms that are not quite SCIM (RFC 7644).

It trusts no promise: results of a filter are compared again here, and what a platform lacks is learnt from its
refusals and remembered by this process (`Habits`).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from peoplefeed.learning_platform import schemas
from peoplefeed.learning_platform.connection import Answer, Connection
from peoplefeed.learning_platform.mapping import ENTERPRISE, User, same_name
from peoplefeed.learning_platform.trouble import Gone, HoldUp, Outdated, Refused, Taken, Unavailable, Unsupported

_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_CLEARABLE = ("emails", "title", "roles")
_CLEARABLE_IN_ENTERPRISE = ("department", "organization")
_BAD_REQUEST, _FORBIDDEN = 400, 403
_FEW, _MANY, _PAGES = 10, 200, 1000


@dataclass(frozen=True, slots=True)
class Account:
    """Someone on the platform, as a search shows them."""

    id: str
    external_id: str | None
    user_name: str
    emails: tuple[str, ...] = ()


@dataclass(slots=True)
class Habits:
    """What this process has learnt of a platform."""

    filters: bool = True
    replaces: bool = True
    demands_version: bool = False
    asked_for_schemas: bool = False
    known: schemas.Known | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Client:
    """The requests of one delivery. `deadline` is when they must have ended, on the monotonic clock."""

    connection: Connection
    habits: Habits
    deadline: float

    def with_external_id(self, external_id: str) -> list[Account]:
        """Return the accounts that have an external ID, capitals included (RFC 7643 §3.1)."""
        return self._search("externalId", external_id, lambda account: account.external_id == external_id)

    def with_user_name(self, user_name: str) -> list[Account]:
        """Return the accounts that go by a userName; some platforms compare capitals, so both spellings are tried."""
        found: list[Account] = []
        for spelling in dict.fromkeys((user_name, user_name.lower())):
            found = found or self._search("userName", spelling, lambda account: same_name(account.user_name, user_name))
        return found

    def with_email(self, address: str) -> list[Account]:
        """Return the accounts that have an address, for platforms on which those are unique as well.

        Not every platform can search for that; then nobody is found.
        """
        try:
            found, _ = self._page(_filter("emails.value", address))
        except Refused:
            return []
        return [account for account in found if any(same_name(email, address) for email in account.emails)]

    def create(self, user: User) -> str | None:
        """Make an account and return its id, None if the platform keeps that to itself.

        Raises:
            PlatformTrouble: there is no new account, or nobody knows.
        """
        try:
            answer = self._sent("POST", "/Users", user)
        except (Gone, Unsupported) as error:
            reason = f"it has no /Users ({error.status}); correct its address"
            raise Unavailable(HoldUp.MISCONFIGURED, reason) from error
        found = answer.document().get("id")
        if found:
            return str(found)
        # RFC 7644 §3.3 wants the whole resource, or at least a Location; not everyone sends either.
        location = urlsplit(answer.headers.get("Location", "")).path.rstrip("/")
        return unquote(location.rpartition("/Users/")[2]) or None if "/Users/" in location else None

    def replace(self, account: str, user: User) -> None:
        """Make an account what `user` says, by PUT, or by PATCH where there is no PUT (RFC 7644 §3.5).

        Raises:
            PlatformTrouble: it is not, or nobody knows. `Gone`: there is no such account.
        """
        path = f"/Users/{quote(account, safe='')}"
        if self.habits.replaces:
            try:
                self._versioned("PUT", path, user)
            except Unsupported:
                self.habits.replaces = False
            else:
                return
        self._versioned("PATCH", path, _patch(user))

    def _search(self, attribute: str, value: str, matches: Callable[[Account], bool]) -> list[Account]:
        found = self._filtered(attribute, value) if self.habits.filters else None
        return [account for account in (self._everyone() if found is None else found) if matches(account)]

    def _filtered(self, attribute: str, value: str) -> list[Account] | None:
        """Return what the platform finds; None if it does not filter, which it may say or just not do."""
        try:
            found, total = self._page(_filter(attribute, value))
        except Gone:  # "nobody", on some platforms
            return []
        except Refused as error:
            if error.status == _FORBIDDEN:
                raise Unavailable(HoldUp.CREDENTIALS, "it does not let us search (403)") from error
            self.habits.filters = False
            return None
        if total > len(found):
            self.habits.filters = False
            return None
        return found

    def _everyone(self) -> Iterator[Account]:
        """Yield all accounts, page after page (RFC 7644 §3.4.2.4)."""
        seen: set[str] = set()
        for _ in range(_PAGES):
            found, total = self._page({"count": _MANY, "startIndex": len(seen) + 1})
            new = [account for account in found if account.id not in seen]
            seen |= {account.id for account in new}
            yield from new
            if not new or len(seen) >= total:
                return
        raise Unavailable(HoldUp.MISCONFIGURED, "it does not filter, and has too many accounts to read them all")

    def _page(self, query: Mapping[str, str | int]) -> tuple[list[Account], int]:
        document = self.connection.ask("GET", "/Users", query=query, deadline=self.deadline).document()
        resources = document.get("Resources")
        found = [
            Account(str(one["id"]), one.get("externalId"), str(one.get("userName", "")), _addresses(one.get("emails")))
            for one in (resources if isinstance(resources, list) else [])
            if isinstance(one, dict) and "id" in one
        ]
        total = document.get("totalResults")
        return found, total if isinstance(total, int) else len(found)

    def _versioned(self, method: str, path: str, document: User) -> None:
        """Send a change; name the version that it replaces if the platform wants that (RFC 7644 §3.14)."""
        if not self.habits.demands_version:
            try:
                self._sent(method, path, document)
            except Outdated:
                self.habits.demands_version = True
            else:
                return
        self._sent(method, path, document, if_match=self._version(path))

    def _version(self, path: str) -> str:
        answer = self.connection.ask("GET", path, deadline=self.deadline)
        meta = answer.document().get("meta")
        version = meta.get("version") if isinstance(meta, dict) else None
        return answer.headers.get("ETag") or str(version or "*")

    def _sent(self, method: str, path: str, document: User, if_match: str | None = None) -> Answer:
        """Send what the platform understands; if it complains, find out which attributes it has."""
        habits = self.habits
        try:
            return self._asked(method, path, schemas.known_part(document, habits.known), if_match)
        except Refused as error:
            if error.status != _BAD_REQUEST or isinstance(error, Taken) or habits.asked_for_schemas:
                raise
            habits.known = self._schemas()
            habits.asked_for_schemas = True
            understood = schemas.known_part(document, habits.known)
            if understood == document:
                raise
        return self._asked(method, path, understood, if_match)

    def _asked(self, method: str, path: str, document: User, if_match: str | None) -> Answer:
        return self.connection.ask(method, path, document=document, if_match=if_match, deadline=self.deadline)

    def _schemas(self) -> schemas.Known | None:
        try:
            return schemas.known_attributes(self.connection.ask("GET", "/Schemas", deadline=self.deadline).document())
        except (Refused, Unavailable):
            return None


def _filter(attribute: str, value: str) -> dict[str, str | int]:
    """Return the query for equality; a filter's string is a JSON string (RFC 7644 §3.4.2.2)."""
    return {"filter": f"{attribute} eq {json.dumps(value, ensure_ascii=False)}", "count": _FEW}


def _addresses(emails: object) -> tuple[str, ...]:
    found = emails if isinstance(emails, list) else []
    return tuple(str(email["value"]) for email in found if isinstance(email, dict) and email.get("value"))


def _patch(user: User) -> dict[str, Any]:
    """Return the operations that make an account what `user` says (RFC 7644 §3.5.2)."""
    values = {name: value for name, value in user.items() if name != "schemas"}
    extension = user.get(ENTERPRISE, {})
    empty = [name for name in _CLEARABLE if name not in user]
    empty += [f"{ENTERPRISE}:{name}" for name in _CLEARABLE_IN_ENTERPRISE if name not in extension]
    operations: list[dict[str, Any]] = [{"op": "replace", "value": values}]
    operations += [{"op": "remove", "path": path} for path in empty]
    return {"schemas": [_PATCH], "Operations": operations}
