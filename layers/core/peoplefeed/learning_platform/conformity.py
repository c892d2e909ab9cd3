"""Whether what a platform would get is a SCIM user at all: asked of scim2-models, when its settings are made.

A delivery does not ask again. What it sends is built by hand (`mapping`), and importing scim2-models costs more than
everything else that it imports.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from scim2_models import Context, EnterpriseUser, User

from peoplefeed.learning_platform.mapping import Attributes, user_of
from peoplefeed.learning_platform.schemas import without

type Mistake = tuple[str, str]

_USER = User[EnterpriseUser]
_NEEDED = frozenset({"schemas", "id", "meta", "externalid", "username", "active"})
_SOMEBODY: Final[dict[str, Any]] = {
    "external_id": "e-10042@example.org",  # some HR systems have addresses there
    "first_name": "Ana",
    "last_name": "Sol",
    "email": "ana.sol@example.org",
    "job_title": "Chef",
    "department": "Kitchen",
    "business_unit_id": "U-7",
    "start_date": "2026-01-31",
    "profile": "employee",
    "active": True,
}


def mistake_in(attributes: Attributes, omit: Collection[str]) -> Mistake | None:
    """Return where settings ask for what is no SCIM user, and a sentence that says why; None if they do not."""
    return _unknown(omit) or next(_misfits(attributes, frozenset(name.lower() for name in omit)), None)


def _unknown(omit: Collection[str]) -> Mistake | None:
    """Return what is no attribute of a user that can be left out (RFC 7643 §4.1, §4.3)."""
    can = {name.lower(): name for model in (_USER, EnterpriseUser) for name in _names(model) if ":" not in name}
    for name in omit:
        if name.lower() in _NEEDED:
            return "quirks.omit", f"nobody can be sent without '{name}'."
        if name.lower() not in can:
            known = ", ".join(can[one] for one in sorted(can.keys() - _NEEDED))
            return "quirks.omit", f"'{name}' is not an attribute of a SCIM user; there are {known}."
    return None


def _names(model: type[BaseModel]) -> Iterator[str]:
    return (field.serialization_alias or name for name, field in model.model_fields.items())


def _misfits(attributes: Attributes, omit: frozenset[str]) -> Iterator[Mistake]:
    """Yield what scim2-models objects to in somebody who has everything, under each profile that has a role."""
    for profile, _ in [*attributes.roles, ("employee", "")]:
        user = without(user_of(_SOMEBODY | {"profile": profile}, attributes), omit)
        try:
            _USER.model_validate(user, scim_ctx=Context.RESOURCE_CREATION_REQUEST)
        except ValidationError as error:
            for found in error.errors(include_url=False):
                name = next((str(part) for part in found["loc"]), "")
                yield f"mapping.{name}" if name else "mapping", f"this makes no SCIM user: {found['msg']}"
