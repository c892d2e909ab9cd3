"""In what an account differs from what it should show. Pure.

Nobody's account can be told from one of a platform that does not keep an attribute at all; so only those count
which the platform has shown of anybody.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from peoplefeed.learning_platform.accounts import addresses_in
from peoplefeed.learning_platform.mapping import ENTERPRISE, Attributes, User, folded, has_placeholder

type Flat = dict[str, object]

_PLAIN = ("active", "externalId", "title", "displayName", "userType")


def flattened(shown: Mapping[str, Any]) -> Flat:
    """Return what an account or a user says, by the names of our mapping; what is empty is left out."""
    flat: Flat = {name: shown[name] for name in _PLAIN if name in shown}
    name, extension = shown.get("name"), shown.get(ENTERPRISE)
    for part in (name, extension):
        flat |= {key: value for key, value in part.items() if isinstance(value, str)} if isinstance(part, dict) else {}
    flat["userName"] = folded(str(shown.get("userName", "")))
    flat["emails"] = frozenset(folded(address) for address in addresses_in(shown.get("emails")))
    flat["roles"] = frozenset(addresses_in(shown.get("roles")))  # they have values, as addresses have
    return {key: value for key, value in flat.items() if value not in ("", None, frozenset())}


def differences(user: User, shown: Mapping[str, Any], attributes: Attributes, kept: Iterable[str]) -> list[str]:
    """Return the attributes in which an account is not what `user` says, of those that the platform keeps (`kept`)."""
    expected, found = flattened(user), flattened(shown)
    ours = {name for name, _ in attributes.fields} | {"active", "externalId"}
    ours |= {"roles"} if attributes.roles else set()
    if not user["active"] and has_placeholder({"userName": shown.get("userName", "")}):
        ours -= {"userName", "emails"}  # they gave both up to whoever has the address now (3.7)
    return sorted(name for name in ours & set(kept) if expected.get(name) != found.get(name))
