"""How a source shows who it is. The manifest names a secret; the secret itself stands in Secrets Manager alone."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from peoplefeed.sources.parts import Part
from peoplefeed.sources.request import BaseUrl, Header

SECRETS = "peoplefeed/sources/"
"""What every source's secret is called in the beginning; the tenant comes next, so that no manifest of one
tenant can send another tenant's secret anywhere."""

_TENANT, _REST = r"[a-z0-9][a-z0-9-]*", r"[A-Za-z0-9/_+=.@-]+"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,49}")
_SECRET = re.compile(rf"{SECRETS}{_TENANT}/{_REST}")


def _is_secret(name: str) -> str:
    if not _SECRET.fullmatch(name):
        raise ValueError(f"name a secret of Secrets Manager, called {SECRETS}TENANT/NAME; never the secret itself.")
    return name


Secret = Annotated[str, AfterValidator(_is_secret)]


def _is_scheme(text: str) -> str:
    if not _SCHEME.fullmatch(text):
        raise ValueError(f"'{text}' is not one word; write it without a blank and without the token, like Bearer.")
    return text


Scheme = Annotated[str, AfterValidator(_is_scheme)]


class NoAuth(Part):
    """The HR system asks for no credentials."""

    type: Literal["none"] = "none"


class Bearer(Part):
    """`Authorization: Bearer …`; the secret is the token."""

    type: Literal["bearer"]
    scheme: Scheme = "Bearer"
    """What stands before the token, where it is another word: SSWS, Token, Zoho-oauthtoken."""
    secret: Secret
    """The secret's name in Secrets Manager."""


class Basic(Part):
    """`Authorization: Basic …`; the secret is `user:password`, or JSON with `username` and `password`."""

    type: Literal["basic"]
    secret: Secret
    """The secret's name in Secrets Manager."""


class ApiKey(Part):
    """A key in a header of its own, in the query or in the body of a POST; the secret is its value."""

    type: Literal["api_key"]
    header: Header | None = None
    """The header that takes the key; without `header` and `query` it is X-API-Key."""
    query: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """The query parameter that takes the key instead."""
    body: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """The place in the body of a POST that takes the key instead, like `params.args.2`."""
    secret: Secret
    """The secret's name in Secrets Manager."""

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if sum(place is not None for place in (self.header, self.query, self.body)) > 1:
            raise ValueError("give either a header or a query parameter, or a place in the body.")
        return self


class OAuth2(Part):
    """Client credentials (RFC 6749, 4.4); the secret is JSON with `client_id` and `client_secret`, or `id:secret`.

    If the JSON has a `refresh_token`, too, tokens are got with that (RFC 6749, 6).
    """

    type: Literal["oauth2"]
    token_url: BaseUrl
    """Where tokens are given out."""
    secret: Secret
    """The secret's name in Secrets Manager."""
    scope: str | None = None
    """What the token is to be good for."""
    client_in: Literal["header", "body"] = "header"
    """Whether the client shows who it is in the header (Basic) or in the body of the request for a token."""
    scheme: Scheme = "Bearer"
    """What stands before the token in requests, where it is another word."""
    parameters: dict[str, str] = Field(default_factory=dict)
    """What else the token's endpoint wants, like `audience`."""


type AnyAuth = NoAuth | Bearer | Basic | ApiKey | OAuth2


def is_secret_of(name: str, tenant: str) -> bool:
    """Whether a secret's name says that it is this tenant's."""
    return name.startswith(f"{SECRETS}{tenant}/")
