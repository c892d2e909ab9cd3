"""Getting to know a platform, with scim2-models: what it says of itself, and what it leaves for others to find out.

This is done at the beginning of each comparison and put down in the tenant's item, where all workers read it. Importing
scim2-models costs more than everything else that a delivery imports, so that no delivery does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from pydantic import ValidationError
from scim2_models import ServiceProviderConfig

from peoplefeed.dynamo.marshal import Value
from peoplefeed.learning_platform.capitals import minds_capitals
from peoplefeed.learning_platform.scim import Client
from peoplefeed.learning_platform.trouble import Refused

_MOST_MISTAKES = 20


def get_to_know(client: Client) -> dict[str, Value]:
    """Return what a platform says of itself, and what was found out; None where neither tells.

    `filters`, `patches`: it has them. `page`: it shows no more accounts at once. `minds_capitals`: its filters tell
    userNames in other capitals apart.

    Raises:
        PlatformTrouble: it cannot be asked now.
    """
    try:
        said = configuration_in(client.configuration())
    except Refused:  # not all of them describe themselves
        said = ServiceProviderConfig()
    return {
        "filters": said.filter.supported if said.filter else None,
        "patches": said.patch.supported if said.patch else None,
        "page": min(_sizes(said), default=None),
        "minds_capitals": minds_capitals(client),
    }


def _sizes(said: ServiceProviderConfig) -> Iterator[int]:
    sizes = [said.filter.max_results] if said.filter else []
    sizes += [said.pagination.max_page_size] if said.pagination else []
    return (size for size in sizes if size is not None and size > 0)


def configuration_in(document: Mapping[str, Any]) -> ServiceProviderConfig:
    """Return what of a document makes sense. One mistake costs that part, never what stands beside it."""
    left = deepcopy(dict(document))
    for _ in range(_MOST_MISTAKES):
        try:
            return ServiceProviderConfig.model_validate(left)
        except ValidationError as error:
            for mistake in error.errors(include_url=False):
                _leave_out(left, mistake["loc"])
    return ServiceProviderConfig()


def _leave_out(document: dict[str, Any], place: tuple[int | str, ...]) -> None:
    """Take what stands at a place out of a document; capitals of attributes mean nothing (RFC 7643 §2.1)."""
    if not place:
        document.clear()
    for name in [name for name in document if place and name.lower() == str(place[0]).lower()]:
        if len(place) > 1 and isinstance(document[name], dict):
            _leave_out(document[name], place[1:])
        else:
            del document[name]
