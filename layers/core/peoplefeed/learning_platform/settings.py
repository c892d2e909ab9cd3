"""What a tenant's learning platform is like: where it is, what it gets, and in which ways it is not quite SCIM.

A tenant without settings of its own has the deployment's platform, if that has one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from peoplefeed.deployment import Deployment
from peoplefeed.learning_platform.mapping import STANDARD, Attributes


class Rehires(StrEnum):
    """Which account somebody gets who comes back under a new external ID."""

    NEW = "new"
    RELINK = "relink"


@dataclass(frozen=True, slots=True)
class Quirks:
    """What is known of a platform beforehand. None: it is learnt from what it says of itself, and from its refusals.

    `replaces`: it has PUT. `demands_version`: it wants If-Match. `omit`: attributes that it must not be sent.
    """

    filters: bool | None = None
    replaces: bool | None = None
    demands_version: bool | None = None
    omit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """One platform. `own`: they are the tenant's, so that its address is checked like any stranger's."""

    url: str
    secret: str = ""
    rehires: Rehires = Rehires.NEW
    attributes: Attributes = field(default_factory=Attributes)
    quirks: Quirks = field(default_factory=Quirks)
    own: bool = False

    @property
    def platform(self) -> str:
        """What this platform is called where its accounts are remembered: another address is another platform."""
        return hashlib.blake2b(self.url.rstrip("/").encode(), digest_size=8).hexdigest()


def settings_of(deployment: Deployment, tenant: str, item: Mapping[str, Any]) -> Settings | None:
    """Return the settings that hold for a tenant whose platform's item this is; None: it has no platform."""
    if "settings" in item:
        return _own(item["settings"]) if item["settings"].get("url") else None
    names = deployment.names
    if not names.learning_platform_url:
        return None
    address = names.learning_platform_url.replace("{tenant}", quote(tenant, safe=""))
    return Settings(address, names.learning_platform_secret)


def described_in(item: Mapping[str, Any], settings: Settings) -> Mapping[str, Any] | None:
    """Return what the last comparison found out about a platform, None if that was another one."""
    described = item.get("described") or {}
    return described if described.get("platform") == settings.platform else None


def _own(stored: Mapping[str, Any]) -> Settings:
    quirks = stored.get("quirks") or {}
    roles = stored.get("roles")
    return Settings(
        url=stored["url"],
        secret=stored.get("secret") or "",
        rehires=Rehires(stored.get("rehires") or Rehires.NEW),
        attributes=attributes_of(stored.get("mapping") or {}, roles),
        quirks=Quirks(
            quirks.get("filters"),
            quirks.get("replaces"),
            quirks.get("demands_version"),
            tuple(quirks.get("omit") or ()),
        ),
        own=True,
    )


def attributes_of(mapping: Mapping[str, str | None], roles: Mapping[str, str] | None) -> Attributes:
    """Return what goes where: the standard, changed by what the settings say; null leaves an attribute out."""
    fields = {name: given for name, given in {**STANDARD, **mapping}.items() if given is not None}
    mine = Attributes(tuple(fields.items()))
    return mine if roles is None else Attributes(mine.fields, tuple(roles.items()))
