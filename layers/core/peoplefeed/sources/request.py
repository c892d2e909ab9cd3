"""Where an HR system is, and how it is asked."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from peoplefeed.sources.parts import Part

SECRETS = "peoplefeed/sources/"
"""What every source's secret is called in the beginning; the tenant comes next, so that no manifest of one
tenant can send another tenant's secret anywhere."""

_HEADER = re.compile(r"[A-Za-z0-9-]+")
_OURS = frozenset({"authorization", "cookie", "host", "accept-encoding", "connection", "content-length", "range"})


def _is_base_url(text: str) -> str:
    try:
        url = parse_url(text)
    except LocationParseError as error:
        raise ValueError(f"'{text}' is not an address; write it like https://api.example.com/v1.") from error
    if url.auth:  # never repeated: it may be a password
        raise ValueError("an address must not hold a user or password; use auth.")
    if url.scheme not in {"https", "http"} or not url.host:
        raise ValueError(f"'{text}' is not an address; write it like https://api.example.com/v1.")
    if url.scheme == "http" and url.host != "127.0.0.1":
        raise ValueError("only https is allowed (http for 127.0.0.1 on the local stage).")
    if url.query is not None or url.fragment is not None:
        raise ValueError("leave out what follows the path; query parameters go to request.query.")
    return text.rstrip("/")


def _is_header(name: str) -> str:
    if not _HEADER.fullmatch(name):
        raise ValueError(f"'{name}' is not the name of a header.")
    if name.casefold() in _OURS:
        raise ValueError(f"the header '{name}' is set by auth or by the connection; leave it out.")
    return name


def _is_header_value(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("a header holds printable ASCII only.")
    return text


def _is_secret(name: str) -> str:
    if not re.fullmatch(rf"{SECRETS}[a-z0-9][a-z0-9-]*/[A-Za-z0-9/_+=.@-]+", name):
        raise ValueError(f"name a secret of Secrets Manager, called {SECRETS}TENANT/NAME; never the secret itself.")
    return name


def _as_text(value: object) -> object:
    """Let numbers and booleans stand where they become part of an address."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            return value


BaseUrl = Annotated[str, AfterValidator(_is_base_url)]
Secret = Annotated[str, AfterValidator(_is_secret)]
Header = Annotated[str, AfterValidator(_is_header)]


class NoAuth(Part):
    """The HR system asks for no credentials."""

    type: Literal["none"] = "none"


class Bearer(Part):
    """`Authorization: Bearer …`; the secret is the token."""

    type: Literal["bearer"]
    secret: Secret
    """The secret's name in Secrets Manager."""


class Basic(Part):
    """`Authorization: Basic …`; the secret is `user:password`, or JSON with `username` and `password`."""

    type: Literal["basic"]
    secret: Secret
    """The secret's name in Secrets Manager."""


class ApiKey(Part):
    """A header of its own; the secret is its value."""

    type: Literal["api_key"]
    header: Header = "X-API-Key"
    """The header that takes the key."""
    secret: Secret
    """The secret's name in Secrets Manager."""


type AnyAuth = NoAuth | Bearer | Basic | ApiKey


class Request(Part):
    """What to ask for. It is always a GET."""

    path: str = ""
    """What follows the base URL."""
    query: dict[str, Annotated[str, BeforeValidator(_as_text)]] = Field(default_factory=dict)
    """Query parameters of every page."""
    headers: dict[Header, Annotated[str, AfterValidator(_is_header_value)]] = Field(default_factory=dict)
    """Headers beside the ones for credentials."""


class RateLimit(Part):
    """How much the HR system puts up with."""

    requests_per_minute: int = Field(ge=1, le=6000)
    """How many requests a minute at most."""


def is_secret_of(name: str, tenant: str) -> bool:
    """Whether a secret's name says that it is this tenant's."""
    return name.startswith(f"{SECRETS}{tenant}/")
