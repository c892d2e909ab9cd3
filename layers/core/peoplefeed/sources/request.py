"""Where an HR system is, and what it is asked."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from peoplefeed.sources.parts import Part

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
        raise ValueError("leave out what follows the path; query parameters go to request.query (or auth.parameters).")
    return text.rstrip("/")


def _is_path(text: str) -> str:
    if "://" in text or text.startswith("//"):
        raise ValueError(
            f"'{text}' is a whole address; base_url has its beginning, write what follows, like /employees."
        )
    if "?" in text or "#" in text:
        raise ValueError(f"'{text}' is more than a path; query parameters go to query.")
    return text


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
Header = Annotated[str, AfterValidator(_is_header)]
_QueryText = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | int | bool)]
QueryValue = _QueryText | list[_QueryText]


class Request(Part):
    """What to ask for. It must be something that changes nothing: it is repeated whenever that helps."""

    method: Literal["GET", "POST"] = "GET"
    """POST is for searches, like SCIM's `/.search`."""
    path: Annotated[str, AfterValidator(_is_path)] = ""
    """What follows the base URL."""
    query: dict[str, QueryValue] = Field(default_factory=dict)
    """Query parameters of every page; a list makes one parameter of each of its values."""
    headers: dict[Header, Annotated[str, AfterValidator(_is_header_value)]] = Field(default_factory=dict)
    """Headers beside the ones for credentials."""
    body: dict[str, Any] | None = None
    """What a POST carries, as JSON."""
    paging_in: Literal["query", "body"] | None = None
    """Where the paginator puts its parameters; by default the body of a POST, the query of a GET."""

    @model_validator(mode="after")
    def _has_a_body_if_it_is_a_post(self) -> Self:
        if self.method == "GET" and (self.body is not None or self.paging_in == "body"):
            raise ValueError("a GET has no body; use the method POST, or query.")
        return self

    @property
    def pages_in_body(self) -> bool:
        """Whether the paginator's parameters go into the body."""
        return self.paging_in == "body" or (self.paging_in is None and self.method == "POST")


class RateLimit(Part):
    """How much the HR system puts up with."""

    requests_per_minute: int = Field(ge=1, le=6000)
    """How many requests a minute at most."""
