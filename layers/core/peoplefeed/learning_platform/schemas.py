"""Which attributes a platform knows (RFC 7643 §7): some refuse a whole person because of one that they do not."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from peoplefeed.learning_platform.mapping import CORE, ENTERPRISE, User

type Known = dict[str, frozenset[str]]

# Common attributes, which belong to no schema (RFC 7643 §3.1), and what no account can do without.
_ALWAYS = frozenset({"schemas", "id", "externalid", "username", "active", "meta"})


def known_attributes(document: Mapping[str, Any]) -> Known | None:
    """Return the attributes of a User by schema, lower-cased; None if the platform does not describe a User."""
    resources = document.get("Resources")
    found = resources if isinstance(resources, list) else []
    known = {str(schema.get("id")): _names(schema) for schema in found if isinstance(schema, dict)}
    return known if known.get(CORE) else None


def _names(schema: Mapping[str, Any]) -> frozenset[str]:
    attributes = schema.get("attributes")
    named = attributes if isinstance(attributes, list) else []
    return frozenset(str(attribute.get("name", "")).lower() for attribute in named if isinstance(attribute, dict))


def known_part(user: User, known: Known | None) -> User:
    """Return what a platform understands of a user, all of it if it is not known what that is."""
    if known is None:
        return user
    core, enterprise = known[CORE] | _ALWAYS, known.get(ENTERPRISE, frozenset())
    return _part(user, lambda name: name in core, lambda name: name in enterprise)


def without(user: User, omit: frozenset[str]) -> User:
    """Return a user without some attributes, whose names are lower-cased."""
    return _part(user, lambda name: name not in omit, lambda name: name not in omit) if omit else user


def _part(user: User, in_core: Callable[[str], bool], in_enterprise: Callable[[str], bool]) -> User:
    part = {name: value for name, value in user.items() if name != ENTERPRISE and in_core(name.lower())}
    extension = {name: value for name, value in user.get(ENTERPRISE, {}).items() if in_enterprise(name.lower())}
    if extension:
        part[ENTERPRISE] = extension
    return part | {"schemas": [urn for urn in user["schemas"] if urn == CORE or urn in part]}


def known_paths(paths: Iterable[str], known: Known | None, omit: frozenset[str]) -> list[str]:
    """Return the paths of PATCH that a platform understands."""
    wanted = [path for path in paths if _name(path) not in omit]
    if known is None:
        return wanted
    of = {"": known[CORE], ENTERPRISE: known.get(ENTERPRISE, frozenset())}
    return [path for path in wanted if _name(path) in of[path.rpartition(":")[0]]]


def _name(path: str) -> str:
    return path.rpartition(":")[2].lower()
