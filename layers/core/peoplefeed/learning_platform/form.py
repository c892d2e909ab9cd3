"""Settings of a platform as an administrator writes them: checked, with every mistake at its place."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from peoplefeed.learning_platform.conformity import mistake_in
from peoplefeed.learning_platform.mapping import FIELDS, FURTHER, STANDARD
from peoplefeed.learning_platform.settings import Rehires, attributes_of
from peoplefeed.sources.parts import Part
from peoplefeed.sources.request import BaseUrl

SECRETS = "peoplefeed/platforms/"
"""What every platform's secret is called in the beginning; the tenant comes next, so that nobody's settings can send
another tenant's token anywhere."""

_SECRET = re.compile(rf"{SECRETS}[a-z0-9][a-z0-9-]*/[A-Za-z0-9/_+=.@-]+")
_ATTRIBUTES = (*STANDARD, *FURTHER)


def _is_secret(name: str) -> str:
    if not _SECRET.fullmatch(name):
        raise ValueError(f"name a secret of Secrets Manager, called {SECRETS}TENANT/NAME; never the secret itself.")
    return name


def _is_attribute(name: str) -> str:
    if name not in _ATTRIBUTES:
        raise ValueError(f"'{name}' is not an attribute that can be filled; there are {', '.join(_ATTRIBUTES)}.")
    return name


def _is_field(name: str) -> str:
    if name not in FIELDS:
        raise ValueError(f"'{name}' is not a field of an employee; there are {', '.join(FIELDS)}.")
    return name


class QuirksForm(Part):
    """In which ways a platform is not quite SCIM; what is left out is found out."""

    filters: bool | None = None
    """Whether it can be asked for one person."""
    replaces: bool | None = None
    """Whether it has PUT; else it is sent PATCH."""
    demands_version: bool | None = None
    """Whether a change must say which version it replaces (If-Match)."""
    omit: list[str] = Field(default_factory=list, max_length=50)
    """Attributes that it must not be sent, because it refuses whole people for them."""


class PlatformForm(Part):
    """Where a tenant's learning platform is, and what it is like."""

    url: BaseUrl | None
    """The root of its SCIM 2.0 service, like https://learn.example.com/scim/v2; null: nothing is delivered."""
    secret: Annotated[str, AfterValidator(_is_secret)] | None = None
    """The name of the secret that holds its bearer token."""
    requests_per_minute: int | None = Field(None, ge=6, le=60_000)
    """How many requests it allows, over all workers together; fewer are not enough for a newcomer in one delivery."""
    rehires: Literal["new", "relink"] = Rehires.NEW.value
    """Which account somebody gets who comes back under a new external ID: a new one, or the one they had."""
    mapping: dict[Annotated[str, AfterValidator(_is_attribute)], Annotated[str, AfterValidator(_is_field)] | None] = (
        Field(default_factory=dict)
    )
    """Its attributes to our fields, where they differ from the standard; null leaves one out."""
    roles: dict[str, str] | None = None
    """What our profiles are called there; the standard: training managers only."""
    quirks: QuirksForm = QuirksForm()
    """In which ways it is not quite SCIM."""


class FormError(ValueError):
    """Settings that cannot be used. `place` is where the first mistake is."""

    def __init__(self, place: str, message: str) -> None:
        """Take the place, like `quirks.omit`, and a sentence that says what would be right."""
        super().__init__(f"{place}: {message}")
        self.place, self.message = place, message


def read_form(tenant: str, body: Mapping[str, object]) -> dict[str, Any]:
    """Return settings as they are stored.

    Raises:
        FormError: they cannot be used, name a secret of another tenant, or make somebody who is no SCIM user.
    """
    try:
        form = PlatformForm.model_validate(body)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in detail["loc"] if part != "[key]") or "settings"
        raise FormError(place, _sentence(detail["msg"])) from None
    if form.secret and not form.secret.startswith(f"{SECRETS}{tenant}/"):
        raise FormError("secret", f"the secrets of tenant {tenant} are called {SECRETS}{tenant}/NAME; rename it.")
    attributes = attributes_of(form.mapping, form.roles)
    if mistake := mistake_in(attributes, form.quirks.omit):
        raise FormError(*mistake)
    return form.model_dump()


def _sentence(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return text if text.endswith(".") else f"{text}."
