"""A SCIM 2.0 client for platforms that are not quite SCIM (RFC 7644).

It trusts no promise: what a platform lacks is known from the last comparison (`description`), learnt from its refusals,
and remembered by this process (`Habits`). What a filter finds is checked again in `lookup`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from peoplefeed.learning_platform import schemas
from peoplefeed.learning_platform.accounts import Account, Page, account_in, page_in
from peoplefeed.learning_platform.connection import Answer, Connection
from peoplefeed.learning_platform.habits import Habits
from peoplefeed.learning_platform.mapping import ENTERPRISE, User
from peoplefeed.learning_platform.pace import NotYet, Turns
from peoplefeed.learning_platform.trouble import (
    Gone,
    HoldUp,
    Outdated,
    Refused,
    Taken,
    Unavailable,
    Unsupported,
)

_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_BAD_REQUEST, _FORBIDDEN = 400, 403
_FEW, _PAGES = 10, 1000


@dataclass(frozen=True, slots=True)
class Client:
    """The requests of one delivery. `deadline` is when they must have ended, on the monotonic clock."""

    connection: Connection
    habits: Habits
    deadline: float
    turns: Turns

    def until(self, deadline: float) -> Client:
        """Return the same for requests that must have ended earlier."""
        return replace(self, deadline=deadline, turns=replace(self.turns, deadline=deadline, expected=1))

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
                if not self.habits.patches:
                    raise
                self.habits.replaces = False
            else:
                return
        self._versioned("PATCH", path, user)

    def filtered(self, attribute: str, value: str) -> list[Account] | None:
        """Return what the platform finds, which is to be checked again; None if it does not filter.

        It may say that it does not, or just not do it.
        """
        if not self.habits.filters:
            return None
        try:
            page = self.search(attribute, value)
        except Gone:  # "nobody", on some platforms
            return []
        except Refused as error:
            if error.status == _FORBIDDEN:
                raise Unavailable(HoldUp.CREDENTIALS, "it does not let us search (403)") from error
            self.habits.filters = False
            return None
        if page.total > len(page.accounts):
            self.habits.filters = False
            return None
        return page.accounts

    def search(self, attribute: str, value: str) -> Page:
        """Return what the platform answers to a filter, whatever that is (RFC 7644 §3.4.2.2)."""
        # a filter's string is a JSON string
        wanted = f"{attribute} eq {json.dumps(value, ensure_ascii=False)}"
        return self._page({"filter": wanted, "count": _FEW})

    def shown(self, account: str) -> Account | None:
        """Return an account as it is now, None if it is not shown."""
        try:
            return account_in(self._ask("GET", f"/Users/{quote(account, safe='')}").document())
        except Refused:
            return None

    def everyone(self) -> Iterator[Account]:
        """Yield all accounts, page after page (RFC 7644 §3.4.2.4)."""
        seen: set[str] = set()
        for _ in range(_PAGES):
            page = self.page(len(seen))
            new = [account for account in page.accounts if account.id not in seen]
            seen |= {account.id for account in new}
            yield from new
            if not new or len(seen) >= page.total:
                return
        raise Unavailable(HoldUp.MISCONFIGURED, "it does not filter, and has too many accounts to read them all")

    def page(self, after: int) -> Page:
        """Return the accounts behind the first `after` ones, as many as the platform likes to show at once."""
        return self._page({"count": self.habits.page, "startIndex": after + 1})

    def some(self) -> list[Account]:
        """Return some of its accounts, whichever it likes to show."""
        return self._page({"count": _FEW}).accounts

    def _page(self, query: Mapping[str, str | int]) -> Page:
        return page_in(self._ask("GET", "/Users", query=query).document())

    def configuration(self) -> dict[str, Any]:
        """Return what the platform says of itself (RFC 7644 §4).

        Raises:
            PlatformTrouble: it does not; not all of them do.
        """
        return self._ask("GET", "/ServiceProviderConfig").document()

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
        answer = self._ask("GET", path)
        meta = answer.document().get("meta")
        version = meta.get("version") if isinstance(meta, dict) else None
        return answer.headers.get("ETag") or str(version or "*")

    def _sent(self, method: str, path: str, user: User, if_match: str | None = None) -> Answer:
        """Send what the platform understands; if it complains, find out which attributes it has."""
        habits = self.habits
        understood = self.understood(user)
        try:
            return self._told(method, path, understood, if_match)
        except Refused as error:
            if error.status != _BAD_REQUEST or isinstance(error, Taken) or habits.asked_for_schemas:
                raise
            habits.known = self._schemas()
            habits.asked_for_schemas = True
            before, understood = understood, self.understood(user)
            if understood == before:
                raise
        return self._told(method, path, understood, if_match)

    def understood(self, user: User) -> User:
        """Return what of a person the platform is sent."""
        return schemas.known_part(schemas.without(user, self.habits.omit), self.habits.known)

    def _told(self, method: str, path: str, user: User, if_match: str | None) -> Answer:
        document = self._patch(user) if method == "PATCH" else user
        return self._ask(method, path, document=document, if_match=if_match)

    def _patch(self, user: User) -> dict[str, Any]:
        """Return the operations that make an account what `user` says (RFC 7644 §3.5.2)."""
        values = {name: value for name, value in user.items() if name != "schemas"}
        clearable = schemas.known_paths(self.habits.attributes.clearable(), self.habits.known, self.habits.omit)
        empty = [path for path in clearable if not _has(user, path)]
        operations: list[dict[str, Any]] = [{"op": "replace", "value": values}]
        operations += [{"op": "remove", "path": path} for path in empty]
        return {"schemas": [_PATCH], "Operations": operations}

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        document: Mapping[str, Any] | None = None,
        if_match: str | None = None,
    ) -> Answer:
        self.turns.wait()
        return self.connection.ask(
            method, path, query=query, document=document, if_match=if_match, deadline=self.deadline
        )

    def _schemas(self) -> schemas.Known | None:
        try:
            return schemas.known_attributes(self._ask("GET", "/Schemas").document())
        except NotYet:
            raise
        except (Refused, Unavailable):
            return None


def _has(user: User, path: str) -> bool:
    urn, _, name = path.rpartition(":")
    return name in (user.get(ENTERPRISE, {}) if urn else user)
