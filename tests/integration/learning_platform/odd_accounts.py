"""The accounts of the odd platform: a dictionary by id, with an index of what may be asked for or must be unique.

Tests change accounts as any dictionary; whichever way they do, the index follows. It is there for first loads: a search
through everybody for each question makes 50,000 people a matter of hours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_FILTER = re.compile(r'([\w.]+) eq "((?:[^"\\]|\\.)*)"')
_INDEXED = ("externalId", "userName", "emails.value")

type Told = Callable[[Account], None]


class Account(dict[str, Any]):
    """What an account says. A value is replaced or removed, never changed within; all else would be missed."""

    def __init__(self, values: Mapping[str, Any], forget: Told, learn: Told) -> None:
        super().__init__(values)
        self._forget, self._learn = forget, learn

    def __setitem__(self, name: str, value: Any) -> None:
        self._forget(self)
        super().__setitem__(name, value)
        self._learn(self)

    def __delitem__(self, name: str) -> None:
        self._forget(self)
        super().__delitem__(name)
        self._learn(self)

    def pop(self, name: str, *default: Any) -> Any:
        self._forget(self)
        value = super().pop(name, *default)
        self._learn(self)
        return value

    def _unseen(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("the index would not follow; put, change and take away accounts one by one")

    update = popitem = clear = setdefault = __ior__ = _unseen


class Accounts(dict[str, Account]):
    """All accounts, the oldest first."""

    def __init__(self) -> None:
        super().__init__()
        self._index: dict[tuple[str, str], dict[str, None]] = {}

    def __setitem__(self, account_id: str, values: Mapping[str, Any]) -> None:
        if account_id in self:
            self._forget(self[account_id])
        account = Account(values, self._forget, self._learn)
        super().__setitem__(account_id, account)
        self._learn(account)

    def __delitem__(self, account_id: str) -> None:
        self._forget(self[account_id])
        super().__delitem__(account_id)

    def clear(self) -> None:
        super().clear()
        self._index.clear()

    def filtered(self, expression: str, *, minds_capitals: bool) -> list[Account]:
        """Return whom a filter finds; where capitals matter, in the right ones only."""
        match = _FILTER.fullmatch(expression)
        assert match, expression
        attribute, wanted = match[1], str(json.loads(f'"{match[2]}"'))
        assert attribute in _INDEXED, expression
        found = self._having(attribute, wanted)
        return [one for one in found if not minds_capitals or wanted in _values(one, attribute)]

    def clashing(self, body: Mapping[str, Any], attributes: Mapping[str, bool]) -> Iterator[Account]:
        """Yield who has one of the same values, in any capitals, of those attributes that are unique."""
        for attribute in (name for name, is_unique in attributes.items() if is_unique):
            for value in _values(body, attribute):
                yield from self._having(attribute, value)

    def _having(self, attribute: str, value: str) -> list[Account]:
        return [self[account_id] for account_id in self._index.get((attribute, value.lower()), ())]

    def _learn(self, account: Account) -> None:
        for key in _keys(account):
            self._index.setdefault(key, {})[account["id"]] = None

    def _forget(self, account: Account) -> None:
        for key in _keys(account):
            self._index[key].pop(account["id"], None)
            if not self._index[key]:
                del self._index[key]


def _keys(account: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(name, value.lower()) for name in _INDEXED for value in _values(account, name)}


def _values(account: Mapping[str, Any], attribute: str) -> list[str]:
    if attribute == "emails.value":
        return [email["value"] for email in account.get("emails", ())]
    return [account[attribute]] if account.get(attribute) else []


def patched(account: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the operations of a PATCH make of an account."""
    after = dict(account)
    for operation in body["Operations"]:
        if operation["op"] == "replace":
            after |= operation["value"]
        else:
            urn, _, name = operation["path"].rpartition(":")
            (after[urn] if urn else after).pop(name, None)
    return after
